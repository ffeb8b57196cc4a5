"""Booking a confirmed list: gift, entry and numbered confirmation together, a chunk of rows at a time.

Each chunk is one transaction, so progress shows, other writers get their turn, and a crash loses at most the chunk it
happened in. What was booked is known from the gifts themselves, so booking goes on exactly where it stopped, whoever
calls it, and however often.
"""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from portal import clock
from portal.actor import Actor
from portal.audit import record
from portal.db import db, rows
from portal.funds.actions import BookedGift, GiftDraft, book_gifts
from portal.funds.models import Gift
from portal.jobs import handler
from portal.jobs.actions import BREATH, breathe, keep_lease
from portal.lists.actions import confirm
from portal.lists.models import DonationImport, ImportRow, ImportStatus
from portal.lists.telling import BOOKED, tell_cashier
from portal.lists.turns import locked
from portal.lists.work import BOOK
from portal.people.models import Person
from portal.receipts.actions import issue_many
from portal.words import _l

CHUNK = 500
"""Rows a transaction. More would keep other writers waiting, fewer would spend the time on commits."""

_ROWS = tuple(field.name for field in fields(GiftDraft))

# Made once: a list of one gift costs little beside them.
_LAST = select(func.max(Gift.row_no)).where(Gift.import_id == bindparam("list"))
_NEXT = (
    select(*(getattr(ImportRow, name) for name in _ROWS))
    .where(ImportRow.import_id == bindparam("list"), ImportRow.row_no > bindparam("last"))
    .where(~ImportRow.is_bad, ~ImportRow.is_left_out)
    .order_by(ImportRow.row_no)
    .limit(bindparam("count"))
)

Progress = Callable[[int, int], None]
"""Called after each chunk with the rows booked so far and all rows to book."""


class NotConfirmed(Exception):
    """Somebody asked to book a list that no accountant has confirmed: a mistake in the program, not of a person."""


def book(import_id: int, *, progress: Progress | None = None, job_id: int | None = None) -> None:
    """Book what is left of a confirmed list, committing after each chunk. Returns when all of it is booked.

    `job_id` is the job on whose behalf this runs; its lease is kept with each chunk. Raises LeaseLost when another has
    it by now, Interrupted between two chunks when the worker is asked to stop.
    """
    while not _next_chunk(import_id, progress, job_id):
        breathe(BREATH)


def confirm_and_book(
    imported: DonationImport, *, by: Person, at: datetime, progress: Progress | None = None
) -> DonationImport:
    """Both in one go, for the command line; a list whose booking stopped on the way is booked to its end."""
    import_id = imported.id
    if imported.status not in (ImportStatus.BOOKING, ImportStatus.BOOKED):
        confirm(imported, by=by, at=at)
    db.session.commit()
    book(import_id, progress=progress)
    return db.session.get_one(DonationImport, import_id)


@handler(BOOK, words=_l("名单入账"))
def book_import(payload: dict[str, Any]) -> None:
    """The job that a confirmation asks for."""
    book(int(payload["import_id"]), job_id=payload.get("job_id"))


def book_chunk(import_id: int, *, at: datetime, size: int = CHUNK) -> DonationImport:
    """Book the next rows of a list, in this transaction. Raises NotConfirmed."""
    imported = locked(import_id, to_book=True)
    if imported.status == ImportStatus.BOOKED:
        return imported
    if imported.status != ImportStatus.BOOKING or imported.handed_by is None or imported.confirmed_by is None:
        raise NotConfirmed(f"import {import_id} is {imported.status}")
    cashier, accountant = imported.handed_by, imported.confirmed_by
    drafts = _next_rows(imported, size)
    gifts: list[BookedGift] = book_gifts(imported.fund, drafts, by=cashier, checked_by=accountant, at=at)
    issue_many(imported.fund, gifts, handler=cashier, checker=accountant, at=at)
    imported.booked += len(gifts)
    if len(drafts) < size:
        _finish(imported, by=accountant, at=at)
    db.session.flush()
    return imported


def _next_chunk(import_id: int, progress: Progress | None, job_id: int | None) -> bool:
    at = clock.now()
    try:
        imported = book_chunk(import_id, at=at)
        if job_id is not None:
            keep_lease(job_id, at=at, got_on=True)
        status, booked, accepted = imported.status, imported.booked, imported.accepted
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    if progress:
        progress(booked, accepted)
    return status == ImportStatus.BOOKED


def _next_rows(imported: DonationImport, count: int) -> list[GiftDraft]:
    """The good rows after the last one that is a gift already, in the list's order."""
    last = rows(_LAST, {"list": imported.id}).scalar_one() or 0
    wanted = rows(_NEXT, {"list": imported.id, "last": last, "count": count})
    return [GiftDraft(**dict(zip(_ROWS, row, strict=True))) for row in wanted]


def _finish(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """The database refuses it unless exactly the rows accepted are booked."""
    imported.status, imported.finished_at = ImportStatus.BOOKED.value, at
    db.session.flush()
    record("lists.list.booked", imported, by=by, at=at, booked=imported.booked, total_fen=imported.total_fen)
    tell_cashier(imported, BOOKED, by=by, at=at)
