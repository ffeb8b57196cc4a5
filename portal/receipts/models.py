from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.funds.models import Fund, Gift
from portal.public import shown


@shown
class Receipt(Model):
    """捐赠接收确认单: its numbered row is the receipt, the PDF is made on demand.

    What it says is frozen at issue. Numbers run without gaps in each fund and year and are never used again: a void one
    stays, with its reason and its successor. A gift has at most one that is not void. `nonce` (hex) goes into the
    look-up code, which itself is kept nowhere.
    """

    __tablename__ = "receipts_receipt"
    __table_args__ = (
        UniqueConstraint("fund_id", "year", "serial"),
        CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name="fen_positive"),
        CheckConstraint("serial > 0", name="serial_positive"),
        CheckConstraint("(voided_at IS NULL) = (void_reason IS NULL)", name="void_has_reason"),
        CheckConstraint("void_reason IS NULL OR void_reason <> ''", name="reason_given"),
        CheckConstraint(
            "successor_id IS NULL OR (voided_at IS NOT NULL AND successor_id <> id)", name="only_void_succeeded"
        ),
        CheckConstraint("state_receipt IN ('listed', 'waived', 'anonymous')", name="state_receipt_known"),
        Index("ix_receipts_receipt_gift", "gift_id"),
        Index(
            "uq_receipts_receipt_valid",
            "gift_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    gift_id: Mapped[int] = mapped_column(ForeignKey("funds_gift.id"))
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    issued_on: Mapped[date]
    donor_name: Mapped[str]
    fen: Mapped[int]
    method: Mapped[str]
    intention: Mapped[str]
    memo: Mapped[str]
    received_on: Mapped[date]
    fund_full_name: Mapped[str]
    authorised_by: Mapped[str]
    handler_name: Mapped[str]
    checker_name: Mapped[str]
    state_receipt: Mapped[str]
    nonce: Mapped[str]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("receipts_receipt.id"))

    gift: Mapped[Gift] = relationship()
    fund: Mapped[Fund] = relationship()
    successor: Mapped["Receipt | None"] = relationship(remote_side="Receipt.id")
    wishes: Mapped[list["StateWish"]] = relationship(order_by="StateWish.id", viewonly=True)

    @property
    def state_now(self) -> str:
        """listed, waived or anonymous: as it was issued, unless the donor has said otherwise since."""
        if self.state_receipt == "anonymous" or not self.wishes:
            return self.state_receipt
        return self.wishes[-1].wish


class KeptReceipt(Model):
    """A person with an account who showed the look-up code once keeps the receipt among her own."""

    __tablename__ = "receipts_kept"

    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts_receipt.id"), primary_key=True)
    kept_at: Mapped[datetime]


class StateWish(Model):
    """The donor does without a state receipt, or wants one after all. The latest row counts.

    `by_id` is None for a donor without an account; `reason` is what a cashier says who records it for her.
    """

    __tablename__ = "receipts_wish"
    __table_args__ = (CheckConstraint("wish IN ('listed', 'waived')", name="wish_known"),)

    id: Mapped[Id]
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts_receipt.id"), index=True)
    wish: Mapped[str]
    reason: Mapped[str]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    at: Mapped[datetime]
