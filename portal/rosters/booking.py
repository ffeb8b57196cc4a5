"""Entering what was confirmed, a chunk of rows at a time: each chunk is one transaction, keyed by the rows themselves.

A row with an outcome is done with, so booking goes on exactly where it stopped, whoever calls it, and however often.
Each row is compared with the portal once more: where somebody changed meanwhile what it is about, it is left alone and
says so.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal import clock
from portal.audit import record
from portal.db import committed, db
from portal.jobs import handler
from portal.jobs.actions import BREATH, breathe, keep_lease
from portal.problems import DomainError
from portal.rosters.changing import Patch
from portal.rosters.entering import Entering
from portal.rosters.keeping import layout_of, some_rows_left, texts_of
from portal.rosters.known import Known
from portal.rosters.matching import Doubt, Matcher, Placement
from portal.rosters.models import Decision, Outcome, Roster, RosterRow, RosterStatus, RowKind
from portal.rosters.row_reader import read_row
from portal.rosters.rows import Someone
from portal.rosters.teams import TeamBook
from portal.rosters.telling import tell_booked
from portal.rosters.work import BOOK, locked, one_booking_at_a_time
from portal.words import _l

CHUNK = 500
"""Rows a transaction. More would keep other writers waiting, fewer would spend the time on commits."""

Progress = Callable[[int, int], None]
"""Called after each chunk with the rows booked so far and all rows."""


class NotConfirmed(Exception):
    """Somebody asked to book a roster that nobody has confirmed: a mistake in the program, not of a person."""


def book(roster_id: int, *, progress: Progress | None = None, job_id: int | None = None) -> None:
    """Book what is left of a confirmed roster, committing after each chunk. Returns when all of it is booked."""
    while not _next_chunk(roster_id, progress, job_id):
        breathe(BREATH)


@handler(BOOK, words=_l("登记志愿者名册"))
def book_for_job(payload: dict[str, Any]) -> None:
    """The job that a confirmation asks for."""
    book(int(payload["roster_id"]), job_id=payload.get("job_id"))


def book_chunk(roster_id: int, *, at: datetime) -> Roster:
    """Book the next rows of a roster, in this transaction. Raises NotConfirmed."""
    one_booking_at_a_time()
    roster = locked(roster_id)
    if roster.status == RosterStatus.BOOKED:
        return roster
    if roster.status != RosterStatus.BOOKING:
        raise NotConfirmed(f"roster {roster_id} is {roster.status}")
    rows = some_rows_left(roster.id, CHUNK)
    if rows:
        _Chunk(roster, rows, at=at).book()
        roster.booked += len(rows)
    if len(rows) < CHUNK:
        _finish(roster, at=at)
    db.session.flush()
    return roster


def _next_chunk(roster_id: int, progress: Progress | None, job_id: int | None) -> bool:
    at = clock.now()
    with committed():
        roster = book_chunk(roster_id, at=at)
        if job_id is not None:
            keep_lease(job_id, at=at, got_on=True)
        status, booked, rows = roster.status, roster.booked, roster.rows
    if progress:
        progress(booked, rows)
    return status == RosterStatus.BOOKED


def _finish(roster: Roster, *, at: datetime) -> None:
    """The database refuses it unless all rows are done with."""
    roster.status, roster.finished_at = RosterStatus.BOOKED.value, at
    db.session.flush()
    record("rosters.roster.booked", roster, by=roster.brought_by, at=at, count=roster.rows)
    tell_booked(roster, at=at)


def outcomes_of(roster: Roster) -> dict[str, int]:
    """How many rows came to what."""
    counted = select(RosterRow.outcome, func.count()).where(RosterRow.roster_id == roster.id)
    found = db.session.execute(counted.group_by(RosterRow.outcome))
    return {str(outcome): count for outcome, count in found if outcome}


class _Chunk:
    """Some rows of one roster, on their way in."""

    def __init__(self, roster: Roster, rows: Sequence[RosterRow], *, at: datetime) -> None:
        self.roster, self.rows, self.at = roster, rows, at
        self.book_of_teams = TeamBook(roster.organisation_id, session=db.session())
        self.layout = layout_of(roster, self.book_of_teams, today=at.date())
        self.entering = Entering(roster, at=at)

    def book(self) -> None:
        people = [(row, read_row(self.layout, row.row_no, texts_of(self.roster, row))) for row in self.rows]
        matcher = self._matcher(people)
        later = [(row, one) for row, one in people if not self._settle(row, one, matcher)]
        self._enter()
        while later:
            later = self._book_twins(later)
        numbers = [row.row_no for row in self.rows]
        about = {"count": len(numbers), "first": numbers[0], "last": numbers[-1]}
        record("rosters.roster.rows_booked", self.roster, by=self.roster.brought_by, at=self.at, **about)

    def _matcher(self, people: Sequence[tuple[RosterRow, Someone]]) -> Matcher:
        """Who is known now."""
        named = {row.person_id for row, _ in people if row.person_id}
        known = Known(
            [one for _, one in people],
            organisation_id=self.roster.organisation_id,
            today=self.layout.today,
            session=db.session(),
            also=named,
        )
        return Matcher(self.layout, known, self.book_of_teams.names)

    def _enter(self) -> None:
        for row, outcome, person_id in self.entering.done():
            row.outcome, row.person_id = outcome.value, person_id
        db.session.flush()

    # ── one row ─────────────────────────────────────────────────────────────────────────────────────
    def _settle(self, row: RosterRow, one: Someone, matcher: Matcher) -> bool:
        """Say what becomes of the row; False for one that must wait for the row it is a twin of."""
        if row.kind == RowKind.DOUBT:
            return self._settle_doubt(row, one, matcher)
        if row.kind == RowKind.WRONG:
            self.entering.leave(row, Outcome.LEFT)
        elif row.kind == RowKind.SAME:
            self.entering.leave(row, Outcome.SAME, row.person_id)
        else:
            self._settle_planned(row, one, matcher.place(one))
        return True

    def _settle_planned(self, row: RosterRow, one: Someone, now: Placement) -> None:
        """A new one or an update, if it is still what was confirmed."""
        person_id = now.person.id if now.person else None
        if now.kind is RowKind.NEW and row.kind == RowKind.NEW:
            self.entering.add(row, one)
        elif now.kind is RowKind.SAME:
            self.entering.leave(row, Outcome.SAME, person_id)
        elif now.patch and (row.kind, row.person_id) == (now.kind, person_id) and row.says(now.changes):
            self.entering.update(row, now.patch, is_elsewhere=now.is_elsewhere)
        else:
            self.entering.leave(row, Outcome.CHANGED)

    def _settle_doubt(self, row: RosterRow, one: Someone, matcher: Matcher) -> bool:
        if row.decision == Decision.OUT:
            self.entering.leave(row, Outcome.LEFT)
        elif row.decision == Decision.NEW:
            self._settle_new(row, one, matcher)
        elif row.person_id:
            self._settle_person(row, one, matcher)
        else:
            return False
        return True

    def _settle_new(self, row: RosterRow, one: Someone, matcher: Matcher) -> None:
        """Somebody new after all, unless her number or paper has been given to another since."""
        is_free = not (one.number or matcher.known.with_paper(one.paper_digest))
        if is_free and Doubt(row.doubt or "").may_be_new:
            self.entering.add(row, one)
        else:
            self.entering.leave(row, Outcome.CHANGED)

    def _settle_person(self, row: RosterRow, one: Someone, matcher: Matcher) -> None:
        person = matcher.known.people.get(row.person_id or 0)
        if person is None or not (person.is_open and person.is_seen):
            self.entering.leave(row, Outcome.CHANGED)
            return
        try:
            patch: Patch = matcher.as_person(one, person)
        except DomainError:
            self.entering.leave(row, Outcome.CHANGED, person.id)
            return
        if not self.entering.update(row, patch, comes_back=row.doubt == Doubt.LEFT):
            self.entering.leave(row, Outcome.SAME, person.id)

    # ── twins ───────────────────────────────────────────────────────────────────────────────────────
    def _book_twins(self, rows: list[tuple[RosterRow, Someone]]) -> list[tuple[RosterRow, Someone]]:
        """Rows about the person of an earlier row, one of each person at a time; gives the rest."""
        firsts = self._people_of(row.twin_of for row, _ in rows)
        now: dict[int, tuple[RosterRow, Someone]] = {}
        rest = []
        for row, one in rows:
            target = firsts.get(row.twin_of or 0)
            if target is None:
                self.entering.leave(row, Outcome.LEFT)
            elif target in now:
                rest.append((row, one))
            else:
                row.person_id = target
                now[target] = (row, one)
        matcher = self._matcher(list(now.values()))
        for row, one in now.values():
            self._settle_person(row, one, matcher)
        self._enter()
        return rest

    def _people_of(self, row_nos: Any) -> dict[int, int]:
        """Who the rows of these numbers have turned out to be."""
        named = (RosterRow.roster_id == self.roster.id, RosterRow.row_no.in_(sorted({no for no in row_nos if no})))
        found = db.session.execute(select(RosterRow.row_no, RosterRow.person_id).where(*named))
        return {row_no: person_id for row_no, person_id in found if person_id}
