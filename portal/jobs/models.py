from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model

OUTCOMES = ("running", "done", "failed", "refused", "put_back", "lost")


class Job(Model):
    """One piece of work. It is taken by lease: a worker that dies lets it go when the lease runs out.

    `takes` counts every lease ever given and is the fence: who holds an older number holds nothing. `attempts` counts
    those since the job was last asked for that ended badly or not at all, `faults` those that a database or disk ended.
    """

    __tablename__ = "jobs_job"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'leased', 'done', 'failed')", name="status_known"),
        Index("ix_jobs_job_due", "status", "run_after"),
        Index("ix_jobs_job_finished", "status", "finished_at"),
    )

    id: Mapped[Id]
    name: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)
    takes: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    run_after: Mapped[datetime]
    started_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    request_id: Mapped[str | None]


class Attempt(Model):
    """One lease of a job and how it ended. `error` is a kind and a place, never a message: messages quote people."""

    __tablename__ = "jobs_attempt"
    __table_args__ = (
        CheckConstraint(f"outcome IN ({', '.join(map(repr, OUTCOMES))})", name="outcome_known"),
        UniqueConstraint("job_id", "number"),
    )

    id: Mapped[Id]
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs_job.id"))
    number: Mapped[int]
    worker: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="running")
    error: Mapped[str | None]


class Worker(Model):
    """A process that does jobs. `seen_at` is written every few seconds while it lives, also during a long job."""

    __tablename__ = "jobs_worker"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    stopped_at: Mapped[datetime | None]
