"""Reads of the trace: what is left of a gift, what paid an entry. Amounts in 分."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from portal.db import made_once, rows
from portal.ledger.models import Entry, Source, Trace
from portal.log import canonical, rows_beside
from portal.log.leaves import among

Origin = aliased(Source)

_REST = select(func.coalesce(func.sum(Source.rest_fen), 0)).where(
    Source.entry_id == bindparam("entry"), Source.fen > 0, Source.origin_id.is_(None)
)

_PAID_BY = (
    select(Trace.entry_id, Entry.number_year, Entry.number, Trace.fen)
    .join(Source, Source.id == Trace.source_id)
    .outerjoin(Origin, Origin.id == Source.origin_id)
    .join(Entry, Entry.id == func.coalesce(Origin.entry_id, Source.entry_id))
    .order_by(Trace.entry_id, Trace.source_id)
)

TraceRow = list[Any]
"""[year, number, 分]: the entry that first brought the money in, and how much was taken; below zero, given back."""


def rest_of(entry_id: int) -> int:
    """What no entry took yet of the money that this one brought in: so much may be refunded."""
    return int(rows(_REST, {"entry": entry_id}).scalar_one())


@rows_beside("entry")
def rows_for_leaf(entry_id: int) -> list[TraceRow]:
    """An entry's trace as its leaf in the public log stands for it: in the order of the sources, [] for none."""
    found = rows(_rows_of_one(), {"entry": entry_id})
    return [[year, number, int(fen)] for _, year, number, fen in found]


def hashes_for_leaves(session: Session, entry_ids: Sequence[int]) -> dict[int, str]:
    """For those of the entries that have a trace: the SHA-256 of its canonical JSON, in hex. One statement."""
    traces: dict[int, list[TraceRow]] = {}
    for entry_id, year, number, fen in session.execute(_PAID_BY.where(among(Trace.entry_id, entry_ids))):
        traces.setdefault(entry_id, []).append([year, number, int(fen)])
    return {entry_id: hashlib.sha256(canonical.dumps(trace)).hexdigest() for entry_id, trace in traces.items()}


@made_once
def _rows_of_one() -> Select[*tuple[Any, ...]]:
    return _PAID_BY.where(Trace.entry_id == bindparam("entry"))
