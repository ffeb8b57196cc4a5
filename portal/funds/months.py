"""What came in and went out by month, as pages show it."""

from calendar import month_abbr
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.funds.models import Fund
from portal.ledger.queries import Month, months
from portal.words import SOURCE, language


class Bars(NamedTuple):
    """A month in a chart. Amounts in 分."""

    label: str
    income_fen: int
    expense_fen: int


@dataclass(frozen=True)
class Books:
    """The months of one or more funds together. Sums in 分."""

    months: Sequence[Month]

    def years(self, this_year: int) -> list[int]:
        """The years in which anything moved, and this one; newest first."""
        return sorted({month.year for month in self.months} | {this_year}, reverse=True)

    def income(self, year: int, month: int | None = None) -> int:
        return sum(one.income_fen for one in self._when(year, month))

    def expense(self, year: int, month: int | None = None) -> int:
        return sum(one.expense_fen for one in self._when(year, month))

    def bars(self, year: int) -> list[Bars]:
        """All twelve months of a year, the empty ones too."""
        return [Bars(label(month), self.income(year, month), self.expense(year, month)) for month in range(1, 13)]

    def _when(self, year: int, month: int | None) -> list[Month]:
        return [one for one in self.months if one.year == year and month in (None, one.month)]


def books_of(funds: Collection[Fund]) -> Books:
    """One statement."""
    return Books(months([fund.pool_id for fund in funds]))


def chosen_year(text: str | None, years: Sequence[int]) -> int:
    """The year that an address asks for, or the newest."""
    return next((year for year in years if str(year) == text), years[0])


def label(month: int) -> str:
    """3月, in English Mar."""
    return f"{month}月" if language() == SOURCE else month_abbr[month]
