from datetime import datetime

from sqlalchemy import or_, select

from portal.db import db, reading
from portal.jobs.models import Job


def is_anything_due(*, at: datetime) -> bool:
    """Whether a job waits or was let go, asked without the write lock."""
    due = or_(Job.status == "waiting", (Job.status == "leased") & (Job.leased_until < at))
    with reading() as session:
        return session.scalar(select(Job.id).where(due, Job.run_after <= at).limit(1)) is not None


def job_by_key(key: str) -> Job | None:
    """The job that was asked for with this key."""
    return db.session.scalar(select(Job).where(Job.key == key))
