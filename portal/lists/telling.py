"""What becomes of a list of gifts is told to the other of the two people who bring it into the books."""

from datetime import datetime
from typing import Any

from portal.actor import Actor
from portal.lists.models import DonationImport
from portal.notices import Kind, Way, kind, tell
from portal.people.models import Role
from portal.people.queries import holders_of
from portal.words import _l

HANDED_OVER = kind(
    "lists.handed_over",
    words=_l("名单等您确认"),
    detail=_l("%(fund)s有一份名单等您核对：%(rows)s 笔，%(fen)s。"),
    mail=Way.NOW,
    roles=(Role.ACCOUNTANT,),
)
RETURNED = kind(
    "lists.returned",
    words=_l("名单退回"),
    detail=_l("%(fund)s的名单「%(file)s」被退回：%(reason)s"),
    mail=Way.NOW,
    roles=(Role.CASHIER,),
)
BOOKED = kind(
    "lists.booked",
    words=_l("名单入账"),
    detail=_l("%(fund)s的名单「%(file)s」入账了：%(rows)s 笔，%(fen)s。"),
    roles=(Role.CASHIER,),
)


def tell_accountants(imported: DonationImport, *, by: Actor, at: datetime) -> None:
    """A list waits for one of them."""
    accountants = holders_of(Role.ACCOUNTANT, on=imported.fund.scope, day=at.date())
    _tell(accountants, HANDED_OVER, imported, by=by, at=at)


def tell_cashier(imported: DonationImport, what: Kind, *, by: Actor, at: datetime, **values: str) -> None:
    """To whoever handed it over."""
    cashier = imported.handed_by_id
    _tell([cashier] if cashier else [], what, imported, by=by, at=at, **values)


def _tell(people: list[int], what: Kind, imported: DonationImport, *, by: Actor, at: datetime, **values: str) -> None:
    about: dict[str, Any] = {"fund": imported.fund.name, "file": imported.filename, "rows": imported.accepted}
    tell(people, what, at=at, but=by, url=f"/imports/{imported.id}", fen=imported.total_fen, **about, **values)
