"""Whole lists as data: CSV for spreadsheets, JSON for programs. Streamed, so that a long list costs no memory."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response

Cell = str | int | None

BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for the machine's old encoding."""

_FORMULA = re.compile(r"(?!-?\d+(\.\d+)?$)(\s*[=+\-@＝＋－＠]|[\t\r\n])")
_LINES_A_PART = 500


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A CSV file for download. `name` without its ending; `rows` are read after the request has ended."""
    return _file(csv_parts(head, rows), f"{name}.csv", "text/csv; charset=utf-8")


def json_file(name: str, about: Mapping[str, Any], key: str, rows: Iterable[Mapping[str, Any]]) -> Response:
    """A JSON object for download: what it is `about`, then the rows as a list under `key`, one a line."""
    return _file(_json_parts(about, key, rows), f"{name}.json", "application/json", inline=True)


def attachment(name: str) -> str:
    """Content-Disposition for a file whose name may be Chinese: plain letters for old programs, UTF-8 for others."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "", name).strip(".-_") or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def harmless(cell: Cell) -> Cell:
    """Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers are left alone."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _file(parts: Iterator[str], name: str, kind: str, *, inline: bool = False) -> Response:
    response = Response(parts, content_type=kind)
    if not inline:
        response.headers["Content-Disposition"] = attachment(name)
    return response


def csv_parts(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The text of a CSV file, some hundred lines at a time."""
    text = io.StringIO(BOM)
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text)
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(cell) for cell in row])
        if number % _LINES_A_PART == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _json_parts(about: Mapping[str, Any], key: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield _json(about).removesuffix("}") + (", " if about else "") + f"{_json(key)}: ["
    lines: list[str] = []
    before = "\n"
    for row in rows:
        lines.append(before + _json(row))
        before = ",\n"
        if len(lines) == _LINES_A_PART:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines) + "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
