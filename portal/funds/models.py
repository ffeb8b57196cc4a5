from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.ledger.models import LegalEntity, Pool
from portal.people.models import Scope
from portal.public import shown
from portal.words import Words, _l


class Method(StrEnum):
    """How a gift arrived."""

    BANK = "bank"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    CASH = "cash"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return METHOD_NAMES[self]


METHOD_NAMES: dict[Method, Words] = {
    Method.BANK: _l("银行转账"),
    Method.WECHAT: _l("微信"),
    Method.ALIPAY: _l("支付宝"),
    Method.CASH: _l("现金"),
    Method.OTHER: _l("其他"),
}


@shown
class Fund(Model):
    """专项基金: no legal person of its own; its full name carries the host charity (依托慈善组织)."""

    __tablename__ = "funds_fund"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("ledger_entity.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("ledger_pool.id"), unique=True)
    purpose: Mapped[str]
    founded_year: Mapped[int]
    council_size: Mapped[int]
    filing_no: Mapped[str | None]
    platform_url: Mapped[str | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    entity: Mapped[LegalEntity] = relationship(lazy="joined")
    pool: Mapped[Pool] = relationship(lazy="joined")

    @property
    def full_name(self) -> str:
        return f"{self.entity.name}·{self.name}"

    @property
    def scope(self) -> Scope:
        return Scope("fund", self.id)


@shown
class Gift(Model):
    """A gift that arrived, was confirmed by a second person and is posted. Amount in 分.

    `donor_name` is the donor as recorded, private; `public_name` is set only with the donor's consent. Nothing else of
    the row ever changes: the database refuses it.
    """

    __tablename__ = "funds_gift"
    __table_args__ = (
        CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name="fen_positive"),
        CheckConstraint("(import_id IS NULL) = (row_no IS NULL)", name="import_has_row"),
        UniqueConstraint("import_id", "row_no"),
        Index("ix_funds_gift_by_day", "fund_id", "received_on", "id"),
        Index("ix_funds_gift_by_amount", "fund_id", "fen", "id"),
        Index(
            "ix_funds_gift_by_order",
            "fund_id",
            "order_no",
            sqlite_where=text("order_no <> ''"),
            postgresql_where=text("order_no <> ''"),
        ),
    )

    id: Mapped[Id]
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"))
    import_id: Mapped[int | None] = mapped_column(ForeignKey("lists_import.id"))
    row_no: Mapped[int | None]
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    received_on: Mapped[date]
    donor_name: Mapped[str]
    public_name: Mapped[str | None]
    is_anonymous: Mapped[bool]
    fen: Mapped[int]
    method: Mapped[str]
    intention: Mapped[str]
    memo: Mapped[str]
    order_no: Mapped[str]
    booked_at: Mapped[datetime]

    fund: Mapped[Fund] = relationship()
