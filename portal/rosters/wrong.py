"""The wrong rows of a roster as a file: what stands in them, and what is wrong, to be mended and brought again."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Response
from sqlalchemy import bindparam, select

from portal.db import streamed
from portal.rosters.models import Roster, RosterRow, RowKind
from portal.web.exports import Cell, csv_file
from portal.web.libs import _
from portal.web.preferences import language

_WRONG = (
    select(RosterRow.row_no, RosterRow.cells, RosterRow.problem_words)
    .where(RosterRow.roster_id == bindparam("roster"), RosterRow.kind == RowKind.WRONG.value)
    .order_by(RosterRow.row_no)
)


def wrong_csv(roster: Roster) -> Response:
    """The columns of the file itself, and two more, which a second reading leaves alone."""
    titles = [one["title"] for one in roster.columns["titles"]]
    head = [*titles, _("原来的行号"), _("问题")]
    rows = streamed(_WRONG, {"roster": roster.id})
    return csv_file(f"{_('名册')}{roster.id}-{_('有错误的行')}", head, _lines(rows, len(titles), language()))


def _lines(rows: Iterator[Any], width: int, lang: str) -> Iterator[list[Cell]]:
    for row_no, cells, problems in rows:
        texts: list[Cell] = [*json.loads(cells or "[]"), *[""] * width][:width]
        said = "；".join(f"{one['column']}：{one[lang]}" if one["column"] else one[lang] for one in problems)
        yield [*texts, row_no, said]
