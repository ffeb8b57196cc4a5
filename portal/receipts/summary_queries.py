"""Summaries, and the confirmations that somebody may put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.db import db
from portal.people.models import Person, Role
from portal.people.policy import scopes_of
from portal.receipts import numbers
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.summary_models import Summary, SummaryMember
from portal.search import holds
from portal.web.tables import Listing

SEES_SUMMARIES = (Role.CASHIER, Role.ACCOUNTANT)
MOST_OFFERED = 500


@dataclass(frozen=True)
class SummariesFound:
    """A page of summaries; `void` are the ids of those that no longer count."""

    listing: Listing
    summaries: Sequence[Summary]
    void: frozenset[int]


def summary_by_number(text: str) -> Summary | None:
    """The summary with its lines."""
    number = numbers.read_summary(text)
    if number is None:
        return None
    lines = selectinload(Summary.members).joinedload(SummaryMember.receipt)
    wanted = select(Summary).options(lines, joinedload(Summary.fund), joinedload(Summary.issued_by))
    return db.session.scalar(wanted.where(Summary.number == str(number)))


def is_void(summary_id: int) -> bool:
    """Whether one of its confirmations no longer counts."""
    return bool(db.session.scalar(select(_has_void(summary_id))))


def summaries_found(viewer: Person, listing: Listing) -> SummariesFound:
    """Her own, and those of the funds whose money she handles; the latest first."""
    wanted: list[ColumnElement[bool]] = [_seen(viewer)]
    if listing.q:
        wanted.append(holds(listing.q, Summary.number, Summary.title))
    found = select(Summary).where(*wanted)
    listing = listing.counted(db.session.scalar(select(func.count()).select_from(found.subquery())) or 0)
    page = found.options(joinedload(Summary.fund)).order_by(Summary.id.desc())
    summaries = db.session.scalars(page.offset(listing.offset).limit(listing.per_page)).all()
    return SummariesFound(listing, summaries, _void_among([one.id for one in summaries]))


def held_receipts(person: Person | None, opened: Sequence[str], *, void_too: bool = False) -> Sequence[Receipt]:
    """The valid confirmations that somebody keeps, or has opened in this browser, the oldest first."""
    mine: list[ColumnElement[bool]] = [Receipt.number.in_(opened)]
    if person is not None:
        kept = select(KeptReceipt.receipt_id).where(KeptReceipt.person_id.in_(person.selves))
        mine.append(Receipt.id.in_(kept))
    wanted = select(Receipt).options(joinedload(Receipt.fund)).where(or_(*mine))
    if not void_too:
        wanted = wanted.where(Receipt.voided_at.is_(None))
    return db.session.scalars(wanted.order_by(Receipt.received_on, Receipt.id)).all()


def receipts_named(fund_id: int, name: str, start: date | None, end: date | None) -> Sequence[Receipt]:
    """The fund's valid confirmations of a recorded name, letter for letter, the oldest first; anonymous ones never."""
    wanted = [Receipt.fund_id == fund_id, Receipt.donor_name == name, Receipt.voided_at.is_(None)]
    wanted += [Receipt.state_receipt != "anonymous"]
    wanted += [Receipt.received_on >= start] if start else []
    wanted += [Receipt.received_on <= end] if end else []
    found = select(Receipt).options(joinedload(Receipt.fund)).where(*wanted)
    return db.session.scalars(found.order_by(Receipt.received_on, Receipt.id).limit(MOST_OFFERED + 1)).all()


def _seen(viewer: Person) -> ColumnElement[bool]:
    ids = scopes_of(viewer, *SEES_SUMMARIES, kind="fund")
    if ids is None:
        return Summary.id.is_not(None)
    return or_(Summary.issued_by_id.in_(viewer.selves), Summary.fund_id.in_(ids))


def _has_void(summary_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    members = select(SummaryMember.receipt_id).where(SummaryMember.summary_id == summary_id)
    return exists().where(Receipt.id.in_(members), Receipt.voided_at.is_not(None))


def _void_among(ids: Sequence[int]) -> frozenset[int]:
    void = (
        select(SummaryMember.summary_id)
        .join(Receipt, Receipt.id == SummaryMember.receipt_id)
        .where(SummaryMember.summary_id.in_(ids), Receipt.voided_at.is_not(None))
    )
    return frozenset(db.session.scalars(void))
