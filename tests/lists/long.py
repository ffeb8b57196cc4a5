"""Lists that a job is to read, and what may happen between two of its chunks."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.db import db
from portal.files import keep
from portal.jobs.models import Job
from portal.lists import actions, reader
from portal.lists.models import DonationImport
from portal.lists.reading import Unread
from tests.giving import Giving
from tests.importing import AT, listed

FRESH = {"populate_existing": True}
COLUMNS = dict.fromkeys(("memo", "order_no", "intention", "public_name", "method", "default_date"), "") | {
    "amount": "金额(元)", "received_on": "到账日期", "donor_name": "捐赠人", "default_method": "bank"
}  # fmt: skip
"""What the form of columns sends for the lists of these tests."""


def unread(giving: Giving, *rows: str, leave_out: tuple[int, ...] = ()) -> DonationImport:
    """A list that waits for a job to read it, committed."""
    file = keep(listed(*rows), name="名单.csv", by=giving.cashier, at=AT)
    what = Unread("名单.csv", "bank", None, {})
    imported = actions.bring_unread(giving.fund, what, file, by=giving.cashier, at=AT, leave_out=leave_out)
    db.session.commit()
    return imported


def now(imported: DonationImport) -> DonationImport:
    return db.session.get_one(DonationImport, imported.id, populate_existing=True)


def job() -> Job:
    """The newest."""
    return db.session.scalars(select(Job).order_by(Job.id.desc()).limit(1), execution_options=FRESH).one()


def interrupted_after(monkeypatch: pytest.MonkeyPatch, chunks: int, what: Callable[[], object]) -> None:
    """`what` happens once, after so many chunks."""
    seen = iter(range(1, 1_000))

    def breathe(_: float = 0) -> None:
        if next(seen) == chunks:
            what()

    monkeypatch.setattr(reader, "breathe", breathe)


def dies() -> None:
    raise RuntimeError("as asked")
