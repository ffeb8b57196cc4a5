"""What the page about the books tells: how much is in them, how new it is, how large the files are."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from portal.db import rows
from portal.ledger.actions import TURN
from portal.ledger.models import Balance, Entry
from portal.series.models import Series

BYTES_AN_ENTRY = 280
"""Of the beancount file, measured on ten years of demo data; hledger's is as large, compressed a twentieth."""

_COUNT = select(func.coalesce(func.sum(Series.last - Series.first + 1), 0)).where(Series.name == TURN)
_SINCE = select(func.min(Balance.month))
_NEWEST = select(Entry.created_at).order_by(Entry.id.desc()).limit(1)


class State(NamedTuple):
    """`since` is the first month with an entry, `newest` the day when something was booked last."""

    entries: int
    since: str | None
    newest: date | None

    @property
    def megabytes(self) -> str:
        return f"{max(self.entries * BYTES_AN_ENTRY / 1_000_000, 0.1):.1f}"


def state() -> State:
    """None of it takes longer when the books grow: ids of entries run without gaps."""
    newest = rows(_NEWEST).scalar()
    return State(int(rows(_COUNT).scalar_one()), rows(_SINCE).scalar(), newest and newest.date())
