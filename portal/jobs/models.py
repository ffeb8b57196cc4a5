from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model


class Job(Model):
    """One piece of work. It is taken by lease: a worker that dies lets it go when the lease runs out."""

    __tablename__ = "jobs_job"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'leased', 'done', 'failed')", name="status_known"),
        Index("ix_jobs_job_due", "status", "run_after"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
