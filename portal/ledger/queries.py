"""Reads. Sums come from `ledger_balance`, never from the lines, so they cost the same however long the books grow."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, bindparam, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from portal.db import db, made_once, rows
from portal.ledger.models import Account, AccountKind, Balance, Entry, Line, Pool

_CLOSING = "-13"
"""How the month of closing entries ends."""


@dataclass(frozen=True, slots=True)
class Month:
    """What came in and went out in a month, in 分; what was taken back is taken off. Closing entries are left out."""

    year: int
    month: int
    income_fen: int
    expense_fen: int


@dataclass(frozen=True, slots=True)
class Year:
    """What came in and went out in a year, in 分."""

    year: int
    income_fen: int
    expense_fen: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A line of the 科目余额表, in 分. `opening_fen` is debit less credit of all that came before."""

    code: str
    name: str
    kind: AccountKind
    opening_fen: int
    debit_fen: int
    credit_fen: int

    @property
    def closing_fen(self) -> int:
        """Debit less credit at the end: above zero it stands in the debit column."""
        return self.opening_fen + self.debit_fen - self.credit_fen


def pool_with_code(code: str) -> Pool | None:
    return db.session.scalar(select(Pool).where(Pool.code == code))


def pools_under(code: str) -> list[Pool]:
    """The pool and those inside it (`919`, `919/chairs`), by code."""
    inside = Pool.code.startswith(f"{code}/", autoescape=True)
    return list(db.session.scalars(select(Pool).where((Pool.code == code) | inside).order_by(Pool.code)))


def months(pool_ids: Collection[int], *, since: date | None = None, until: date | None = None) -> list[Month]:
    """Income and expense of these pools together, month by month without gaps.

    From the month of `since`, or the first with an entry, to the month of `until`, or the last with an entry.
    """
    sums = income_and_expense(pool_ids)
    months = [*sums, *(f"{day:%Y-%m}" for day in (since, until) if day)]
    if not months:
        return []
    first = f"{since:%Y-%m}" if since else min(months)
    last = f"{until:%Y-%m}" if until else max(months)
    return [Month(*_split(month), *sums.get(month, (0, 0))) for month in _calendar(first, last)]


def year_totals(pool_ids: Collection[int]) -> list[Year]:
    """Income and expense of these pools together, year by year without gaps."""
    totals: dict[int, tuple[int, int]] = {}
    for month in months(pool_ids):
        income, expense = totals.get(month.year, (0, 0))
        totals[month.year] = income + month.income_fen, expense + month.expense_fen
    return [Year(year, *sums) for year, sums in totals.items()]


def trial_balance(
    entity_id: int, *, first: str, last: str, pool_ids: Collection[int] | None = None
) -> list[AccountRow]:
    """科目余额表 of a legal entity, or of some of its pools, for months such as `2026-01` to `2026-03`.

    Closing entries count as month 13: `last="2026-13"` is the year after closing. Accounts never used are left out.
    """
    before, during = Balance.month < first, Balance.month >= first
    sums = (
        select(
            Account.code,
            Account.name,
            Account.kind,
            _sum(Balance.debit_fen - Balance.credit_fen, before),
            _sum(Balance.debit_fen, during),
            _sum(Balance.credit_fen, during),
        )
        .join_from(Balance, Account, Account.id == Balance.account_id)
        .where(Balance.entity_id == entity_id, Balance.month <= last)
        .group_by(Account.code, Account.name, Account.kind)
        .order_by(Account.code)
    )
    if pool_ids is not None:
        sums = sums.where(Balance.pool_id.in_(pool_ids))
    return [
        AccountRow(code, name, AccountKind(kind), int(opening), int(debit), int(credit))
        for code, name, kind, opening, debit, credit in db.session.execute(sums)
    ]


def pool_accounts(pool: Pool) -> list[AccountRow]:
    """What a pool has in each account: all its sums since it was opened."""
    return trial_balance(pool.entity_id, first="", last="9999-13", pool_ids=[pool.id])


def entries_of(pool_id: int, *, before_id: int | None = None, limit: int = 50) -> list[Entry]:
    """Entries that touch a pool, newest first, with their lines. `before_id`: the last one on the page before."""
    ids = select(Line.entry_id).where(Line.pool_id == pool_id).distinct().order_by(Line.entry_id.desc()).limit(limit)
    if before_id is not None:
        ids = ids.where(Line.entry_id < before_id)
    entries = select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id.desc())
    lines = selectinload(Entry.lines).options(joinedload(Line.account), joinedload(Line.pool))
    return list(db.session.scalars(entries.options(lines)))


def income_and_expense(pool_ids: Collection[int], *, since: str = "") -> dict[str, tuple[int, int]]:
    """What came in and went out in each month with an entry, of these pools together, in 分.

    `since`: the first month that counts, such as `2026-03`; none counts all.
    """
    sums = rows(_income_and_expense(), {"pools": list(pool_ids), "since": since}).all()
    return {month: (int(income), int(expense)) for month, income, expense in sums if not month.endswith(_CLOSING)}


@made_once
def _income_and_expense() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Balance.month,
            _sum(Balance.credit_fen - Balance.debit_fen, Account.kind == AccountKind.INCOME),
            _sum(Balance.debit_fen - Balance.credit_fen, Account.kind == AccountKind.EXPENSE),
        )
        .join_from(Balance, Account, Account.id == Balance.account_id)
        .where(
            Balance.pool_id.in_(bindparam("pools", expanding=True)),
            Balance.month >= bindparam("since"),
            Account.kind.in_([AccountKind.INCOME, AccountKind.EXPENSE]),
        )
        .group_by(Balance.month)
    )


def _sum(fen: SQLColumnExpression[int], condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, fen), else_=0)), 0)


def _split(month: str) -> tuple[int, int]:
    year, _, number = month.partition("-")
    return int(year), int(number)


def _calendar(first: str, last: str) -> list[str]:
    (year, month), end = _split(first), _split(last)
    months = []
    while (year, month) <= end:
        months.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return months
