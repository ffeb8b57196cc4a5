"""The public list of gifts: no donor's name without consent, no memo, no order number, whatever is asked.

It is made for hundreds of thousands of gifts: counts and sums come from the tallies where they know them, far pages are
found by the day on which they begin, and a free search reads the gifts through once.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select

from portal.db import db
from portal.funds.models import Fund, Gift
from portal.funds.queries import MOST_COUNTED, Found, holds, is_by_day, ordered, ranges, streamed, sums
from portal.funds.tallies import GiftTally
from portal.web.tables import Listing

KIND_PERSON = "爱心人士"
"""How a donor without a public name is called in lists; searching for it finds them."""

FAR = 2_500
"""Rows to pass over before it pays to ask the tallies for the day where a page begins."""

MOST_SORTED = 5_000
"""So many gifts are found and then sorted; where more fit, the index of the order is walked until the page is full."""


class GiftLine(NamedTuple):
    """A gift as anyone may see it. `public_name` is None without the donor's consent; `fen` in 分."""

    received_on: date
    public_name: str | None
    intention: str
    method: str
    fen: int


GIFT: tuple[Any, ...] = (Gift.received_on, Gift.public_name, Gift.intention, Gift.method, Gift.fen)


def gifts_found(fund: Fund, listing: Listing) -> Found[GiftLine]:
    """The page of gifts that the listing asks for, count and sum of all that fit. Two or three statements."""
    if listing.q:
        return _searched(fund, listing)
    total, fen = _tallied(fund, listing) if _is_tallied(listing) else sums(_wanted(fund, listing), Gift.fen)
    counted = listing.counted(total)
    return Found(counted, [GiftLine(*row) for row in db.session.execute(_page(fund, counted))], fen)


def every_gift(fund: Fund, listing: Listing) -> Iterator[GiftLine]:
    """All gifts that fit, in the listing's order, read while the answer streams."""
    wanted = select(*GIFT).where(*_wanted(fund, listing)).order_by(*_order(listing))
    return (GiftLine(*row) for row in streamed(wanted))


def _searched(fund: Fund, listing: Listing) -> Found[GiftLine]:
    """What is found first is counted, summed and cut into pages here; beyond MOST_COUNTED there is no sum."""
    order = _order(listing)
    some = select(Gift.id, Gift.fen).where(*_wanted(fund, listing)).order_by(*order).limit(MOST_COUNTED + 1)
    hits = db.session.execute(some).all()
    counted = listing.counted(min(len(hits), MOST_COUNTED))
    ids = [hit.id for hit in hits[counted.offset : counted.offset + counted.per_page]]
    rows = db.session.execute(select(*GIFT).where(Gift.id.in_(ids)).order_by(*order)) if ids else ()
    fen = None if len(hits) > MOST_COUNTED else sum(hit.fen for hit in hits)
    return Found(counted, [GiftLine(*row) for row in rows], fen)


def _page(fund: Fund, listing: Listing) -> Select[Any]:
    """One page of a listing whose total is known."""
    are_many = listing.total > MOST_SORTED
    wanted, offset = _wanted(fund, listing, walking=are_many), listing.offset
    if _is_tallied(listing) and is_by_day(listing) and offset >= FAR:
        day, before = _day_of(fund, listing)
        wanted.append(Gift.received_on <= day if listing.sort == "-date" else Gift.received_on >= day)
        offset -= before
    if (method := listing.extra.get("method")) and not are_many:
        days = select(GiftTally.day).where(GiftTally.fund_id == fund.id, GiftTally.method == method)
        wanted.append(Gift.received_on.in_(days))
    order = _order(listing)
    ids = select(Gift.id).where(*wanted).order_by(*order).limit(listing.per_page).offset(offset)
    return select(*GIFT).where(Gift.id.in_(ids)).order_by(*order)


def _order(listing: Listing) -> list[ColumnElement[Any]]:
    return ordered(listing, Gift.received_on, Gift.fen, Gift.id)


def _wanted(fund: Fund, listing: Listing, *, walking: bool = False) -> list[ColumnElement[bool]]:
    """What a gift must be to fit. The search knows public names and intentions only.

    `walking`: along the index of the order; the other range must not tempt the planner away from it.
    """
    day: Any = Gift.received_on
    fen: Any = Gift.fen
    if walking and is_by_day(listing):
        fen = func.coalesce(fen, fen)
    elif walking:
        day = func.coalesce(day, day)
    wanted = [Gift.fund_id == fund.id, *ranges(listing, day, fen)]
    if method := listing.extra.get("method"):
        wanted.append(Gift.method == method)
    if listing.q:
        wanted.append(or_(holds(Gift.public_name, listing.q), holds(Gift.intention, listing.q), *_nameless(listing.q)))
    return wanted


def _nameless(q: str) -> list[ColumnElement[bool]]:
    return [Gift.public_name.is_(None)] if q == KIND_PERSON else []


# ── what the tallies know ───────────────────────────────────────────────────────────────────────────
def _is_tallied(listing: Listing) -> bool:
    """Tallies are by day and method."""
    return not listing.q and listing.least is None and listing.most is None


def _tallied(fund: Fund, listing: Listing) -> tuple[int, int]:
    tallied = select(func.sum(GiftTally.gifts), func.sum(GiftTally.fen)).where(*_tallies(fund, listing))
    gifts, fen = db.session.execute(tallied).one()
    return int(gifts or 0), int(fen or 0)


def _tallies(fund: Fund, listing: Listing) -> list[ColumnElement[bool]]:
    wanted = [GiftTally.fund_id == fund.id]
    if listing.start:
        wanted.append(GiftTally.day >= listing.start)
    if listing.end:
        wanted.append(GiftTally.day <= listing.end)
    if method := listing.extra.get("method"):
        wanted.append(GiftTally.method == method)
    return wanted


def _day_of(fund: Fund, listing: Listing) -> tuple[date, int]:
    """The day on which the listing's page begins, and how many gifts come before that day in its order."""
    days = (
        select(GiftTally.day, func.sum(GiftTally.gifts).label("gifts"))
        .where(*_tallies(fund, listing))
        .group_by(GiftTally.day)
        .subquery()
    )
    way = days.c.day.desc() if listing.sort == "-date" else days.c.day.asc()
    before = (func.sum(days.c.gifts).over(order_by=way) - days.c.gifts).label("before")
    running = select(days.c.day, before).subquery()
    begins = select(running).where(running.c.before <= listing.offset).order_by(running.c.before.desc()).limit(1)
    day, count = db.session.execute(begins).one()
    return day, int(count)
