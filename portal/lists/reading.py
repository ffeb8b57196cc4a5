"""From an uploaded file to what the portal keeps of it. Slow work that touches no database: no transaction is open."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from portal.files.cells import text_of
from portal.files.inspection import shown_name
from portal.files.sheets import Row, Sheet, read_sheet
from portal.lists.columns import columns_of
from portal.lists.parsing import DateNeeded, ListRefused, ParsedList, Recognised, parse, recognise
from portal.lists.recognising import AmbiguousColumn, MissingAmount, NoHeader

MENDABLE = (MissingAmount, AmbiguousColumn, NoHeader, DateNeeded)
"""What the cashier can mend on the page by naming columns or the date: the file need not be sent again."""

MOST_NOTES = 20
MOST_NAMELESS = 10
SAMPLE_LENGTH = 24


@dataclass(frozen=True)
class Unread:
    """A list whose file is stored and not read yet, and what is known besides: the same that reading is told."""

    filename: str
    method: str
    default_date: date | None
    column_map: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What was read. Either `parsed` is there, or `refusal` says why not; `columns` and `notes` are plain data."""

    filename: str
    content: bytes
    method: str
    default_date: date | None
    column_map: Mapping[str, str]
    columns: dict[str, Any]
    notes: dict[str, Any]
    parsed: ParsedList | None = None
    refusal: ListRefused | None = None

    @property
    def content_hash(self) -> str:
        """Of the normalised rows; of the bytes where no row could be read."""
        return self.parsed.content_hash if self.parsed else hashlib.sha256(self.content).hexdigest()


def read_list(
    source: Path | bytes,
    *,
    filename: str,
    method: str,
    today: date,
    default_date: date | None = None,
    column_map: Mapping[str, str] | None = None,
    opened: Callable[[], None] = lambda: None,
) -> Reading:
    """Read a list of gifts; `opened` is called halfway, when its cells are there and their meaning is not.

    Raises FileRefused (no table) or ListRefused (a table that nobody can mend on a page).
    """
    content = source if isinstance(source, bytes) else source.read_bytes()
    filename = shown_name(filename)
    sheet = read_sheet(content, filename=filename)
    opened()
    column_map = dict(column_map or {})
    asked = (filename, content, method, default_date, column_map)
    try:
        recognised = recognise(sheet, column_map=column_map)
        parsed = parse(recognised, today=today, default_method=method, default_date=default_date)
    except MENDABLE as refusal:
        if len(set(refusal.seen)) < 2:
            raise
        return Reading(*asked, _columns_seen(sheet, refusal, column_map), _notes(sheet), refusal=refusal)
    return Reading(*asked, _columns(sheet, recognised), _notes(sheet, parsed, recognised), parsed=parsed)


def _columns(sheet: Sheet, recognised: Recognised) -> dict[str, Any]:
    return {
        "header_no": recognised.header_no,
        "titles": [
            {"title": column.title, "field": column.field, "sample": _sample(sheet, recognised.header_no, column.index)}
            for column in recognised.columns
        ],
    }


def _columns_seen(sheet: Sheet, refusal: ListRefused, column_map: Mapping[str, str]) -> dict[str, Any]:
    """The titles that were seen before reading failed, with what they are known to be."""
    header = _header(sheet, refusal)
    columns = columns_of(header, column_map) if header else ()
    return {
        "header_no": refusal.header_no,
        "titles": [
            {"title": column.title, "field": column.field, "sample": _sample(sheet, header.no, column.index)}
            for column in columns
            if header
        ],
    }


def _header(sheet: Sheet, refusal: ListRefused) -> Row | None:
    wanted = set(refusal.seen)
    return next((row for row in sheet.rows if wanted <= {text_of(cell) for cell in row.cells}), None)


def _sample(sheet: Sheet, header_no: int, index: int) -> str:
    """What stands in a column first, so that a person can tell it from its neighbours."""
    below = (row.cells[index] for row in sheet.rows if row.no > header_no and index < len(row.cells))
    return next((text_of(cell)[:SAMPLE_LENGTH] for cell in below if cell is not None), "")


def _notes(sheet: Sheet, parsed: ParsedList | None = None, recognised: Recognised | None = None) -> dict[str, Any]:
    """What the reader has to say besides the rows: other sheets, what no gift is, remarks, rows without a donor."""
    notes: dict[str, Any] = {"sheet": sheet.name, "others": list(sheet.others), "left_out": [], "remarks": []}
    if parsed and recognised:
        notes["left_out"] = [{"reason": one.reason, "rows": one.rows, "fen": one.fen} for one in parsed.left_out]
        notes["remarks"] = [{"row_no": note.row_no, "text": note.text} for note in parsed.notes[:MOST_NOTES]]
        notes["nameless"] = _nameless(parsed, recognised)
    return notes


def _nameless(parsed: ParsedList, recognised: Recognised) -> dict[str, Any]:
    """Rows whose donor is blank in a list that has the column: truly unknown, or cells merged over several rows."""
    has_column = "donor_name" in recognised.first
    row_nos = [row.row_no for row in parsed.rows if has_column and row.is_nameless]
    return {"rows": len(row_nos), "first": row_nos[:MOST_NAMELESS]}
