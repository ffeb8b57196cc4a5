"""汇总确认单: several confirmations on one sheet, which takes the place of none of them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.funds.models import Fund
from portal.people.models import Person
from portal.public import shown
from portal.receipts.models import Receipt
from portal.words import Words, _l


class Scope(StrEnum):
    """What a summary puts together."""

    PERIOD = "period"
    YEAR = "year"
    HOUSEHOLD = "household"
    COMPANY = "company"

    @property
    def label(self) -> Words:
        return SCOPE_NAMES[self]


SCOPE_NAMES: dict[Scope, Words] = {
    Scope.PERIOD: _l("一段时间"),
    Scope.YEAR: _l("一整年"),
    Scope.HOUSEHOLD: _l("一家人"),
    Scope.COMPANY: _l("一个单位"),
}


@shown
class Summary(Model):
    """A numbered sheet, frozen at issue, that lists valid confirmations of one fund. Amounts in 分.

    Numbers are a series of their own in each fund and year. It no longer counts once one of its members is void: that
    is not written down but looked up. `title` is the name on it. `fingerprint`: asking for the same once more gives
    the first one.
    """

    __tablename__ = "receipts_summary"
    __table_args__ = (
        UniqueConstraint("fund_id", "year", "serial"),
        CheckConstraint("kind IN ('period', 'year', 'household', 'company')", name="kind_known"),
        CheckConstraint("serial > 0", name="serial_positive"),
        CheckConstraint("count > 0", name="count_positive"),
        CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name="fen_positive"),
        CheckConstraint("ends_on >= starts_on", name="in_order"),
    )

    id: Mapped[Id]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    count: Mapped[int]
    fen: Mapped[int]
    fund_full_name: Mapped[str]
    authorised_by: Mapped[str]
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(unique=True)

    fund: Mapped[Fund] = relationship()
    issued_by: Mapped[Person | None] = relationship()
    members: Mapped[list["SummaryMember"]] = relationship(order_by="SummaryMember.position")


class SummaryMember(Model):
    """A line of a summary: what the confirmation said when the summary was issued. Amount in 分."""

    __tablename__ = "receipts_summary_member"
    __table_args__ = (UniqueConstraint("summary_id", "receipt_id"),)

    summary_id: Mapped[int] = mapped_column(ForeignKey("receipts_summary.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipts_receipt.id"), index=True)
    number: Mapped[str]
    donor_name: Mapped[str]
    received_on: Mapped[date]
    fen: Mapped[int]

    receipt: Mapped[Receipt] = relationship()
