"""A payment's sources, read from the trace: which gifts paid it. Names as in the public list of gifts. In 分."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Select, bindparam, func, select
from sqlalchemy.orm import aliased

from portal.db import made_once, rows, streamed
from portal.funds.models import Gift
from portal.funds.queries import FundLine
from portal.funds.spending import Spending, told
from portal.ledger.models import Entry, Source, Trace

GIVERS_A_PAGE = 50


class Payment(NamedTuple):
    """A payment as anyone may see it, and by which entry it was taken back, if it was."""

    entry_id: int
    paid_on: date
    purpose: str | None
    beneficiaries: int | None
    fen: int
    voucher_no: str
    entry_number: str
    undone_on: date | None
    undone_number: str | None
    undone_reason: str | None


class Giver(NamedTuple):
    """A gift, or other money that came in, and how much of it went into the payment. `public_name` only by consent."""

    source_id: int
    on: date
    kind: str
    is_gift: bool
    public_name: str | None
    intention: str | None
    whole_fen: int
    fen: int


@dataclass(frozen=True)
class PaidBy:
    """What paid: how many, gifts among them, how much, a page of them. `ahead_fen` was paid ahead of any income."""

    count: int
    gifts: int
    fen: int
    ahead_fen: int
    givers: list[Giver]
    next_after: int | None


_ENTRY, _AFTER, _FUND = (bindparam(name, type_=BigInteger) for name in ("entry", "after", "fund"))
_COUNT = bindparam("count", type_=Integer)
_Undone, _Origin = aliased(Entry), aliased(Source)


def payment_called(fund: FundLine, voucher_no: str) -> Payment | None:
    row = rows(_payment(), {"fund": fund.id, "voucher": voucher_no}).first()
    return Payment(*row) if row else None


def paid_by(payment: Payment, *, after: int = 0) -> PaidBy:
    """The page of sources after source `after`, in the order in which they were taken. Three statements."""
    values = {"entry": payment.entry_id, "after": after, "count": GIVERS_A_PAGE + 1}
    count, gifts, fen = rows(_sum(), values).one()
    ahead = -int(rows(_ahead(), values).scalar_one())
    found = [Giver(*row) for row in rows(_page(), values)]
    shown = found[:GIVERS_A_PAGE]
    return PaidBy(count, gifts, int(fen), ahead, shown, shown[-1].source_id if len(found) > len(shown) else None)


def every_giver(payment: Payment) -> Iterator[Giver]:
    """All of them, read while the answer streams."""
    return (Giver(*row) for row in streamed(_all(), {"entry": payment.entry_id, "after": 0}))


@made_once
def _payment() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Spending.entry_id, Spending.paid_on, told(Spending.purpose), told(Spending.beneficiaries)),
            *(Spending.fen, Spending.voucher_no, Entry.number, _Undone.on, _Undone.number, _Undone.reason),
        )
        .join(Entry, Entry.id == Spending.entry_id)
        .outerjoin(_Undone, _Undone.reverses_id == Spending.entry_id)
        .where(Spending.fund_id == _FUND, Spending.voucher_no == bindparam("voucher"))
    )


@made_once
def _sum() -> Select[*tuple[Any, ...]]:
    return (
        select(func.count(), func.count(Gift.id), func.coalesce(func.sum(Trace.fen), 0))
        .select_from(Trace)
        .join(Source, Source.id == Trace.source_id)
        .outerjoin(_Origin, _Origin.id == Source.origin_id)
        .outerjoin(Gift, Gift.entry_id == func.coalesce(_Origin.entry_id, Source.entry_id))
        .where(Trace.entry_id == _ENTRY)
    )


@made_once
def _ahead() -> Select[*tuple[Any, ...]]:
    return select(func.coalesce(func.sum(Source.fen), 0)).where(Source.entry_id == _ENTRY, Source.fen < 0)


@made_once
def _page() -> Select[*tuple[Any, ...]]:
    return _givers().limit(_COUNT)


@made_once
def _all() -> Select[*tuple[Any, ...]]:
    return _givers()


def _givers() -> Select[*tuple[Any, ...]]:
    brought_in = func.coalesce(_Origin.entry_id, Source.entry_id)
    return (
        select(
            *(Trace.source_id, Entry.on, Entry.kind, Gift.id.is_not(None), Gift.public_name, Gift.intention),
            func.coalesce(_Origin.fen, Source.fen),
            Trace.fen,
        )
        .join(Source, Source.id == Trace.source_id)
        .outerjoin(_Origin, _Origin.id == Source.origin_id)
        .join(Entry, Entry.id == brought_in)
        .outerjoin(Gift, Gift.entry_id == brought_in)
        .where(Trace.entry_id == _ENTRY, Trace.source_id > _AFTER)
        .order_by(Trace.source_id)
    )
