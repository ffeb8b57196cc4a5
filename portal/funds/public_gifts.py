"""The public list of gifts: no donor's name without consent, no memo, no order number, whatever is asked.

It is made for hundreds of thousands of gifts: counts and sums come from the tallies where they know them, far pages are
found by the month or amount where they begin, and a free search goes by its index.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from portal.db import db
from portal.funds.gift_sums import Tallied, tallied
from portal.funds.models import Fund, Gift
from portal.funds.queries import Found, is_by_day, ordered, ranges, streamed
from portal.funds.tallies import GiftTally
from portal.search import MOST_COUNTED, holds, indexed
from portal.web.tables import Listing

GIFTS = indexed("funds_gift", "public_name", "intention", within="fund_id")

KIND_PERSON = "爱心人士"
"""How a donor without a public name is called in lists; searching for it finds them."""

FAR = 2_500
"""Rows to pass over before it pays to begin where the tallies say that a page begins."""

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
    if sums := tallied(fund, listing):
        counted = listing.counted(sums.gifts)
        return Found(counted, _lines(_page(fund, counted, sums)), sums.fen)
    count, fen = _counted(fund, listing)
    counted = listing.counted(min(count, MOST_COUNTED), is_more=count > MOST_COUNTED)
    return Found(counted, _lines(_page(fund, counted)), None if counted.is_more else fen)


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
        counted = listing.counted(MOST_COUNTED, is_more=True)
        return Found(counted, _lines(_page(fund, counted)), None)
    gift = GIFTS.candidates(Gift, listing.q, within=fund.id) if is_few else Gift
    found = select(gift.id, gift.fen).where(*_wanted(fund, listing, of=gift, walking=not is_few))
    hits = db.session.execute(found.order_by(*_order(listing, of=gift)).limit(MOST_COUNTED + 1)).all()
    counted = listing.counted(min(len(hits), MOST_COUNTED), is_more=len(hits) > MOST_COUNTED)
    ids = [hit.id for hit in hits[counted.offset : counted.offset + counted.per_page]]
    lines = _lines(select(*GIFT).where(Gift.id.in_(ids)).order_by(*_order(listing))) if ids else []
    return Found(counted, lines, None if counted.is_more else sum(hit.fen for hit in hits))


def _is_few(fund: Fund, listing: Listing) -> ColumnElement[bool]:
    """Whether the index leaves few enough to look at each; of the nameless it knows nothing."""
    return false() if listing.q == KIND_PERSON else GIFTS.is_rare(listing.q, within=fund.id)


def _are_many(fund: Fund, listing: Listing) -> ColumnElement[bool]:
    """Whether more than MOST_COUNTED fit, as far as a sample can tell."""
    sample = Gift if listing.q == KIND_PERSON else GIFTS.candidates(Gift, listing.q, within=fund.id, most=SAMPLE)
    some = select(sample.id).where(*_wanted(fund, listing, of=sample)).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery() > MOST_COUNTED


def _counted(fund: Fund, listing: Listing) -> tuple[int, int]:
    """How many fit, at most one more than are counted, and what they add up to."""
    along = select(Gift.fen).where(*_wanted(fund, listing, walking=True)).order_by(*_order(listing))
    some = along.limit(MOST_COUNTED + 1).subquery()
    count, fen = db.session.execute(select(func.count(), func.sum(some.c.fen))).one()
    return count, int(fen or 0)


def _page(fund: Fund, listing: Listing, sums: Tallied | None = None) -> Select[Any]:
    """One page of a listing whose total is known."""
    are_many = bool(listing.q) or listing.is_more or listing.total > MOST_SORTED
    wanted, offset = _wanted(fund, listing, walking=are_many), listing.offset
    if sums and offset >= FAR and (begins := sums.begins(listing)):
        wanted.append(begins[0])
        offset -= begins[1]
    if (method := listing.extra.get("method")) and not are_many:
        days = select(GiftTally.day).where(GiftTally.fund_id == fund.id, GiftTally.method == method)
        wanted.append(Gift.received_on.in_(days))
    order = _order(listing)
    ids = select(Gift.id).where(*wanted).order_by(*order).limit(listing.per_page).offset(offset)
    return select(*GIFT).where(Gift.id.in_(ids)).order_by(*order)


def _lines(page: Select[Any]) -> list[GiftLine]:
    return [GiftLine(*row) for row in db.session.execute(page)]


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
