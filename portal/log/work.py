"""The jobs that ask witnesses: one a witness, at most one at a time, so that one that refuses holds up no other."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.db import db, reading
from portal.jobs import handler
from portal.jobs.actions import enqueue, try_job_again
from portal.jobs.handlers import whenever
from portal.jobs.models import Job
from portal.log import witnesses
from portal.settings import current_settings
from portal.words import _l

LOOK, ASK = "log.witnesses", "log.witness"
PAUSE = 10.0
"""Seconds between two looks: many gifts in a row are one head to the witnesses."""

PATIENCE = timedelta(hours=6)
"""After which a witness that refused is asked again."""


class _Looked:
    at = float("-inf")


@whenever(LOOK)
def is_wanted() -> bool:
    """Whether a witness has not signed the newest head. Costs nothing where there are no witnesses."""
    if not current_settings().witnesses or time.monotonic() < _Looked.at + PAUSE:
        return False
    _Looked.at = time.monotonic()
    with reading() as session:
        return bool(witnesses.lacking(session.connection()))


@handler(LOOK, words=_l("看看谁还没有见证公开日志"))
def look(payload: dict[str, Any]) -> None:
    """Ask for a job for each witness that lacks the newest head and has none."""
    at = clock.now()
    jobs = {job.payload["witness"]: job for job in db.session.scalars(_jobs()) if "witness" in job.payload}
    for witness in witnesses.lacking(db.session.connection()):
        job = jobs.get(witness.name)
        if job is None:
            enqueue(ASK, {"witness": witness.name}, at=at)
        elif job.status == "failed" and job.finished_at and job.finished_at < at - PATIENCE:
            try_job_again(job.id, at=at)


@handler(ASK, words=_l("请见证人签名"))
def ask(payload: dict[str, Any]) -> None:
    """Ask one witness. Raises Away, WitnessRefuses."""
    witness = witnesses.witness_called(str(payload["witness"]))
    if witness is not None:
        witnesses.ask(witness)


def _jobs() -> Any:
    """Those that wait, run, or were set aside and not given up; the newest of a witness last."""
    alive = Job.status.in_(("waiting", "leased")) | ((Job.status == "failed") & Job.dropped_at.is_(None))
    return select(Job).where(Job.name == ASK, alive).order_by(Job.id)
