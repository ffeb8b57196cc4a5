"""What a donor does with a confirmation she holds: say by what name it may be public, keep it among her own."""

from datetime import datetime

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.people.models import Person
from portal.problems import DomainError
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.queries import is_kept
from portal.words import _l


class VoidReceipt(DomainError):
    """A void confirmation is only to be looked at."""

    def __init__(self) -> None:
        super().__init__(_l("这张确认单已经作废，不能再改公示名称。"), field="public_name")


def agree_to_public_name(receipt: Receipt, name: str, *, by: Actor | None, at: datetime) -> None:
    """Show the gift under this name from now on (consent, 个人信息保护法 §25). `by` is None for a donor without account.

    Raises VoidReceipt, DomainError (no name).
    """
    if not name.strip():
        raise DomainError(_l("请填写公示名称，或者继续不公示。"), field="public_name")
    _set_public_name(receipt, name.strip(), "receipts.public_name.agreed", by=by, at=at)


def withdraw_public_name(receipt: Receipt, *, by: Actor | None, at: datetime) -> None:
    """Show the gift as 爱心人士 again. What was published before is not undone (§15). Raises VoidReceipt."""
    _set_public_name(receipt, None, "receipts.public_name.withdrawn", by=by, at=at)


def keep_receipt(receipt: Receipt, *, by: Person, at: datetime) -> None:
    """Put the confirmation among the person's own; once is enough."""
    if is_kept(by, receipt):
        return
    db.session.add(KeptReceipt(person_id=by.id, receipt_id=receipt.id, kept_at=at))
    db.session.flush()
    record("receipts.receipt.kept", receipt, by=by, at=at)


def let_receipt_go(receipt: Receipt, *, by: Person, at: datetime) -> None:
    """Take it out of the person's own; the confirmation itself stays."""
    kept = db.session.get(KeptReceipt, (by.id, receipt.id))
    if kept is not None:
        db.session.delete(kept)
        record("receipts.receipt.let_go", receipt, by=by, at=at)


def _set_public_name(receipt: Receipt, name: str | None, action: str, *, by: Actor | None, at: datetime) -> None:
    if receipt.voided_at is not None:
        raise VoidReceipt
    if receipt.gift.public_name == name:
        return
    receipt.gift.public_name = name
    db.session.flush()
    record(action, receipt, by=by, at=at, gift=receipt.gift_id, public_name=name)
