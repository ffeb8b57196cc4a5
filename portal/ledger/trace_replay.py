"""Entries from before sources were kept are traced once, in the order of their ids: after a migration."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import BigInteger, Integer, bindparam, func, select
from sqlalchemy.orm import Session

from portal import series
from portal.db import db
from portal.ledger.actions import TURN
from portal.ledger.books import MOVES_POOL
from portal.ledger.drafts import PAYS_FROM
from portal.ledger.models import NO_POOL, Account, Entry, Line, Pool, Source, Trace
from portal.ledger.trace_store import InDatabase
from portal.ledger.trace_writing import Tracer, Way

AT_ONCE = 2_000

_FIRST, _LAST = (bindparam(name, type_=BigInteger) for name in ("first", "last"))
_IDS = select(Entry.id).where(Entry.id > bindparam("after")).order_by(Entry.id).limit(bindparam("count", type_=Integer))
_ENTRIES = (
    select(Entry.id, Entry.reverses_id, Entry.source, Entry.source_id)
    .where(Entry.id.between(_FIRST, _LAST))
    .order_by(Entry.id)
)
_MOVES = (
    select(Line.entry_id, Line.pool_id, func.sum(Line.debit_fen - Line.credit_fen))
    .join(Account, Account.id == Line.account_id)
    .where(Line.entry_id.between(_FIRST, _LAST), Line.pool_id.is_not(None), Account.kind.in_(sorted(MOVES_POOL)))
    .group_by(Line.entry_id, Line.pool_id)
    .order_by(Line.entry_id, Line.pool_id)
)


def trace_existing() -> int:
    """Trace each entry that came in before sources were kept, committing every 2,000. Gives how many entries that were.

    May be broken off: it goes on after the last entry with a source or a trace. Nobody posts meanwhile.
    """
    count = 0
    series.take(TURN, 0)
    after = _traced_up_to()
    while batch := ways_after(db.session(), after):
        Tracer(InDatabase(), owing_pools(db.session()), strict=False).follow(batch)
        count, after = count + len(batch), batch[-1].entry_id
        db.session.commit()
        series.take(TURN, 0)
    db.session.commit()
    return count


def ways_after(session: Session, after: int) -> list[Way]:
    """The next entries by id, at most 2,000, with what each does to pools."""
    ids: Sequence[int] = session.scalars(_IDS, {"after": after, "count": AT_ONCE}).all()
    if not ids:
        return []
    span = {"first": ids[0], "last": ids[-1]}
    moves: dict[int, dict[int, int]] = defaultdict(dict)
    for entry_id, pool_id, fen in session.execute(_MOVES, span):
        moves[entry_id][pool_id or NO_POOL] = int(fen)
    return [
        Way(id, moves[id], reverses_id, source_id if source == PAYS_FROM else None)
        for id, reverses_id, source, source_id in session.execute(_ENTRIES, span)
    ]


def owing_pools(session: Session) -> set[int]:
    return set(session.scalars(select(Pool.id).where(Pool.may_go_below_zero)))


def _traced_up_to() -> int:
    return max(int(db.session.scalar(select(func.max(one))) or 0) for one in (Source.entry_id, Trace.entry_id))
