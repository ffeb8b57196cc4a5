"""What the command line prints of a list as JSON. Sums in 分."""

from collections.abc import Collection
from typing import Any

from portal.lists.keeping import row_values
from portal.lists.models import DonationImport, ImportStatus
from portal.lists.problems import NothingToBook, ProblemsInTheWay
from portal.lists.queries import list_with, same_list
from portal.lists.reading import Reading
from portal.problems import DomainError
from portal.words import _l

NAMES = ("rows", "accepted", "problems", "repeats", "total_fen")

_STATUS_WORDS = {
    ImportStatus.READING: "preview",
    ImportStatus.PREVIEW: "preview",
    ImportStatus.WAITING: "waiting",
    ImportStatus.BOOKING: "waiting",
    ImportStatus.BOOKED: "booked",
    ImportStatus.RETURNED: "refused",
    ImportStatus.WITHDRAWN: "refused",
}


def summary(imported: DonationImport | None) -> dict[str, Any]:
    """The list as it is kept; None for a file that could not be read."""
    if imported is None:
        return {"status": "refused", "import": None, **dict.fromkeys(NAMES, 0)}
    is_again = imported.status == ImportStatus.PREVIEW and same_list(imported) is not None
    status = "already-imported" if is_again else _STATUS_WORDS[ImportStatus(imported.status)]
    return {"status": status, "import": imported.id, **{name: getattr(imported, name) for name in NAMES}}


class Look:
    """A list that was read and is not kept: what it would come to, with these rows left out.

    Raises DomainError where a row to leave out is not in the list.
    """

    def __init__(self, fund_id: int, reading: Reading, leave_out: Collection[int]) -> None:
        self.earlier = list_with(reading.content_hash, fund_id)
        self._in_the_way: list[int] = []
        self._sums = dict.fromkeys(NAMES, 0)
        left, seen = set(leave_out), set()
        for row in row_values(fund_id, reading):
            seen.add(row["row_no"])
            self._count(row, is_left_out=row["row_no"] in left)
        if missing := left - seen:
            raise DomainError(_l("名单里没有第 %(row)s 行。", row=min(missing)), field="row")

    def summary(self) -> dict[str, Any]:
        """The same as of a list that is kept, which has a number besides."""
        return {"status": "already-imported" if self.earlier else "preview", "import": None, **self._sums}

    def require_ready(self) -> None:
        """Refuse what would only be kept to stand there unfinished. Raises ProblemsInTheWay, NothingToBook."""
        if self._in_the_way:
            raise ProblemsInTheWay(self._in_the_way)
        if not self._sums["accepted"]:
            raise NothingToBook

    def _count(self, row: dict[str, Any], *, is_left_out: bool) -> None:
        sums = self._sums
        sums["rows"] += 1
        sums["problems"] += row["is_bad"]
        sums["repeats"] += row["is_repeat"]
        if row["is_bad"] and not is_left_out:
            self._in_the_way.append(row["row_no"])
        elif not is_left_out:
            sums["accepted"] += 1
            sums["total_fen"] += row["fen"] or 0
