"""The public list of gifts: no donor's name without consent, no memo, no order number, whatever is asked.

It is made for hundreds of thousands of gifts: counts and sums come from the tallies where they know them, far pages are
found by the day on which they begin, and a free search goes by its index.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from portal.db import db
from portal.funds.models import Fund, Gift
from portal.funds.queries import Found, is_by_day, ordered, ranges, streamed, sums
from portal.funds.tallies import GiftTally
from portal.search import MOST_COUNTED, holds, indexed
from portal.web.tables import Listing

GIFTS = indexed("funds_gift", "public_name", "intention", within="fund_id")

KIND_PERSON = "爱心人士"
"""How a donor without a public name is called in lists; searching for it finds them."""

FAR = 2_500
"""Rows to pass over before it pays to ask the tallies for the day where a page begins."""

SAMPLE = 4_000
"""Gifts that the index of the search finds and that are looked at to see whether more than MOST_COUNTED fit."""

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
    """The page of gifts that the listing asks for, count and sum of all that fit. At most three statements."""
    if listing.q:
        return _searched(fund, listing)
    total, fen = _tallied(fund, listing) if _is_tallied(listing) else sums(_wanted(fund, listing), Gift.fen)
    counted = listing.counted(total)
    return Found(counted, [GiftLine(*row) for row in db.session.execute(_page(fund, counted))], fen)


def every_gift(fund: Fund, listing: Listing) -> Iterator[GiftLine]:
    """All gifts that fit, in the listing's order, read while the answer streams."""
    few = bool(listing.q) and db.session.execute(select(_is_few(fund, listing))).scalar_one()
    gift = GIFTS.candidates(Gift, listing.q, within=fund.id) if few else Gift
    shown = [getattr(gift, column.key) for column in GIFT]
    wanted = select(*shown).where(*_wanted(fund, listing, of=gift)).order_by(*_order(listing, of=gift))
    return (GiftLine(*row) for row in streamed(wanted))


# ── a free search ───────────────────────────────────────────────────────────────────────────────────
def _searched(fund: Fund, listing: Listing) -> Found[GiftLine]:
    """Beyond MOST_COUNTED there is no sum, and a page is found by walking the list's own order up to it."""
    is_few, are_many = db.session.execute(select(_is_few(fund, listing), _are_many(fund, listing))).one()
    if are_many:
        counted = listing.counted(MOST_COUNTED)
        return Found(counted, [GiftLine(*row) for row in db.session.execute(_page(fund, counted))], None)
    gift = GIFTS.candidates(Gift, listing.q, within=fund.id) if is_few else Gift
    found = select(gift.id, gift.fen).where(*_wanted(fund, listing, of=gift, walking=not is_few))
    hits = db.session.execute(found.order_by(*_order(listing, of=gift)).limit(MOST_COUNTED + 1)).all()
    counted = listing.counted(min(len(hits), MOST_COUNTED))
    ids = [hit.id for hit in hits[counted.offset : counted.offset + counted.per_page]]
    rows = db.session.execute(select(*GIFT).where(Gift.id.in_(ids)).order_by(*_order(listing))) if ids else ()
    fen = None if len(hits) > MOST_COUNTED else sum(hit.fen for hit in hits)
    return Found(counted, [GiftLine(*row) for row in rows], fen)


def _is_few(fund: Fund, listing: Listing) -> ColumnElement[bool]:
    """Whether the index leaves few enough to look at each; of the nameless it knows nothing."""
    return false() if listing.q == KIND_PERSON else GIFTS.is_rare(listing.q, within=fund.id)


def _are_many(fund: Fund, listing: Listing) -> ColumnElement[bool]:
    """Whether more than MOST_COUNTED fit, as far as a sample can tell."""
    sample = Gift if listing.q == KIND_PERSON else GIFTS.candidates(Gift, listing.q, within=fund.id, most=SAMPLE)
    some = select(sample.id).where(*_wanted(fund, listing, of=sample)).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery() > MOST_COUNTED


def _page(fund: Fund, listing: Listing) -> Select[Any]:
    """One page of a listing whose total is known."""
    are_many = bool(listing.q) or listing.total > MOST_SORTED
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


def _order(listing: Listing, *, of: type[Gift] = Gift) -> list[ColumnElement[Any]]:
    return ordered(listing, of.received_on, of.fen, of.id)


def _wanted(fund: Fund, listing: Listing, *, of: type[Gift] = Gift, walking: bool = False) -> list[ColumnElement[bool]]:
    """What a gift must be to fit. The search knows public names and intentions only.

    `walking`: along the index of the order; nothing else must tempt the planner away from it.
    """
    day: Any = of.received_on
    fen: Any = of.fen
    if walking and is_by_day(listing):
        fen = func.coalesce(fen, fen)
    elif walking:
        day = func.coalesce(day, day)
    wanted = [of.fund_id == fund.id, *ranges(listing, day, fen)]
    if method := listing.extra.get("method"):
        wanted.append(of.method == method)
    if listing.q:
        fits = _holds(of, listing.q)
        wanted.append(func.coalesce(fits, false()) if walking else fits)
    return wanted


def _holds(of: type[Gift], q: str) -> ColumnElement[bool]:
    held = holds(q, of.public_name, of.intention)
    return or_(held, of.public_name.is_(None)) if q == KIND_PERSON else held


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
