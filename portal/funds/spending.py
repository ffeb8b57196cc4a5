"""What a fund pays: one posted record each, open to everyone, with nobody who was helped in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many
from portal.db import Id, Model, db
from portal.funds.models import Fund
from portal.guards import append_only, declare, refusing
from portal.invariants import ENOUGH, Found, invariant
from portal.ledger.actions import post_many
from portal.ledger.drafts import EntryDraft
from portal.ledger.leaves import UNTOLD_MEMOS
from portal.ledger.models import Entry, EntryKind
from portal.ledger.patterns import spending_lines
from portal.problems import AlreadyDone, DomainError
from portal.public import shown
from portal.words import _l

FEWEST_TO_TELL = 5
"""Where fewer people were helped, the purpose could point at them: its detail is not public (信息公开办法)."""

UNTOLD = f"救助支出（受益人不足 {FEWEST_TO_TELL} 人，用途细节不公开）"
"""What stands in the place of such a purpose, in lists and in the books, which are open."""


@shown
class Spending(Model):
    """拨付: what was paid, for what, on whose approval. In 分; `balance_fen` is what the fund had left after it.

    `beneficiaries` are how many people it helped, None when it helped no persons in particular.
    """

    __tablename__ = "funds_spending"
    __table_args__ = (
        CheckConstraint("fen > 0", name="fen_positive"),
        CheckConstraint("purpose <> ''", name="purpose_given"),
        CheckConstraint("beneficiaries IS NULL OR beneficiaries > 0", name="beneficiaries_positive"),
        CheckConstraint("handler_id <> approver_id", name="two_people"),
        UniqueConstraint("fund_id", "voucher_no"),
        Index("ix_funds_spending_by_day", "fund_id", "paid_on", "id"),
        Index("ix_funds_spending_by_amount", "fund_id", "fen", "id"),
    )

    id: Mapped[Id]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    paid_on: Mapped[date]
    purpose: Mapped[str]
    beneficiaries: Mapped[int | None]
    fen: Mapped[int]
    voucher_no: Mapped[str]
    handler_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    handler_name: Mapped[str]
    approver_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    approver_name: Mapped[str]
    balance_fen: Mapped[int]
    recorded_at: Mapped[datetime]


append_only("funds_spending", keys=("id", "entry_id", ("fund_id", "voucher_no")))
declare(
    refusing(
        "funds_spending_in_books",
        "funds_spending",
        verb="INSERT",
        when="""NOT EXISTS (
  SELECT 1 FROM ledger_entry e
  WHERE e.id = NEW.entry_id AND e.kind = 'spending' AND e.total_fen = NEW.fen AND e."on" = NEW.paid_on
)""",
        sentence="a payment says what its entry says",
    )
)


@invariant("funds.spending is in the books")
def spending_is_booked(session: Session) -> Found:
    """Each payment's entry is a payment of the same amount on the same day; none of them is missing here."""
    pairs = select(Entry.number, Spending.voucher_no)
    both = pairs.join_from(Entry, Spending, Spending.entry_id == Entry.id, full=True)
    differs = or_(Entry.total_fen.is_distinct_from(Spending.fen), Entry.on.is_distinct_from(Spending.paid_on))
    is_payment = or_(Spending.id.is_not(None), Entry.kind == EntryKind.SPENDING)
    rows = session.execute(both.where(is_payment, differs).limit(ENOUGH))
    count = session.scalar(select(func.count()).select_from(Spending)) or 0
    return count, (f"entry {entry} and payment {payment} do not say the same" for entry, payment in rows)


def told(column: InstrumentedAttribute[Any], *, of: type[Spending] = Spending) -> ColumnElement[Any]:
    """The column where it may be told, else NULL: a small group's purpose could point at its people."""
    return case((or_(of.beneficiaries.is_(None), of.beneficiaries >= FEWEST_TO_TELL), column))


FOR_FEW: ColumnElement[bool] = exists().where(
    Spending.entry_id == func.coalesce(Entry.reverses_id, Entry.id), Spending.beneficiaries < FEWEST_TO_TELL
)
"""Whether an entry pays for so few people, or takes such a payment back: nobody may read what for."""

# Once every memo said what for, and a reversal says what its payment said.
UNTOLD_MEMOS.append(and_(Entry.memo.not_like(f"%{UNTOLD}"), FOR_FEW))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment before it is recorded. `fen` in 分; `voucher_no` is the paper's (0418-07)."""

    paid_on: date
    purpose: str
    fen: int
    voucher_no: str
    handler: Actor
    approver: Actor
    beneficiaries: int | None = None

    def check(self) -> None:
        """Raises DomainError (purpose, amount, the same person twice)."""
        if not self.purpose.strip():
            raise DomainError(_l("请写明用途。"), field="purpose")
        if self.fen <= 0:
            raise DomainError(_l("金额必须大于零。"), field="amount")
        if self.handler.id == self.approver.id:
            raise DomainError(_l("经办人和审批人不能是同一个人。"), field="approver")

    def entry(self, fund: Fund) -> EntryDraft:
        """What goes into the books, which are open as the lists are: money out of the fund's bank account."""
        is_told = self.beneficiaries is None or self.beneficiaries >= FEWEST_TO_TELL
        return EntryDraft(
            on=self.paid_on,
            kind=EntryKind.SPENDING,
            memo=self.purpose if is_told else UNTOLD,
            lines=spending_lines(fund.pool, self.fen),
            idempotency_key=f"spending:{fund.slug}:{self.voucher_no}",
        )

    def columns(self) -> dict[str, Any]:
        """What its row says of the payment itself."""
        return {
            "paid_on": self.paid_on,
            "purpose": self.purpose,
            "beneficiaries": self.beneficiaries,
            "fen": self.fen,
            "voucher_no": self.voucher_no,
            "handler_id": self.handler.id,
            "handler_name": self.handler.name,
            "approver_id": self.approver.id,
            "approver_name": self.approver.name,
        }


def record_spending(fund: Fund, payment: Payment, *, by: Actor, checked_by: Actor, at: datetime) -> Spending:
    """Post a payment and show it to everyone.

    Raises DomainError (purpose, amount, the same person twice), AlreadyDone (voucher) and whatever
    `ledger.actions.post` raises, first of all PoolWouldGoBelowZero.
    """
    payment.check()
    (row,) = _posted(fund, [payment], by=by, checked_by=checked_by, at=at)
    spent = Spending(**row)
    db.session.add(spent)
    db.session.flush()
    detail = {"fen": payment.fen, "purpose": payment.purpose, "approver": payment.approver.id}
    record("funds.spending.recorded", spent, by=by, at=at, **detail)
    return spent


def record_spending_many(
    fund: Fund, payments: Sequence[Payment], *, by: Actor, checked_by: Actor, at: datetime
) -> None:
    """The same for many payments, all or none, in their order; one audit line stands for them all.

    Raises as `record_spending`; what is wrong with a payment itself names the first such row.
    """
    for number, payment in enumerate(payments, 1):
        try:
            payment.check()
        except DomainError as problem:
            raise in_row(number, problem) from problem
    if not payments:
        return
    rows = _posted(fund, payments, by=by, checked_by=checked_by, at=at)
    insert_many(Spending, rows)
    first, last = payments[0].voucher_no, payments[-1].voucher_no
    totals = {"count": len(payments), "fen": sum(payment.fen for payment in payments)}
    record("funds.spendings.recorded", fund, by=by, at=at, **totals, first=first, last=last)


def _posted(
    fund: Fund, payments: Sequence[Payment], *, by: Actor, checked_by: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Post the payments; gives their rows, each with what the fund had left after it."""
    drafts = [payment.entry(fund) for payment in payments]
    posted = post_many(drafts, by=by, checked_by=checked_by, at=at)
    if not all(entry.is_new for entry in posted):
        raise AlreadyDone(_l("这个凭证号的付款已经记过了。"), field="voucher_no")
    db.session.refresh(fund.pool)
    left = fund.pool.balance_fen
    rows: list[dict[str, Any]] = []
    for payment, entry in zip(reversed(payments), reversed(posted), strict=True):
        fixed = {"fund_id": fund.id, "entry_id": entry.id, "balance_fen": left, "recorded_at": at}
        rows.append(payment.columns() | fixed)
        left += payment.fen
    return rows[::-1]
