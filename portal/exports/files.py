"""What stands in a file that leaves: who took it, what for, and by which day it is to be deleted.

Chinese whatever the reader's language, as all files for the record are. The line comes last and begins with a mark, so
that a list that is read in again leaves it out.
"""

from collections.abc import Iterable, Iterator, Sequence

from flask import Response

from portal.clock import in_china
from portal.exports.models import Export
from portal.web.exports import Cell, csv_file

MARK = "※"
"""How a line begins that is no row of the list. Whoever reads a list skips rows whose first cell begins so."""


def footer(export: Export) -> str:
    """The sentence for the end of a file."""
    taken = f"{in_china(export.at):%Y-%m-%d %H:%M}"
    return (
        f"{MARK}用途：{export.purpose}。导出人：{export.person.name}，{taken}。"
        f"含个人信息 {export.count} 人，有效至 {export.expires_on}，请按期删除，不得另作他用（导出编号 {export.id}）。"
    )


def is_footer(cell: object) -> bool:
    """Whether a row that begins with this cell is such a line."""
    return isinstance(cell, str) and cell.lstrip("'\ufeff \t").startswith(MARK)


def signed(rows: Iterable[Sequence[Cell]], export: Export) -> Iterator[Sequence[Cell]]:
    """The rows, and then the sentence as a row of one cell. Made now: rows are read when the request is over."""
    last = footer(export)

    def lines() -> Iterator[Sequence[Cell]]:
        yield from rows
        yield (last,)

    return lines()


def signed_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], export: Export) -> Response:
    """A CSV file for download that says what it is for. `name` without its ending."""
    return csv_file(name, head, signed(rows, export))
