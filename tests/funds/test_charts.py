"""What a chart of months shows, and where."""

import pytest

from portal.funds.charts import Bars, chart_of
from portal.funds.months import Books


def year(**fen: int) -> list[Bars]:
    """Twelve months; `m3=100` came in in March."""
    return [Bars(f"{month}月", fen.get(f"m{month}", 0), 0) for month in range(1, 13)]


@pytest.mark.parametrize(
    ("top", "labels"),
    [
        (0, ["0", "1"]),
        (100, ["0", "1"]),
        (40_000, ["0", "100", "200", "300", "400"]),
        (40_001, ["0", "200", "400", "600"]),
        (400_000, ["0", "0.1", "0.2", "0.3", "0.4"]),
        (1_230_000_00, ["0", "50", "100", "150"]),
    ],
)
def test_the_grid_reaches_the_highest_bar_in_at_most_four_steps(top: int, labels: list[str]) -> None:
    chart = chart_of(year(m3=top))
    for drawing in chart.drawings:
        assert [line.label for line in drawing.lines] == labels
    assert chart.is_in_wan == (top > 200_000)


def test_a_bar_is_as_high_as_its_amount_and_stands_on_the_line_of_zero() -> None:
    chart = chart_of([Bars("1月", 20_000, 10_000), Bars("2月", -500, 0)])
    for drawing in chart.drawings:
        zero, _, one, _, two = (line.y for line in drawing.lines)
        first, second = drawing.columns
        assert (float(first.in_y), float(first.out_y)) == (two, one)
        assert float(first.in_y) + float(first.in_high) == pytest.approx(zero)
        assert (second.in_high, second.out_high) == ("", "")
    assert chart.months[1].income == "−¥5.00"


def test_on_a_narrow_screen_every_third_month_of_a_year_is_labelled() -> None:
    broad, narrow = chart_of(year()).drawings
    assert [column.told.label for column in narrow.columns if column.is_labelled] == ["1月", "4月", "7月", "10月"]
    assert all(column.is_labelled for column in broad.columns)
    assert all(column.is_labelled for column in chart_of(year()[:6]).drawings[1].columns)


def test_years_without_anything_between_two_others_can_be_chosen() -> None:
    books = Books({"2023-12": (1, 0), "2025-01": (2, 3)})
    assert books.years(2026) == [2026, 2025, 2024, 2023]
    assert Books({}).years(2026) == [2026]
    assert (books.income(2025), books.expense(2025, 1), books.expense(2025, 2)) == (2, 3, 0)
