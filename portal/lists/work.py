"""The job that has a list in hand, reading it or booking it, and how it fares."""

from portal.db import db
from portal.jobs.faring import Work, faring
from portal.jobs.models import Job
from portal.jobs.queries import job_by_key
from portal.lists.models import DonationImport, ImportStatus

READ = "lists.read"
"""The job that reads a long list; its handler lives in lists.reader."""

BOOK = "receipts.book_import"
"""The job that books a confirmed list; its handler lives in receipts.booking."""


def work_on(imported: DonationImport) -> Work:
    """How the job fares that reads or books the list; nothing to tell of a list in nobody's hands."""
    match imported.status:
        case ImportStatus.BOOKING:
            return faring(job_by_key(job_key(imported.id)), ends_in=("failed",))
        case ImportStatus.READING:
            # A job that is done, or was forgotten since, cannot have read a list that still waits for it.
            job = db.session.get(Job, imported.reading.get("job", 0))
            return faring(job, ends_in=("failed", "done"))
    return Work()


def job_key(import_id: int) -> str:
    """The key of the one job that books a list."""
    return f"{BOOK}:{import_id}"
