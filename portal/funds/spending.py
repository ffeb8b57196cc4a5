"""What a fund pays: one posted record each, open to everyone, with nobody who was helped in it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, UniqueConstraint, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from portal.actor import Actor
from portal.audit import record
from portal.db import Id, Model, db
from portal.funds.models import Fund
from portal.guards import append_only, declare, refusing
from portal.invariants import Found, invariant
from portal.ledger.actions import post
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import Entry, EntryKind
from portal.ledger.patterns import spending_lines
from portal.problems import DomainError
from portal.words import _l

FEWEST_TO_TELL = 5
"""Where fewer people were helped, the purpose could point at them: its detail is not public (信息公开办法)."""


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
    pairs = select(Entry.number, Spending.voucher_no, Entry.total_fen, Spending.fen, Entry.on, Spending.paid_on)
    both = pairs.join_from(Entry, Spending, Spending.entry_id == Entry.id, full=True)
    rows = session.execute(both.where(or_(Spending.id.is_not(None), Entry.kind == EntryKind.SPENDING))).all()
    wrong = (row for row in rows if (row[2], row[4]) != (row[3], row[5]))
    return len(rows), (f"entry {row[0]} and payment {row[1]} do not say the same" for row in wrong)


def told(column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column where it may be told, else NULL: a small group's purpose could point at its people."""
    return case((or_(Spending.beneficiaries.is_(None), Spending.beneficiaries >= FEWEST_TO_TELL), column))


def record_spending(
    fund: Fund,
    *,
    paid_on: date,
    purpose: str,
    fen: int,
    voucher_no: str,
    handler: Actor,
    approver: Actor,
    by: Actor,
    checked_by: Actor,
    at: datetime,
    beneficiaries: int | None = None,
) -> Spending:
    """Post a payment out of the fund's bank account and show it to everyone. `voucher_no` is the paper's (0418-07).

    Raises DomainError (purpose, amount, the same person twice) and whatever `ledger.actions.post` raises, first of all
    PoolWouldGoBelowZero.
    """
    _check(purpose, fen, handler, approver)
    entry = post(
        EntryDraft(
            on=paid_on,
            kind=EntryKind.SPENDING,
            memo=purpose,
            lines=spending_lines(fund.pool, fen),
            idempotency_key=f"spending:{fund.slug}:{voucher_no}",
        ),
        by=by,
        checked_by=checked_by,
        at=at,
    )
    db.session.refresh(fund.pool)
    spent = Spending(
        fund_id=fund.id,
        entry_id=entry.id,
        paid_on=paid_on,
        purpose=purpose,
        beneficiaries=beneficiaries,
        fen=fen,
        voucher_no=voucher_no,
        handler_id=handler.id,
        handler_name=handler.name,
        approver_id=approver.id,
        approver_name=approver.name,
        balance_fen=fund.pool.balance_fen,
        recorded_at=at,
    )
    db.session.add(spent)
    db.session.flush()
    record("funds.spending.recorded", spent, by=by, at=at, fen=fen, purpose=purpose, approver=approver.id)
    return spent


def _check(purpose: str, fen: int, handler: Actor, approver: Actor) -> None:
    if not purpose.strip():
        raise DomainError(_l("请写明用途。"), field="purpose")
    if fen <= 0:
        raise DomainError(_l("金额必须大于零。"), field="amount")
    if handler.id == approver.id:
        raise DomainError(_l("经办人和审批人不能是同一个人。"), field="approver")
