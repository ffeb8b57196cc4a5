"""A long list is read by a job: its rows are kept a chunk at a time, so that progress shows and others may write.

Parsing touches no database. A reading that was killed starts over: what it had kept goes first. Each reading has a
mark of its own (its run), and stops where the list carries another: withdrawn, or read anew by somebody else.
"""

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.db import DETACHED, committed, db
from portal.db import reading as only_reading
from portal.files import path_of
from portal.files.told import in_each_language
from portal.jobs import enqueue, handler
from portal.jobs.actions import BREATH, breathe, finish, holding, keep_lease, take
from portal.jobs.models import Job
from portal.lists.keeping import COUNTED, Values, recount, row_values, said, write_rows
from portal.lists.models import DonationImport, ImportRow, ImportStatus
from portal.lists.reading import Reading, read_list
from portal.lists.turns import locked
from portal.lists.work import READ
from portal.people.models import Person
from portal.problems import DomainError
from portal.words import _l

CHUNK = 2_000
"""Rows a transaction: about 0.1 s of SQLite's turn."""

ROWS_A_STATEMENT = 1_000

Progress = Callable[[int, int], None]
"""Called after each chunk with the rows kept so far and all rows found."""

log = logging.getLogger(__name__)


class Superseded(Exception):
    """The list was withdrawn, or somebody else reads it by now: this reading has nothing more to do."""


@dataclass(frozen=True)
class Run:
    """One reading of a list, and what it reads. `job_id` is the job on whose behalf it runs."""

    import_id: int
    fund_id: int
    job_id: int
    mark: str
    path: Path
    filename: str
    method: str
    default_date: date | None
    column_map: dict[str, str]


@handler(READ, words=_l("读取名单"))
def read_import(payload: dict[str, Any]) -> None:
    """The job that bringing a long list asks for."""
    try:
        read(
            int(payload["import_id"]),
            job_id=int(payload["job_id"]),
            by_id=int(payload["by_id"]),
            leave_out=payload.get("leave_out", ()),
        )
    except Superseded:
        log.info("list %s is no longer to be read by job %s", payload["import_id"], payload["job_id"])


def read(
    import_id: int,
    *,
    job_id: int,
    by_id: int,
    leave_out: Sequence[int] = (),
    found: Reading | None = None,
    progress: Progress = lambda kept, of: None,
) -> None:
    """Read a list that waits for it, committing as it goes; it becomes a preview with these rows left out.

    `found` is what reading its file gives, where the caller has done that already. Raises Superseded.
    """
    run = _begun(import_id, job_id)
    _clear(run)
    try:
        found = found or _parsed(run)
    except DomainError as refusal:
        _end_refused(run, refusal, by_id)
        return
    _keep_rows(run, found, progress)
    _end(run, found, by_id, leave_out)


def ask(imported: DonationImport, *, by: Actor, at: datetime, leave_out: Sequence[int] = ()) -> None:
    """Have the list read by a job, asked for in this transaction; an earlier job for it has nothing more to do."""
    job = enqueue(READ, {"import_id": imported.id, "by_id": by.id, "leave_out": list(leave_out)}, at=at)
    imported.status, imported.reading = ImportStatus.READING.value, {"job": job.id}
    db.session.flush()


def read_here(imported: DonationImport, found: Reading, *, progress: Progress) -> DonationImport:
    """Do at once, in this process, what was just asked for: the asking is committed, with the job's lease taken.

    Should this process die on the way, a worker starts over when the lease runs out.
    """
    import_id, job = imported.id, db.session.get_one(Job, imported.reading["job"])
    payload = dict(job.payload)
    held = take(job, at=clock.now())
    db.session.commit()
    with holding(held):
        read(job_id=held.job_id, found=found, progress=progress, **payload)
        with committed():
            finish(held, at=clock.now())
    return db.session.get_one(DonationImport, import_id, populate_existing=True)


# ── steps ───────────────────────────────────────────────────────────────────────────────────────────
def _begun(import_id: int, job_id: int) -> Run:
    """Put this run's mark on the list: from now on every other reading of it stops."""
    mark = secrets.token_hex(8)
    with committed():
        imported = locked(import_id)
        if imported.status != ImportStatus.READING or imported.reading.get("job") != job_id:
            raise Superseded
        imported.reading = {"job": job_id, "run": mark}
        for name in ("listed_fen", *COUNTED):
            setattr(imported, name, 0)
        imported.declared_fen = imported.declared_rows = imported.refusal = None
        given = (imported.filename, imported.method, imported.default_date, dict(imported.column_map))
        return Run(import_id, imported.fund_id, job_id, mark, path_of(imported.file), *given)


def _clear(run: Run) -> None:
    """Take away what an earlier reading has kept, a chunk at a time."""
    some = select(ImportRow.id).where(ImportRow.import_id == run.import_id).order_by(ImportRow.id).limit(CHUNK)
    while True:
        with _turn(run) as imported:
            gone = db.session.execute(delete(ImportRow).where(ImportRow.id.in_(some)).returning(ImportRow.id)).all()
            imported.rows = max(imported.rows - len(gone), 0)
        if len(gone) < CHUNK:
            return
        breathe(BREATH)


def _parsed(run: Run) -> Reading:
    """Read the file, in no transaction. Raises FileRefused, ListRefused."""
    return read_list(
        run.path,
        filename=run.filename,
        method=run.method,
        default_date=run.default_date,
        column_map=run.column_map,
        today=clock.today(),
        opened=lambda: _say_alive(run),
    )


def _keep_rows(run: Run, found: Reading, progress: Progress) -> None:
    count = len(found.parsed.rows) if found.parsed else 0
    with _turn(run) as imported:
        imported.reading = {**imported.reading, "found": count}
        imported.rows = 0
    kept = 0
    for chunk in _chunks(_rows(run, found)):
        with _turn(run) as imported:
            write_rows(imported, chunk)
            imported.rows = kept = kept + len(chunk)
        progress(kept, count)
        breathe(BREATH)


def _rows(run: Run, found: Reading) -> Iterator[Values]:
    """Repeats are looked up in a session that holds no turn to write."""
    with only_reading() as session:
        return row_values(run.fund_id, found, session=session)


def _end(run: Run, found: Reading, by_id: int, leave_out: Sequence[int]) -> None:
    with _turn(run) as imported:
        for name, value in said(found).items():
            setattr(imported, name, value)
        for start in range(0, len(leave_out), ROWS_A_STATEMENT):
            some = ImportRow.row_no.in_(leave_out[start : start + ROWS_A_STATEMENT])
            left = update(ImportRow).where(ImportRow.import_id == run.import_id, some).values(is_left_out=True)
            db.session.execute(left, execution_options=DETACHED)
        _give_back(imported, by_id)


def _end_refused(run: Run, refusal: DomainError, by_id: int) -> None:
    """The file holds no list: that is said where its rows would stand."""
    with _turn(run) as imported:
        imported.rows = 0
        imported.columns, imported.reading = {"header_no": 0, "titles": []}, {}
        imported.refusal = {"field": refusal.field, **in_each_language(refusal.sentence)}
        _give_back(imported, by_id)


def _give_back(imported: DonationImport, by_id: int) -> None:
    imported.status = ImportStatus.PREVIEW.value
    recount(imported)
    sums = {name: getattr(imported, name) for name in ("rows", "accepted", "problems", "repeats", "total_fen")}
    asked_by = db.session.get(Person, by_id)
    record("lists.list.read", imported, by=asked_by, at=clock.now(), columns=dict(imported.column_map), **sums)


# ── transactions ────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def _turn(run: Run) -> Iterator[DonationImport]:
    """A transaction of this run, with the list locked and the job's lease kept. Raises Superseded."""
    with committed():
        imported = locked(run.import_id)
        if imported.status != ImportStatus.READING or imported.reading.get("run") != run.mark:
            raise Superseded
        yield imported
        keep_lease(run.job_id, at=clock.now())


def _say_alive(run: Run) -> None:
    with _turn(run):
        pass


def _chunks(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
