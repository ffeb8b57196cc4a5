from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.funds.models import Fund
from portal.ledger.models import Entry
from portal.people.models import Person
from portal.words import Words, _l


class Stage(StrEnum):
    """How far an expense has come. The last three are its end without a payment."""

    ENTERED = "entered"
    APPROVED = "approved"
    PAID = "paid"
    POSTED = "posted"
    RETURNED = "returned"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return STAGE_NAMES[self]


STAGE_NAMES: dict[Stage, Words] = {
    Stage.ENTERED: _l("等审批"),
    Stage.APPROVED: _l("等付款"),
    Stage.PAID: _l("等复核入账"),
    Stage.POSTED: _l("已入账"),
    Stage.RETURNED: _l("已退回"),
    Stage.REFUSED: _l("没有同意"),
    Stage.WITHDRAWN: _l("已撤回"),
}
ENDED = (Stage.RETURNED, Stage.REFUSED, Stage.WITHDRAWN)
_ENDED = "stage IN ('returned', 'refused', 'withdrawn')"
_LIVE = "stage IN ('entered', 'approved', 'paid', 'posted')"


class Expense(Model):
    """用款: what shall be paid, for what, on which paper. In 分; `entry_id` is its payment's entry once it is posted.

    `reason` says why it was sent back, refused or withdrawn; `note` why the accountant gave a payment back to the
    cashier. A voucher number belongs to one expense of the fund that has not ended.
    """

    __tablename__ = "spending_expense"
    __table_args__ = (
        CheckConstraint(f"stage IN ({', '.join(repr(stage.value) for stage in Stage)})", name="stage_known"),
        CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name="fen_positive"),
        CheckConstraint("purpose <> '' AND voucher_no <> ''", name="says_what"),
        CheckConstraint("beneficiaries IS NULL OR beneficiaries > 0", name="beneficiaries_positive"),
        CheckConstraint("(stage IN ('paid', 'posted')) = (paid_on IS NOT NULL)", name="paid_has_day"),
        CheckConstraint("(paid_on IS NULL) = (paid_by_id IS NULL)", name="paid_by_somebody"),
        CheckConstraint("(stage = 'posted') = (entry_id IS NOT NULL)", name="posted_in_books"),
        CheckConstraint("(entry_id IS NULL) = (checked_by_id IS NULL)", name="checked_by_somebody"),
        CheckConstraint("checked_by_id IS NULL OR checked_by_id <> paid_by_id", name="two_people"),
        CheckConstraint(f"({_ENDED}) = (reason IS NOT NULL)", name="ended_with_reason"),
        CheckConstraint("(reason IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index(
            "uq_spending_expense_voucher",
            "fund_id",
            "voucher_no",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index("ix_spending_expense_fund", "fund_id", "id"),
        Index("uq_spending_expense_entry", "entry_id", unique=True),
    )

    id: Mapped[Id]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"))
    stage: Mapped[str]
    fen: Mapped[int]
    purpose: Mapped[str]
    beneficiaries: Mapped[int | None]
    voucher_no: Mapped[str]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    entered_at: Mapped[datetime]
    paid_on: Mapped[date | None]
    paid_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    paid_at: Mapped[datetime | None]
    note: Mapped[str | None]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"))
    reason: Mapped[str | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    ended_at: Mapped[datetime | None]

    fund: Mapped[Fund] = relationship()
    entry: Mapped[Entry | None] = relationship()
    entered_by: Mapped[Person] = relationship(foreign_keys=[entered_by_id])
    paid_by: Mapped[Person | None] = relationship(foreign_keys=[paid_by_id])
    checked_by: Mapped[Person | None] = relationship(foreign_keys=[checked_by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])
    approvals: Mapped[list["Approval"]] = relationship(order_by="Approval.id", viewonly=True)
    undoings: Mapped[list["Undoing"]] = relationship(order_by="Undoing.id", viewonly=True)

    @property
    def is_ended(self) -> bool:
        return Stage(self.stage) in ENDED


class Approval(Model):
    """审批: somebody of the council agreed. As many as the amount asks for; nobody twice, never who entered it."""

    __tablename__ = "spending_approval"
    __table_args__ = (Index("uq_spending_approval_person", "expense_id", "person_id", unique=True),)

    id: Mapped[Id]
    expense_id: Mapped[int] = mapped_column(ForeignKey("spending_expense.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class Undoing(Model):
    """冲销: one person asks with a public reason that a payment be taken back, another one does it, or says no."""

    __tablename__ = "spending_undoing"
    __table_args__ = (
        CheckConstraint("status IN ('asked', 'done', 'refused')", name="status_known"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("(status = 'asked') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        Index(
            "uq_spending_undoing_one",
            "expense_id",
            unique=True,
            sqlite_where=text("status <> 'refused'"),
            postgresql_where=text("status <> 'refused'"),
        ),
    )

    id: Mapped[Id]
    expense_id: Mapped[int] = mapped_column(ForeignKey("spending_expense.id"))
    status: Mapped[str]
    reason: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]

    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
