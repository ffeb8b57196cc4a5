"""The public's view of the funds and of what they pay; of what they are given, see `public_gifts`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar, cast

from sqlalchemy import ColumnElement, Engine, Select, func, select

from portal.db import db
from portal.funds.models import Fund
from portal.funds.spending import Spending, told
from portal.search import holds, indexed
from portal.web.tables import Listing

Line = TypeVar("Line")
Column = Any
"""A mapped column, or an expression of one."""


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
        return self.listing.is_more


SPENDING = indexed("funds_spending", "purpose", "voucher_no", within="fund_id")


def _shown(paid: type[Spending]) -> tuple[Any, ...]:
    return (
        paid.paid_on,
        told(paid.purpose, of=paid),
        told(paid.beneficiaries, of=paid),
        paid.fen,
        paid.voucher_no,
        paid.entry_id,
        paid.handler_name,
        paid.approver_name,
        paid.balance_fen,
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


# ── spending ────────────────────────────────────────────────────────────────────────────────────────
def spending_found(fund: Fund, listing: Listing) -> Found[SpendingLine]:
    """The page of payments that the listing asks for, with count and sum of all that fit. At most three statements."""
    paid = _asked(fund, listing)
    total, fen = sums(_payments(fund, listing, paid), paid.fen)
    counted = listing.counted(total)
    rows = _spending_rows(fund, counted, paid).limit(counted.per_page).offset(counted.offset)
    return Found(counted, [SpendingLine(*row) for row in db.session.execute(rows)], fen)


def latest_spending(fund: Fund, count: int) -> list[SpendingLine]:
    newest = select(*_shown(Spending)).where(Spending.fund_id == fund.id).limit(count)
    rows = db.session.execute(newest.order_by(Spending.paid_on.desc(), Spending.id.desc()))
    return [SpendingLine(*row) for row in rows]


def every_payment(fund: Fund, listing: Listing) -> Iterator[SpendingLine]:
    """All payments that fit, in the listing's order, read while the answer streams."""
    return (SpendingLine(*row) for row in streamed(_spending_rows(fund, listing, _asked(fund, listing))))


def _asked(fund: Fund, listing: Listing) -> type[Spending]:
    """The payments, or those of them that the index of a free search leaves."""
    if listing.q and db.session.execute(select(SPENDING.is_rare(listing.q, within=fund.id))).scalar_one():
        return SPENDING.candidates(Spending, listing.q, within=fund.id)
    return Spending


def _spending_rows(fund: Fund, listing: Listing, paid: type[Spending]) -> Select[Any]:
    order = ordered(listing, paid.paid_on, paid.fen, paid.id)
    return select(*_shown(paid)).where(*_payments(fund, listing, paid)).order_by(*order)


def _payments(fund: Fund, listing: Listing, paid: type[Spending]) -> list[ColumnElement[bool]]:
    wanted = [paid.fund_id == fund.id, *ranges(listing, paid.paid_on, paid.fen)]
    if listing.q:
        wanted.append(holds(listing.q, told(paid.purpose, of=paid), paid.voucher_no))
    return wanted


# ── for lists by day and amount ─────────────────────────────────────────────────────────────────────
def ranges(listing: Listing, day: Column, fen: Column) -> Iterator[ColumnElement[bool]]:
    """From, to, at least, at most, as far as the listing asks for them."""
    if listing.start:
        yield day >= listing.start
    if listing.end:
        yield day <= listing.end
    if listing.least is not None:
        yield fen >= listing.least
    if listing.most is not None:
        yield fen <= listing.most


def is_by_day(listing: Listing) -> bool:
    return listing.sort.removeprefix("-") == "date"


def ordered(listing: Listing, day: Column, fen: Column, id: Column) -> list[ColumnElement[Any]]:
    """By day or amount, the id deciding among equals: no row is shown on two pages."""
    column = day if is_by_day(listing) else fen
    return [column.desc(), id.desc()] if listing.sort.startswith("-") else [column.asc(), id.asc()]


def sums(wanted: Iterable[ColumnElement[bool]], fen: Column) -> tuple[int, int]:
    """How many rows fit, and what they add up to."""
    count, total = db.session.execute(select(func.count(), func.sum(fen)).where(*wanted)).one()
    return count, int(total or 0)


def streamed(wanted: Select[Any]) -> Iterator[Any]:
    """The rows, read when the request itself has ended: on a connection of their own, a thousand at a time."""
    engine = cast("Engine", db.session.get_bind())

    def rows() -> Iterator[Any]:
        with engine.connect() as connection:
            yield from connection.execution_options(yield_per=1_000).execute(wanted)

    return rows()
