"""A donor is forgotten when the law keeps her no longer (会计档案管理办法): name and words go, and their salts first.

What was committed to in the public log stays, so every proof stays valid; nobody can say any more what it stood for.
Who was given a PDF before has the salts in it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, or_, select, update

from portal import rules
from portal.actor import Actor
from portal.audit import record
from portal.clock import in_china
from portal.db import DETACHED, db
from portal.funds.models import Gift
from portal.holdings import when_forgotten
from portal.lists.models import ImportRow
from portal.log.models import Leaf, Secret
from portal.mydata.retention import Duty, more_duties
from portal.people.models import Person
from portal.problems import DomainError
from portal.receipts.change_models import ReceiptChange
from portal.receipts.donors import withdraw_from_public
from portal.receipts.leaves import ISSUED, SUMMARY
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.summary_models import Summary, SummaryMember
from portal.rules.catalogue import VOUCHER_YEARS
from portal.words import _l

CHUNK = 50
"""Gifts forgotten in one transaction."""

PRIVATE = ("donor", "words")
"""Fields of a confirmation's leaf that name or describe the donor; the handlers' names stay."""


class StillKept(DomainError):
    """The law wants the voucher to say who gave."""


def kept_until(receipt: Receipt, *, on: date) -> date:
    """The last day on which the donor's name is kept."""
    return _years_after(receipt.received_on, rules.value(VOUCHER_YEARS, on=on))


def forget_donor(receipt: Receipt, *, by: Actor | None, at: datetime) -> None:
    """Forget who gave the gift, on all its confirmations. `by` is None for the daily sweep. Raises StillKept."""
    today = in_china(at).date()
    if (until := kept_until(receipt, on=today)) > today:
        raise StillKept(_l("会计凭证依法要保存到 %(day)s，到期以后才能删除捐赠人的姓名。", day=until.isoformat()))
    gift = receipt.gift
    of_gift = select(Receipt.id).where(Receipt.gift_id == gift.id)
    ids = list(db.session.scalars(of_gift))
    _forget_summaries(ids)
    _forget_salts(ISSUED, ids, PRIVATE)
    _empty(update(Receipt).where(Receipt.id.in_(ids)).values(donor_name="", memo=""))
    asked = update(ReceiptChange).where(ReceiptChange.receipt_id.in_(ids), ReceiptChange.donor_name.is_not(None))
    _empty(asked.values(donor_name="", memo=""))
    _empty(update(Gift).where(Gift.id == gift.id).values(donor_name="", memo="", order_no="", public_name=None))
    _forget_row(gift)
    _empty(delete(KeptReceipt).where(KeptReceipt.receipt_id.in_(ids)))
    db.session.expire_all()
    record("receipts.donor.forgotten", receipt, by=by, at=at, number=receipt.number)


def _forget_summaries(receipt_ids: Sequence[int]) -> None:
    """A summary's title names all of its donors: it goes with the first of them."""
    listed = select(SummaryMember.summary_id).where(SummaryMember.receipt_id.in_(receipt_ids))
    ids = list(db.session.scalars(listed.distinct()))
    _forget_salts(SUMMARY, ids, ("title",))
    _empty(update(Summary).where(Summary.id.in_(ids)).values(title=""))
    _empty(update(SummaryMember).where(SummaryMember.receipt_id.in_(receipt_ids)).values(donor_name=""))


def _forget_salts(kind: str, refs: Sequence[int], fields: Sequence[str]) -> None:
    leaves = select(Leaf.idx).where(Leaf.kind == kind, Leaf.ref.in_(refs))
    _empty(update(Secret).where(Secret.idx.in_(leaves), Secret.field.in_(fields)).values(salt=None))


def _forget_row(gift: Gift) -> None:
    """The row of the list by which the gift came."""
    if gift.import_id is None:
        return
    row = update(ImportRow).where(ImportRow.import_id == gift.import_id, ImportRow.row_no == gift.row_no)
    _empty(row.values(donor_name="", public_name=None, order_no="", memo=""))


def _empty(statement: Any) -> None:
    db.session.execute(statement, execution_options=DETACHED)


# ── when it is time ─────────────────────────────────────────────────────────────────────────────────
def _due(at: datetime) -> Select[Any]:
    today = in_china(at).date()
    before = _years_after(today, -rules.value(VOUCHER_YEARS, on=today))
    named = or_(Gift.donor_name != "", Gift.memo != "", Gift.order_no != "")
    return select(Gift.id).where(Gift.received_on <= before, named)


def _forget_due(at: datetime) -> int:
    due = list(db.session.scalars(_due(at).order_by(Gift.id).limit(CHUNK)))
    for gift_id in due:
        first = select(Receipt).where(Receipt.gift_id == gift_id).order_by(Receipt.id).limit(1)
        if (receipt := db.session.scalar(first)) is not None:
            forget_donor(receipt, by=None, at=at)
    return len(due)


more_duties(Duty("donors", _l("满了年限的捐赠上的姓名"), VOUCHER_YEARS, _due, _forget_due))


@when_forgotten
def _leave_public_lists(person: Person, by: Any, at: datetime) -> None:
    """Her name on public lists hangs on her consent, which ends; vouchers keep theirs as long as the law wants."""
    kept = select(Receipt).join(KeptReceipt, KeptReceipt.receipt_id == Receipt.id).join(Gift)
    hers = kept.where(KeptReceipt.person_id.in_(person.selves), Receipt.voided_at.is_(None))
    named = or_(Gift.public_name == person.name, Receipt.donor_name == person.name)
    for receipt in db.session.scalars(hers.where(Gift.public_name.is_not(None), named)):
        withdraw_from_public(receipt, by=by, at=at)


def _years_after(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
