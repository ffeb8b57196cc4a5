"""What a donor does with a confirmation she holds: say by what name it may be public, keep it among her own."""

from datetime import datetime

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.funds.actions import agree_public_name, withdraw_public_name
from portal.people.models import Person
from portal.problems import DomainError
from portal.receipts.models import KeptReceipt, Receipt
from portal.words import _l


class VoidReceipt(DomainError):
    """A void confirmation is only to be looked at."""

    def __init__(self) -> None:
        super().__init__(_l("这张确认单已经作废，不能再改公示名称。"), field="public_name")


def agree_to_public_name(receipt: Receipt, name: str, *, by: Actor | None, at: datetime) -> None:
    """Show the gift under this name from now on (个人信息保护法 §25). `by` is None for a donor without an account.

    Raises VoidReceipt, DomainError (no name, too long).
    """
    _require_valid(receipt)
    agree_public_name(receipt.gift, name, by=by, at=at)


def withdraw_from_public(receipt: Receipt, *, by: Actor | None, at: datetime) -> None:
    """Show the gift as 爱心人士's again; what was published before is not undone (§15). Raises VoidReceipt."""
    _require_valid(receipt)
    withdraw_public_name(receipt.gift, by=by, at=at)


def keep_receipt(receipt: Receipt, *, by: Person, at: datetime) -> None:
    """Put the confirmation among the person's own, after she showed its look-up code. Twice is once."""
    if db.session.get(KeptReceipt, (by.id, receipt.id)) is None:
        db.session.add(KeptReceipt(person_id=by.id, receipt_id=receipt.id, kept_at=at))
        db.session.flush()
        record("receipts.receipt.kept", receipt, by=by, at=at, number=receipt.number)


def let_receipt_go(receipt: Receipt, *, by: Person, at: datetime) -> None:
    """Take it out of the person's own; the confirmation itself stays."""
    kept = db.session.get(KeptReceipt, (by.id, receipt.id))
    if kept is not None:
        db.session.delete(kept)
        record("receipts.receipt.let_go", receipt, by=by, at=at)


def _require_valid(receipt: Receipt) -> None:
    if receipt.voided_at is not None:
        raise VoidReceipt
