"""The job that has a roster in hand, reading or booking it, and how it fares; and turns at the roster meanwhile."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from portal.db import db, dialect
from portal.jobs.faring import Work, faring
from portal.jobs.models import Job
from portal.jobs.queries import job_by_key
from portal.rosters.models import Roster, RosterStatus

READ = "rosters.read"
"""The job that reads a roster; its handler lives in rosters.reader."""

BOOK = "rosters.book"
"""The job that books a confirmed roster; its handler lives in rosters.booking."""

_LOCKED = (
    select(Roster)
    .where(Roster.id == bindparam("roster"))
    .options(joinedload(Roster.brought_by), joinedload(Roster.paper))
    .with_for_update(of=Roster)
    .execution_options(populate_existing=True)
)

P = ParamSpec("P")
R = TypeVar("R")


def locked(roster_id: int) -> Roster:
    """The roster as it now is, its row locked until the end of the transaction: two workers on it take turns."""
    return db.session.scalars(_LOCKED, {"roster": roster_id}).one()


def in_turn(action: Callable[Concatenate[Roster, P], R]) -> Callable[Concatenate[Roster, P], R]:
    """The action, begun with the roster's row locked and as it now is."""

    @wraps(action)
    def turn(roster: Roster, /, *args: P.args, **kwargs: P.kwargs) -> R:
        locked(roster.id)
        return action(roster, *args, **kwargs)

    return turn


def one_booking_at_a_time() -> None:
    """Until the transaction ends nobody else books: who is known is asked and answered by one after the other.

    SQLite's writers take turns anyway.
    """
    if dialect() == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(BOOK, 0))))


def work_on(roster: Roster) -> Work:
    """How the job fares that reads or books the roster; nothing to tell of one in nobody's hands."""
    match roster.state:
        case RosterStatus.BOOKING:
            return faring(job_by_key(job_key(roster.id)), ends_in=("failed",))
        case RosterStatus.READING:
            job = db.session.get(Job, roster.reading.get("job", 0))
            return faring(job, ends_in=("failed", "done"))
    return Work()


def job_key(roster_id: int) -> str:
    """The key of the one job that books a roster."""
    return f"{BOOK}:{roster_id}"
