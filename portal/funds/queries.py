"""The public's view of the funds. Nothing here gives out a donor's name without consent, a memo or an order number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import ColumnElement, Engine, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.db import db
from portal.funds.models import Fund, Gift
from portal.funds.spending import Spending, told
from portal.funds.tallies import GiftTally
from portal.web.tables import Listing, like

KIND_PERSON = "爱心人士"
"""How a donor without a public name is called in lists; searching for it finds them."""

MOST_COUNTED = 1_000
"""A free search counts no further: beyond it the list says "1,000+"."""

FAR = 2_500
"""Rows to pass over before it pays to ask the tallies for the day where a page begins."""

Line = TypeVar("Line")


class GiftLine(NamedTuple):
    """A gift as anyone may see it. `public_name` is None without the donor's consent; `fen` in 分."""

    received_on: date
    public_name: str | None
    intention: str
    method: str
    fen: int


class SpendingLine(NamedTuple):
    """A payment as anyone may see it. Amounts in 分.

    `purpose` and `beneficiaries` are None where so few were helped that they could be recognised.
    """

    paid_on: date
    purpose: str | None
    beneficiaries: int | None
    fen: int
    voucher_no: str
    entry_id: int
    handler_name: str
    approver_name: str
    balance_fen: int


@dataclass(frozen=True)
class Found(Generic[Line]):
    """A page of a list. `fen` is the sum of all rows that fit, None when there are more than were counted."""

    listing: Listing
    rows: list[Line]
    fen: int | None

    @property
    def is_more(self) -> bool:
        return self.fen is None


GIFT: tuple[Any, ...] = (Gift.received_on, Gift.public_name, Gift.intention, Gift.method, Gift.fen)

SPENT: tuple[Any, ...] = (
    Spending.paid_on,
    told(Spending.purpose),
    told(Spending.beneficiaries),
    Spending.fen,
    Spending.voucher_no,
    Spending.entry_id,
    Spending.handler_name,
    Spending.approver_name,
    Spending.balance_fen,
)


# ── funds ───────────────────────────────────────────────────────────────────────────────────────────
def all_funds() -> list[Fund]:
    """All funds in the order they were opened, with their hosts and balances: one statement."""
    return list(db.session.scalars(select(Fund).order_by(Fund.id)).unique())


def fund_by_slug(slug: str) -> Fund | None:
    return db.session.scalar(select(Fund).where(Fund.slug == slug))


def tells_how_to_give(fund: Fund) -> bool:
    """Only a fund on file (备案) with a designated platform says where one may give (慈善法 §22–27)."""
    return bool(fund.filing_no and (fund.platform_url or "").startswith("https://"))


# ── gifts ───────────────────────────────────────────────────────────────────────────────────────────
def gifts_found(fund: Fund, listing: Listing) -> Found[GiftLine]:
    """The page of public gifts that the listing asks for, count and sum of all that fit. Two or three statements."""
    if listing.q:
        return _searched(fund, listing)
    total, fen = _tallied(fund, listing) if _is_tallied(listing) else _counted(_gifts(fund, listing), Gift.fen)
    counted = listing.counted(total)
    return Found(counted, [GiftLine(*row) for row in db.session.execute(_gift_rows(fund, counted))], fen)


def _searched(fund: Fund, listing: Listing) -> Found[GiftLine]:
    """A free search reads the gifts through once: what it finds first is counted, summed and cut into pages here."""
    order = _gift_order(listing)
    some = select(Gift.id, Gift.fen).where(*_gifts(fund, listing)).order_by(*order).limit(MOST_COUNTED + 1)
    hits = db.session.execute(some).all()
    counted = listing.counted(min(len(hits), MOST_COUNTED))
    ids = [hit.id for hit in hits[counted.offset : counted.offset + counted.per_page]]
    rows = db.session.execute(select(*GIFT).where(Gift.id.in_(ids)).order_by(*order)) if ids else ()
    return Found(counted, [GiftLine(*row) for row in rows], None if len(hits) > MOST_COUNTED else sum(h.fen for h in hits))


def latest_gifts(fund: Fund, count: int) -> list[GiftLine]:
    newest = select(*GIFT).where(Gift.fund_id == fund.id).order_by(Gift.received_on.desc(), Gift.id.desc())
    return [GiftLine(*row) for row in db.session.execute(newest.limit(count))]


def every_gift(fund: Fund, listing: Listing) -> Iterator[GiftLine]:
    """All gifts that fit, in the listing's order, read bit by bit in a session of their own."""
    wanted = select(*GIFT).where(*_gifts(fund, listing)).order_by(*_gift_order(listing))
    return (GiftLine(*row) for row in _streamed(wanted))


def _gifts(fund: Fund, listing: Listing, *, by_order: bool = False) -> list[ColumnElement[bool]]:
    """What a gift must be to fit. The search knows public names and intentions only.

    `by_order`: so many fit that a page is found sooner by walking the index of its order than by sorting them all; the
    other range is written so that no index can serve it.
    """
    is_by_day = listing.sort.removeprefix("-") == "date"
    day, fen = (_unindexed(c) if by_order and c is not own else c for c, own in _RANGED[is_by_day])
    wanted = [Gift.fund_id == fund.id, *_ranges(listing, day, fen)]
    if method := listing.extra.get("method"):
        wanted.append(Gift.method == method)
    if listing.q:
        wanted.append(or_(_holds(Gift.public_name, listing.q), _holds(Gift.intention, listing.q), *_nameless(listing.q)))
    return wanted


def _gift_order(listing: Listing) -> list[ColumnElement[Any]]:
    return _order(listing, Gift.received_on, Gift.fen, Gift.id)


def _nameless(q: str) -> list[ColumnElement[bool]]:
    return [Gift.public_name.is_(None)] if q == KIND_PERSON else []


def _is_tallied(listing: Listing) -> bool:
    """Whether the tallies know the answer: they are by day and method."""
    return not listing.q and listing.least is None and listing.most is None


def _tallies(fund: Fund, listing: Listing) -> list[ColumnElement[bool]]:
    wanted = [GiftTally.fund_id == fund.id]
    if listing.start:
        wanted.append(GiftTally.day >= listing.start)
    if listing.end:
        wanted.append(GiftTally.day <= listing.end)
    if method := listing.extra.get("method"):
        wanted.append(GiftTally.method == method)
    return wanted


def _tallied(fund: Fund, listing: Listing) -> tuple[int, int]:
    sums = select(func.sum(GiftTally.gifts), func.sum(GiftTally.fen)).where(*_tallies(fund, listing))
    gifts, fen = db.session.execute(sums).one()
    return int(gifts or 0), int(fen or 0)


def _gift_rows(fund: Fund, listing: Listing) -> Select[Any]:
    """One page. What comes before it is passed over inside an index, or not read where the tallies say the day."""
    wanted, offset = _gifts(fund, listing, by_order=listing.total > MOST_SORTED), listing.offset
    if _is_tallied(listing) and listing.sort.removeprefix("-") == "date" and offset >= FAR:
        day, before = _day_of(fund, listing)
        wanted.append(Gift.received_on <= day if listing.sort == "-date" else Gift.received_on >= day)
        offset -= before
    if (method := listing.extra.get("method")) and listing.total <= MOST_SORTED:
        days = select(GiftTally.day).where(GiftTally.fund_id == fund.id, GiftTally.method == method)
        wanted.append(Gift.received_on.in_(days))
    order = _gift_order(listing)
    ids = select(Gift.id).where(*wanted).order_by(*order).limit(listing.per_page).offset(offset)
    return select(*GIFT).where(Gift.id.in_(ids)).order_by(*order)


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


# ── spending ────────────────────────────────────────────────────────────────────────────────────────
def spending_found(fund: Fund, listing: Listing) -> Found[SpendingLine]:
    """The page of payments that the listing asks for, with count and sum of all that fit. Two statements."""
    total, fen = _counted(_payments(fund, listing), Spending.fen, listing)
    counted = listing.counted(total)
    rows = _spending_rows(fund, counted).limit(counted.per_page).offset(counted.offset)
    return Found(counted, [SpendingLine(*row) for row in db.session.execute(rows)], fen)


def latest_spending(fund: Fund, count: int) -> list[SpendingLine]:
    newest = select(*SPENT).where(Spending.fund_id == fund.id).order_by(Spending.paid_on.desc(), Spending.id.desc())
    return [SpendingLine(*row) for row in db.session.execute(newest.limit(count))]


def every_payment(fund: Fund, listing: Listing) -> Iterator[SpendingLine]:
    """All payments that fit, in the listing's order, read bit by bit in a session of their own."""
    return (SpendingLine(*row) for row in _streamed(_spending_rows(fund, listing)))


def _spending_rows(fund: Fund, listing: Listing) -> Select[Any]:
    order = _order(listing, Spending.paid_on, Spending.fen, Spending.id)
    return select(*SPENT).where(*_payments(fund, listing)).order_by(*order)


def _payments(fund: Fund, listing: Listing) -> list[ColumnElement[bool]]:
    wanted = [Spending.fund_id == fund.id, *_ranges(listing, Spending.paid_on, Spending.fen)]
    if listing.q:
        wanted.append(or_(_holds(told(Spending.purpose), listing.q), _holds(Spending.voucher_no, listing.q)))
    return wanted


# ── both ────────────────────────────────────────────────────────────────────────────────────────────
def _ranges(
    listing: Listing, day: InstrumentedAttribute[date], fen: InstrumentedAttribute[int]
) -> Iterator[ColumnElement[bool]]:
    if listing.start:
        yield day >= listing.start
    if listing.end:
        yield day <= listing.end
    if listing.least is not None:
        yield fen >= listing.least
    if listing.most is not None:
        yield fen <= listing.most


def _holds(column: ColumnElement[Any] | InstrumentedAttribute[Any], q: str) -> ColumnElement[bool]:
    return func.lower(column).like(like(q.lower()), escape="\\")


def _order(
    listing: Listing,
    day: InstrumentedAttribute[date],
    fen: InstrumentedAttribute[int],
    id: InstrumentedAttribute[int],
) -> list[ColumnElement[Any]]:
    """By day or amount, the id deciding among equals: no row is shown on two pages."""
    column: InstrumentedAttribute[Any] = fen if listing.sort.removeprefix("-") == "amount" else day
    return [column.desc(), id.desc()] if listing.sort.startswith("-") else [column.asc(), id.asc()]


def _counted(
    wanted: Iterable[ColumnElement[bool]], fen: InstrumentedAttribute[int], listing: Listing
) -> tuple[int, int | None]:
    """Count and sum of what fits. A free search stops counting at MOST_COUNTED and then has no sum."""
    if not listing.q:
        count, total = db.session.execute(select(func.count(), func.sum(fen)).where(*wanted)).one()
        return count, int(total or 0)
    some = select(fen.label("fen")).where(*wanted).limit(MOST_COUNTED + 1).subquery()
    count, total = db.session.execute(select(func.count(), func.sum(some.c.fen))).one()
    return (MOST_COUNTED, None) if count > MOST_COUNTED else (count, int(total or 0))


def _streamed(wanted: Select[Any]) -> Iterator[Any]:
    """The rows, read when the request itself has ended: on a connection of their own, a thousand at a time."""
    engine = cast("Engine", db.session.get_bind())

    def rows() -> Iterator[Any]:
        with engine.connect() as connection:
            yield from connection.execution_options(yield_per=1_000).execute(wanted)

    return rows()
