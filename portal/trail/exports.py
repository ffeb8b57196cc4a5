"""The trail as a file for spreadsheets; Chinese whatever the reader's language, as all files for the record are."""

from collections.abc import Iterator

from flask import Response

from portal.clock import in_china
from portal.trail.details import in_full
from portal.trail.queries import TrailLine, every_line
from portal.trail.words import deed_words, record_words, via_words, who_words
from portal.web.exports import Cell, csv_file
from portal.web.tables import Listing
from portal.words import SOURCE, spoken

HEAD = (
    "编号", "时间", "谁", "人员编号", "做了什么", "动作", "哪种记录", "记录编号", "说明", "请求编号",
    "来路", "登录编号",
)  # fmt: skip


def trail_file(listing: Listing) -> Response:
    """All lines that fit, the newest first, as CSV."""
    return csv_file("audit", HEAD, _rows(every_line(listing)))


# This runs while the answer streams, when the request is over.
def _rows(lines: Iterator[TrailLine]) -> Iterator[tuple[Cell, ...]]:
    for line in lines:
        with spoken(SOURCE):
            cells = _cells(line)
        yield cells


def _cells(line: TrailLine) -> tuple[Cell, ...]:
    who = who_words(line.actor_name, line.actor_id, line.request_id)
    deed, record = deed_words(line.action), record_words(line.subject_kind)
    at = in_china(line.at).isoformat(timespec="seconds")
    said, came_from = in_full(line.detail), (line.request_id, via_words(line.via), line.sign_in_id)
    return line.id, at, who, line.actor_id, deed, line.action, record, line.subject_id, said, *came_from
