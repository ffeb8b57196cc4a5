from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from portal.db import db
from portal.jobs.models import Job

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5

Handler = Callable[[dict[str, Any]], None]
HANDLERS: dict[str, Handler] = {}


def handler(name: str) -> Callable[[Handler], Handler]:
    """Name the function that does the work of jobs called `name`."""

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return register


def enqueue(name: str, payload: dict[str, Any], *, at: datetime, key: str | None = None) -> Job:
    """Ask for work in this transaction. The same `key` asks only once."""
    if key and (asked := db.session.scalar(select(Job).where(Job.key == key))):
        return asked
    job = Job(name=name, payload=payload, key=key, run_after=at, created_at=at)
    db.session.add(job)
    db.session.flush()
    return job


def lease(*, at: datetime) -> Job | None:
    """Take the next due job, or one whose worker let its lease run out; one that kills its workers is set aside."""
    _set_aside_poison(at=at)
    due = or_(Job.status == "waiting", (Job.status == "leased") & (Job.leased_until < at))
    candidate = select(Job.id).where(due, Job.run_after <= at).order_by(Job.run_after, Job.id).limit(1)
    taken = (
        update(Job)
        .where(Job.id.in_(candidate.with_for_update(skip_locked=True)), due)
        .values(status="leased", leased_until=at + LEASE, attempts=Job.attempts + 1)
        .returning(Job)
    )
    return db.session.scalars(taken, execution_options={"populate_existing": True}).one_or_none()


def _set_aside_poison(*, at: datetime) -> None:
    dead = (Job.status == "leased") & (Job.leased_until < at) & (Job.attempts >= MOST_ATTEMPTS)
    words = {"status": "failed", "finished_at": at, "last_error": "its worker died every time"}
    db.session.execute(update(Job).where(dead).values(words), execution_options={"synchronize_session": False})


def keep_lease(job_id: int, *, at: datetime) -> None:
    """A long job says that it lives; called in the transaction of each chunk."""
    db.session.execute(update(Job).where(Job.id == job_id).values(leased_until=at + LEASE))


def finish(job: Job, *, at: datetime) -> None:
    job.status, job.finished_at, job.leased_until, job.last_error = "done", at, None, None


def fail(job: Job, error: str, *, at: datetime) -> None:
    """Try again later, each time later; after MOST_ATTEMPTS it is set aside for a person to look at."""
    job.last_error, job.leased_until = error[:2000], None
    if job.attempts >= MOST_ATTEMPTS:
        job.status, job.finished_at = "failed", at
    else:
        job.status, job.run_after = "waiting", at + timedelta(seconds=5 * 4 ** (job.attempts - 1))


def try_again(key: str, *, at: datetime) -> bool:
    """Ask anew for a job that was set aside. False when it was not."""
    again = {"status": "waiting", "attempts": 0, "run_after": at, "finished_at": None}
    asked = update(Job).where(Job.key == key, Job.status == "failed").values(**again).returning(Job.id)
    return db.session.execute(asked, execution_options={"synchronize_session": "fetch"}).first() is not None
