"""The wrong rows of a roster as a file: what stands in them, and what is wrong, to be mended and brought again."""

from collections.abc import Sequence

from flask import Response
from sqlalchemy import Connection, Row, bindparam, select

from portal.rosters.keeping import split_cells
from portal.rosters.models import Roster, RosterRow, RowKind
from portal.rosters.parts import Part, in_parts
from portal.web.exports import Cell, csv_file
from portal.web.libs import _
from portal.web.preferences import language

ROWS_A_PART = 1_000
_WRONG = (
    select(RosterRow.row_no, RosterRow.cells, RosterRow.problem_words)
    .where(RosterRow.roster_id == bindparam("roster"), RosterRow.kind == RowKind.WRONG.value)
    .where(RosterRow.row_no > bindparam("after"))
    .order_by(RosterRow.row_no)
    .limit(ROWS_A_PART)
)


def wrong_csv(roster: Roster) -> Response:
    """The columns of the file itself, and two more, which a second reading leaves alone."""
    titles = [one["title"] for one in roster.columns["titles"]]
    head = [*titles, _("原来的行号"), _("问题")]
    roster_id, lang = roster.id, language()

    def read(connection: Connection, after: int) -> Part[Sequence[Cell]] | None:
        rows = connection.execute(_WRONG, {"roster": roster_id, "after": after}).all()
        return (rows[-1].row_no, [_line(row, len(titles), lang) for row in rows]) if rows else None

    return csv_file(f"{_('名册')}{roster_id}-{_('有错误的行')}", head, in_parts(read))


def _line(row: Row[int, str | None, list[dict[str, str]]], width: int, lang: str) -> list[Cell]:
    row_no, cells, problems = row
    texts: list[Cell] = list(split_cells(cells, width))
    said = "；".join(f"{one['column']}：{one[lang]}" if one["column"] else one[lang] for one in problems)
    return [*texts, row_no, said]
