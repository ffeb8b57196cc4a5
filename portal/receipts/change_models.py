"""What two people change about a confirmation: void it, issue it anew, give the gift back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.people.models import Person
from portal.receipts.models import Receipt
from portal.words import Words, _l


class Change(StrEnum):
    """What shall become of a confirmation."""

    VOID = "void"
    REISSUE = "reissue"
    REFUND = "refund"

    @property
    def label(self) -> Words:
        return CHANGE_NAMES[self]


CHANGE_NAMES: dict[Change, Words] = {
    Change.VOID: _l("作废"),
    Change.REISSUE: _l("作废重开"),
    Change.REFUND: _l("退款"),
}


class ChangeStatus(StrEnum):
    """Where a wish stands: it waits for the second person, was carried out, sent back, or taken back."""

    ASKED = "asked"
    DONE = "done"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return CHANGE_STATUS_NAMES[self]


CHANGE_STATUS_NAMES: dict[ChangeStatus, Words] = {
    ChangeStatus.ASKED: _l("等第二人确认"),
    ChangeStatus.DONE: _l("已办"),
    ChangeStatus.RETURNED: _l("已退回"),
    ChangeStatus.WITHDRAWN: _l("已撤回"),
}


class ReceiptChange(Model):
    """One person asks for it with a public reason, another one carries it out. Nothing of a wish ever changes.

    A reissue says all that the new confirmation shall say otherwise, the unchanged included. `same_donor`: it belongs
    to whoever holds the old one, so it goes to those who keep that.
    """

    __tablename__ = "receipts_change"
    __table_args__ = (
        CheckConstraint("kind IN ('void', 'reissue', 'refund')", name="kind_known"),
        CheckConstraint("status IN ('asked', 'done', 'returned', 'withdrawn')", name="status_known"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("status NOT IN ('done', 'returned') OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(status = 'returned') = (answer IS NOT NULL)", name="returned_with_words"),
        CheckConstraint("(kind = 'reissue') = (donor_name IS NOT NULL)", name="reissue_names"),
        CheckConstraint(
            "(kind = 'reissue') = (intention IS NOT NULL) AND (kind = 'reissue') = (memo IS NOT NULL)",
            name="reissue_says",
        ),
        CheckConstraint("(kind = 'reissue') = (state_receipt IS NOT NULL)", name="reissue_wishes"),
        CheckConstraint(
            "state_receipt IS NULL OR state_receipt IN ('listed', 'waived', 'anonymous')", name="state_receipt_known"
        ),
        Index(
            "uq_receipts_change_asked",
            "receipt_id",
            unique=True,
            sqlite_where=text("status = 'asked'"),
            postgresql_where=text("status = 'asked'"),
        ),
        Index(
            "uq_receipts_change_done",
            "receipt_id",
            unique=True,
            sqlite_where=text("status = 'done'"),
            postgresql_where=text("status = 'done'"),
        ),
    )

    id: Mapped[Id]
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts_receipt.id"), index=True)
    kind: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    donor_name: Mapped[str | None]
    intention: Mapped[str | None]
    memo: Mapped[str | None]
    state_receipt: Mapped[str | None]
    same_donor: Mapped[bool]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str | None]

    receipt: Mapped[Receipt] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
