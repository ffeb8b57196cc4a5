"""A gift's way, read from the trace: through which pools, to which payments, what is left. Amounts in 分."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.db import made_once, rows
from portal.funds.models import Fund, Gift
from portal.funds.spending import Spending, told
from portal.ledger.models import Entry, Pool, Source, Trace

STEPS_A_PAGE = 50


class Step(NamedTuple):
    """An entry that the gift's money went into. `fen` is above zero for what was paid, below for what came back.

    `purpose` and `voucher_no` are a payment's; the purpose is None where so few were helped that they could be
    recognised. `to_pool` names the pool that the money moved into. `givers` is how many sources paid together.
    """

    entry_id: int
    on: date
    kind: str
    number: str
    reason: str | None
    fen: int
    fund: str | None
    purpose: str | None
    beneficiaries: int | None
    voucher_no: str | None
    is_reversed: bool
    to_pool: str | None
    is_of_gift: bool
    givers: int
    left_fen: int

    @property
    def is_payment(self) -> bool:
        return self.voucher_no is not None

    @property
    def is_move(self) -> bool:
        """Money that only changed its pool: nothing of it was spent."""
        return self.to_pool is not None


@dataclass(frozen=True)
class GiftWay:
    """Where a gift went. `pools` are those it lies in or came through; `next_after` is where the next page begins."""

    fen: int
    left_fen: int
    pools: list[str]
    steps: list[Step]
    before_fen: int
    next_after: int | None
    is_common: bool
    """The pool is not one project's own: which gift paid for what is reckoned, not agreed."""

    @property
    def gone_fen(self) -> int:
        return self.fen - self.left_fen

    @property
    def gone_percent(self) -> str:
        """To one place, rounded down: 100% is said only when nothing is left."""
        return f"{self.gone_fen * 1_000 // self.fen / 10:g}%"

    @property
    def is_traced(self) -> bool:
        return bool(self.pools)


_ENTRY, _AFTER = (bindparam(name, type_=BigInteger) for name in ("entry", "after"))
_COUNT = bindparam("count", type_=Integer)

_ROOT = select(Source.id).where(Source.entry_id == _ENTRY, Source.origin_id.is_(None), Source.fen > 0)
_Moved, _Undone = aliased(Source), aliased(Entry)


def way_of(gift: Gift, *, after: int = 0) -> GiftWay:
    """The gift's way, its steps from the one after entry `after` on. At most five statements."""
    values = {"entry": gift.entry_id, "after": after, "count": STEPS_A_PAGE + 1}
    pools = rows(_pools(), values).all()
    left = sum(int(fen) for _, _, fen in pools)
    is_common = any("/" not in code for _, code, _ in pools)
    before = int(rows(_before(), values).scalar_one()) if after else 0
    found = rows(_steps(), values).all()
    is_more, found = len(found) > STEPS_A_PAGE, found[:STEPS_A_PAGE]
    steps = list(_counted_down(found, gift.fen - before, _givers([row.entry_id for row in found])))
    next_after = steps[-1].entry_id if is_more else None
    return GiftWay(gift.fen, left, [pool.name for pool in pools], steps, before, next_after, is_common)


def _counted_down(found: Any, left: int, givers: dict[int, int]) -> Any:
    for row in found:
        fen = int(row.fen)
        left -= 0 if row.to_pool else fen
        yield Step._make((*row[:5], fen, *row[6:], givers.get(row.entry_id, 1), left))


def _givers(entry_ids: list[int]) -> dict[int, int]:
    """How many sources paid for each of these entries together."""
    return {entry_id: int(count) for entry_id, count in rows(_together(), {"ids": entry_ids})} if entry_ids else {}


@made_once
def _pools() -> Select[*tuple[Any, ...]]:
    """The pools that the money lies in or came through, in that order, and what is left in each."""
    return (
        select(Pool.name, Pool.code, func.sum(Source.rest_fen))
        .join(Pool, Pool.id == Source.pool_id)
        .where(_is_of_gift(Source))
        .group_by(Pool.id, Pool.name, Pool.code)
        .order_by(func.min(Source.id))
    )


@made_once
def _before() -> Select[*tuple[Any, ...]]:
    wanted = select(func.coalesce(func.sum(Trace.fen), 0)).join(Source, Source.id == Trace.source_id)
    return wanted.where(_is_of_gift(Source), Trace.entry_id <= _AFTER, ~_moves(Trace.entry_id))


@made_once
def _steps() -> Select[*tuple[Any, ...]]:
    """An entry once, however many sources of the gift it took: what it took in all."""
    taken = (
        select(Trace.entry_id, func.sum(Trace.fen).label("fen"))
        .join(Source, Source.id == Trace.source_id)
        .where(_is_of_gift(Source), Trace.entry_id > _AFTER)
        .group_by(Trace.entry_id)
        .order_by(Trace.entry_id)
        .limit(_COUNT)
        .subquery()
    )
    return (
        select(
            *(Entry.id.label("entry_id"), Entry.on, Entry.kind, Entry.number, Entry.reason, taken.c.fen),
            *(Fund.slug, told(Spending.purpose), told(Spending.beneficiaries), Spending.voucher_no),
            exists().where(_Undone.reverses_id == Entry.id),
            _target(),
            or_(Entry.reverses_id == _ENTRY, Entry.id == _ENTRY),
        )
        .join(Entry, Entry.id == taken.c.entry_id)
        .outerjoin(Spending, Spending.entry_id == Entry.id)
        .outerjoin(Fund, Fund.id == Spending.fund_id)
        .order_by(Entry.id)
    )


@made_once
def _together() -> Select[*tuple[Any, ...]]:
    wanted = select(Trace.entry_id, func.count()).where(Trace.entry_id.in_(bindparam("ids", expanding=True)))
    return wanted.group_by(Trace.entry_id)


def _is_of_gift(source: type[Source]) -> ColumnElement[bool]:
    """What the gift itself brought, and what was moved on from it."""
    root = _ROOT.scalar_subquery()
    return or_(source.id == root, source.origin_id == root)


def _target() -> Any:
    """The pool into which the entry moved money of this gift."""
    into = select(Pool.name).join(_Moved, _Moved.pool_id == Pool.id)
    wanted = into.where(_Moved.entry_id == Entry.id, _Moved.origin_id == _ROOT.scalar_subquery())
    return wanted.order_by(_Moved.id).limit(1).scalar_subquery().label("to_pool")


def _moves(entry_id: Any) -> ColumnElement[bool]:
    return exists().where(_Moved.entry_id == entry_id, _Moved.origin_id == _ROOT.scalar_subquery())
