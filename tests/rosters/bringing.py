"""Rosters for tests: brought, read, confirmed and booked by the portal's own actions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal import clock
from portal.clock import CHINA
from portal.consents.models import Purpose
from portal.db import Model, db
from portal.files import keep
from portal.invariants import run_all
from portal.jobs.worker import work_one
from portal.people.models import Person
from portal.rosters import actions
from portal.rosters.keeping import packed
from portal.rosters.models import Roster, RosterRow
from tests.rosters.generated import HEADER, Line, csv_of

AT = datetime(2026, 11, 20, 10, tzinfo=CHINA)
FRESH = {"populate_existing": True}
ALL = frozenset({Purpose.IDENTITY, Purpose.HEALTH, Purpose.ETHNIC, Purpose.PARTY})


def unread(by: Person, content: bytes, *, name: str = "名册.csv", **more: Any) -> Roster:
    """A roster that waits for a job to read it, committed. `more`: organisation_id, team_id, takes, column_map."""
    paper = keep(b"signed", name="consents.txt", by=by, at=AT)
    values: dict[str, Any] = {"organisation_id": None, "team_id": None, "takes": ALL, "column_map": {}, **more}
    what = actions.Bringing(filename=name, parts=packed(content), paper=paper, **values)
    roster = actions.bring(what, by=by, at=AT)
    db.session.commit()
    return roster


def brought(by: Person, rows: Sequence[Line] | bytes, *, header: Sequence[str] = HEADER, **more: Any) -> Roster:
    """A preview, committed: of these rows, or of the bytes of a file."""
    roster = unread(by, rows if isinstance(rows, bytes) else csv_of(rows, header=header), **more)
    with clock.frozen(AT):
        assert work_one()
    return now(roster)


def confirmed(by: Person, rows: Sequence[Line] | bytes, **more: Any) -> Roster:
    roster = brought(by, rows, **more)
    actions.confirm(roster, by=by, at=AT)
    db.session.commit()
    return now(roster)


def booked(by: Person, rows: Sequence[Line] | bytes, **more: Any) -> Roster:
    return entered(brought(by, rows, **more), by)


def entered(roster: Roster, by: Person) -> Roster:
    """Confirmed, and booked by its job."""
    actions.confirm(roster, by=by, at=AT)
    db.session.commit()
    with clock.frozen(AT):
        assert work_one()
    return now(roster)


def now(roster: Roster) -> Roster:
    return db.session.get_one(Roster, roster.id, populate_existing=True)


def rows_of(roster: Roster) -> list[RosterRow]:
    wanted = select(RosterRow).where(RosterRow.roster_id == roster.id).order_by(RosterRow.row_no)
    return list(db.session.scalars(wanted, execution_options=FRESH))


def kinds(roster: Roster) -> dict[str, int]:
    """How many rows are of which kind; those of which there are none are left out."""
    counts = {"new": roster.new, "update": roster.updates, "same": roster.same}
    counts |= {"doubt": roster.doubts, "wrong": roster.wrong}
    return {kind: count for kind, count in counts.items() if count}


def said(row: RosterRow) -> list[str]:
    """The sentences beside a row."""
    return [problem["zh"] for problem in row.problem_words]


def count(model: type[Model]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def check() -> None:
    """`portal check` finds nothing."""
    wrong = [result for result in run_all(db.session()) if not result.holds]
    assert not wrong, [(result.name, list(result.problems)) for result in wrong]
