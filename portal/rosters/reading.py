"""From an uploaded file to its rows as texts. Slow work that touches no database: no transaction is open."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.files.cells import text_of
from portal.files.inspection import LIMITS, TooManyRows
from portal.files.sheets import Sheet, read_sheet
from portal.rosters.columns import Column
from portal.rosters.recognising import FileRow, RosterRefused, recognise

MOST_ROWS = 100_000
SAMPLE_LENGTH = 24

_LIMITS = replace(LIMITS, rows=MOST_ROWS + 500)
"""Some rows more, for titles above the header and remarks below."""


@dataclass(frozen=True)
class Reading:
    """What was read. Either there are rows, or `refusal` says why not; `columns` and `notes` are plain data."""

    columns: dict[str, Any]
    column_map: Mapping[str, str]
    notes: dict[str, Any]
    rows: tuple[FileRow, ...] = ()
    refusal: RosterRefused | None = None


def read_roster(
    content: bytes,
    *,
    filename: str,
    column_map: Mapping[str, str],
    kept: Mapping[str, Mapping[str, str]],
    opened: Callable[[], None] = lambda: None,
) -> Reading:
    """Read the file; `opened` is called halfway. `kept`: layouts that were named before, by their fingerprint.

    Raises FileRefused (no table), RosterRefused (nobody can mend it on a page).
    """
    sheet = read_sheet(content, filename=filename, limits=_LIMITS)
    opened()
    notes = {"sheet": sheet.name, "others": list(sheet.others)}
    try:
        found = recognise(sheet, column_map=column_map, kept=kept)
    except RosterRefused as refusal:
        if len(refusal.seen) < 2:
            raise
        return Reading(_columns(sheet, refusal.header_no, refusal.seen), column_map, notes, refusal=refusal)
    rows = tuple(found.rows())
    if len(rows) > MOST_ROWS:
        raise TooManyRows(filename)
    return Reading(_columns(sheet, found.header_no, found.columns), found.column_map, notes, rows)


def _columns(sheet: Sheet, header_no: int, columns: Sequence[Column]) -> dict[str, Any]:
    titles = [
        {"title": one.title[:80], "field": one.field, "sample": _sample(sheet, header_no, one.index)} for one in columns
    ]
    return {"header_no": header_no, "titles": titles}


def _sample(sheet: Sheet, header_no: int, index: int) -> str:
    """What stands in a column first, masked behind its beginning: enough to tell the column from its neighbours."""
    below = (row.cells[index] for row in sheet.rows if row.no > header_no and index < len(row.cells))
    text = next((text_of(cell) for cell in below if cell is not None), "")
    return f"{text[:2]}…" if len(text) > 3 else text[:1]
