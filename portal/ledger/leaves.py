"""What a sealed entry says in the public log. Who made and who checked it stands there as a commitment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import Session, aliased

from portal.ledger.models import Account, Entry, Line, Pool
from portal.ledger.trace import hashes_for_leaves
from portal.log import Body, leaf
from portal.log.existing import missing
from portal.log.leaves import among, moment
from portal.log.models import Leaf

KIND = "entry"

UNTOLD_MEMOS: list[ColumnElement[bool]] = []
"""Rooms above say here of which entries nobody may read the memo: it stands as a commitment too."""
_Reversed = aliased(Entry)

_ENTRIES = (
    select(
        *(Entry.id, Entry.entity_id, Entry.number, Entry.number_year, Entry.on, Entry.created_at, Entry.kind),
        *(Entry.memo, Entry.source, Entry.source_id, Entry.total_fen, Entry.reason),
        *(Entry.made_by_id, Entry.made_by_name, Entry.checked_by_id, Entry.checked_by_name),
        *(_Reversed.number_year.label("reversed_year"), _Reversed.number.label("reversed_number")),
    )
    .outerjoin(_Reversed, _Reversed.id == Entry.reverses_id)
    .order_by(Entry.id)
)
_LINES = (
    select(Line.entry_id, Account.code, Pool.code, Line.debit_fen, Line.credit_fen, Line.memo)
    .join(Account, Account.id == Line.account_id)
    .outerjoin(Pool, Pool.id == Line.pool_id)
    .order_by(Line.entry_id, Line.position)
)


@leaf(KIND)
def entries(session: Session, ids: Sequence[int]) -> Iterator[Body]:
    """Amounts in 分; a line is account, pool, debit, credit, memo. `trace` is a hash of rows shown elsewhere."""
    lines: dict[int, list[list[Any]]] = {}
    for entry_id, *line in session.execute(_LINES.where(among(Line.entry_id, ids))):
        lines.setdefault(entry_id, []).append(line)
    traces = hashes_for_leaves(session, ids)
    wanted = _ENTRIES.add_columns(or_(false(), *UNTOLD_MEMOS).label("is_untold"))
    for row in session.execute(wanted.where(among(Entry.id, ids))):
        says = {**_public(row, lines.get(row.id, []), traces.get(row.id)), "memo": row.memo}
        hidden = {"people": _people(row)}
        if row.is_untold:
            says["memo"], hidden["untold_memo"] = None, row.memo
        yield Body(row.id, says, hidden)


@missing(KIND)
def without_leaf(session: Session) -> Iterator[int]:
    has_leaf = exists().where(Leaf.kind == KIND, Leaf.ref == Entry.id)
    yield from session.scalars(select(Entry.id).where(~has_leaf).order_by(Entry.id))


def _public(row: Any, lines: list[list[Any]], trace: str | None) -> Mapping[str, Any]:
    return {
        "books": row.entity_id,
        "number": row.number,
        "year": row.number_year,
        "on": row.on.isoformat(),
        "at": moment(row.created_at),
        "about": row.kind,
        "source": None if row.source is None else [row.source, row.source_id],
        "lines": lines,
        "total_fen": row.total_fen,
        "trace": trace,
        "reverses": None if row.reversed_number is None else [row.reversed_year, row.reversed_number],
        "reason": row.reason,
    }


def _people(row: Any) -> list[Any]:
    """Maker and checker: id and name of then."""
    checker = None if row.checked_by_id is None else [row.checked_by_id, row.checked_by_name]
    return [[row.made_by_id, row.made_by_name], checker]
