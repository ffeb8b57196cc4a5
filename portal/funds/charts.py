"""The months of a year as a chart: where each line and bar stands. Worked out here, for templates reckon slowly.

`templates/macros/chart.html` draws it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from portal.web.filters import as_money

LEFT, HEAD, FOOT = 46, 14, 32
"""Pixels beside, above and below the grid."""

BROADEST = 26
"""Pixels of a bar."""

WAN = 1_000_000
"""分 in 10,000 yuan."""


class Bars(NamedTuple):
    """A month in a chart. Amounts in 分."""

    label: str
    income_fen: int
    expense_fen: int


class Told(NamedTuple):
    """A month in words."""

    label: str
    income: str
    expense: str


class Line(NamedTuple):
    """A line of the grid with its label."""

    y: float
    label_y: float
    label: str


class Column(NamedTuple):
    """A month as drawn: its middle, the left edge of each bar, top and height of each; no height, no bar."""

    told: Told
    middle: str
    in_x: str
    in_y: str
    in_high: str
    out_x: str
    out_y: str
    out_high: str
    is_labelled: bool


class Drawing(NamedTuple):
    """The chart at one size. All in pixels."""

    kind: str
    wide: int
    high: int
    left: int
    bar: str
    lines: list[Line]
    columns: list[Column]


@dataclass(frozen=True)
class Chart:
    """The months in words, and drawn for broad and narrow screens. `is_in_wan`: the labels of the grid are 万元."""

    months: list[Told]
    drawings: tuple[Drawing, Drawing]
    is_in_wan: bool


def chart_of(months: Sequence[Bars]) -> Chart:
    """The chart of at most a year."""
    told = [Told(one.label, as_money(one.income_fen), as_money(one.expense_fen)) for one in months]
    top = max((max(one.income_fen, one.expense_fen) for one in months), default=0)
    step = _step(top)
    every = 3 if len(months) > 6 else 1
    drawings = (
        _drawing("broad", 680, 250, months, told, top=top, step=step, every=1),
        _drawing("narrow", 358, 240, months, told, top=top, step=step, every=every),
    )
    return Chart(told, drawings, _is_in_wan(step))


def _step(top: int) -> int:
    """What lies between two lines of the grid: the smallest of 1, 2, 5 × 10ⁿ 元 that needs no more than four."""
    steps = (digit * int(10**zeros) for zeros in range(2, 14) for digit in (1, 2, 5))
    return next(step for step in steps if step * 4 >= top)


def _is_in_wan(step: int) -> bool:
    """From a step of 1,000 元 on, so that a month's bars read as 1.2 万."""
    return step >= WAN // 10


def _drawing(
    kind: str, wide: int, high: int, months: Sequence[Bars], told: list[Told], *, top: int, step: int, every: int
) -> Drawing:
    """`every`: of so many months one is labelled."""
    floor, lines = high - FOOT, (max(top, 1) + step - 1) // step
    unit, slot = (floor - HEAD) / (lines * step), (wide - LEFT) / (len(months) or 1)
    bar = min(slot * 0.34, BROADEST)
    grid = [_line(round(floor - n * step * unit, 1), n * step, step) for n in range(lines + 1)]
    columns = list(_columns(months, told, floor=floor, unit=unit, slot=slot, bar=bar, every=every))
    return Drawing(kind, wide, high, LEFT, _text(bar), grid, columns)


def _line(y: float, fen: int, step: int) -> Line:
    return Line(y, y + 5, _in_wan(fen) if _is_in_wan(step) else f"{fen // 100:,}")


def _in_wan(fen: int) -> str:
    return f"{fen / WAN:.1f}" if fen % WAN else f"{fen // WAN:,}"


def _columns(
    months: Sequence[Bars], told: list[Told], *, floor: int, unit: float, slot: float, bar: float, every: int
) -> Iterator[Column]:
    for number, month in enumerate(months):
        middle = LEFT + slot * number + slot / 2
        up, down = round(max(month.income_fen, 0) * unit, 1), round(max(month.expense_fen, 0) * unit, 1)
        yield Column(
            told[number],
            _text(middle),
            *(_text(middle - bar - 1.5), _text(floor - up), _text(up) if up else ""),
            *(_text(middle + 1.5), _text(floor - down), _text(down) if down else ""),
            number % every == 0,
        )


def _text(pixels: float) -> str:
    return str(round(pixels, 1))
