"""Sources and traces in the database, for whoever posts: behind the turn of all who post, nothing moves meanwhile."""

from sqlalchemy import BigInteger, bindparam, func, select

from portal.bulk import insert_rows
from portal.db import rows
from portal.ledger.models import Source, Trace
from portal.ledger.trace_queues import Made, NewSource, NewTrace, Took

_MADE = select(Source.id, Source.pool_id, Source.origin_id, Source.fen, Source.rest_fen).order_by(Source.id)
_POOL, _ENTRY = (bindparam(name, type_=BigInteger) for name in ("pool", "entry"))

_OPEN = _MADE.where(Source.pool_id == _POOL, Source.id > bindparam("after"), Source.rest_fen > 0)
_OPEN = _OPEN.limit(bindparam("count"))
_OWED = _MADE.where(Source.pool_id == _POOL, Source.rest_fen < 0)
_OF_ENTRY = _MADE.where(Source.entry_id == _ENTRY)
_TAKEN = (
    select(Trace.source_id, Source.pool_id, Trace.fen)
    .join(Source, Source.id == Trace.source_id)
    .where(Trace.entry_id == _ENTRY)
    .order_by(Trace.source_id)
)
_LAST = select(func.max(Source.id))

_SOURCE = ("id", "pool_id", "entry_id", "origin_id", "fen", "rest_fen")
_TRACE = ("entry_id", "source_id", "fen")


class InDatabase:
    """The tables, in the transaction that posts."""

    def next_id(self) -> int:
        return int(rows(_LAST).scalar() or 0) + 1

    def keep(self, sources: list[NewSource], traces: list[NewTrace]) -> None:
        insert_rows(Source, _SOURCE, [(*one, one[-1]) for one in sources])
        insert_rows(Trace, _TRACE, traces)

    def open_after(self, pool_id: int, after: int, count: int) -> list[Made]:
        return [Made(*row) for row in rows(_OPEN, {"pool": pool_id, "after": after, "count": count}).all()]

    def owed(self, pool_id: int) -> list[Made]:
        return [Made(*row) for row in rows(_OWED, {"pool": pool_id}).all()]

    def made_by(self, entry_id: int) -> list[Made]:
        return [Made(*row) for row in rows(_OF_ENTRY, {"entry": entry_id}).all()]

    def took_by(self, entry_id: int) -> list[Took]:
        return [Took(*row) for row in rows(_TAKEN, {"entry": entry_id}).all()]
