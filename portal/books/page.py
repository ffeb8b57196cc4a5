"""What the page about the books tells: how much is in them, how new it is, how large the files are."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select

from portal.db import rows
from portal.ledger.models import Entry

BYTES_AN_ENTRY = 280
"""Of the beancount file, measured on ten years of demo data; hledger's is as large, compressed they take a tenth."""


class State(NamedTuple):
    """`newest` is the day when something was booked last."""

    entries: int
    first: date | None
    newest: date | None

    @property
    def megabytes(self) -> str:
        return f"{max(self.entries * BYTES_AN_ENTRY / 1_000_000, 0.1):.1f}"


def state() -> State:
    count, first, newest = rows(select(func.count(), func.min(Entry.on), func.max(Entry.created_at))).one()
    return State(count, first, newest and newest.date())
