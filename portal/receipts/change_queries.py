"""Changes of confirmations as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from portal.db import db
from portal.funds.models import Fund
from portal.people.models import Person, Role
from portal.people.policy import scopes_of
from portal.receipts.change_models import ChangeStatus, ReceiptChange
from portal.receipts.changing import WHOLE
from portal.receipts.models import Receipt
from portal.receipts.policy import SEES_CHANGES
from portal.search import holds
from portal.web.tables import Listing


@dataclass(frozen=True)
class ChangesFound:
    """A page of changes."""

    listing: Listing
    changes: Sequence[ReceiptChange]


def change_by_id(change_id: int) -> ReceiptChange | None:
    return db.session.scalar(select(ReceiptChange).options(*WHOLE).where(ReceiptChange.id == change_id))


def changes_found(viewer: Person, listing: Listing) -> ChangesFound:
    """Of the funds that the viewer sees, the latest first. `q` finds numbers and reasons, `status` where it stands."""
    wanted = [*_seen(viewer, *SEES_CHANGES)]
    if listing.q:
        wanted.append(holds(listing.q, Receipt.number, ReceiptChange.reason))
    if status := listing.extra.get("status"):
        wanted.append(ReceiptChange.status == status)
    joined = select(ReceiptChange).join(Receipt, Receipt.id == ReceiptChange.receipt_id).where(*wanted)
    listing = listing.counted(db.session.scalar(select(func.count()).select_from(joined.subquery())) or 0)
    page = joined.options(*WHOLE).order_by(ReceiptChange.id.desc()).offset(listing.offset).limit(listing.per_page)
    return ChangesFound(listing, db.session.scalars(page).all())


def count_waiting(person: Person) -> int:
    """How many wait for this person to decide."""
    theirs = (ReceiptChange.status == ChangeStatus.ASKED.value, ReceiptChange.asked_by_id != person.id)
    joined = select(func.count()).select_from(ReceiptChange).join(Receipt, Receipt.id == ReceiptChange.receipt_id)
    return db.session.scalar(joined.where(*theirs, *_seen(person, Role.ACCOUNTANT))) or 0


def waiting_change(receipt: Receipt) -> ReceiptChange | None:
    """What has been asked for and not decided yet."""
    open_one = (ReceiptChange.receipt_id == receipt.id, ReceiptChange.status == ChangeStatus.ASKED.value)
    return db.session.scalar(select(ReceiptChange).where(*open_one))


def funds_seen(viewer: Person, *roles: Role) -> Sequence[Fund]:
    """In the order in which they were opened."""
    ids = scopes_of(viewer, *roles, kind="fund")
    wanted = select(Fund).order_by(Fund.id)
    return db.session.scalars(wanted if ids is None else wanted.where(Fund.id.in_(ids))).all()


def _seen(viewer: Person, *roles: Role) -> list[ColumnElement[bool]]:
    ids = scopes_of(viewer, *roles, kind="fund")
    return [] if ids is None else [Receipt.fund_id.in_(ids)]
