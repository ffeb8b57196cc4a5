"""Drafts become rows: numbered, lines first, entries last. By Core in bulk: the ORM is thirty times slower here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError

from portal import log, series
from portal.actor import Actor
from portal.bulk import insert_rows
from portal.db import db
from portal.ledger.books import Books
from portal.ledger.drafts import EntryDraft, PoolWouldGoBelowZero
from portal.ledger.guards import BELOW_ZERO
from portal.ledger.models import Entry, Line
from portal.ledger.trace_store import InDatabase
from portal.ledger.trace_writing import Tracer, Way

MANY = 100
"""Entries from which on it pays to plan anew."""

_LINE = ("entry_id", "position", "account_id", "pool_id", "debit_fen", "credit_fen", "memo")
_ENTRY = (
    *("id", "entity_id", "number", "number_year", "on", "kind", "memo", "source", "source_id"),
    *("idempotency_key", "fingerprint", "reverses_id", "reason", "total_fen"),
    *("made_by_id", "made_by_name", "checked_by_id", "checked_by_name", "created_at"),
)


@dataclass(frozen=True, slots=True)
class Posted:
    """An entry in the books. `is_new` is False when its idempotency key had been posted before."""

    id: int
    number: str
    number_year: int
    is_new: bool = True


class Fresh(NamedTuple):
    """A draft not posted before, and the fingerprint kept with its key."""

    draft: EntryDraft
    fingerprint: str | None


def write(fresh: Sequence[Fresh], first_id: int, *, by: Actor, checked_by: Actor | None, at: datetime) -> list[Posted]:
    """Number the drafts, write them under the ids from `first_id` on, and trace where their money comes from.

    Raises as `Books.enter` and `Tracer.follow` do.
    """
    if not fresh:
        return []
    if len(fresh) >= MANY:
        _plan_anew()
    books = Books.opened_for([draft for draft, _ in fresh])
    entities = [books.enter(draft) for draft, _ in fresh]
    checker = (checked_by.id, checked_by.name) if checked_by else (None, None)
    people = (by.id, by.name, *checker, at)
    with _undone_if_refused(fresh):
        posted = _numbered(fresh, entities, first_id)
        entries = zip(fresh, posted, entities, strict=True)
        lines = [row for one, it in zip(fresh, posted, strict=True) for row in _line_rows(one, it, books)]
        _insert(Line, _LINE, lines)
        _insert(Entry, _ENTRY, [(*_entry_row(one, it, entity), *people) for one, it, entity in entries])
        Tracer(InDatabase(), books.owing).follow(_ways(fresh, posted, books))
    books.close()
    log.note("entry", [entry.id for entry in posted])
    return posted


def _plan_anew() -> None:
    """PostgreSQL plans the look-ups of foreign keys once a session; those made when the books were empty read tables
    through, for each row, and at COMMIT, where nobody expects minutes. So: plans made now, and by index."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        connection.exec_driver_sql("DISCARD PLANS")


def _numbered(fresh: Sequence[Fresh], entities: Sequence[int], first_id: int) -> list[Posted]:
    """Voucher numbers run without gaps in each legal entity and year, whose numbers are taken in one go."""
    runs = [(entity, one.draft.on.year) for one, entity in zip(fresh, entities, strict=True)]
    numbers = {run: _numbers(*run, count) for run, count in sorted(Counter(runs).items())}
    return [Posted(id, f"记-{next(numbers[run])}", run[1]) for id, run in enumerate(runs, first_id)]


def _numbers(entity_id: int, year: int, count: int) -> Iterator[int]:
    first = series.take(f"ledger:voucher:{entity_id}:{year}", count)
    return iter(range(first, first + count))


def _line_rows(one: Fresh, entry: Posted, books: Books) -> Iterator[tuple[Any, ...]]:
    for position, line in enumerate(one.draft.lines, 1):
        account_id = books.account(line.account).id
        yield entry.id, position, account_id, line.pool_id, line.debit_fen, line.credit_fen, line.memo


def _entry_row(one: Fresh, entry: Posted, entity_id: int) -> tuple[Any, ...]:
    draft, fingerprint = one
    return (
        *(entry.id, entity_id, entry.number, entry.number_year, draft.on, str(draft.kind), draft.memo),
        *(draft.source, draft.source_id, draft.idempotency_key, fingerprint, draft.reverses_id, draft.reason),
        draft.total_fen,
    )


def _undone_if_refused(fresh: Sequence[Fresh]) -> AbstractContextManager[Any]:
    """Whether a gift that is taken back is still there, only its trace says: then the entry is written already."""
    return db.session.begin_nested() if any(draft.reverses_id for draft, _ in fresh) else nullcontext()


def _ways(fresh: Sequence[Fresh], posted: Sequence[Posted], books: Books) -> Iterator[Way]:
    for (draft, _), entry in zip(fresh, posted, strict=True):
        yield Way(entry.id, books.moves(draft), draft.reverses_id, draft.pays_from)


def _insert(model: type[Entry] | type[Line], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Many rows a statement, so that PostgreSQL's triggers look once at each statement and not at each row."""
    try:
        insert_rows(model, names, rows)
    except DBAPIError as error:
        if BELOW_ZERO in str(error.orig):
            raise PoolWouldGoBelowZero from error
        raise
