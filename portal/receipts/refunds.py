"""Whether a gift can be given back: only while nothing of it is spent."""

from sqlalchemy import exists, select

from portal.db import db
from portal.ledger.models import Entry
from portal.ledger.trace import rest_of
from portal.money import yuan
from portal.problems import DomainError
from portal.receipts.models import Receipt
from portal.words import _l


class NotRefundable(DomainError):
    """The gift cannot be taken out of the books; the sentence says why."""


def require_refundable(receipt: Receipt) -> None:
    """Raise NotRefundable where the gift was given back already, or some of it is spent."""
    if is_given_back(receipt):
        raise NotRefundable(_l("这笔捐赠已经退过款。"), field="kind")
    rest = unspent(receipt)
    if rest >= receipt.fen:
        return
    raise NotRefundable(
        _l(
            "这笔捐赠已经用掉 ¥%(spent)s，只剩 ¥%(rest)s，不能整笔退款。请先冲回用掉的部分，或者和捐赠人另作商量。",
            spent=yuan(receipt.fen - rest),
            rest=yuan(rest),
        ),
        field="kind",
    )


def is_given_back(receipt: Receipt) -> bool:
    """Whether the gift's entry was reversed."""
    reversal = select(exists().where(Entry.reverses_id == receipt.gift.entry_id))
    return bool(db.session.scalar(reversal))


def unspent(receipt: Receipt) -> int:
    """分 of the gift that no expense has been paid from."""
    return rest_of(receipt.gift.entry_id)
