"""The 开票清单 as it comes back from the host charity, with the numbers filled in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from portal.actor import Actor
from portal.db import db
from portal.exports.files import is_footer
from portal.files.sheets import Cell, Row, read_sheet
from portal.funds.models import Fund
from portal.problems import DomainError
from portal.receipts import numbers
from portal.receipts.models import Receipt
from portal.receipts.state import StateNumbers, numbers_of, record_numbers
from portal.words import _, _l

WANTED = ("确认单编号", "票据代码", "票据号码")
CHECK = "校验码"
MOST_ROWS = 5_000
NAMED = 5
HEADERS_WITHIN = 10
"""Rows among which the headers are looked for."""


class Line(NamedTuple):
    """A filled row: its number in the file, the confirmation's number, and what the state receipt says."""

    row_no: int
    number: str
    state: StateNumbers


@dataclass(frozen=True)
class Taken:
    """How many numbers are new, and how many were known already."""

    new: int
    same: int


def take_back(fund: Fund, content: bytes, filename: str, *, by: Actor, at: datetime) -> Taken:
    """Record all numbers of the file, or none. Raises FileRefused, DomainError naming rows."""
    lines = read_lines(content, filename)
    receipts = _receipts(fund, lines)
    new, problems = 0, []
    for line in lines:
        try:
            new += _record(receipts.get(line.number), line, by=by, at=at)
        except DomainError as problem:
            problems.append((line.row_no, str(problem.sentence)))
    _refuse(problems)
    return Taken(new, len(lines) - new)


def read_lines(content: bytes, filename: str) -> list[Line]:
    """The filled rows. Raises FileRefused, DomainError naming rows; nothing is written."""
    rows = read_sheet(content, filename=filename).rows
    head, places = _head(rows)
    lines, problems = [], []
    for row in rows[head + 1 :]:
        if not _is_filled(row, places):
            continue
        try:
            lines.append(_line(row, places))
        except DomainError as problem:
            problems.append((row.no, str(problem.sentence)))
    _refuse([*problems, *_twice(lines)])
    if not lines:
        raise DomainError(_l("表里还没有填票据号码。"), field="file")
    if len(lines) > MOST_ROWS:
        raise DomainError(_l("一次最多 %(most)d 行，请分几个文件。", most=MOST_ROWS), field="file")
    return lines


def _head(rows: Sequence[Row]) -> tuple[int, dict[str, int]]:
    for place, row in enumerate(rows[:HEADERS_WITHIN]):
        titles = {_text(cell): at for at, cell in reversed(list(enumerate(row.cells)))}
        if all(title in titles for title in WANTED):
            return place, titles
    raise DomainError(_l("表头要有「确认单编号、票据代码、票据号码」这三列。"), field="file")


def _is_filled(row: Row, places: dict[str, int]) -> bool:
    """A row without any number of a state receipt still waits; the last line of an export is none."""
    if not row.cells or is_footer(row.cells[0]):
        return False
    return any(_at(row, places, title) for title in (*WANTED[1:], CHECK))


def _line(row: Row, places: dict[str, int]) -> Line:
    number = numbers.read(_at(row, places, WANTED[0]))
    if number is None:
        raise DomainError(_l("确认单编号不对"))
    code, state_number, check = (_at(row, places, title) for title in (*WANTED[1:], CHECK))
    return Line(row.no, str(number), StateNumbers.typed(code, state_number, check))


def _at(row: Row, places: dict[str, int], title: str) -> str:
    at = places.get(title)
    return _text(row.cells[at]) if at is not None and at < len(row.cells) else ""


def _text(cell: Cell) -> str:
    """As it stands there; what our own export put before a text that looked like a formula goes again."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else str(cell).strip().removeprefix("'").strip()


def _receipts(fund: Fund, lines: Sequence[Line]) -> dict[str, Receipt]:
    """Those of this fund alone."""
    wanted = select(Receipt).options(selectinload(Receipt.wishes))
    of_fund = wanted.where(Receipt.fund_id == fund.id, Receipt.number.in_([line.number for line in lines]))
    return {one.number: one for one in db.session.scalars(of_fund)}


def _record(receipt: Receipt | None, line: Line, *, by: Actor, at: datetime) -> int:
    if receipt is None:
        raise DomainError(_l("这个基金没有 %(number)s 这张确认单", number=line.number))
    known = numbers_of(receipt)
    if known is None:
        record_numbers(receipt, line.state, by=by, at=at)
        return 1
    if (known.code, known.number, known.check_code) != (line.state.code, line.state.number, line.state.check_code):
        raise DomainError(_l("%(number)s 已经记过别的票据号码，改正请在它的页上写明原因", number=line.number))
    return 0


def _twice(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    seen: dict[str, int] = {}
    for line in lines:
        if line.number in seen:
            yield line.row_no, _("%(number)s 在第 %(row)d 行已经有了", number=line.number, row=seen[line.number])
        seen[line.number] = line.row_no


def _refuse(problems: Sequence[tuple[int, str]]) -> None:
    if not problems:
        return
    told = "；".join(_("第 %(row)d 行：%(problem)s", row=row, problem=words) for row, words in problems[:NAMED])
    more = "…" if len(problems) > NAMED else ""
    words = _("有 %(count)d 行不对，一行也没有记。%(told)s", count=len(problems), told=told + more)
    raise DomainError(words, field="file")
