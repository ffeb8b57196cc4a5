from datetime import datetime

from sqlalchemy import bindparam, or_, select

from portal.db import db, reading
from portal.jobs.models import Job

# Made once: every idle worker asks it twice a second.
_IS_DUE = (
    select(Job.id)
    .where(
        or_(
            (Job.status == "waiting") & (Job.run_after <= bindparam("now")),
            (Job.status == "leased") & (Job.leased_until < bindparam("now")),
        )
    )
    .limit(1)
)
_BY_KEY = select(Job).where(Job.key == bindparam("asked"))


def is_anything_due(*, at: datetime) -> bool:
    """Whether a job waits or was let go, asked without the write lock."""
    with reading() as session:
        return session.connection().scalar(_IS_DUE, {"now": at}) is not None


def is_asked(key: str) -> bool:
    """Whether a job of this key is remembered, asked without the write lock."""
    with reading() as session:
        return session.scalar(select(Job.id).where(Job.key == key)) is not None


def workers_with_leases() -> list[str]:
    """The names of the workers that hold a job, asked without the write lock."""
    with reading() as session:
        held = select(Job.worker).where(Job.status == "leased", Job.worker.is_not(None)).distinct()
        return [name for name in session.scalars(held) if name]


def job_by_key(key: str) -> Job | None:
    """The job that was asked for with this key."""
    return db.session.scalar(_BY_KEY, {"asked": key})
