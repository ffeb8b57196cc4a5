"""Whole lists as Excel workbooks, made while they are sent: a long list costs no memory.

Every cell is text, written as such: nothing in it can become a formula, and no number loses its digits (ECMA-376
part 1, 18.3.1.4 and 18.18.11).
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import chain

from flask import Response

from portal.web.exports import Cell, attachment

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
"""Characters that a cell can hold (Excel's own limit)."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    # The one format of all cells is text (49): what is typed over a number stays as it is typed.
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="49" applyNumberFormat="1"/></cellXfs></styleSheet>',
}
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ROWS_A_PART = 500


def xlsx_file(name: str, sheet: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """A workbook for download. `name` without its ending; `rows` are read after the request has ended."""
    response = Response(xlsx_parts(sheet, head, rows), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = attachment(f"{name}.xlsx")
    return response


def xlsx_parts(sheet: str, head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The bytes of a workbook of one sheet, some at a time."""
    out = _Pipe()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in (*_PARTS.items(), ("xl/workbook.xml", _workbook(sheet))):
            archive.writestr(part, _HEAD + content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as body:
            body.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            lines: list[str] = []
            for line in map(_row, chain([head], rows)):
                lines.append(line)
                if len(lines) == _ROWS_A_PART:
                    body.write("".join(lines).encode())
                    lines.clear()
                    yield out.taken()
            body.write("".join([*lines, "</sheetData></worksheet>"]).encode())
    yield out.taken()


class _Pipe(io.RawIOBase):
    """What the archive writes, until it is sent on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: "bytes | bytearray | memoryview") -> int:  # type: ignore[override] # narrower than any buffer
        self._parts.append(bytes(part))
        return len(part)

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _workbook(sheet: str) -> str:
    name = escape(re.sub(r"[\[\]:*?/\\]", " ", sheet)[:31])
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="{name}" sheetId="1" r:id="r1"/></sheets>'
        "</workbook>"
    )


def _row(cells: Sequence[Cell]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(cell: Cell) -> str:
    text = "" if cell is None else _NOT_XML.sub("", str(cell))[:LONGEST_CELL]
    return f'<c t="inlineStr" s="1"><is><t xml:space="preserve">{escape(text, quote=False)}</t></is></c>'
