"""Facts from before there was a log come in once, kind by kind, oldest first: the first thing after a migration."""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from portal.bulk import pieces
from portal.db import db
from portal.log.actions import append

AT_ONCE = 2_000

Missing = Callable[[Session], Iterator[int]]
SOURCES: dict[str, Missing] = {}
"""By kind: the ids of facts that have no leaf, oldest first."""


def enter_existing() -> int:
    """Append a leaf for each fact that has none, committing every 2,000. Gives how many. May be broken off."""
    count = 0
    for kind, missing in sorted(SOURCES.items()):
        # All at once: to look for the next ones again and again would take longer than to append them.
        for refs in pieces(list(missing(db.session())), AT_ONCE):
            count += append([(kind, ref) for ref in refs])
            db.session.commit()
    return count


def missing(kind: str) -> Callable[[Missing], Missing]:
    """Register where facts of a kind are found that have no leaf."""

    def registered(look: Missing) -> Missing:
        SOURCES[kind] = look
        return look

    return registered
