"""What an administrator does with work that was set aside. Each deed leaves an audit line."""

from datetime import datetime

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.jobs import actions as jobs
from portal.jobs.models import Job
from portal.problems import ChangedMeanwhile
from portal.words import _l


class NotSetAside(ChangedMeanwhile):
    """The job waits, runs or is done: there is nothing to decide about it."""


def try_again(job: Job, *, by: Actor, at: datetime) -> None:
    """Put a job that was set aside back into the queue. Raises NotSetAside, so twice is once."""
    if not jobs.try_job_again(job.id, at=at):
        raise NotSetAside(_l("这项工作不在搁置里了，可能已经有人让它再试过。"))
    record("jobs.job.tried_again", job, by=by, at=at, name=job.name)


def try_all_again(*, by: Actor, at: datetime) -> int:
    """The same for all that are set aside and not given up. Gives how many."""
    ids = jobs.try_all_again(at=at)
    for job_id in ids:
        job = db.session.get_one(Job, job_id)
        record("jobs.job.tried_again", job, by=by, at=at, name=job.name)
    return len(ids)


def drop(job: Job, reason: str, *, by: Actor, at: datetime) -> None:
    """Give a job up that was set aside: it is not done, and nobody is reminded of it. Raises NotSetAside."""
    if not jobs.drop(job.id, at=at):
        raise NotSetAside(_l("这项工作不在搁置里了，不用再作决定。"))
    record("jobs.job.dropped", job, by=by, at=at, name=job.name, reason=reason)
