"""Finding the header of a roster among titles, preambles and remarks, and the rows below it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from portal.exports.files import is_footer
from portal.files.cells import folded, is_blank, text_of
from portal.files.sheets import Cell, Row, Sheet
from portal.problems import DomainError
from portal.rosters.columns import FIELDS, IGNORE, Column, columns_of, fingerprint, named_alike
from portal.words import Words, _l

_HEADER_WITHIN = 500
_SHOWN = 20
_EXACT = 10**15
"""A spreadsheet's numbers are exact so far: of a longer one the last digits are lost."""


class RosterRefused(DomainError):
    """The table is no roster the portal can read. `seen` are the columns found, for the screen that names them."""

    def __init__(
        self, sentence: Words, *, field: str = "file", header_no: int = 0, seen: Sequence[Column] = ()
    ) -> None:
        super().__init__(sentence, field=field)
        self.header_no = header_no
        self.seen = tuple(seen)


class FileRow(NamedTuple):
    """Its number in the file, and the texts of the titled columns in their order."""

    row_no: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Recognised:
    """A sheet whose header row and columns are known."""

    sheet: Sheet
    header_no: int
    columns: tuple[Column, ...]
    column_map: Mapping[str, str]

    @cached_property
    def _titles(self) -> tuple[str, ...]:
        return tuple(folded(column.title) for column in self.columns)

    def rows(self) -> Iterator[FileRow]:
        """The rows below the header; repeated headers, remarks of one cell and the mark of an export are none."""
        for row in self.sheet.rows:
            if row.no <= self.header_no or is_footer(row.cells[0]):
                continue
            texts = tuple(_text(row, column.index) for column in self.columns)
            if self._is_someone(texts):
                yield FileRow(row.no, texts)

    def _is_someone(self, texts: tuple[str, ...]) -> bool:
        named = [(text, column) for text, column in zip(texts, self.columns, strict=True) if text and column.field]
        # One cell alone is a remark, unless it is a name: whoever wrote it meant somebody.
        if len(named) < 2 and not any(column.field == "name" for _, column in named):
            return False
        return tuple(map(folded, texts)) != self._titles


def recognise(sheet: Sheet, *, column_map: Mapping[str, str], kept: Mapping[str, Mapping[str, str]]) -> Recognised:
    """Find header and columns. `column_map` is title → field, as somebody says it now; `kept` is the same by the
    fingerprint of layouts named before. Raises RosterRefused."""
    _check_fields(column_map)
    candidates = sheet.rows[:_HEADER_WITHIN]
    if not column_map:
        for row in candidates:
            known = kept.get(fingerprint(text for cell in row.cells if (text := text_of(cell))))
            if known:
                return _recognised(sheet, row, known)
    return _recognised(sheet, _header(sheet, candidates, column_map), column_map)


def _recognised(sheet: Sheet, row: Row, column_map: Mapping[str, str]) -> Recognised:
    columns = columns_of(row, column_map)
    if alike := named_alike(columns):
        sentence = _l(
            "「%(file)s」第 %(row)s 行有几列同名：%(seen)s。请改成不同的列名再上传。",
            file=sheet.file, row=row.no, seen=_listed(dict.fromkeys(alike)),
        )  # fmt: skip
        raise RosterRefused(sentence, field="column_map", header_no=row.no, seen=columns)
    return Recognised(sheet, row.no, columns, column_map)


def _header(sheet: Sheet, candidates: Sequence[Row], column_map: Mapping[str, str]) -> Row:
    """The first row that names a name beside another known column."""
    wanted = {folded(title) for title in column_map}
    best, likeness = candidates[0], (-1, -1, -1)
    for row in candidates:
        columns = columns_of(row, column_map)
        fields = {column.field for column in columns if column.field}
        titles = {folded(column.title) for column in columns}
        if wanted <= titles and "name" in fields and len(fields) > 1:
            return row
        like = (len(wanted & titles), len(fields), len(titles))
        if like > likeness:
            best, likeness = row, like
    raise _no_header(sheet, best, column_map)


def _no_header(sheet: Sheet, best: Row, column_map: Mapping[str, str]) -> RosterRefused:
    columns = columns_of(best, column_map)
    sentence = _l(
        "「%(file)s」里找不到表头：没有哪一行写着姓名和别的列名。看到的内容：%(seen)s。",
        file=sheet.file, seen=_listed([column.title for column in columns]),
    )  # fmt: skip
    return RosterRefused(sentence, field="column_map", header_no=best.no, seen=columns)


def _check_fields(column_map: Mapping[str, str]) -> None:
    for title, field in column_map.items():
        if field not in (*FIELDS, IGNORE):
            sentence = _l(
                "「%(title)s」不能对应到「%(field)s」：可用的有 %(fields)s。",
                title=title, field=field, fields="、".join((*FIELDS, IGNORE)),
            )  # fmt: skip
            raise RosterRefused(sentence, field="column_map")


def _text(row: Row, index: int) -> str:
    cell = row.cells[index] if index < len(row.cells) else None
    return "" if is_blank(cell) else as_text(cell)


def as_text(cell: Cell) -> str:
    """A cell as text: a day as ISO, a number that lost its last digits as the power of ten that it is."""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and abs(cell) >= _EXACT:
        return f"{cell:.5E}"
    return text_of(cell).removeprefix("'")


def _listed(titles: Sequence[str] | dict[str, None]) -> str:
    return "、".join(f"「{title[:30]}」" for title in list(titles)[:_SHOWN]) or "—"
