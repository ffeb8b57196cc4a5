from datetime import datetime

from sqlalchemy import or_, select

from portal.db import reading
from portal.jobs.models import Job


def is_anything_due(*, at: datetime) -> bool:
    """Whether a job waits or was let go, asked without the write lock."""
    due = or_(Job.status == "waiting", (Job.status == "leased") & (Job.leased_until < at))
    with reading() as session:
        return session.scalar(select(Job.id).where(due, Job.run_after <= at).limit(1)) is not None
