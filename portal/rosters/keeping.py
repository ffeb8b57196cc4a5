"""What was read becomes rows of the database, and the counts that stand above them. The file itself lies sealed."""

import base64
import zlib
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, func, select

from portal.bulk import insert_many
from portal.consents.models import Purpose
from portal.db import DETACHED, db
from portal.files.told import Problem, Told
from portal.rosters.columns import Column
from portal.rosters.matching import Placement
from portal.rosters.models import BETWEEN, Decision, Roster, RosterPart, RosterRow, RowKind, joined_changes
from portal.rosters.rows import Layout, Someone
from portal.rosters.teams import TeamBook

PART = 400_000
"""Letters of the packed file in one row."""

Values = dict[str, Any]
Tell = Callable[[Sequence[Problem]], list[Told]]

COUNTS = ("new", "updates", "same", "doubts", "wrong", "undecided", "left_out")
"""What `recount` makes."""


# ── the file ────────────────────────────────────────────────────────────────────────────────────────
def packed(content: bytes) -> list[str]:
    """The file in parts, as text. Slow work for outside a transaction."""
    text = base64.b64encode(zlib.compress(content, 6)).decode()
    return [text[start : start + PART] for start in range(0, len(text), PART)]


def keep_file(roster_id: int, parts: Sequence[str]) -> None:
    rows = [{"number": number, "content": part} for number, part in enumerate(parts)]
    insert_many(RosterPart, rows, common={"roster_id": roster_id})


def file_of(roster_id: int) -> bytes | None:
    """The uploaded file; None when it was forgotten."""
    parts = select(RosterPart.content).where(RosterPart.roster_id == roster_id).order_by(RosterPart.number)
    text = "".join(db.session.scalars(parts))
    return zlib.decompress(base64.b64decode(text)) if text else None


def forget_file(roster_id: int) -> None:
    gone = delete(RosterPart).where(RosterPart.roster_id == roster_id)
    db.session.execute(gone, execution_options=DETACHED)


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────
def layout_of(roster: Roster, book: TeamBook, *, today: date) -> Layout:
    """How the rows of this roster are read."""
    return Layout(
        columns=columns_from(roster),
        today=today,
        takes=frozenset(Purpose(one) for one in roster.takes),
        teams=book.called,
        home=roster.team_id,
        needs_team=roster.organisation_id is not None,
    )


def columns_from(roster: Roster) -> tuple[Column, ...]:
    """The titled columns as they were recognised."""
    titles = roster.columns["titles"]
    return tuple(Column(index, one["title"], one["field"]) for index, one in enumerate(titles))


def as_kept(one: Someone, placement: Placement, texts: Sequence[str], tell: Tell) -> Values:
    """The columns of a row that come from reading and placing it."""
    return {
        "row_no": one.row_no,
        "name": one.name[:80],
        "cells": BETWEEN.join(texts),
        "number": one.number,
        "paper_digest": one.paper_digest,
        "reach_digest": one.reach_digests[0] if one.reach_digests else None,
        "kind": placement.kind.value,
        "problem_words": tell(placement.problems),
        "changes": joined_changes(placement.changes),
        "doubt": placement.doubt.value if placement.doubt else None,
        "candidates": list(placement.candidates),
        "twin_of": placement.twin_of,
        "person_id": placement.person.id if placement.person else None,
        "is_elsewhere": placement.is_elsewhere,
        "is_waiting": one.is_waiting and placement.kind is RowKind.NEW,
    }


def write_rows(roster_id: int, rows: Sequence[Values]) -> None:
    """Keep rows in this transaction; `recount` afterwards."""
    insert_many(RosterRow, rows, common={"roster_id": roster_id, "decision": None, "outcome": None})


def texts_of(roster: Roster, row: RosterRow) -> tuple[str, ...]:
    """What stands in the row's titled columns."""
    return split_cells(row.cells, len(roster.columns["titles"]))


def split_cells(cells: str | None, width: int) -> tuple[str, ...]:
    """The texts of that many columns."""
    return tuple([*(cells or "").split(BETWEEN), *[""] * width][:width])


def recount(roster: Roster) -> None:
    """The counts of the rows as they now are, in one statement."""
    row = db.session.connection().execute(_COUNTS, {"roster": roster.id}).one()
    for name, value in zip(("rows", *COUNTS), row, strict=True):
        setattr(roster, name, int(value))
    db.session.flush()


def _of(kind: RowKind) -> Any:
    return func.count().filter(RosterRow.kind == kind.value)


_COUNTS = select(
    func.count(),
    *(_of(kind) for kind in (RowKind.NEW, RowKind.UPDATE, RowKind.SAME, RowKind.DOUBT, RowKind.WRONG)),
    func.count().filter(RosterRow.kind == RowKind.DOUBT.value, RosterRow.decision.is_(None)),
    func.count().filter(RosterRow.decision == Decision.OUT.value),
).where(RosterRow.roster_id == bindparam("roster"))


def some_rows_left(roster_id: int, most: int) -> Sequence[RosterRow]:
    """Rows that booking is not done with, in the file's order."""
    wanted = select(RosterRow).where(RosterRow.roster_id == roster_id, RosterRow.outcome.is_(None))
    return db.session.scalars(wanted.order_by(RosterRow.row_no).limit(most)).all()
