"""Which rows of a list are perhaps in the books already: named, never dropped, since twins are real."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, scoped_session

from portal.db import db
from portal.funds.models import Gift
from portal.lists.parsing import ListRow, Repeat

Alike = tuple[date, str, int]
AnySession = Session | scoped_session[Any]

ORDERS_A_QUERY = 1_000

_OF_ORDERS = select(Gift.order_no, Gift.id).where(
    Gift.fund_id == bindparam("fund"), Gift.order_no.in_(bindparam("orders", expanding=True))
)
_OF_DAYS = (
    select(Gift.received_on, Gift.donor_name, Gift.fen, Gift.id, Gift.order_no)
    .where(Gift.fund_id == bindparam("fund"), Gift.received_on.between(bindparam("first"), bindparam("last")))
    .order_by(Gift.id.desc())
)


class Candidate(NamedTuple):
    """What a row is compared by."""

    row_no: int
    received_on: date | None
    donor_name: str
    fen: int | None
    order_no: str


class Same(NamedTuple):
    """A gift that the fund has already; `by_order` when both carry one order number, which a payment has alone."""

    gift_id: int
    by_order: bool


def candidates(rows: Iterable[ListRow]) -> list[Candidate]:
    return [Candidate(row.row_no, row.received_on, row.donor_name, row.fen, row.order_no) for row in rows]


def twins(repeats: Iterable[Repeat]) -> dict[int, int]:
    """Row number → number of the first row of the list that is alike."""
    return {again: repeat.row_nos[0] for repeat in repeats for again in repeat.row_nos[1:]}


def booked_before(fund_id: int, rows: Sequence[Candidate], *, session: Session | None = None) -> dict[int, Same]:
    """Row number → the gift of the fund that the row seems to be: one gift answers for one row, in the list's order.

    Equal order numbers decide; without them day, donor and amount do, unless both have order numbers that differ.
    Asked in `session`, for those who must not hold the turn to write meanwhile; otherwise in the portal's own.
    """
    asked: AnySession = session or db.session
    found = {no: Same(gift_id, by_order=True) for no, gift_id in _by_order(asked, fund_id, rows)}
    there = _alike_there(asked, fund_id, rows, but={same.gift_id for same in found.values()})
    for row in rows:
        if row.row_no not in found and row.received_on and row.fen:
            gifts = there.get((row.received_on, row.donor_name, row.fen))
            if gifts and (gift_id := gifts.take(has_order=bool(row.order_no))):
                found[row.row_no] = Same(gift_id, by_order=False)
    return found


class _Alike:
    """Gifts that are alike, those with an order number apart. The newest are taken last."""

    def __init__(self) -> None:
        self.plain: list[int] = []
        self.ordered: list[int] = []

    def take(self, *, has_order: bool) -> int | None:
        """A gift that answers for one more row; two different order numbers are two payments."""
        if self.plain:
            return self.plain.pop()
        return self.ordered.pop() if self.ordered and not has_order else None


def _by_order(session: AnySession, fund_id: int, rows: Sequence[Candidate]) -> Iterator[tuple[int, int]]:
    numbers = {row.order_no: row.row_no for row in reversed(rows) if row.order_no}
    wanted = list(numbers)
    for start in range(0, len(wanted), ORDERS_A_QUERY):
        some = wanted[start : start + ORDERS_A_QUERY]
        for order_no, gift_id in session.execute(_OF_ORDERS, {"fund": fund_id, "orders": some}):
            yield numbers[order_no], gift_id


def _alike_there(session: AnySession, fund_id: int, rows: Sequence[Candidate], *, but: set[int]) -> dict[Alike, _Alike]:
    """The fund's gifts of the list's days that some row is alike to, without those in `but`."""
    wanted = {(row.received_on, row.donor_name, row.fen) for row in rows if row.received_on and row.fen}
    there: dict[Alike, _Alike] = defaultdict(_Alike)
    if not wanted:
        return there
    days = [day for day, _, _ in wanted]
    gifts = session.execute(_OF_DAYS, {"fund": fund_id, "first": min(days), "last": max(days)})
    for day, name, fen, gift_id, order_no in gifts:
        if (day, name, fen) in wanted and gift_id not in but:
            (there[day, name, fen].ordered if order_no else there[day, name, fen].plain).append(gift_id)
    return there
