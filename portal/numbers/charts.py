"""Where each bar of the charts of members stands. Worked out here, for templates reckon slowly.

`templates/macros/chart.html` draws them, at two widths each. A bar's label stands above it: names of any length fit, in
the elder mode too.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from portal.numbers.queries import Month
from portal.numbers.small import Told

WIDE, NARROW = 520, 350
"""Pixels across."""

ROW, TEXT, THICK = 52, 19, 14
"""Pixels from one bar's label to the next, down to its baseline, and of the bar."""

MOST_LETTERS = 16
"""A longer label is cut; the table beside has it whole."""

LABEL = 84
"""Pixels of a month's label (`2026-11`) and the gap beside it, in the elder mode."""

LEFT, HEAD, FOOT, HIGH = 46, 14, 32, 250
"""Pixels of the months' chart: beside, above and below the grid, and in all."""


class Bar(NamedTuple):
    """A group: its label and figure, the label's baseline, the bar's top and width."""

    label: str
    figure: str
    baseline: int
    top: int
    across: float


class Bars(NamedTuple):
    """A chart of groups at one width."""

    kind: str
    wide: int
    high: int
    thick: int
    bars: list[Bar]


class Line(NamedTuple):
    """A line of the grid with its label."""

    y: float
    label_y: float
    label: str


class Pair(NamedTuple):
    """A month: its middle, and left edge, top and height of both bars; no height, no bar."""

    month: Month
    middle: float
    first_x: float
    first_y: float
    first_high: float
    second_x: float
    second_y: float
    second_high: float
    is_labelled: bool


class Pairs(NamedTuple):
    """The months at one width."""

    kind: str
    wide: int
    high: int
    left: int
    bar: float
    lines: list[Line]
    columns: list[Pair]


def bars_of(groups: Sequence[Told]) -> list[Bars]:
    """The groups from top to bottom, the longest bar as broad as the chart. Figures that are not told have no bar."""
    top = max((one.people or 0 for one in groups), default=0)
    return [
        Bars(kind, wide, ROW * len(groups), THICK, list(_bars(groups, top, wide)))
        for kind, wide in (("broad", WIDE), ("narrow", NARROW))
    ]


def _bars(groups: Sequence[Told], top: int, wide: int) -> Iterator[Bar]:
    for number, one in enumerate(groups):
        label = one.label if len(one.label) <= MOST_LETTERS else f"{one.label[: MOST_LETTERS - 1]}…"
        across = round((one.people or 0) / (top or 1) * wide, 1)
        down = number * ROW
        figure = one.text if one.people is None else f"{one.people:,}"
        yield Bar(label, figure, down + TEXT, down + TEXT + 9, max(across, 2.0) if one.people else 0.0)


def pairs_of(months: Sequence[Month]) -> list[Pairs]:
    """Both figures of each month side by side."""
    top = max((max(one.joined, one.left) for one in months), default=0)
    step = _step(top)
    return [
        _pairs("broad", 680, months, top, step),
        _pairs("narrow", 358, months, top, step),
    ]


def _step(top: int) -> int:
    """What lies between two lines of the grid: the smallest of 1, 2, 5 × 10ⁿ that needs no more than four."""
    steps = (digit * int(10**zeros) for zeros in range(12) for digit in (1, 2, 5))
    return next(step for step in steps if step * 4 >= top)


def _pairs(kind: str, wide: int, months: Sequence[Month], top: int, step: int) -> Pairs:
    """Of so many months one is labelled that labels never touch, counted from the last."""
    floor, count = HIGH - FOOT, (max(top, 1) + step - 1) // step
    unit, slot = (floor - HEAD) / (count * step), (wide - LEFT) / (len(months) or 1)
    bar, every = round(min(slot * 0.36, 22.0), 1), math.ceil(LABEL / slot)
    grid = [
        Line(round(floor - n * step * unit, 1), round(floor - n * step * unit + 5, 1), f"{n * step:,}")
        for n in range(count + 1)
    ]
    columns = [
        _pair(one, LEFT + slot * (number + 0.5), floor, unit, bar, (len(months) - 1 - number) % every == 0)
        for number, one in enumerate(months)
    ]
    return Pairs(kind, wide, HIGH, LEFT, bar, grid, columns)


def _pair(month: Month, middle: float, floor: int, unit: float, bar: float, is_labelled: bool) -> Pair:
    up, down = round(month.joined * unit, 1), round(month.left * unit, 1)
    first, second = round(middle - bar - 0.5, 1), round(middle + 0.5, 1)
    high = round(floor - up, 1), round(floor - down, 1)
    return Pair(month, round(middle, 1), first, high[0], up, second, high[1], down, is_labelled)
