"""After a database was put back from a copy: its log goes on under another name, unless it is the newest for certain.

A copy of yesterday that went on under the old name would publish a second log beside the one that others have seen
since. So the name changes, publicly and with its reason, and what was proven before stays proven under the old one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

from sqlalchemy import inspect

from portal.db import db
from portal.log import heads, outside
from portal.log.keys import BadNote, open_note
from portal.log.models import Head
from portal.log.queries import declared_keys, signed_head

REASON = "从备份恢复"
SHUT = "A database is being restored. Until the command has ended, nothing may be booked.\n"


class GoesOn(StrEnum):
    """How the log of a restored database goes on."""

    EMPTY = "empty"
    SAME = "same"
    RENAMED = "renamed"


@contextmanager
def shut() -> Iterator[None]:
    """While a database is put back nothing goes into its log, nor afterwards if the command was killed on the way."""
    before = outside.written(SHUT)
    try:
        yield
    except BaseException:
        outside.written(before)
        raise


def go_on(newest: str | None, *, at: datetime) -> GoesOn:
    """Let the restored log go on; under its own name when `newest`, a checkpoint kept elsewhere, is that of its head.

    Commits not.
    """
    if not inspect(db.session.connection()).has_table(Head.__tablename__) or (head := signed_head()) is None:
        outside.written(None)
        return GoesOn.EMPTY
    if newest is not None and _is_newest(newest):
        outside.keep(head.note, instead=True)
        return GoesOn.SAME
    heads.declare(REASON, at=at, new_origin=True)
    return GoesOn.RENAMED


def _is_newest(note: str) -> bool:
    """Whether the signed note is the one of this head: whoever kept it saw nothing after it."""
    head = heads.standing()
    try:
        kept = open_note(note, *(key.vkey for key in declared_keys()))
    except BadNote:
        return False
    return head is not None and kept == head.checkpoint
