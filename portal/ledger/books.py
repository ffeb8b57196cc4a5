"""The books as they stand while entries are posted: accounts, locked pools, balances followed draft by draft."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import bindparam, select
from sqlalchemy.orm.util import identity_key

from portal.db import db, rows
from portal.ledger.drafts import EntryDraft, OtherEntity, PoolWouldGoBelowZero, UnknownAccount, UnknownPool
from portal.ledger.models import Account, AccountKind, Pool

MOVES_POOL = frozenset({AccountKind.ASSET, AccountKind.LIABILITY})
"""A pool's balance is its assets less its liabilities: debit − credit over these accounts."""


_ACCOUNTS = select(Account.code, Account.id, Account.kind).where(Account.code.in_(bindparam("codes", expanding=True)))
_POOLS = (
    select(Pool.id, Pool.name, Pool.entity_id, Pool.may_go_below_zero, Pool.balance_fen)
    .where(Pool.id.in_(bindparam("ids", expanding=True)))
    .order_by(Pool.id)
    .with_for_update()
)


@dataclass(slots=True)
class _Pool:
    name: str
    entity_id: int
    may_go_below_zero: bool
    balance_fen: int


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    moves_pool: bool


@dataclass(frozen=True, slots=True)
class Books:
    """What a run of drafts needs to know. The pools' rows stay locked until the transaction ends."""

    accounts: dict[str, _Account]
    pools: dict[int, _Pool]

    @classmethod
    def opened_for(cls, drafts: Sequence[EntryDraft]) -> Self:
        """Read accounts, lock pools in the order of their ids."""
        lines = [line for draft in drafts for line in draft.lines]
        return cls(
            accounts=_accounts({line.account for line in lines}),
            pools=_locked_pools({line.pool_id for line in lines if line.pool_id is not None}),
        )

    def enter(self, draft: EntryDraft) -> int:
        """Follow the draft's effect on its pools; gives its legal entity's id.

        Raises UnknownAccount, UnknownPool, OtherEntity, PoolWouldGoBelowZero. The database would refuse too, but a
        sentence is better, and PostgreSQL ends the whole transaction at the first refusal.
        """
        touched = {}
        for line in draft.lines:
            account = self.account(line.account)
            if line.pool_id is not None:
                pool = touched[line.pool_id] = self._pool(line.pool_id)
                if account.moves_pool:
                    pool.balance_fen += line.debit_fen - line.credit_fen
        for pool in touched.values():
            if pool.balance_fen < 0 and not pool.may_go_below_zero:
                raise PoolWouldGoBelowZero(pool.name)
        return _entity(draft, touched.values())

    def moves(self, draft: EntryDraft) -> dict[int, int]:
        """What the draft changes in each pool, in 分, in the order of their ids."""
        moved: dict[int, int] = {}
        for line in draft.lines:
            if line.pool_id is not None and self.accounts[line.account].moves_pool:
                moved[line.pool_id] = moved.get(line.pool_id, 0) + line.debit_fen - line.credit_fen
        return moved if len(moved) < 2 else dict(sorted(moved.items()))

    @property
    def owing(self) -> frozenset[int]:
        """The pools that may go below zero."""
        return frozenset(id for id, pool in self.pools.items() if pool.may_go_below_zero)

    def account(self, code: str) -> _Account:
        try:
            return self.accounts[code]
        except KeyError:
            raise UnknownAccount(code) from None

    def close(self) -> None:
        """The database has moved the balances: let loaded pools be read anew."""
        for pool_id in self.pools:
            pool = db.session.identity_map.get(identity_key(Pool, pool_id))
            if pool is not None:
                db.session.expire(pool, ["balance_fen"])

    def _pool(self, pool_id: int) -> _Pool:
        try:
            return self.pools[pool_id]
        except KeyError:
            raise UnknownPool from None


def _entity(draft: EntryDraft, pools: Iterable[_Pool]) -> int:
    entities = {pool.entity_id for pool in pools}
    if draft.entity_id is not None:
        entities.add(draft.entity_id)
    if len(entities) != 1:
        raise OtherEntity
    return entities.pop()


def _accounts(codes: set[str]) -> dict[str, _Account]:
    found = rows(_ACCOUNTS, {"codes": list(codes)})
    return {code: _Account(id, AccountKind(kind) in MOVES_POOL) for code, id, kind in found}


def _locked_pools(ids: set[int]) -> dict[int, _Pool]:
    found = rows(_POOLS, {"ids": list(ids)})
    return {id: _Pool(name, entity_id, may, fen) for id, name, entity_id, may, fen in found}
