"""How a job fares that has a long piece of work in hand, for the page that shows how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.faults import Fault
from portal.jobs.models import Job
from portal.words import Words


@dataclass(frozen=True)
class Work:
    """`is_set_aside`: a person must look, and ask for it anew. `is_delayed`: it did not go, and is soon tried again.

    `fault` says why, where it is the machine's: the database, the disk.
    """

    is_set_aside: bool = False
    is_delayed: bool = False
    fault: Words | None = None
    leave_out: Sequence[int] = ()


def faring(job: Job | None, *, ends_in: Sequence[str]) -> Work:
    """How it fares; in the states `ends_in` nobody works on it any more, and its work is not done."""
    if job is None:
        return Work(is_set_aside=True)
    return Work(
        is_set_aside=job.status in ends_in,
        is_delayed=job.status == "waiting" and job.last_error is not None,
        fault=next((fault.sentence for fault in Fault if fault.value == job.last_error), None),
        leave_out=job.payload.get("leave_out", ()),
    )
