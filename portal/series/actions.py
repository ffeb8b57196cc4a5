from sqlalchemy import text

from portal.db import rows
from portal.problems import AlreadyDone, DomainError
from portal.words import _l

# One statement on both engines. It is sent three times for each gift: built of parts it takes longer to say than to do.
_TAKE = text(
    "INSERT INTO series_series (name, last) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET last = series_series.last + excluded.last RETURNING last"
)
_GO_ON = text(
    "INSERT INTO series_series (name, first, last) VALUES (:name, :first, :last) ON CONFLICT (name) DO NOTHING"
)
LAST_ON_PAPER = 899_999
"""Six digits are printed; some are left for this year."""


def take(name: str, count: int = 1) -> int:
    """The first of `count` consecutive numbers, beginning with 1.

    The row stays locked until this transaction ends: one that rolls back gives its numbers back, so no gap remains.
    """
    last: int = rows(_TAKE, {"name": name, "count": count}).scalar_one()
    return last - count + 1


def go_on_after(name: str, last: int) -> None:
    """Let a run that has not begun here go on after the number that was given out last on paper.

    Raises DomainError (not a number that paper can hold), AlreadyDone (numbers were given out here already).
    """
    if not 0 <= last <= LAST_ON_PAPER:
        raise DomainError(_l("编号要在 0 到 %(most)d 之间。", most=LAST_ON_PAPER), field="last")
    if rows(_GO_ON, {"name": name, "first": last + 1, "last": last}).rowcount == 0:
        raise AlreadyDone(_l("「%(name)s」在这里已经编过号，不能再接纸上的号。", name=name), field="last")
