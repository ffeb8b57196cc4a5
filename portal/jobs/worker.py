"""The worker's loop: lease, do, finish; a job that fails is tried again later."""

import logging
import signal
import threading

from portal import clock
from portal.db import db
from portal.jobs.actions import HANDLERS, fail, finish, lease
from portal.jobs.models import Job
from portal.jobs.queries import is_anything_due
from portal.problems import DomainError

IDLE = 0.5
"""Seconds between two looks when nothing is due."""

log = logging.getLogger(__name__)


def work(*, once: bool = False) -> int:
    """Do due jobs until asked to stop (or, with `once`, until none is due). Returns how many were done."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
    count = 0
    while not stop.is_set():
        if work_one():
            count += 1
        elif once:
            break
        else:
            stop.wait(IDLE)
    return count


def work_one() -> bool:
    """Do the next due job. False when there is none."""
    # Asked without the write lock: most looks find nothing.
    if not is_anything_due(at=clock.now()):
        return False
    job = lease(at=clock.now())
    db.session.commit()
    if job is None:
        return False
    _do(job.id, job.name, {**job.payload, "job_id": job.id})
    return True


def _do(job_id: int, name: str, payload: dict[str, object]) -> None:
    try:
        HANDLERS[name](payload)
        finish(_row(job_id), at=clock.now())
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        if not isinstance(error, DomainError):
            log.exception("job %s failed", job_id)
        fail(_row(job_id), f"{type(error).__name__}: {error}", at=clock.now())
        db.session.commit()


def _row(job_id: int) -> Job:
    job = db.session.get(Job, job_id, populate_existing=True)
    assert job is not None
    return job
