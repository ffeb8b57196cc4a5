"""The public list of gifts: no donor's name without consent, no memo, no order number, whatever is asked.

It is made for hundreds of thousands of gifts: counts and sums come from the tallies where they know them, far pages are
found by the month or amount where they begin, and a free search goes by its index.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, bindparam, false, func, or_, select

from portal.db import made_once, rows, streamed
from portal.funds.gift_sums import Tallied, tallied
from portal.funds.models import Gift
from portal.funds.queries import FUND, Asked, Found, FundLine, asked, is_by_day, ordered, ranges, values_of
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


NAMELESS = "nameless"
"""Among the names of what is asked: the search is for KIND_PERSON."""

_COUNT, _SKIP = (bindparam(name, type_=Integer) for name in ("count", "skip"))
GIFT: tuple[Any, ...] = (Gift.received_on, Gift.public_name, Gift.intention, Gift.method, Gift.fen)


def gifts_found(fund: FundLine, listing: Listing) -> Found[GiftLine]:
    """The page of gifts that the listing asks for, count and sum of all that fit. At most three statements."""
    if listing.q:
        return _searched(fund, listing)
    if sums := tallied(fund, listing):
        counted = listing.counted(sums.gifts)
        return Found(counted, _page(fund, counted, sums), sums.fen)
    count, fen = rows(_counting(_asked(listing)), {**values_of(fund, listing), "count": MOST_COUNTED + 1}).one()
    counted = listing.counted(min(count, MOST_COUNTED), is_more=count > MOST_COUNTED)
    return Found(counted, _page(fund, counted), None if counted.is_more else int(fen or 0))


def every_gift(fund: FundLine, listing: Listing) -> Iterator[GiftLine]:
    """All gifts that fit, in the listing's order, read while the answer streams."""
    asked, values = _asked(listing), _values(fund, listing)
    few = bool(listing.q) and rows(select(_is_few(asked)), values).scalar_one()
    gift = GIFTS.candidates(Gift, None) if few else Gift
    shown = [getattr(gift, column.key) for column in GIFT]
    wanted = select(*shown).where(*_wanted(asked, of=gift)).order_by(*_order(asked, of=gift))
    return (GiftLine(*row) for row in streamed(wanted, values))


# ── a free search ───────────────────────────────────────────────────────────────────────────────────
def _searched(fund: FundLine, listing: Listing) -> Found[GiftLine]:
    """Beyond MOST_COUNTED there is no sum, and a page is found by walking the list's own order up to it."""
    asked, values = _asked(listing), {**_values(fund, listing), "count": MOST_COUNTED + 1}
    is_few, are_many = rows(_weighing(asked), {**values, "sample": SAMPLE}).one()
    if are_many:
        counted = listing.counted(MOST_COUNTED, is_more=True)
        return Found(counted, _page(fund, counted), None)
    hits = rows(_hits(asked, bool(is_few)), values).all()
    counted = listing.counted(min(len(hits), MOST_COUNTED), is_more=len(hits) > MOST_COUNTED)
    ids = [hit.id for hit in hits[counted.offset : counted.offset + counted.per_page]]
    lines = [GiftLine(*row) for row in rows(_chosen(asked), {"ids": ids}).all()] if ids else []
    return Found(counted, lines, None if counted.is_more else sum(hit.fen for hit in hits))


@made_once
def _weighing(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Whether the index leaves few enough to look at each, and whether more than are counted fit."""
    return select(_is_few(asked), _are_many(asked))


def _is_few(asked: Asked) -> ColumnElement[bool]:
    """Of the nameless the index knows nothing."""
    return false() if NAMELESS in asked.names else GIFTS.is_rare(None)


def _are_many(asked: Asked) -> ColumnElement[bool]:
    """As far as a sample can tell."""
    sample = Gift if NAMELESS in asked.names else GIFTS.candidates(Gift, None, most=bindparam("sample", type_=Integer))
    some = select(sample.id).where(*_wanted(asked, of=sample)).limit(_COUNT).subquery()
    return select(func.count()).select_from(some).scalar_subquery() >= _COUNT


@made_once
def _hits(asked: Asked, is_few: bool) -> Select[*tuple[Any, ...]]:
    gift = GIFTS.candidates(Gift, None) if is_few else Gift
    found = select(gift.id, gift.fen).where(*_wanted(asked, of=gift, walking=not is_few))
    return found.order_by(*_order(asked, of=gift)).limit(_COUNT)


@made_once
def _chosen(asked: Asked) -> Select[*tuple[Any, ...]]:
    return select(*GIFT).where(Gift.id.in_(bindparam("ids", expanding=True))).order_by(*_order(asked))


# ── a list by days, amounts and a method ────────────────────────────────────────────────────────────
@made_once
def _counting(asked: Asked) -> Select[*tuple[Any, ...]]:
    """How many fit, at most one more than are counted, and what they add up to.

    A range of amounts with two ends is narrow: then its own index comes to them at once (2 ms where the days took 22).
    """
    is_narrow = {"least", "most"} <= asked.names and not {"start", "end"} & asked.names
    along = Asked("amount" if is_narrow else asked.sort, asked.names)
    fitting = select(Gift.fen).where(*_wanted(along, walking=True)).order_by(*_order(along))
    some = fitting.limit(_COUNT).subquery()
    return select(func.count(), func.sum(some.c.fen))


def _page(fund: FundLine, listing: Listing, sums: Tallied | None = None) -> list[GiftLine]:
    """One page of a listing whose total is known."""
    are_many = bool(listing.q) or listing.is_more or listing.total > MOST_SORTED
    values = {**_values(fund, listing), "count": listing.per_page, "skip": listing.offset}
    begins = sums.begins(listing) if sums and listing.offset >= FAR else None
    if begins:
        values |= {"begins": begins[0], "skip": listing.offset - begins[1]}
    page = _paging(_asked(listing), are_many=are_many, is_far=begins is not None)
    return [GiftLine(*row) for row in rows(page, values).all()]


@made_once
def _paging(asked: Asked, *, are_many: bool, is_far: bool) -> Select[*tuple[Any, ...]]:
    wanted, order = _wanted(asked, walking=are_many), _order(asked)
    if is_far:
        column: Any = Gift.received_on if is_by_day(asked.sort) else Gift.fen
        begins = bindparam("begins", type_=column.type)
        wanted.append(column <= begins if asked.sort.startswith("-") else column >= begins)
    if "method" in asked.names and not are_many:
        days = select(GiftTally.day).where(GiftTally.fund_id == FUND, GiftTally.method == bindparam("method"))
        wanted.append(Gift.received_on.in_(days))
    ids = select(Gift.id).where(*wanted).order_by(*order).limit(_COUNT).offset(_SKIP)
    return select(*GIFT).where(Gift.id.in_(ids)).order_by(*order)


# ── what is asked ───────────────────────────────────────────────────────────────────────────────────
def _asked(listing: Listing) -> Asked:
    sort, names = asked(listing)
    return Asked(sort, names | {NAMELESS} if listing.q == KIND_PERSON else names)


def _values(fund: FundLine, listing: Listing) -> dict[str, Any]:
    values = values_of(fund, listing)
    return values | GIFTS.values(listing.q, within=fund.id) if listing.q else values


def _order(asked: Asked, *, of: type[Gift] = Gift) -> list[ColumnElement[Any]]:
    return ordered(asked.sort, of.received_on, of.fen, of.id)


def _wanted(asked: Asked, *, of: type[Gift] = Gift, walking: bool = False) -> list[ColumnElement[bool]]:
    """What a gift must be to fit. The search knows public names and intentions only.

    `walking`: along the index of the order; nothing else must tempt the planner away from it.
    """
    day: Any = of.received_on
    fen: Any = of.fen
    if walking and is_by_day(asked.sort):
        fen = func.coalesce(fen, fen)
    elif walking:
        day = func.coalesce(day, day)
    wanted = [of.fund_id == FUND, *ranges(asked, day, fen)]
    if "method" in asked.names:
        wanted.append(of.method == bindparam("method"))
    if "q" in asked.names:
        fits = _holds(of, is_nameless=NAMELESS in asked.names)
        wanted.append(func.coalesce(fits, false()) if walking else fits)
    return wanted


def _holds(of: type[Gift], *, is_nameless: bool) -> ColumnElement[bool]:
    held = holds(None, of.public_name, of.intention)
    return or_(held, of.public_name.is_(None)) if is_nameless else held
