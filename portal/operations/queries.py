from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select

from portal.audit.models import AuditLine
from portal.db import db
from portal.jobs.handlers import NAMES
from portal.jobs.heartbeat import SILENT
from portal.jobs.models import Attempt, Job, Worker
from portal.search import holds
from portal.web.tables import Listing

RECENT = timedelta(days=1)
MOST_WORKERS = 20
LARGEST_ID = 2**63 - 1

STATES = ("aside", "running", "waiting", "done", "dropped")
"""The states of a job as people are told them; `aside` and `dropped` are both `failed` in the table."""


class JobLine(NamedTuple):
    """A job among others."""

    id: int
    name: str
    state: str
    attempts: int
    worker: str | None
    created_at: datetime
    run_after: datetime
    started_at: datetime | None
    leased_until: datetime | None
    finished_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class JobsFound:
    """A page of jobs."""

    listing: Listing
    jobs: list[JobLine]


class Deed(NamedTuple):
    """What an administrator did with a job."""

    at: datetime
    who: str
    action: str
    reason: str


def job_by_id(job_id: int) -> Job | None:
    return db.session.get(Job, job_id)


def jobs_found(listing: Listing) -> JobsFound:
    """The page of jobs that the listing asks for, the newest first; of all that is open, what is set aside first."""
    wanted = list(_wanted(listing))
    counted = listing.counted(db.session.scalar(select(func.count()).select_from(Job).where(*wanted)) or 0)
    state = _state().label("state")
    columns = (getattr(Job, name) if name != "state" else state for name in JobLine._fields)
    page = (
        select(*columns)
        .where(*wanted)
        .order_by(*([] if listing.extra.get("state") else [case((_of_state("aside"), 0), else_=1)]), Job.id.desc())
        .limit(counted.per_page)
        .offset(counted.offset)
    )
    return JobsFound(counted, [JobLine(*row) for row in db.session.execute(page)])


def count_by_state() -> dict[str, int]:
    """How many jobs are in each state, all states named."""
    state = _state().label("state")
    counts = dict(db.session.execute(select(state, func.count()).group_by("state")).all())
    return {name: counts.get(name, 0) for name in STATES}


def count_set_aside() -> int:
    return db.session.scalar(select(func.count()).select_from(Job).where(_of_state("aside"))) or 0


def names_found() -> list[str]:
    """The kinds of work that there are rows of."""
    return list(db.session.scalars(select(Job.name).distinct().order_by(Job.name)))


def attempts_of(job_id: int, count: int = 50) -> list[Attempt]:
    """The latest attempts, the newest first."""
    latest = select(Attempt).where(Attempt.job_id == job_id).order_by(Attempt.number.desc()).limit(count)
    return list(db.session.scalars(latest))


def deeds_on(job_id: int) -> list[Deed]:
    """What people did with the job, the newest first."""
    lines = select(AuditLine).where(AuditLine.subject_kind == Job.__tablename__, AuditLine.subject_id == job_id)
    found = db.session.scalars(lines.order_by(AuditLine.id.desc()).limit(20))
    return [Deed(line.at, line.actor_name, line.action, line.detail.get("reason", "")) for line in found]


def waits_since() -> datetime | None:
    """Since when the oldest due job waits, or None when none does."""
    return db.session.scalar(select(func.min(Job.run_after)).where(Job.status == "waiting"))


# ── workers ─────────────────────────────────────────────────────────────────────────────────────────
def workers_seen(*, at: datetime) -> list[Worker]:
    """Workers that gave a sign of life within a day, the latest first."""
    seen = select(Worker).where(Worker.seen_at > at - RECENT)
    ordered = seen.order_by(Worker.stopped_at.is_not(None), Worker.seen_at.desc())
    return list(db.session.scalars(ordered.limit(MOST_WORKERS)))


def is_alive(worker: Worker, *, at: datetime) -> bool:
    return worker.stopped_at is None and worker.seen_at > at - SILENT


def is_any_alive(*, at: datetime) -> bool:
    """Whether any process does jobs now."""
    alive = select(Worker.name).where(Worker.seen_at > at - SILENT, Worker.stopped_at.is_(None))
    return db.session.scalar(alive.limit(1)) is not None


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def state_of(job: Job) -> str:
    if job.status == "failed":
        return "dropped" if job.dropped_at else "aside"
    return {"leased": "running"}.get(job.status, job.status)


def _state() -> ColumnElement[str]:
    return case(
        (_of_state("aside"), "aside"),
        (_of_state("dropped"), "dropped"),
        (Job.status == "leased", "running"),
        else_=Job.status,
    )


def _of_state(state: str) -> ColumnElement[bool]:
    if state == "aside":
        return (Job.status == "failed") & Job.dropped_at.is_(None)
    if state == "dropped":
        return (Job.status == "failed") & Job.dropped_at.is_not(None)
    return Job.status == ("leased" if state == "running" else state)


def _wanted(listing: Listing) -> Iterator[ColumnElement[bool]]:
    state = listing.extra.get("state", "")
    if state in STATES:
        yield _of_state(state)
    elif state != "all":
        yield or_(Job.status.in_(("waiting", "leased")), _of_state("aside"))
    if name := listing.extra.get("name"):
        yield Job.name == name
    if listing.q:
        yield _matches(listing.q)


def _matches(text: str) -> ColumnElement[bool]:
    """A job's number; or a part of its request's number, its key, its kind, its worker or its error."""
    if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID:
        return Job.id == int(text)
    columns = (Job.key, Job.name, Job.worker, Job.last_error, Job.request_id)
    called_so = [name for name, words in NAMES.items() if text in str(words)]
    return or_(Job.name.in_(called_so), holds(text, *columns))
