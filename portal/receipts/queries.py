from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, exists, func, select
from sqlalchemy.orm import joinedload

from portal.db import db, rows
from portal.funds.models import Fund, Gift
from portal.ledger.models import Entry
from portal.lists.models import DonationImport
from portal.people.models import Person
from portal.receipts import numbers
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.summary_models import Summary, SummaryMember
from portal.search import holds
from portal.web.tables import Listing


class Checked(NamedTuple):
    """All that anyone may know of a number: `state` is genuine, void or unknown; a void one may have a successor."""

    number: str
    state: str
    successor: str | None = None
    is_summary: bool = False


class KeptLine(NamedTuple):
    """A confirmation among those that somebody keeps. Amount in 分."""

    number: str
    fund: str
    received_on: date
    fen: int
    voided_at: datetime | None


_KEPT = (
    select(Receipt.number, Fund.name, Receipt.received_on, Receipt.fen, Receipt.voided_at)
    .join(KeptReceipt, KeptReceipt.receipt_id == Receipt.id)
    .join(Fund, Fund.id == Receipt.fund_id)
    .where(KeptReceipt.person_id == bindparam("person"))
    .order_by(Receipt.received_on.desc(), Receipt.id.desc())
)


def checked(text: str) -> Checked:
    """What is so about a number that somebody typed. One statement, or none when it is no number."""
    if (of_summary := numbers.read_summary(text)) is not None:
        return _checked_summary(str(of_summary))
    number = numbers.read(text)
    if number is None:
        return Checked(text.strip()[:40], "unknown")
    newer = select(Receipt.id, Receipt.number).subquery()
    asked = select(Receipt.voided_at, newer.c.number).outerjoin(newer, Receipt.successor_id == newer.c.id)
    row = db.session.execute(asked.where(Receipt.number == str(number))).one_or_none()
    if row is None:
        return Checked(str(number), "unknown")
    return Checked(str(number), "void" if row[0] else "genuine", row[1])


def _checked_summary(number: str) -> Checked:
    """A summary counts as long as all that it lists does."""
    void = exists().where(
        SummaryMember.summary_id == Summary.id, SummaryMember.receipt_id == Receipt.id, Receipt.voided_at.is_not(None)
    )
    is_void = db.session.execute(select(void).where(Summary.number == number)).scalar_one_or_none()
    if is_void is None:
        return Checked(number, "unknown", is_summary=True)
    return Checked(number, "void" if is_void else "genuine", is_summary=True)


def receipt_by_number(text: str) -> Receipt | None:
    """The confirmation with its gift, fund and successor."""
    number = numbers.read(text)
    if number is None:
        return None
    whole = (joinedload(Receipt.gift), joinedload(Receipt.fund), joinedload(Receipt.successor))
    return db.session.scalar(select(Receipt).options(*whole).where(Receipt.number == str(number)))


def entry_of(receipt: Receipt) -> Entry:
    """The voucher by which the gift was booked."""
    return db.session.get_one(Entry, receipt.gift.entry_id)


def is_kept(person: Person, receipt: Receipt) -> bool:
    return db.session.get(KeptReceipt, (person.id, receipt.id)) is not None


def kept_receipts(person: Person) -> list[KeptLine]:
    """What the person keeps, the latest gift first."""
    return [KeptLine(*row) for row in rows(_KEPT, {"person": person.id})]


def receipts_of(donations: DonationImport, listing: Listing) -> tuple[Listing, list[Receipt]]:
    """A page of the confirmations that a list brought forth, in the list's order. `q` finds numbers and donors."""
    wanted = _of_import(donations, listing.q)
    total = db.session.scalar(select(func.count()).select_from(Receipt).join(Gift).where(*wanted)) or 0
    counted = listing.counted(total)
    order = Receipt.id.desc() if counted.sort == "-number" else Receipt.id
    rows = select(Receipt).join(Gift).where(*wanted).order_by(order)
    return counted, list(db.session.scalars(rows.limit(counted.per_page).offset(counted.offset)))


def _of_import(donations: DonationImport, q: str) -> list[ColumnElement[bool]]:
    wanted = [Gift.import_id == donations.id]
    if q:
        wanted.append(holds(q, Receipt.number, Receipt.donor_name))
    return wanted
