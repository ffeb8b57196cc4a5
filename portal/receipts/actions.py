"""Issuing confirmations and declaring them void; what donors do with theirs is in `donors`."""

from collections.abc import Sequence
from datetime import datetime

from portal import log
from portal.actor import Actor
from portal.audit import record
from portal.bulk import insert_many
from portal.clock import in_china
from portal.db import db
from portal.funds.actions import BookedGift
from portal.funds.models import Fund
from portal.problems import ChangedMeanwhile, DomainError
from portal.receipts import numbers
from portal.receipts.codes import new_nonce
from portal.receipts.leaves import ISSUED, SUCCEEDED, VOIDED
from portal.receipts.models import Receipt
from portal.receipts.particulars import Particulars
from portal.words import _l


def issue_many(
    fund: Fund, gifts: Sequence[BookedGift], *, handler: Actor, checker: Actor, at: datetime
) -> list[numbers.Number]:
    """Issue a numbered confirmation for each gift, in their order, with everything on it frozen as of now.

    `handler` is the 经办人 who took the gift in, `checker` the 复核人 who confirmed it: full names, by 慈善法 §38.
    """
    if not gifts:
        return []
    issued_on = in_china(at).date()
    taken = numbers.take(fund.slug, issued_on.year, len(gifts))
    common = {
        "fund_id": fund.id,
        "issued_on": issued_on,
        "fund_full_name": fund.full_name,
        "authorised_by": fund.entity.name,
        "handler_name": handler.name,
        "checker_name": checker.name,
    }
    rows = [_row(gift, number) for gift, number in zip(gifts, taken, strict=True)]
    written = insert_many(Receipt, rows, common=common, returning=(Receipt.id,))
    log.note(ISSUED, sorted(row.id for row in written))
    return taken


def void(receipt: Receipt, reason: str, *, by: Actor, at: datetime, successor: Receipt | None = None) -> None:
    """Declare a confirmation void: it stays, with its number and the reason. Raises DomainError, ChangedMeanwhile.

    The database refuses it unless two people wished it: see `changing.confirm`.

    A gift has one valid confirmation, so its successor can only be issued afterwards: see `name_successor`.
    """
    if not reason.strip():
        raise DomainError(_l("请写明作废的原因，原因会公开。"), field="reason")
    if receipt.voided_at is not None:
        raise ChangedMeanwhile(_l("这张确认单已经作废。"))
    receipt.voided_at, receipt.void_reason, receipt.successor = at, reason.strip(), successor
    db.session.flush()
    log.note(VOIDED, [receipt.id])
    record("receipts.receipt.voided", receipt, by=by, at=at, number=receipt.number, reason=receipt.void_reason)


def name_successor(receipt: Receipt, successor: Receipt, *, by: Actor, at: datetime) -> None:
    """Say which confirmation took the place of a void one, once. Raises DomainError."""
    if receipt.voided_at is None or receipt.successor_id is not None or receipt.id == successor.id:
        raise DomainError(_l("只有还没有接替单的作废确认单，才能指明由哪一张接替。"))
    receipt.successor = successor
    db.session.flush()
    log.note(SUCCEEDED, [receipt.id])
    record("receipts.receipt.succeeded", receipt, by=by, at=at, number=receipt.number, successor=successor.number)


def issue_again(old: Receipt, says: Particulars, *, handler: Actor, checker: Actor, at: datetime) -> Receipt:
    """Issue another confirmation of a void one's gift, with the next number. Its 经办人 and 复核人 are those of now."""
    issued_on, fund = in_china(at).date(), old.fund
    (number,) = numbers.take(fund.slug, issued_on.year, 1)
    receipt = Receipt(
        **{name: getattr(old, name) for name in ("gift_id", "fund_id", "fen", "method", "received_on")},
        **says.values(),
        year=number.year,
        serial=number.serial,
        number=str(number),
        issued_on=issued_on,
        fund_full_name=fund.full_name,
        authorised_by=fund.entity.name,
        handler_name=handler.name,
        checker_name=checker.name,
        nonce=new_nonce(),
    )
    db.session.add(receipt)
    db.session.flush()
    log.note(ISSUED, [receipt.id])
    return receipt


def _row(gift: BookedGift, number: numbers.Number) -> dict[str, object]:
    draft = gift.draft
    return {
        "gift_id": gift.id,
        "year": number.year,
        "serial": number.serial,
        "number": str(number),
        "donor_name": draft.donor_name,
        "fen": draft.fen,
        "method": str(draft.method),
        "intention": draft.intention,
        "memo": draft.memo,
        "received_on": draft.received_on,
        "state_receipt": "anonymous" if draft.is_anonymous else "listed",
        "nonce": new_nonce(),
    }
