"""Tables made for tests: workbooks old and new, whole, encrypted and malicious. No file of anybody else is needed."""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence

import openpyxl

Value = object
Rows = Sequence[Sequence[Value]]

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def xlsx(rows: Rows, *, title: str = "表", more: Mapping[str, Rows] | None = None) -> bytes:
    """A workbook as a spreadsheet program writes it, with further sheets by name."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in {title: rows, **(more or {})}.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """The bytes of an openpyxl workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rewritten(archive: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same zip archive, its parts changed by `change(name, content)`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


def archive(parts: Mapping[str, bytes]) -> bytes:
    """A zip archive of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


def xls(rows: Rows, *, encrypted: bool = False, far: bool = False) -> bytes:
    """An Excel 97 workbook of texts and numbers. `encrypted` marks it so; `far` adds a cell in the last corner."""
    return compound({"Workbook": _biff(rows, encrypted=encrypted, far=far)})


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file, the container of old Office files and of encrypted new ones."""
    contents = [content.ljust(max(4096, -(-len(content) // _SECTOR) * _SECTOR), b"\0") for content in streams.values()]
    fat: list[int] = []
    starts = [_chain(fat, len(content)) for content in contents]
    directory = _directory(list(streams), starts, [len(content) for content in contents])
    first = _chain(fat, len(directory))
    count = next(n for n in range(1, 200) if len(fat) + n <= n * 128)
    at = len(fat)
    fat += [_FAT] * count
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(count * _SECTOR, b"\xff")
    return _head(count, first, at) + b"".join(contents) + directory + table


def _chain(fat: list[int], size: int) -> int:
    start, count = len(fat), size // _SECTOR
    fat += [start + i + 1 for i in range(count - 1)] + [_END]
    return start


def _head(count: int, first: int, at: int) -> bytes:
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, count, first, 0, 4096, _END, 0, _END, 0)
    return head + struct.pack(f"<{count}I", *range(at, at + count)).ljust(_SECTOR - len(head), b"\xff")


def _directory(names: list[str], starts: list[int], sizes: list[int]) -> bytes:
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    for n, (name, start, size) in enumerate(zip(names, starts, sizes, strict=True), start=1):
        entries.append(_entry(name, 2, start, size, right=n + 1 if n < len(names) else _FREE))
    body = b"".join(entries)
    return body.ljust(-(-len(body) // _SECTOR) * _SECTOR, b"\0")


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    letters = name.encode("utf-16-le")
    head = letters.ljust(64, b"\0") + struct.pack("<HBB3I", len(letters) + 2, kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _begin(kind: int) -> bytes:
    return _record(0x809, struct.pack("<4H2I", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _biff(rows: Rows, *, encrypted: bool, far: bool) -> bytes:
    end = _record(0x0A, b"")
    head = _begin(5) + (_record(0x2F, struct.pack("<3H", 1, 1, 1) + bytes(48)) if encrypted else b"")
    head += _record(0x42, struct.pack("<H", 1200))
    name = "表".encode("utf-16-le")
    size = len(head) + 4 + 8 + len(name) + len(end)
    cells = [_cell(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row) if value is not None]
    cells += [_cell(65_535, 255, 1.0)] if far else []
    sheet = _record(0x85, struct.pack("<I4B", size, 0, 0, 1, 1) + name)
    return head + sheet + end + _begin(0x10) + b"".join(cells) + end


def _cell(row: int, column: int, value: Value) -> bytes:
    if isinstance(value, str):
        return _record(0x204, struct.pack("<4HB", row, column, 0, len(value), 1) + value.encode("utf-16-le"))
    assert isinstance(value, int | float)
    return _record(0x203, struct.pack("<3Hd", row, column, 0, float(value)))
