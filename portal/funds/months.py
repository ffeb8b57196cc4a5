"""What came in and went out by month, from the balances that the ledger keeps as entries are sealed."""

from calendar import month_abbr
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select

from portal.db import db
from portal.funds.models import Fund
from portal.ledger.models import Account, AccountKind, Balance
from portal.web.libs import get_locale


class Flow(NamedTuple):
    """What one pool took in and paid in one month. Amounts in 分."""

    pool_id: int
    year: int
    month: int
    income_fen: int
    expense_fen: int


class Month(NamedTuple):
    """A month as charts show it. Amounts in 分."""

    label: str
    income_fen: int
    expense_fen: int


@dataclass(frozen=True)
class Books:
    """The flows of some pools, and sums of them. Amounts in 分."""

    flows: Sequence[Flow]

    def of(self, fund: Fund) -> "Books":
        """The same for one fund alone."""
        return Books([flow for flow in self.flows if flow.pool_id == fund.pool_id])

    def years(self, this_year: int) -> list[int]:
        """The years in which anything moved, and this one; newest first."""
        return sorted({flow.year for flow in self.flows} | {this_year}, reverse=True)

    def income(self, year: int, month: int | None = None) -> int:
        return sum(flow.income_fen for flow in self._when(year, month))

    def expense(self, year: int, month: int | None = None) -> int:
        return sum(flow.expense_fen for flow in self._when(year, month))

    def months(self, year: int) -> list[Month]:
        """All twelve, the empty ones too."""
        return [
            Month(month_label(number), self.income(year, number), self.expense(year, number))
            for number in range(1, 13)
        ]

    def _when(self, year: int, month: int | None) -> Iterable[Flow]:
        return (flow for flow in self.flows if flow.year == year and month in (None, flow.month))


def books_of(funds: Collection[Fund]) -> Books:
    """The flows of the funds' pools in all months: one statement, some hundred rows at most.

    The year's closing is kept in a month 13 and left out: it moves income to net assets, nobody gave or was paid.
    """
    income, expense = (
        func.sum(sign * (Balance.credit_fen - Balance.debit_fen)).filter(Account.kind == kind)
        for kind, sign in ((AccountKind.INCOME, 1), (AccountKind.EXPENSE, -1))
    )
    by_month = (
        select(Balance.pool_id, Balance.month, income, expense)
        .join(Account, Account.id == Balance.account_id)
        .where(
            Balance.pool_id.in_([fund.pool_id for fund in funds]),
            Account.kind.in_((AccountKind.INCOME, AccountKind.EXPENSE)),
            ~Balance.month.endswith("-13"),
        )
        .group_by(Balance.pool_id, Balance.month)
    )
    rows = db.session.execute(by_month).tuples()
    return Books([Flow(pool, int(month[:4]), int(month[5:]), int(i or 0), int(e or 0)) for pool, month, i, e in rows])


def month_label(month: int) -> str:
    """3月, in English Mar."""
    return f"{month}月" if str(get_locale()).startswith("zh") else month_abbr[month]


def chosen_year(text: str | None, years: Sequence[int]) -> int:
    """The year that an address asks for, or the newest."""
    return next((year for year in years if str(year) == text), years[0])
