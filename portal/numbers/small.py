"""Small groups: where a figure would say something of one to four people, it is not told (个人信息保护法 §5, §6).

Since all figures of a group add up to a known sum, one that is left out alone could be reckoned: another one, the
smallest, is left out with it.
"""

from collections.abc import Sequence
from typing import NamedTuple

FEWEST = 5


class Told(NamedTuple):
    """A group and its figure; None: too few to be told, or left out beside one that is."""

    label: str
    people: int | None
    is_few: bool = False

    @property
    def text(self) -> str:
        """For files: the figure, <5, or a dash for one that is left out beside another."""
        return f"<{FEWEST}" if self.is_few else "–" if self.people is None else str(self.people)


def told(groups: Sequence[tuple[str, int]]) -> list[Told]:
    """All figures, where nothing sensitive is told."""
    return [Told(label, count) for label, count in groups]


def shielded(groups: Sequence[tuple[str, int]]) -> list[Told]:
    """The figures of a sensitive fact. Groups of nobody are left out; who said nothing may be counted."""
    there = [(label, count) for label, count in groups if count]
    few = {label for label, count in there if count < FEWEST}
    beside: str | None = None
    if len(few) == 1 and len(there) > 1:
        beside = min((one for one in there if one[0] not in few), key=lambda one: one[1])[0]
    return [Told(label, None if label in few or label == beside else count, label in few) for label, count in there]


def is_too_few(members: int) -> bool:
    """Whether nothing sensitive is taken apart at all."""
    return members < FEWEST
