"""Facts from before there was a log come in once, kind by kind, oldest first: the first thing after a migration."""

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from portal.db import db
from portal.log.actions import Fact, append

AT_ONCE = 2_000

Missing = Callable[[Session], Iterator[int]]
SOURCES: dict[str, Missing] = {}
"""By kind, in the order of the floors: the ids of facts that have no leaf, oldest first."""


def enter_existing() -> int:
    """Append a leaf for each fact that has none, committing every 2,000. Gives how many. May be broken off."""
    count = 0
    for kind, missing in SOURCES.items():
        while batch := _batch(kind, missing):
            count += append(batch)
            db.session.commit()
    return count


def missing(kind: str) -> Callable[[Missing], Missing]:
    """Register where facts of a kind are found that have no leaf."""

    def registered(look: Missing) -> Missing:
        SOURCES[kind] = look
        return look

    return registered


def _batch(kind: str, missing: Missing) -> list[Fact]:
    found = missing(db.session())
    return [(kind, ref) for ref, _ in zip(found, range(AT_ONCE), strict=False)]
