"""Lists that people search, sort and page: one way to read the address, one way to write it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from portal.money import MoneyError, parse_yuan
from portal.web.forms import read_day, tidy

PER_PAGE = 25
LAST_PAGE = 100_000

READS = ("q", "from", "to", "min", "max", "sort", "page")
"""The parameters that every listing reads; a room may have more of its own."""


@dataclass(frozen=True)
class Listing:
    """What the reader asked of a list. Amounts in 分; `page` counts from 1; wrong values are named in `problems`.

    `piece` is the id of the element that holds the list, when htmx may change it in place.
    """

    path: str = ""
    q: str = ""
    start: date | None = None
    end: date | None = None
    least: int | None = None
    most: int | None = None
    sort: str = ""
    page: int = 1
    total: int = 0
    is_more: bool = False
    per_page: int = PER_PAGE
    piece: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def first(self) -> int:
        return min(self.offset + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.offset + self.per_page, self.total)

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.extra or self.typed.keys() & {"from", "to", "min", "max"})

    def counted(self, total: int, *, is_more: bool = False) -> "Listing":
        """The same listing once the number of rows is known; a page beyond the end becomes the last one.

        `is_more`: more rows fit than `total`, but only so many are listed.
        """
        known = replace(self, total=total, is_more=is_more)
        return replace(known, page=min(known.page, known.pages))

    def address(self, **changes: Any) -> str:
        """The list's address with some values changed; a changed filter starts at page 1 again."""
        values = {**self.typed, **{key: str(value) for key, value in changes.items()}}
        if "page" not in changes:
            values.pop("page", None)
        kept = {key: value for key, value in sorted(values.items()) if value and (key, value) != ("page", "1")}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def sorted_by(self, column: str) -> str | None:
        """'ascending' or 'descending' when the list is sorted by the column."""
        return {column: "ascending", f"-{column}": "descending"}.get(self.sort)

    def sort_address(self, column: str) -> str:
        """Where a click on the column's head leads: it turns the order round."""
        return self.address(sort=column if self.sort == f"-{column}" else f"-{column}")


def read_listing(
    args: Mapping[str, str],
    *,
    path: str,
    sorts: tuple[str, ...],
    extra: tuple[str, ...] = (),
    per_page: int = PER_PAGE,
    piece: str = "",
) -> Listing:
    """The listing that an address asks for. `sorts` are the columns allowed, the first being the default order.

    A value that makes no sense is left out of the search and named in `problems`, never an error page.
    """
    problems: dict[str, str] = {}
    typed = {key: text for key in (*READS, *extra) if (text := (tidy(args.get(key)) or "")[:100])}
    sort = typed.get("sort", "")
    if sort.removeprefix("-") not in {name.removeprefix("-") for name in sorts}:
        sort = sorts[0]
    return Listing(
        path=path,
        q=typed.get("q", ""),
        start=_day(typed, "from", problems),
        end=_day(typed, "to", problems),
        least=_fen(typed, "min", problems),
        most=_fen(typed, "max", problems),
        sort=sort,
        page=_page(typed.get("page", "1")),
        per_page=per_page,
        piece=piece,
        extra={key: typed[key] for key in extra if key in typed},
        problems=problems,
        typed=typed,
    )


def _page(text: str) -> int:
    return min(max(int(text), 1), LAST_PAGE) if text.isascii() and text.isdigit() and len(text) < 8 else 1


def _day(typed: Mapping[str, str], key: str, problems: dict[str, str]) -> date | None:
    if key not in typed:
        return None
    try:
        return read_day(typed[key])
    except ValueError as wrong:
        problems[key] = str(wrong)
        return None


def _fen(typed: Mapping[str, str], key: str, problems: dict[str, str]) -> int | None:
    if key not in typed:
        return None
    try:
        return parse_yuan(typed[key])
    except MoneyError as wrong:
        problems[key] = str(wrong.sentence)
        return None
