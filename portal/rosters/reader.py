"""A roster is read by a job: its rows are kept a chunk at a time, so that progress shows and others may write.

Parsing touches no database. A reading that was killed starts over: what it had kept goes first. Each reading has a
mark of its own (its run), and stops where the roster carries another: withdrawn, or read anew by somebody else.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.bulk import pieces
from portal.db import committed, db
from portal.db import reading as only_reading
from portal.files.told import in_each_language, told_problems
from portal.jobs import enqueue, handler
from portal.jobs.actions import BREATH, breathe, finish, holding, keep_lease, take
from portal.jobs.models import Job
from portal.people.models import Person
from portal.problems import DomainError
from portal.rosters.keeping import COUNTS, Values, as_kept, file_of, layout_of, recount, write_rows
from portal.rosters.known import Known
from portal.rosters.matching import Matcher, Twins
from portal.rosters.models import Roster, RosterRow, RosterStatus
from portal.rosters.queries import kept_mappings
from portal.rosters.reading import Reading, read_roster
from portal.rosters.recognising import FileRow
from portal.rosters.row_reader import read_row
from portal.rosters.rows import Layout
from portal.rosters.teams import TeamBook
from portal.rosters.work import READ, locked
from portal.words import _l

CHUNK = 1_000
"""Rows a transaction."""

Progress = Callable[[int, int], None]
"""Called after each chunk with the rows kept so far and all rows found."""

log = logging.getLogger(__name__)


class Superseded(Exception):
    """The roster was withdrawn, or somebody else reads it by now: this reading has nothing more to do."""


@dataclass(frozen=True)
class Run:
    """One reading of a roster. `job_id` is the job on whose behalf it runs."""

    roster_id: int
    organisation_id: int | None
    job_id: int
    mark: str


@handler(READ, words=_l("读取志愿者名册"))
def read_for_job(payload: dict[str, Any]) -> None:
    """The job that bringing a roster asks for."""
    try:
        read(int(payload["roster_id"]), job_id=int(payload["job_id"]), by_id=int(payload["by_id"]))
    except Superseded:
        log.info("roster %s is no longer to be read by job %s", payload["roster_id"], payload["job_id"])


def read(roster_id: int, *, job_id: int, by_id: int, progress: Progress = lambda kept, of: None) -> None:
    """Read a roster that waits for it, committing as it goes; it becomes a preview. Raises Superseded."""
    run = _begun(roster_id, job_id)
    _clear(run)
    try:
        found = _parsed(run)
    except DomainError as problem:
        _end(run, by_id, columns={"header_no": 0, "titles": []}, refusal=_told(problem))
        return
    if found.refusal is None:
        _keep_rows(run, found, progress)
    refusal = _told(found.refusal) if found.refusal else None
    _end(run, by_id, columns=found.columns, column_map=dict(found.column_map), reading=found.notes, refusal=refusal)


def ask(roster: Roster, *, by: Actor, at: datetime) -> None:
    """Have the roster read by a job, asked for in this transaction; an earlier job for it has nothing more to do."""
    job = enqueue(READ, {"roster_id": roster.id, "by_id": by.id}, at=at)
    roster.status, roster.reading = RosterStatus.READING.value, {"job": job.id}
    db.session.flush()


def read_here(roster: Roster, *, progress: Progress) -> Roster:
    """Do at once, in this process, what was just asked for: the asking is committed, with the job's lease taken."""
    roster_id, job = roster.id, db.session.get_one(Job, roster.reading["job"])
    by_id = int(job.payload["by_id"])
    held = take(job, at=clock.now())
    db.session.commit()
    with holding(held):
        read(roster_id, job_id=held.job_id, by_id=by_id, progress=progress)
        with committed():
            finish(held, at=clock.now())
    return db.session.get_one(Roster, roster_id, populate_existing=True)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────
def _begun(roster_id: int, job_id: int) -> Run:
    """Put this run's mark on the roster: from now on every other reading of it stops."""
    mark = secrets.token_hex(8)
    with committed():
        roster = locked(roster_id)
        if roster.status != RosterStatus.READING or roster.reading.get("job") != job_id:
            raise Superseded
        roster.reading = {"job": job_id, "run": mark}
        roster.refusal = None
        for name in COUNTS:
            setattr(roster, name, 0)
        return Run(roster_id, roster.organisation_id, job_id, mark)


def _clear(run: Run) -> None:
    """Take away what an earlier reading has kept, a chunk at a time."""
    some = select(RosterRow.id).where(RosterRow.roster_id == run.roster_id).order_by(RosterRow.id).limit(CHUNK)
    while True:
        with _turn(run) as roster:
            gone = db.session.execute(delete(RosterRow).where(RosterRow.id.in_(some)).returning(RosterRow.id)).all()
            roster.rows = max(roster.rows - len(gone), 0)
        if len(gone) < CHUNK:
            return
        breathe(BREATH)


def _parsed(run: Run) -> Reading:
    """Read the file, in no transaction. Raises FileRefused, RosterRefused."""
    with _turn(run) as roster:
        filename, column_map, content = roster.filename, dict(roster.column_map), file_of(roster.id)
        kept = kept_mappings(roster.organisation_id)
    if content is None:
        raise DomainError(_l("文件已经不在了，请重新上传。"))
    return read_roster(content, filename=filename, column_map=column_map, kept=kept, opened=lambda: _say_alive(run))


def _keep_rows(run: Run, found: Reading, progress: Progress) -> None:
    with _turn(run) as roster:
        roster.columns = found.columns
        roster.reading = {**roster.reading, "found": len(found.rows)}
        roster.rows = 0
        book = TeamBook(run.organisation_id, session=db.session())
        layout = layout_of(roster, book, today=clock.today())
    kept, twins = 0, Twins()
    for some in pieces(found.rows, CHUNK):
        values = _placed(run, some, layout, book, twins)
        with _turn(run) as roster:
            write_rows(roster.id, values)
            roster.rows = kept = kept + len(values)
        progress(kept, len(found.rows))
        breathe(BREATH)


def _placed(run: Run, some: Sequence[FileRow], layout: Layout, book: TeamBook, twins: Twins) -> list[Values]:
    """Rows as they are kept. Who is known is asked in a session that holds no turn to write."""
    people = [read_row(layout, row_no, texts) for row_no, texts in some]
    with only_reading() as session:
        known = Known(people, organisation_id=run.organisation_id, today=layout.today, session=session)
    matcher = Matcher(layout, known, book.names)
    placements = [twins.placed(one, matcher.place(one)) for one in people]
    tell = told_problems(placement.problems for placement in placements)
    rows = zip(people, placements, some, strict=True)
    return [as_kept(one, placement, row.texts, tell) for one, placement, row in rows]


def _end(run: Run, by_id: int, **values: Any) -> None:
    with _turn(run) as roster:
        roster.reading = {}
        for name, value in values.items():
            setattr(roster, name, value)
        roster.status = RosterStatus.PREVIEW.value
        recount(roster)
        asked_by = db.session.get(Person, by_id)
        sums = {name: getattr(roster, name) for name in ("rows", "new", "updates", "same", "doubts", "wrong")}
        record("rosters.roster.read", roster, by=asked_by, at=clock.now(), **sums)


def _told(refusal: DomainError) -> dict[str, Any]:
    return {"field": refusal.field, **in_each_language(refusal.sentence)}


# ── transactions ────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def _turn(run: Run) -> Iterator[Roster]:
    """A transaction of this run, with the roster locked and the job's lease kept. Raises Superseded."""
    with committed():
        roster = locked(run.roster_id)
        if roster.status != RosterStatus.READING or roster.reading.get("run") != run.mark:
            raise Superseded
        yield roster
        keep_lease(run.job_id, at=clock.now())


def _say_alive(run: Run) -> None:
    with _turn(run):
        pass
