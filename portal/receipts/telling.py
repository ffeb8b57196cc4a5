"""What becomes of a confirmation is told to whoever is next, to whoever asked, and to those who keep it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from portal.actor import Actor
from portal.notices import Way, kind, tell
from portal.people.models import Role
from portal.people.queries import holders_of
from portal.receipts.change_models import CHANGE_STATUS_NAMES, ChangeStatus, ReceiptChange
from portal.words import _l

ASKED = kind(
    "receipts.change_asked",
    words=_l("确认单更正等您确认"),
    detail=_l("%(who)s提出把确认单 %(number)s %(what)s，等您确认：%(reason)s"),
    mail=Way.NOW,
    roles=(Role.ACCOUNTANT,),
)
DECIDED = kind(
    "receipts.change_decided",
    words=_l("确认单更正有了结果"),
    detail=_l("您提出的确认单 %(number)s %(what)s：%(result)s。"),
    roles=(Role.CASHIER, Role.ACCOUNTANT),
)
VOIDED = kind(
    "receipts.voided",
    words=_l("您收存的确认单作废了"),
    detail=_l("确认单 %(number)s 作废了，原因：%(reason)s"),
    mail=Way.NOW,
)
REISSUED = kind(
    "receipts.reissued",
    words=_l("您收存的确认单重开了"),
    detail=_l("确认单 %(number)s 更正后重开为 %(successor)s，原因：%(reason)s"),
    mail=Way.NOW,
)


def tell_deciders(change: ReceiptChange, *, by: Actor, at: datetime) -> None:
    """The fund's accountants, but for whoever asks."""
    people = holders_of(Role.ACCOUNTANT, on=change.receipt.fund.scope, day=at.date())
    values = {"who": by.name, "number": change.receipt.number, "what": _what(change), "reason": change.reason}
    tell(people, ASKED, at=at, but=by, url=f"/receipt-changes/{change.id}", **values)


def tell_asker(change: ReceiptChange, *, by: Actor, at: datetime) -> None:
    result = CHANGE_STATUS_NAMES[ChangeStatus(change.status)].text
    values = {"number": change.receipt.number, "what": _what(change), "result": result}
    tell([change.asked_by_id], DECIDED, at=at, but=by, url=f"/receipt-changes/{change.id}", **values)


def tell_keepers(change: ReceiptChange, people: Iterable[int], *, at: datetime) -> None:
    """Those who keep it: of a new one only where it is the same donor's."""
    old, new = change.receipt, change.receipt.successor if change.same_donor else None
    if new is not None:
        numbers: dict[str, Any] = {"number": old.number, "successor": new.number}
        tell(people, REISSUED, at=at, url=f"/receipts/{new.number}", reason=change.reason, **numbers)
    else:
        tell(people, VOIDED, at=at, url=f"/receipts/{old.number}", number=old.number, reason=change.reason)


def _what(change: ReceiptChange) -> str:
    """Chinese, as it is kept; the sentence around it is in the reader's language."""
    return {"void": "作废", "reissue": "作废重开", "refund": "退款"}[change.kind]
