"""How an attempt can end badly, in words that name nobody."""

from pathlib import Path
from traceback import extract_tb

from portal.faults import fault_of
from portal.problems import DomainError
from portal.words import Words

LOST = "lost"
"""The worker was not heard of again."""

UNKNOWN = "unknown"
"""No handler of this name in this version of the portal."""

STOPPED = "stopped"
"""The worker was asked to stop on the way."""


class LeaseLost(Exception):
    """Another worker holds this job now: whatever this one still has in hand must not be kept."""


class Interrupted(Exception):
    """The worker was asked to stop; raised between two chunks."""


class Away(Exception):
    """Something outside the portal (a mail server) does not answer: waited for, as for a database that is away.

    `kind` is a word for the job's history; whoever raises it tells the pages what it means.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class NotSetAside(Exception):
    """The job is not among those set aside (any more)."""


def kind_of(error: BaseException) -> str:
    """What a job's history keeps of an exception: a fault's value, or the kind and where it happened; no message.

    A rule that refused is told by its sentence before any value is put into it.
    """
    if isinstance(error, Interrupted):
        return STOPPED
    if isinstance(error, Away):
        return error.kind
    if fault := fault_of(error):
        return fault.value
    if isinstance(error, DomainError):
        words = error.sentence.text if isinstance(error.sentence, Words) else ""
        return f"{type(error).__name__}: {words}"[:500].rstrip(": ")
    return f"{type(error).__name__} {_place(error)}".strip()


def _place(error: BaseException) -> str:
    """The innermost line of the portal's own code, as `receipts/booking.py:91`."""
    root = Path(__file__).parent.parent
    own = [frame for frame in extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(root)]
    return f"{Path(own[-1].filename).relative_to(root)}:{own[-1].lineno}" if own else ""
