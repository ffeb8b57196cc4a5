"""A sum as a strip of its parts: where each begins and ends. `templates/macros/strip.html` draws it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

WIDE = 1_000
MOST_PARTS = 60
"""More could not be told apart: what is beyond stands as one part."""


class Part(NamedTuple):
    """What it is, how many 分, what kind: `used`, `back`, `left`, `more`."""

    label: str
    fen: int
    kind: str


class Piece(NamedTuple):
    """A part as drawn, in thousandths of the strip."""

    part: Part
    x: str
    width: str
    kind: str


def strip(parts: Iterable[Part], *, rest: str) -> list[Piece]:
    """The parts side by side, in their order; those beyond the sixtieth together, called `rest`."""
    shown = [part for part in parts if part.fen > 0]
    if len(shown) > MOST_PARTS:
        beyond = sum(part.fen for part in shown[MOST_PARTS:])
        shown = [*shown[:MOST_PARTS], Part(rest, beyond, "more")]
    return list(_side_by_side(shown))


def _side_by_side(parts: list[Part]) -> Iterator[Piece]:
    total, before = sum(part.fen for part in parts), 0
    for number, part in enumerate(parts):
        begin, end = (WIDE * fen / total for fen in (before, before + part.fen))
        kind = f"{part.kind} odd" if number % 2 else part.kind
        yield Piece(part, f"{begin:.2f}", f"{end - begin:.2f}", kind)
        before += part.fen
