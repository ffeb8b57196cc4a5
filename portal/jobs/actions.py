import random
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import g, has_request_context
from sqlalchemy import ColumnElement, bindparam, delete, select, update

from portal import logbook
from portal.bulk import insert_rows
from portal.db import DETACHED, db, rows
from portal.jobs.handlers import DAILY, HANDLERS, handler
from portal.jobs.models import Attempt, Job, Worker
from portal.jobs.problems import LOST, Interrupted, LeaseLost
from portal.jobs.queries import job_by_key

__all__ = ["HANDLERS", "enqueue", "handler"]

LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
MOST_FAULTS = 300
"""A day and a little of passing faults, one every five minutes. What has not passed by then is not passing."""

LONGEST_PAUSE = 300.0
"""Seconds between two tries while a database or disk is at fault."""

BREATH = 0.005
"""Seconds between two transactions of a long job. Who waits asks every few milliseconds, and finds the turn free."""

STOPPING = threading.Event()
"""Set when this process was asked to stop."""


class Lease(NamedTuple):
    """What a worker holds: the job as it was taken. `take` is the fence, see Job."""

    job_id: int
    take: int
    attempts: int
    faults: int
    name: str
    payload: dict[str, Any]
    request_id: str | None


HELD: ContextVar[Lease | None] = ContextVar("held_lease", default=None)
"""The lease on whose behalf the current thread works."""


# The statements that every job needs, made once. What an UPDATE sets is what its parameters name.
_DEAD = (
    select(Job.id, Job.takes, Job.attempts)
    .where(Job.status == "leased", Job.leased_until < bindparam("now"))
    .with_for_update(skip_locked=True)
)
_DUE = (
    select(Job.id)
    .where(Job.status == "waiting", Job.run_after <= bindparam("now"))
    .order_by(Job.run_after, Job.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKEN = (
    update(Job)
    # A scalar, not IN: PostgreSQL may run a subquery of IN more than once and then lock more than one row.
    .where(Job.id == _DUE.scalar_subquery(), Job.status == "waiting")
    .values(status="leased", attempts=Job.attempts + 1, takes=Job.takes + 1)
    .returning(Job.id, Job.takes, Job.attempts, Job.faults, Job.name, Job.payload, Job.request_id)
)
_LEASED = update(Job).where(Job.id == bindparam("job"), Job.status == "leased").returning(Job.id)
_HELD = _LEASED.where(Job.takes == bindparam("take"))
_ATTEMPT = update(Attempt).where(Attempt.job_id == bindparam("job"), Attempt.number == bindparam("take"))


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────
def enqueue(name: str, payload: dict[str, Any], *, at: datetime, key: str | None = None) -> Job:
    """Ask for work in this transaction. The same `key` asks only once, for as long as the job is remembered."""
    if key and (asked := job_by_key(key)):
        return asked
    job = Job(name=name, payload=payload, key=key, run_after=at, created_at=at, request_id=_request_id())
    db.session.add(job)
    db.session.flush()
    return job


def ask_for_daily(*, at: datetime) -> None:
    """Ask for the day's work. Two workers that ask at once: the second is refused by the unique key."""
    for name in sorted(DAILY):
        enqueue(name, {}, at=at, key=f"{name}:{at.date()}")


def try_again(key: str, *, at: datetime) -> bool:
    """Ask anew for a job that was set aside. False when it was not."""
    return bool(_again(Job.key == key, at=at))


def try_job_again(job_id: int, *, at: datetime) -> bool:
    """The same by number."""
    return bool(_again(Job.id == job_id, at=at))


def try_all_again(*, at: datetime) -> Sequence[int]:
    """Ask anew for every job that is set aside and not given up. Gives their numbers."""
    return _again(Job.dropped_at.is_(None), at=at)


def drop(job_id: int, *, at: datetime) -> bool:
    """Give up a job that is set aside: nobody is reminded of it any more. False when it is not set aside."""
    given_up = update(Job).where(Job.id == job_id, Job.status == "failed", Job.dropped_at.is_(None))
    return db.session.execute(given_up.values(dropped_at=at).returning(Job.id)).first() is not None


# ── holding ─────────────────────────────────────────────────────────────────────────────────────────
def lease(*, at: datetime, worker: str = "") -> Lease | None:
    """Take the next due job. Leases that ran out are ended first; a job that kills its workers is set aside."""
    _end_dead_leases(at=at)
    leased = {"now": at, "leased_until": at + LEASE, "started_at": at, "worker": worker}
    row = rows(_TAKEN, leased).one_or_none()
    if row is None:
        return None
    held = Lease(*row)
    _begin_attempt(held.job_id, held.take, worker=worker, at=at)
    return held


def take(job: Job, *, at: datetime, worker: str = "") -> Lease:
    """Take a job in the transaction that asks for it: a command does its own work; if it dies, a worker takes over."""
    job.status, job.leased_until, job.started_at, job.worker = "leased", at + LEASE, at, worker
    job.attempts = job.takes = 1
    db.session.flush()
    _begin_attempt(job.id, job.takes, worker=worker, at=at)
    return Lease(job.id, job.takes, job.attempts, job.faults, job.name, dict(job.payload), job.request_id)


@contextmanager
def holding(held: Lease) -> Iterator[None]:
    """Work on behalf of this lease."""
    token = HELD.set(held)
    try:
        yield
    finally:
        HELD.reset(token)


def keep_lease(job_id: int, *, at: datetime, got_on: bool = False) -> None:
    """A long job says that it lives; called in the transaction of each chunk.

    `got_on`: this chunk need not be done again, so whoever dies from now on has not died of what went before.
    Raises LeaseLost when another worker has the job by now: the chunk must then be rolled back.
    """
    held = HELD.get()
    kept = {"job": job_id, "leased_until": at + LEASE} | ({"attempts": 1} if got_on else {})
    if held and held.job_id == job_id:
        found = rows(_HELD, kept | {"take": held.take}).first()
    else:
        found = rows(_LEASED, kept).first()
    if found is None:
        raise LeaseLost(f"job {job_id}")


def let_go_of(workers: Collection[str], *, at: datetime) -> None:
    """End the leases of workers that are known to be dead: nobody need wait for them to run out."""
    theirs = update(Job).where(Job.status == "leased", Job.worker.in_(workers), Job.leased_until > at)
    db.session.execute(theirs.values(leased_until=at - timedelta(microseconds=1)), execution_options=DETACHED)


def breathe(seconds: float = 0.0) -> None:
    """Between two chunks, with nothing open: let others have their turn. Raises Interrupted when asked to stop."""
    if HELD.get() and STOPPING.is_set():
        raise Interrupted
    time.sleep(seconds)


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────
def finish(held: Lease, *, at: datetime) -> None:
    """It is done. Raises LeaseLost, as all of these do."""
    _end(held, "done", at=at, error=None, status="done", finished_at=at)


def fail(held: Lease, error: str, *, at: datetime) -> None:
    """Try again later, each time later; after MOST_ATTEMPTS it is set aside for a person to look at."""
    if held.attempts >= MOST_ATTEMPTS:
        _end(held, "failed", at=at, error=error, status="failed", finished_at=at)
    else:
        pause = _jittered(5 * 4 ** (held.attempts - 1))
        _end(held, "failed", at=at, error=error, status="waiting", run_after=at + pause)


def refuse(held: Lease, error: str, *, at: datetime) -> None:
    """A rule said no: asking again changes nothing until a person has. Set aside at once."""
    _end(held, "refused", at=at, error=error, status="failed", finished_at=at)


def put_back(held: Lease, error: str, *, at: datetime) -> None:
    """A passing fault, none of the job's: it does not count as an attempt. After MOST_FAULTS it is set aside."""
    if held.faults >= MOST_FAULTS:
        _end(held, "failed", at=at, error=error, status="failed", finished_at=at)
        return
    pause = _jittered(min(LONGEST_PAUSE, 5 * 2 ** min(held.faults, 10)))
    again = {"attempts": held.attempts - 1, "faults": held.faults + 1, "run_after": at + pause}
    _end(held, "put_back", at=at, error=error, status="waiting", **again)


def hand_back(held: Lease, error: str, *, at: datetime) -> None:
    """The worker stops: whoever is there may go on at once."""
    _end(held, "put_back", at=at, error=error, status="waiting", attempts=held.attempts - 1, run_after=at)


# ── tidying ─────────────────────────────────────────────────────────────────────────────────────────
def forget_done(*, before: datetime, most: int = 500) -> int:
    """Delete jobs done before a moment, with their history, and workers gone since; at most so many in one go."""
    old = select(Job.id).where(Job.status == "done", Job.finished_at < before).order_by(Job.finished_at).limit(most)
    ids = list(db.session.scalars(old))
    db.session.execute(delete(Attempt).where(Attempt.job_id.in_(ids)), execution_options=DETACHED)
    db.session.execute(delete(Job).where(Job.id.in_(ids)), execution_options=DETACHED)
    db.session.execute(delete(Worker).where(Worker.seen_at < before), execution_options=DETACHED)
    return len(ids)


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _end(held: Lease, outcome: str, *, at: datetime, error: str | None, **values: Any) -> None:
    """End the lease where it still holds: nobody else has taken the job since."""
    ended = {"job": held.job_id, "take": held.take, "leased_until": None, "last_error": error, **values}
    if rows(_HELD, ended).first() is None:
        raise LeaseLost(f"job {held.job_id}")
    _end_attempt(held.job_id, held.take, outcome, at=at, error=error)


def _begin_attempt(job_id: int, take: int, *, worker: str, at: datetime) -> None:
    names = ("job_id", "number", "worker", "started_at", "outcome")
    insert_rows(Attempt, names, [(job_id, take, worker, at, "running")])


def _end_attempt(job_id: int, take: int, outcome: str, *, at: datetime, error: str | None) -> None:
    ended = {"job": job_id, "take": take, "outcome": outcome, "ended_at": at, "error": error}
    rows(_ATTEMPT, ended)


def _end_dead_leases(*, at: datetime) -> None:
    for job_id, take, attempts in rows(_DEAD, {"now": at}).all():
        values: dict[str, Any] = {"leased_until": None, "last_error": LOST, "status": "waiting", "run_after": at}
        if attempts >= MOST_ATTEMPTS:
            values |= {"status": "failed", "finished_at": at}
        db.session.execute(update(Job).where(Job.id == job_id).values(values), execution_options=DETACHED)
        _end_attempt(job_id, take, "lost", at=at, error=LOST)


def _again(which: ColumnElement[bool], *, at: datetime) -> Sequence[int]:
    fresh = {"status": "waiting", "attempts": 0, "faults": 0, "run_after": at, "finished_at": None, "dropped_at": None}
    asked = update(Job).where(which, Job.status == "failed").values(fresh).returning(Job.id)
    return list(db.session.scalars(asked, execution_options={"synchronize_session": "fetch"}))


def _jittered(seconds: float) -> timedelta:
    """A quarter more at most, so that what failed together does not come back together."""
    return timedelta(seconds=seconds * random.uniform(1, 1.25))  # noqa: S311 - no secret


def _request_id() -> str | None:
    """The request that asks, or the one on whose behalf the job that asks was asked."""
    return g.get("request_id") if has_request_context() else logbook.REQUEST.get()
