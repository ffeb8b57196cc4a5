"""Looks at people's unmasked data, for the people themselves; and the sign-ins behind lines, while they are known."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Select, bindparam, func, select, union

from portal.accounts.models import SignIn
from portal.audit.models import AuditLine, AuditLook
from portal.db import db, rows
from portal.funds.models import Gift
from portal.people.models import Person
from portal.receipts.models import KeptReceipt, Receipt
from portal.web.tables import Listing


class LookLine(NamedTuple):
    """Somebody saw what is masked elsewhere."""

    at: datetime
    actor_id: int | None
    actor_name: str
    action: str
    subject_kind: str
    subject_id: int | None
    detail: dict[str, Any]


OF_RECEIPTS = ("receipts.receipt.looked_at", "receipts.slip.shown")
OF_LISTS = ("lists.list.looked_at", "receipts.list.looked_at")
"""Looks at gifts: whose they are shows when the donor keeps the confirmation among her own."""

_PEOPLE: BindParameter[Any] = bindparam("people", expanding=True)
_KEPT = select(KeptReceipt.receipt_id).where(KeptReceipt.person_id.in_(_PEOPLE))
_BROUGHT = select(Gift.import_id).join(Receipt, Receipt.gift_id == Gift.id).where(Receipt.id.in_(_KEPT))


def _looks(kind: str, numbers: Select[Any], actions: tuple[str, ...]) -> Select[Any]:
    """Lines about these records that somebody else wrote by looking."""
    about = (AuditLine.subject_kind == kind, AuditLine.subject_id.in_(numbers))
    return select(AuditLine.id).where(*about, AuditLine.action.in_(actions), AuditLine.actor_id.not_in(_PEOPLE))


_HERS = union(
    select(AuditLook.line_id.label("id")).where(AuditLook.person_id.in_(_PEOPLE)),
    _looks(Receipt.__tablename__, _KEPT, OF_RECEIPTS),
    _looks("lists_import", _BROUGHT, OF_LISTS),
).subquery()
_COUNT = select(func.count()).select_from(_HERS)
# Lines are numbered as they are written.
_LOOKS = (
    select(*(getattr(AuditLine, name) for name in LookLine._fields))
    .join(_HERS, _HERS.c.id == AuditLine.id)
    .order_by(AuditLine.id.desc())
    .offset(bindparam("offset"))
    .limit(bindparam("limit"))
)


def looks_at(person: Person, listing: Listing) -> tuple[Listing, list[LookLine]]:
    """Who looked at the person's data, the newest first."""
    listing = listing.counted(db.session.scalar(_COUNT, {"people": person.selves}) or 0)
    place = {"people": person.selves, "offset": listing.offset, "limit": listing.per_page}
    return listing, [LookLine(*row) for row in rows(_LOOKS, place)]


class SignInSeen(NamedTuple):
    """A sign-in and whose it is."""

    sign_in: SignIn
    person: Person


def sign_in_by_id(sign_in_id: int) -> SignInSeen | None:
    """The sign-in and its person; None when it was forgotten."""
    wanted = select(SignIn, Person).join(Person, Person.id == SignIn.person_id).where(SignIn.id == sign_in_id)
    row = db.session.execute(wanted).one_or_none()
    return SignInSeen(*row) if row else None
