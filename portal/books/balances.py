"""What pools and accounts come to by `ledger_balance`, as JSON: what an outsider compares her own sums with."""

from typing import Any

from sqlalchemy import func, select

from portal.db import rows
from portal.funds.models import Fund
from portal.ledger.models import Account, Balance, LegalEntity, Pool
from portal.log.models import Head

_POOLS = (
    select(Pool.code, Pool.name, Pool.entity_id, Pool.balance_fen, Pool.may_go_below_zero, Fund.slug)
    .outerjoin(Fund, Fund.pool_id == Pool.id)
    .order_by(Pool.id)
)
_ACCOUNTS = (
    select(Balance.entity_id, Account.code, Pool.code, func.sum(Balance.debit_fen), func.sum(Balance.credit_fen))
    .join(Account, Account.id == Balance.account_id)
    .outerjoin(Pool, Pool.id == Balance.pool_id)
    .group_by(Balance.entity_id, Account.code, Pool.code)
    .order_by(Balance.entity_id, Account.code, Pool.code)
)
_CHART = select(Account.code, Account.name, Account.kind).order_by(Account.code)
_ENTITIES = select(LegalEntity.id, LegalEntity.name, LegalEntity.credit_code).order_by(LegalEntity.id)


def balances() -> dict[str, Any]:
    """All of one moment, the size of the log at that moment with it."""
    names = ("code", "name", "books", "balance_fen", "may_go_below_zero", "fund")
    sums = ("books", "account", "pool", "debit_fen", "credit_fen")
    return {
        "log_size": rows(select(Head.size)).scalar() or 0,
        "currency": "CNY",
        "books": [dict(zip(("books", "name", "credit_code"), row, strict=True)) for row in rows(_ENTITIES)],
        "chart": [dict(zip(("code", "name", "kind"), row, strict=True)) for row in rows(_CHART)],
        "pools": [dict(zip(names, row, strict=True)) for row in rows(_POOLS)],
        "accounts": [dict(zip(sums, (*row[:3], int(row[3]), int(row[4])), strict=True)) for row in rows(_ACCOUNTS)],
    }
