"""The state's receipts (公益事业捐赠统一票据), which the host charity issues: who is due one, and its numbers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Model
from portal.people.models import Person
from portal.receipts.models import Receipt


class StateReceipt(Model):
    """票据代码, 票据号码 and 校验码 as they were taken back. A correction is another row, with its reason."""

    __tablename__ = "receipts_state"
    __table_args__ = (
        CheckConstraint("code <> '' AND number <> ''", name="numbers_given"),
        CheckConstraint("turn > 0", name="turn_positive"),
        CheckConstraint("(turn = 1) = (reason IS NULL)", name="correction_has_reason"),
        CheckConstraint("reason IS NULL OR reason <> ''", name="reason_given"),
        Index("ix_receipts_state_number", "code", "number"),
    )

    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts_receipt.id"), primary_key=True, autoincrement=False)
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str]
    number: Mapped[str]
    check_code: Mapped[str]
    reason: Mapped[str | None]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    recorded_at: Mapped[datetime]

    receipt: Mapped[Receipt] = relationship()
    recorded_by: Mapped[Person] = relationship()
