"""Numbers of confirmations: `919-2026-000123` is the 123rd of fund 919 in 2026; `919-2026-H000012` its 12th summary."""

import re
from typing import NamedTuple

from portal import series

_NUMBER = re.compile(r"(?P<fund>[A-Za-z0-9_-]{1,40})-(?P<year>\d{4})-(?P<serial>\d{6,9})")
_SUMMARY = re.compile(r"(?P<fund>[A-Za-z0-9_-]{1,40})-(?P<year>\d{4})-[Hh](?P<serial>\d{6,9})")
_DASHES = {0xFF0D: "-", 0x2013: "-", 0x2014: "-", 0x2212: "-"}


class Number(NamedTuple):
    """A confirmation's number in its parts."""

    fund: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.fund}-{self.year}-{self.serial:06d}"


class SummaryNumber(NamedTuple):
    """A summary's number in its parts: the letter keeps it apart from a single confirmation's."""

    fund: str
    year: int
    serial: int

    def __str__(self) -> str:
        return f"{self.fund}-{self.year}-H{self.serial:06d}"


def take(fund: str, year: int, count: int) -> list[Number]:
    """The next `count` numbers of a fund (its slug) and year. Without a gap: a rollback gives them back."""
    first = series.take(series_of(fund, year), count)
    return [Number(fund, year, first + n) for n in range(count)]


def take_summary(fund: str, year: int) -> SummaryNumber:
    """The next number of the fund's summaries of the year, without a gap as well."""
    return SummaryNumber(fund, year, series.take(f"summary:{fund}:{year}"))


def series_of(fund: str, year: int) -> str:
    """The name of the run of numbers."""
    return f"receipt:{fund}:{year}"


def read(text: str) -> Number | None:
    """The number that the text names, if it has the form of one; blanks and wide dashes do not matter."""
    match = _NUMBER.fullmatch(text.strip().translate(_DASHES))
    return Number(match["fund"], int(match["year"]), int(match["serial"])) if match else None


def read_summary(text: str) -> SummaryNumber | None:
    """The same for a summary's number."""
    match = _SUMMARY.fullmatch(text.strip().translate(_DASHES))
    return SummaryNumber(match["fund"], int(match["year"]), int(match["serial"])) if match else None
