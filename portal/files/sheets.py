"""Uploaded tables, opened safely: `read_sheet` gives the filled rows of one sheet, as they stand in the file.

Workbooks are parsed in a process of their own (see `workbook_process.py`), text is parsed here. Formulas count with the
value the spreadsheet program stored in the file; one that was never calculated is an empty cell. Of merged cells only
the first holds a value. Nothing is interpreted here: what a column means is for the room that asked.
"""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from portal.files.inspection import (
    LIMITS,
    DamagedFile,
    EmptyWorkbook,
    FileRefused,
    FileTooLarge,
    InflatesTooMuch,
    Kind,
    Limits,
    NoSuchSheet,
    NotATable,
    OtherTableFormat,
    PasswordProtected,
    TooManyColumns,
    TooManyRows,
    TooSlow,
    kind_of,
)

Cell = str | int | float | Decimal | date | datetime | None

_READER = Path(__file__).with_name("workbook_process.py")
_REFUSALS: dict[str, type[FileRefused]] = {
    "password": PasswordProtected,
    "damaged": DamagedFile,
    "memory": InflatesTooMuch,
    "empty": EmptyWorkbook,
    "rows": TooManyRows,
    "columns": TooManyColumns,
    "sheet": NoSuchSheet,
}
_KEPT = ("LD_LIBRARY_PATH", "PATH")
_CODES = ("utf-8", "gb18030")
_DELIMITERS = "\t,;"
_WEB_PAGES = ("<html", "<!doctype", "<table", "<?xml", "<meta", "<style")


class Row(NamedTuple):
    """One filled row: its number in the file, counted from 1, and its cells up to the last filled one."""

    no: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """The filled rows of one sheet of `file`; `others` names further sheets of the workbook that hold something."""

    file: str
    kind: Kind
    name: str
    rows: tuple[Row, ...]
    others: tuple[str, ...] = ()


def read_sheet(source: Path | bytes, *, filename: str, sheet: str | None = None, limits: Limits = LIMITS) -> Sheet:
    """The first shown sheet that holds something, or the one called `sheet`. Raises a FileRefused.

    `filename` is what its owner calls the file; it is shown in sentences and never used as a path.
    """
    content = _content(source, filename, limits)
    kind = kind_of(content, filename, limits=limits)
    if kind == "text":
        return _text_sheet(content, filename, limits)
    return _workbook_sheet(content, kind, filename, sheet, limits)


def _content(source: Path | bytes, filename: str, limits: Limits) -> bytes:
    if isinstance(source, bytes):
        return source
    if source.stat().st_size > limits.size:
        raise FileTooLarge(filename)
    return source.read_bytes()


def _workbook_sheet(content: bytes, kind: Kind, filename: str, sheet: str | None, limits: Limits) -> Sheet:
    with tempfile.TemporaryDirectory(prefix="table-") as folder:
        path = Path(folder) / f"table.{kind}"
        path.write_bytes(content)
        read = _read_apart(path, filename, sheet, limits)
    if "refused" in read:
        raise _REFUSALS[read["refused"]](filename)
    rows = tuple(Row(number, tuple(_cell(value) for value in cells)) for number, cells in read["rows"])
    return Sheet(filename, kind, read["name"], rows, tuple(read["others"]))


def _read_apart(path: Path, filename: str, sheet: str | None, limits: Limits) -> dict[str, Any]:
    """What the reading process prints. It does not get the environment: a parser has no use for the portal's keys."""
    asked = {
        "memory": limits.memory,
        "seconds": max(1, int(limits.seconds)),
        "rows": limits.rows,
        "columns": limits.columns,
        "sheet": sheet,
    }
    command = [sys.executable, "-I", str(_READER), str(path), json.dumps(asked)]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        done = subprocess.run(command, capture_output=True, timeout=limits.seconds, env=kept, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as late:
        raise TooSlow(filename) from late
    _check_ending(done, filename)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _check_ending(done: "subprocess.CompletedProcess[bytes]", filename: str) -> None:
    """A signal means its limit on time or memory. An exit by itself is a fault of the portal, not of the file."""
    if done.returncode == -signal.SIGXCPU:
        raise TooSlow(filename)
    if done.returncode < 0:
        raise InflatesTooMuch(filename)
    if done.returncode > 0:
        raise RuntimeError(done.stderr.decode("utf-8", "replace")[-2000:])


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["moment"]) if "moment" in value else date.fromisoformat(value["day"])
    cell: Cell = value
    return cell


def _text_sheet(content: bytes, filename: str, limits: Limits) -> Sheet:
    text = _decoded(content, filename)
    if not text.strip():
        raise EmptyWorkbook(filename)
    if text.lstrip().lower().startswith(_WEB_PAGES):
        raise OtherTableFormat(filename)
    return Sheet(filename, "text", "", _rows(text, filename, limits))


def _decoded(content: bytes, filename: str) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else GB18030; a few broken letters become U+FFFD."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(content.decode("utf-16", "replace"), filename)
    content = content.removeprefix(b"\xef\xbb\xbf")
    for code in _CODES:
        try:
            return _checked(content.decode(code), filename)
        except UnicodeDecodeError:
            continue
    texts = [content.decode(code, "replace") for code in _CODES]
    return _checked(min(texts, key=lambda text: text.count("\ufffd")), filename)


def _checked(text: str, filename: str) -> str:
    """The text without null bytes, if it is text: a program or picture shows by its control characters."""
    strange = sum(c == "\ufffd" or (c < " " and c not in "\t\n\r\0\x0b\x0c\x1a") for c in text[:100_000])
    nulls = text.count("\0")
    if strange > len(text) // 200 + 2 or nulls > len(text) // 10 + 2:
        raise NotATable(filename)
    return text.replace("\0", "")


def _rows(text: str, filename: str, limits: Limits) -> tuple[Row, ...]:
    delimiter = _delimiter(text)
    records = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return tuple(_filled(records, filename, limits))
    except csv.Error:
        return _rows_with_loose_quotes(text, delimiter, filename, limits)


def _rows_with_loose_quotes(text: str, delimiter: str, filename: str, limits: Limits) -> tuple[Row, ...]:
    """Banks leave quotes unescaped inside a field, which is harmless; a quote that swallows whole lines is not."""
    records = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = tuple(_filled(records, filename, limits))
    except csv.Error as error:
        raise DamagedFile(filename) from error
    if any("\n" in str(cell).rstrip("\r\n") for row in rows for cell in row.cells):
        raise DamagedFile(filename)
    return rows


def _delimiter(text: str) -> str:
    """The one that gives most lines the same number of columns."""
    lines = text[: 1 << 16].splitlines()

    def agreement(delimiter: str) -> int:
        widths = Counter(len(record) for record in csv.reader(lines, delimiter=delimiter) if len(record) > 1)
        return max(widths.values(), default=0)

    return max(_DELIMITERS, key=agreement)


def _filled(records: Iterable[list[str]], filename: str, limits: Limits) -> Iterator[Row]:
    """Records that hold something, numbered as a spreadsheet program would number them."""
    count = 0
    for number, record in enumerate(records, start=1):
        cells: list[Cell] = [text if text.strip() else None for text in record]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > limits.rows:
            raise TooManyRows(filename)
        if len(cells) > limits.columns:
            raise TooManyColumns(filename)
        yield Row(number, tuple(cells))
