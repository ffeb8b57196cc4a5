from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.public import shown

NO_POOL = 0
"""The pool_id of a balance whose lines lie in no pool: a primary key has no NULL."""

_WHOLE = "CAST({0} AS BIGINT) = {0}"
"""SQLite would keep 0.5 or 'ten' in an integer column: no float ever stands for money."""

_MOVED = "origin_id IS NOT NULL"


def _index_of(rows: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index over some rows alone."""
    return Index(name, *columns, unique=unique, sqlite_where=text(rows), postgresql_where=text(rows))


class AccountKind(StrEnum):
    """资产 · 负债 · 净资产 · 收入 · 费用."""

    ASSET = "asset"
    LIABILITY = "liability"
    NET_ASSETS = "net_assets"
    INCOME = "income"
    EXPENSE = "expense"


class Side(StrEnum):
    """On which side an account grows: 借 or 贷."""

    DEBIT = "debit"
    CREDIT = "credit"


class EntryKind(StrEnum):
    """What an entry is about. No CHECK in the database: later rooms bring kinds of their own."""

    OPENING = "opening"
    GIFT = "gift"
    SPENDING = "spending"
    FEE = "fee"
    INTEREST = "interest"
    TRANSFER = "transfer"
    ADVANCE = "advance"
    SETTLEMENT = "settlement"
    REFUND = "refund"
    RELEASE = "release"
    CUSTODY = "custody"
    REVERSAL = "reversal"
    CLOSING = "closing"
    """年末结转: kept in month 13 of the balances, so that it hides no month's income."""


@shown
class LegalEntity(Model):
    """A legal person with books of its own, mostly a fund's host charity (依托慈善组织).

    `credit_code` is its 统一社会信用代码, if it was given.
    """

    __tablename__ = "ledger_entity"
    __table_args__ = (Index("uq_ledger_entity_credit_code", "credit_code", unique=True),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str]
    credit_code: Mapped[str | None]


@shown
class Account(Model):
    """科目. A sub-account's code begins with its parent's and a space: `1002 01`."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind.value) for kind in AccountKind)})", name="kind_known"),
        CheckConstraint("normal_side IN ('debit', 'credit')", name="side_known"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    normal_side: Mapped[str]


@shown
class Pool(Model):
    """专项资金: a fund, or a project inside it (`919/chairs`). `balance_fen` is its assets less its liabilities.

    The database keeps the balance when an entry is sealed. Restricted (限定性) money never goes below zero, other money
    only where `may_go_below_zero` says so.
    """

    __tablename__ = "ledger_pool"
    __table_args__ = (
        CheckConstraint("balance_fen >= 0 OR may_go_below_zero", name="not_below_zero"),
        CheckConstraint("NOT (is_restricted AND may_go_below_zero)", name="restricted_stays_above"),
    )

    id: Mapped[Id]
    entity_id: Mapped[int] = mapped_column(ForeignKey("ledger_entity.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_restricted: Mapped[bool]
    balance_fen: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    may_go_below_zero: Mapped[bool] = mapped_column(default=False)

    entity: Mapped[LegalEntity] = relationship()


@shown
class Entry(Model):
    """记账凭证, sealed by its own insertion. `number` runs without gaps in each entity and year; names are of that day.

    `tx` is the transaction that wrote entry and lines (PostgreSQL; 0 on SQLite, which has one writer): no other
    transaction can slip a line in. `fingerprint` tells whether the same `idempotency_key` means the same entry.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("id", "tx"),
        UniqueConstraint("entity_id", "number_year", "number"),
        CheckConstraint(f"total_fen > 0 AND {_WHOLE.format('total_fen')}", name="total_positive"),
        CheckConstraint("checked_by_id IS NULL OR checked_by_id <> made_by_id", name="two_people"),
        CheckConstraint("(checked_by_id IS NULL) = (checked_by_name IS NULL)", name="checker_has_name"),
        CheckConstraint("(idempotency_key IS NULL) = (fingerprint IS NULL)", name="key_has_fingerprint"),
        CheckConstraint("(reverses_id IS NULL) = (reason IS NULL)", name="reversal_has_reason"),
        Index("ix_ledger_entry_source", "source", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tx: Mapped[int] = mapped_column(server_default=text("0"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("ledger_entity.id"))
    number: Mapped[str]
    number_year: Mapped[int]
    on: Mapped[date]
    kind: Mapped[str]
    memo: Mapped[str]
    source: Mapped[str | None]
    source_id: Mapped[int | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    fingerprint: Mapped[str | None]
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_entry.id"), unique=True)
    reason: Mapped[str | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    made_by_name: Mapped[str]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    checked_by_name: Mapped[str | None]
    total_fen: Mapped[int]
    created_at: Mapped[datetime]

    entity: Mapped[LegalEntity] = relationship(viewonly=True)
    lines: Mapped[list["Line"]] = relationship(viewonly=True, order_by="Line.position")
    reverses: Mapped["Entry | None"] = relationship(viewonly=True, remote_side=[id], back_populates="reversed_by")
    reversed_by: Mapped["Entry | None"] = relationship(viewonly=True, back_populates="reverses")


class Line(Model):
    """分录: one account, one side, one amount in 分. Its entry comes after it: the foreign key waits for the commit."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["entry_id", "tx"], ["ledger_entry.id", "ledger_entry.tx"], deferrable=True, initially="DEFERRED"
        ),
        CheckConstraint("debit_fen >= 0 AND credit_fen >= 0", name="not_negative"),
        CheckConstraint("(debit_fen > 0) <> (credit_fen > 0)", name="one_side"),
        CheckConstraint(f"{_WHOLE.format('debit_fen')} AND {_WHOLE.format('credit_fen')}", name="whole_fen"),
        Index("ix_ledger_line_pool", "pool_id", "entry_id"),
        Index("ix_ledger_line_account", "account_id", "entry_id"),
        # A rowid would be one more key by which INSERT OR REPLACE could reach a line.
        {"sqlite_with_rowid": False},
    )

    entry_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tx: Mapped[int] = mapped_column(server_default=text("0"))
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_pool.id"))
    debit_fen: Mapped[int]
    credit_fen: Mapped[int]
    memo: Mapped[str | None]

    entry: Mapped[Entry] = relationship(viewonly=True)
    account: Mapped[Account] = relationship(viewonly=True)
    pool: Mapped[Pool | None] = relationship(viewonly=True)


class Balance(Model):
    """发生额 of a month, kept by the database as entries are sealed. `month` is `2026-03`, or `2026-13` for closing."""

    __tablename__ = "ledger_balance"
    __table_args__ = ({"sqlite_with_rowid": False},)

    pool_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("ledger_account.id"), primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("ledger_entity.id"), primary_key=True, autoincrement=False)
    debit_fen: Mapped[int]
    credit_fen: Mapped[int]


_WITHIN = "(fen > 0 AND rest_fen >= 0 AND rest_fen <= fen) OR (fen < 0 AND rest_fen <= 0 AND rest_fen >= fen)"


@shown
class Source(Model):
    """Money that an entry brought into a pool, in 分, and how much of it no payment has taken yet.

    `origin_id` is the source that it first came from, where it was moved here from another pool; else NULL.
    Below zero it is a debt: what a pool paid that may go below zero and had no money for; later income settles it.
    The database keeps `rest_fen`: `fen` less all that `ledger_trace` says was taken.
    """

    __tablename__ = "ledger_source"
    __table_args__ = (
        CheckConstraint(_WITHIN, name="rest_within"),
        CheckConstraint(f"{_WHOLE.format('fen')} AND {_WHOLE.format('rest_fen')}", name="whole_fen"),
        _index_of("rest_fen > 0", "ix_ledger_source_open", "pool_id", "id"),
        _index_of("rest_fen < 0", "ix_ledger_source_owed", "pool_id", "id"),
        _index_of("origin_id IS NULL", "uq_ledger_source_entry", "entry_id", "pool_id", unique=True),
        _index_of(_MOVED, "uq_ledger_source_moved", "entry_id", "pool_id", "origin_id", unique=True),
        _index_of(_MOVED, "ix_ledger_source_origin", "origin_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pool_id: Mapped[int] = mapped_column(ForeignKey("ledger_pool.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"))
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_source.id"))
    fen: Mapped[int]
    rest_fen: Mapped[int]


class Trace(Model):
    """How many 分 of a source an entry took; below zero what it gave back. Written when the entry is posted."""

    __tablename__ = "ledger_trace"
    __table_args__ = (
        CheckConstraint(f"fen <> 0 AND {_WHOLE.format('fen')}", name="fen_not_zero"),
        Index("ix_ledger_trace_source", "source_id", "entry_id"),
        {"sqlite_with_rowid": False},
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entry.id"), primary_key=True, autoincrement=False)
    source_id: Mapped[int] = mapped_column(ForeignKey("ledger_source.id"), primary_key=True, autoincrement=False)
    fen: Mapped[int]
