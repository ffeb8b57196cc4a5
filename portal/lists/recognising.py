"""Finding the header of a donation list among titles, preambles and remarks, and refusing what cannot be told apart."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from portal.files.cells import UNITS, folded, text_of
from portal.files.sheets import Cell, Row, Sheet
from portal.lists.columns import FIELDS, IGNORE, Column, Field, columns_of, named_alike
from portal.problems import DomainError
from portal.words import Words, _l

_HEADER_WITHIN = 500
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")
_UNIT = re.compile(r"单位[::]\(?(?:人民币)?([千万亿]?元)")


class ListRefused(DomainError):
    """The table is no donation list the portal can read. `header_no` is its header's row number, if there is one;
    `seen` are the titles found, for the column-mapping screen."""

    def __init__(
        self, sentence: Words, *, field: str = "file", header_no: int | None = None, seen: Sequence[str] = ()
    ) -> None:
        super().__init__(sentence, field=field)
        self.header_no = header_no
        self.seen = tuple(seen)


class NoHeader(ListRefused):
    """No row carries the titles of a donation list."""


class MissingAmount(ListRefused):
    """There is a header, and none of its columns is the amount."""


class AmbiguousColumn(ListRefused):
    """Several columns carry the same title, or were mapped to the same field."""


class UnknownColumn(ListRefused):
    """The user mapped a title that the table does not have."""


class UnknownField(ListRefused):
    """The user mapped a column to a field that there is not."""


class SecondTable(ListRefused):
    """Further down, another header with other columns begins: two tables in one sheet."""


@dataclass(frozen=True)
class Recognised:
    """A sheet whose header row and columns are known.

    `year` completes days that name none; `unit` is how many yuan the figures of the amount column count in.
    """

    sheet: Sheet
    header_no: int
    columns: tuple[Column, ...]
    year: int | None = None
    unit: int = 1

    @cached_property
    def first(self) -> dict[Field, int]:
        """Field → index of its column."""
        return {column.field: column.index for column in reversed(self.columns) if column.field}

    @cached_property
    def memos(self) -> tuple[int, ...]:
        """Indexes of all columns with words of the payer or the bank."""
        return tuple(column.index for column in self.columns if column.field == "memo")

    def indexes(self, fields: Container[Field | None]) -> frozenset[int]:
        """Indexes of all columns of these fields."""
        return frozenset(column.index for column in self.columns if column.field in fields)

    @property
    def mapping(self) -> dict[str, str]:
        """Title → field, for showing and for keeping with the import; columns left alone are not in it."""
        return {column.title: column.field for column in self.columns if column.field}

    @property
    def unread(self) -> tuple[str, ...]:
        """Titles of the columns that are left alone."""
        return tuple(column.title for column in self.columns if not column.field)

    @property
    def is_signed(self) -> bool:
        """Whether a minus means money going out: in a bank's statement, which has a balance and one amount column."""
        return "balance" in self.first and not {"direction", "outgoing"} & self.first.keys()

    def title_of(self, field: Field) -> str:
        """The title of a field's column, or "" where the list has none."""
        return next((column.title for column in self.columns if column.field == field), "")

    def cell(self, row: Row, field: Field) -> Cell:
        """What a row says in a field's column; None where the list has no such column."""
        index = self.first.get(field)
        return None if index is None or index >= len(row.cells) else row.cells[index]

    def rows(self) -> tuple[Row, ...]:
        """The rows below the header."""
        return tuple(row for row in self.sheet.rows if row.no > self.header_no)


def recognise(sheet: Sheet, *, column_map: Mapping[str, str] | None = None) -> Recognised:
    """Find header and columns. `column_map` is title → field, as the user says it; it goes before what the portal
    knows. Raises a ListRefused that names the file, the header row if there is one, and the columns seen."""
    column_map = column_map or {}
    _check_fields(column_map, sheet)
    header, columns = _header(sheet, column_map)
    _check_unambiguous(sheet, header, columns)
    above = [text_of(cell) for row in sheet.rows if row.no < header.no for cell in row.cells if isinstance(cell, str)]
    own = next(column.unit for column in columns if column.field == "amount")
    return Recognised(sheet, header.no, columns, _year(above), own or _unit(above))


def is_same_header(row: Row, recognised: Recognised) -> bool:
    """Whether a row repeats the header, as printed lists do on each page. Raises SecondTable for another header."""
    amount = recognised.cell(row, "amount")
    if not isinstance(amount, str | None) or any(c.isdigit() for c in amount or ""):
        return False
    titles = {column.index: folded(column.title) for column in recognised.columns if column.field}
    same = [i for i in titles if i < len(row.cells) and folded(text_of(row.cells[i])) == titles[i]]
    if len(same) == len(titles):
        return True
    if _strength(columns_of(row, {})) == 2:
        raise SecondTable(
            _l(
                "「%(file)s」第 %(row)s 行又是一个表头，列与第 %(header)s 行的不同，请拆成两个文件。",
                file=recognised.sheet.file, row=row.no, header=recognised.header_no,
            ),
            header_no=row.no,
        )  # fmt: skip
    return False


def _header(sheet: Sheet, column_map: Mapping[str, str]) -> tuple[Row, tuple[Column, ...]]:
    """The first row that has an amount beside another known column, else the first that has an amount at all."""
    candidates = [(row, columns_of(row, column_map)) for row in sheet.rows[:_HEADER_WITHIN]]
    wanted = {folded(title) for title in column_map}
    named = [c for c in candidates if wanted <= {folded(column.title) for column in c[1]}]
    if not named:
        raise _unknown_column(sheet, candidates, wanted, column_map)
    for strength in (2, 1):
        for row, columns in named:
            if _strength(columns) >= strength:
                return row, columns
    raise _no_header(sheet, named)


def _strength(columns: Sequence[Column]) -> int:
    """2: a header without doubt; 1: titles with an amount among them; 0: no header."""
    fields = {column.field for column in columns if column.field}
    if "amount" not in fields:
        return 0
    if fields & {"received_on", "donor_name", "order_no", "memo"}:
        return 2
    return 1 if len(columns) > 1 else 0


def _check_fields(column_map: Mapping[str, str], sheet: Sheet) -> None:
    for title, field in column_map.items():
        if field not in (*FIELDS, IGNORE):
            raise UnknownField(
                _l(
                    "「%(title)s」不能对应到「%(field)s」：可用的有 %(fields)s。",
                    title=title, field=field, fields="、".join((*FIELDS, IGNORE)),
                ),
                field="column_map",
            )  # fmt: skip


def _unknown_column(
    sheet: Sheet, candidates: Sequence[tuple[Row, tuple[Column, ...]]], wanted: set[str], column_map: Mapping[str, str]
) -> UnknownColumn:
    row, columns = _fullest(candidates, wanted)
    there = {folded(column.title) for column in columns}
    missing = [title for title in column_map if folded(title) not in there]
    seen = [column.title for column in columns]
    sentence = _l(
        "「%(file)s」里没有名为「%(title)s」的列；看到的列：%(seen)s。",
        file=sheet.file, title="」「".join(missing), seen=_listed(seen),
    )  # fmt: skip
    return UnknownColumn(sentence, field="column_map", header_no=row.no, seen=seen)


def _no_header(sheet: Sheet, candidates: Sequence[tuple[Row, tuple[Column, ...]]]) -> ListRefused:
    row, columns = _fullest(candidates, set())
    seen = [column.title for column in columns]
    if sum(bool(column.field) for column in columns) >= 2:
        sentence = _l(
            "「%(file)s」第 %(row)s 行是表头，但没有金额列；看到的列：%(seen)s。请指明哪一列是金额（元）。",
            file=sheet.file, row=row.no, seen=_listed(seen),
        )  # fmt: skip
        return MissingAmount(sentence, header_no=row.no, seen=seen)
    sentence = _l(
        "「%(file)s」里找不到表头：没有哪一行同时写着金额和日期、捐赠人等列名。看到的内容：%(seen)s。",
        file=sheet.file, seen=_listed(seen),
    )  # fmt: skip
    return NoHeader(sentence, seen=seen)


def _fullest(candidates: Sequence[tuple[Row, tuple[Column, ...]]], wanted: set[str]) -> tuple[Row, tuple[Column, ...]]:
    """The row that looks most like a header."""

    def likeness(candidate: tuple[Row, tuple[Column, ...]]) -> tuple[int, int, int]:
        row, columns = candidate
        known = sum(bool(column.field) for column in columns)
        named = sum(folded(column.title) in wanted for column in columns)
        return named, known, sum(isinstance(cell, str) for cell in row.cells)

    return max(candidates, key=likeness)


def _check_unambiguous(sheet: Sheet, header: Row, columns: tuple[Column, ...]) -> None:
    for field in FIELDS:
        titles = tuple(column.title for column in columns if column.field == field)
        if field == "memo" or not titles:
            continue
        # Two order numbers of different names are the payer's and the merchant's: the better one counts.
        alike = titles if len(titles) > 1 and field != "order_no" else named_alike(columns, field)
        if len(alike) > 1 and field in ("amount", "donor_name", "received_on", "order_no"):
            sentence = _l(
                "「%(file)s」第 %(row)s 行有 %(count)s 列都可能是同一项：%(seen)s。请改列名或拆开后再上传。",
                file=sheet.file, row=header.no, count=len(alike), seen=_listed(alike),
            )  # fmt: skip
            seen = [column.title for column in columns]
            raise AmbiguousColumn(sentence, field="column_map", header_no=header.no, seen=seen)


def _listed(titles: Iterable[str]) -> str:
    return "、".join(f"「{title[:30]}」" for title in list(titles)[:20]) or "—"


def _year(above: Iterable[str]) -> int | None:
    """The year that the titles above the table name, if they name one and only one."""
    years = {int(year) for text in above for year in _YEAR.findall(text)}
    return years.pop() if len(years) == 1 else None


def _unit(above: Iterable[str]) -> int:
    """What 单位：万元 above the table says of its figures, in yuan."""
    found = [match[1] for text in above if (match := _UNIT.search(folded(text)))]
    return UNITS[found[-1]] if found else 1
