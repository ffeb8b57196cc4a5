"""The job that has a list in hand, reading it or booking it, and how it fares."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.db import db
from portal.faults import Fault
from portal.jobs.models import Job
from portal.jobs.queries import job_by_key
from portal.lists.models import DonationImport, ImportStatus
from portal.words import Words

READ = "lists.read"
"""The job that reads a long list; its handler lives in lists.reader."""

BOOK = "receipts.book_import"
"""The job that books a confirmed list; its handler lives in receipts.booking."""


@dataclass(frozen=True)
class Work:
    """`is_set_aside`: a person must look, and ask for it anew. `is_delayed`: it did not go, and is soon tried again.

    `fault` says why, where it is the machine's: the database, the disk.
    """

    is_set_aside: bool = False
    is_delayed: bool = False
    fault: Words | None = None
    leave_out: Sequence[int] = ()


def work_on(imported: DonationImport) -> Work:
    """How the job fares that reads or books the list; nothing to tell of a list in nobody's hands."""
    match imported.status:
        case ImportStatus.BOOKING:
            return _work(job_by_key(job_key(imported.id)), ends_in=("failed",))
        case ImportStatus.READING:
            # A job that is done, or was forgotten since, cannot have read a list that still waits for it.
            job = db.session.get(Job, imported.reading.get("job", 0))
            return _work(job, ends_in=("failed", "done"))
    return Work()


def job_key(import_id: int) -> str:
    """The key of the one job that books a list."""
    return f"{BOOK}:{import_id}"


def _work(job: Job | None, *, ends_in: Sequence[str]) -> Work:
    if job is None:
        return Work(is_set_aside=True)
    return Work(
        is_set_aside=job.status in ends_in,
        is_delayed=job.status == "waiting" and job.last_error is not None,
        fault=next((fault.sentence for fault in Fault if fault.value == job.last_error), None),
        leave_out=job.payload.get("leave_out", ()),
    )
