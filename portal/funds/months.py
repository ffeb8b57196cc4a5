"""What came in and went out by month, as pages show it."""

from calendar import month_abbr
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from portal.funds.charts import Bars, Chart, chart_of
from portal.funds.queries import FundLine
from portal.ledger.queries import income_and_expense
from portal.words import SOURCE, language


@dataclass(frozen=True)
class Books:
    """Income and expense of one or more funds together, by months such as `2026-03`. In 分."""

    months: Mapping[str, tuple[int, int]]

    def years(self, this_year: int) -> list[int]:
        """The years from the first to the last in which anything moved, and this one; newest first."""
        moved = [int(month[:4]) for month in (min(self.months), max(self.months))] if self.months else []
        return sorted({this_year, *range(moved[0], moved[1] + 1)} if moved else {this_year}, reverse=True)

    def income(self, year: int, month: int | None = None) -> int:
        return sum(income for income, _ in self._when(year, month))

    def expense(self, year: int, month: int | None = None) -> int:
        return sum(expense for _, expense in self._when(year, month))

    def chart(self, year: int) -> Chart:
        """All twelve months of a year, the empty ones too."""
        return chart_of([Bars(label(month), *self._of(year, month)) for month in range(1, 13)])

    def _when(self, year: int, month: int | None) -> list[tuple[int, int]]:
        return [self._of(year, month)] if month else [self._of(year, one) for one in range(1, 13)]

    def _of(self, year: int, month: int) -> tuple[int, int]:
        return self.months.get(f"{year:04}-{month:02}", (0, 0))


def books_of(funds: Collection[FundLine], *, since: int | None = None) -> Books:
    """All months, or those from the year `since` on. One statement."""
    return Books(income_and_expense([fund.pool_id for fund in funds], since=f"{since:04}" if since else ""))


def chosen_year(text: str | None, years: Sequence[int]) -> int:
    """The year that an address asks for, or the newest."""
    return next((year for year in years if str(year) == text), years[0])


def label(month: int) -> str:
    """3月, in English Mar."""
    return f"{month}月" if language() == SOURCE else month_abbr[month]
