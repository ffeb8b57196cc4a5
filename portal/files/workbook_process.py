"""A process of its own that reads one workbook and prints its cells as JSON; it knows nothing of the portal.

The parser lays a sheet out as a full rectangle: one stray cell in the last corner asks for half a terabyte and ends
the process. It ends this one, whose memory and time are limited, and never a server that others are using.
Run by path as `python -I workbook_process.py FILE LIMITS`; LIMITS is JSON with memory, seconds, rows, columns, sheet.
"""

import json
import resource
import sys
from datetime import date, datetime
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)


class Refused(Exception):
    """Why there is no table; the argument is a word that the caller turns into a sentence."""


def main(path: str, limits: dict[str, Any]) -> dict[str, Any]:
    """The first sheet that holds something (or the one asked for) and the names of the others that do."""
    try:
        return _chosen(CalamineWorkbook.from_path(path), limits)
    except Refused as refused:
        return {"refused": str(refused)}
    except PasswordError:
        return {"refused": "password"}
    except (CalamineError, OSError, ValueError):
        return {"refused": "damaged"}
    except BaseException as error:
        # A panic of the parser is no Exception, and its class cannot be imported.
        if type(error).__name__ == "PanicException":
            return {"refused": "damaged"}
        raise


def _chosen(book: CalamineWorkbook, limits: dict[str, Any]) -> dict[str, Any]:
    wanted: str | None = limits["sheet"]
    chosen: CalamineSheet | None = None
    others: list[str] = []
    for name in _worksheets(book, wanted):
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:
            continue
        if chosen is None and wanted in (None, name):
            chosen = sheet
        else:
            others.append(name)
    rows = _rows(chosen, limits["rows"], limits["columns"]) if chosen else []
    if not chosen or not rows:
        raise Refused("empty")
    return {"name": chosen.name, "others": others, "rows": rows}


def _worksheets(book: CalamineWorkbook, wanted: str | None) -> list[str]:
    """Names of the sheets with cells: those that are shown, or all where every one is hidden."""
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    shown = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    names = shown or [sheet.name for sheet in sheets]
    if wanted is not None and wanted not in names:
        raise Refused("sheet")
    return names


def _rows(sheet: CalamineSheet, most_rows: int, most_columns: int) -> list[tuple[int, list[Any]]]:
    """Rows that hold something, with their number in the file, without the empty cells at their end."""
    left = [None] * (sheet.start[1] if sheet.start else 0)
    rows: list[tuple[int, list[Any]]] = []
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = left + [_plain(value) for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        if len(cells) > most_columns:
            raise Refused("columns")
        if len(rows) >= most_rows:
            raise Refused("rows")
        rows.append((number, cells))
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value if isinstance(value, int | float) else str(value)


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(path: str, limits: dict[str, Any]) -> str:
    try:
        return json.dumps(main(path, limits))
    except MemoryError:
        return json.dumps({"refused": "memory"})


if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    _limit(asked["memory"], asked["seconds"])
    sys.stdout.write(_answer(sys.argv[1], asked))
