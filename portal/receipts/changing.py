"""Void, issue anew, give back: one person asks with a public reason, another one carries it out in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.funds.actions import withdraw_public_name
from portal.ledger.actions import reverse
from portal.ledger.models import Entry
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts.actions import issue_again, name_successor, void
from portal.receipts.change_models import Change, ChangeStatus, ReceiptChange
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.particulars import Particulars, said
from portal.receipts.refunds import require_refundable
from portal.receipts.telling import tell_asker, tell_deciders, tell_keepers
from portal.words import _l

LONGEST_REASON = 200
_GUARDS = ("receipts_change_", "receipts_receipt_")


class TwoPeople(DomainError):
    """Whoever asked cannot confirm."""

    def __init__(self) -> None:
        super().__init__(_l("这是您自己提出的，要由另一位会计确认。"))


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for. `says` is what a new confirmation says; `same_donor`: it belongs to whoever holds this."""

    kind: Change
    reason: str
    says: Particulars | None = None
    same_donor: bool = True


def ask(receipt: Receipt, wish: Wish, *, by: Person, at: datetime) -> ReceiptChange:
    """Ask for a change; another person decides. Raises DomainError (reason, says), ChangedMeanwhile, NotRefundable."""
    reason = _reason(wish.reason)
    _require_valid(receipt)
    _require_sense(receipt, wish)
    change = ReceiptChange(
        receipt_id=receipt.id,
        kind=wish.kind.value,
        status=ChangeStatus.ASKED.value,
        reason=reason,
        same_donor=wish.same_donor,
        asked_by_id=by.id,
        asked_at=at,
        **(wish.says.values() if wish.says else {}),
    )
    change.receipt, change.asked_by = receipt, by
    try:
        with db.session.begin_nested():
            db.session.add(change)
    except IntegrityError as twice:
        raise ChangedMeanwhile(_l("这张确认单已经有人提出更正，还在等确认。")) from twice
    record("receipts.change.asked", change, by=by, at=at, **_about(change))
    tell_deciders(change, by=by, at=at)
    return change


def confirm(change: ReceiptChange, *, by: Person, at: datetime) -> Receipt | None:
    """Carry it out, all of it or nothing; gives the new confirmation, if there is one.

    Raises TwoPeople, ChangedMeanwhile, NotRefundable and whatever `ledger.actions.reverse` raises.
    """
    if change.asked_by_id in by.selves:
        raise TwoPeople
    _lock(change)
    receipt = change.receipt
    _require_valid(receipt)
    if change.kind == Change.REFUND:
        _give_back(change, by=by, at=at)
    _decide(change, ChangeStatus.DONE, by=by, at=at)
    void(receipt, change.reason, by=by, at=at)
    successor = _reissue(change, by=by, at=at) if change.kind == Change.REISSUE else None
    record("receipts.change.done", change, by=by, at=at, **_about(change))
    tell_asker(change, by=by, at=at)
    tell_keepers(change, _keepers(receipt), at=at)
    return successor


def send_back(change: ReceiptChange, answer: str, *, by: Person, at: datetime) -> None:
    """The second person says no, with words for the first. Raises TwoPeople, DomainError, ChangedMeanwhile."""
    if change.asked_by_id in by.selves:
        raise TwoPeople
    if not answer.strip():
        raise DomainError(_l("请写明退回的原因，提出的人会看到。"), field="answer")
    _lock(change)
    _decide(change, ChangeStatus.RETURNED, by=by, at=at, answer=answer.strip()[:LONGEST_REASON])
    record("receipts.change.returned", change, by=by, at=at, **_about(change))
    tell_asker(change, by=by, at=at)


def withdraw(change: ReceiptChange, *, by: Person, at: datetime) -> None:
    """Whoever asked takes it back. Raises ChangedMeanwhile."""
    _lock(change)
    _decide(change, ChangeStatus.WITHDRAWN, by=by, at=at)
    record("receipts.change.withdrawn", change, by=by, at=at, **_about(change))


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _reason(text: str) -> str:
    reason = text.strip()
    if not reason:
        raise DomainError(_l("请写明原因，原因会公开。"), field="reason")
    if len(reason) > LONGEST_REASON:
        raise DomainError(_l("原因最多 %(max)d 个字。", max=LONGEST_REASON), field="reason")
    return reason


def _require_valid(receipt: Receipt) -> None:
    if receipt.voided_at is not None:
        raise ChangedMeanwhile(_l("这张确认单已经作废。"))


def _require_sense(receipt: Receipt, wish: Wish) -> None:
    if wish.kind == Change.REFUND:
        require_refundable(receipt)
    if (wish.kind == Change.REISSUE) != (wish.says is not None):
        raise DomainError(_l("只有重开才写新单的内容。"), field="kind")
    if wish.says is None:
        return
    wish.says.check()
    if wish.says == said(receipt):
        raise DomainError(_l("新单和旧单一模一样，不用重开。要改哪一项，请改好再提出。"), field="donor_name")


def _lock(change: ReceiptChange) -> None:
    """Behind whoever decides at the same moment. Raises ChangedMeanwhile."""
    locked = select(ReceiptChange).where(ReceiptChange.id == change.id).with_for_update(of=ReceiptChange)
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    of_change = select(Receipt).where(Receipt.id == change.receipt_id).with_for_update(of=Receipt)
    db.session.scalars(of_change.execution_options(populate_existing=True)).one()
    if change.status != ChangeStatus.ASKED:
        raise ChangedMeanwhile(_l("这个更正已经有人处理过了。"))


def _decide(change: ReceiptChange, status: ChangeStatus, *, by: Actor, at: datetime, answer: str | None = None) -> None:
    change.status, change.decided_by_id, change.decided_at, change.answer = status.value, by.id, at, answer
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as refused:
        raise ChangedMeanwhile(_l("这个更正已经有人处理过了。")) from refused


def _give_back(change: ReceiptChange, *, by: Actor, at: datetime) -> None:
    """The gift's entry is taken out of the books, by the two of them."""
    require_refundable(change.receipt)
    entry = db.session.get_one(Entry, change.receipt.gift.entry_id)
    reverse(entry, reason=change.reason, by=change.asked_by, checked_by=by, at=at)


def _reissue(change: ReceiptChange, *, by: Actor, at: datetime) -> Receipt:
    old = change.receipt
    new = issue_again(old, Particulars.of(change), handler=change.asked_by, checker=by, at=at)
    name_successor(old, new, by=by, at=at)
    if old.gift.public_name is not None and not (change.same_donor and change.state_receipt != "anonymous"):
        withdraw_public_name(old.gift, by=by, at=at)
    if change.same_donor:
        db.session.add_all(KeptReceipt(person_id=id, receipt_id=new.id, kept_at=at) for id in _keepers(old))
        db.session.flush()
    return new


def _keepers(receipt: Receipt) -> Iterable[int]:
    kept = select(KeptReceipt.person_id).where(KeptReceipt.receipt_id == receipt.id).order_by(KeptReceipt.person_id)
    return db.session.scalars(kept).all()


def _about(change: ReceiptChange) -> dict[str, Any]:
    return {"number": change.receipt.number, "change": change.kind, "reason": change.reason}


WHOLE = (
    joinedload(ReceiptChange.receipt).joinedload(Receipt.fund),
    joinedload(ReceiptChange.receipt).joinedload(Receipt.gift),
    joinedload(ReceiptChange.receipt).joinedload(Receipt.successor),
    joinedload(ReceiptChange.asked_by),
    joinedload(ReceiptChange.decided_by),
)
"""What a page of one change shows."""
