"""The public's view of the funds and of what they pay; of what they are given, see `public_gifts`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Date, Integer, Select, bindparam, exists, func, select

from portal import clock, rules
from portal.db import db, rows, streamed
from portal.funds.models import Fund
from portal.funds.spending import Spending, told
from portal.ledger.models import Entry, LegalEntity, Pool
from portal.rules.catalogue import GIVING_LINK
from portal.search import holds, indexed
from portal.web.tables import Listing

Line = TypeVar("Line")
Column = Any
"""A mapped column, or an expression of one."""


class FundLine(NamedTuple):
    """A fund as anyone may see it. `host` is the charity that it leans on; `balance_fen` in 分."""

    id: int
    slug: str
    name: str
    pool_id: int
    purpose: str
    founded_year: int
    council_size: int
    filing_no: str | None
    platform_url: str | None
    is_demo: bool
    host: str
    balance_fen: int

    @property
    def full_name(self) -> str:
        return f"{self.host}·{self.name}"


class SpendingLine(NamedTuple):
    """A payment as anyone may see it. Amounts in 分.

    `purpose` and `beneficiaries` are None where so few were helped that they could be recognised. One that was taken
    back stays in the list, and counts in no sum.
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
    is_undone: bool


@dataclass(frozen=True)
class Found(Generic[Line]):
    """A page of a list. `fen` is the sum of all rows that fit, None when there are more than were counted."""

    listing: Listing
    rows: list[Line]
    fen: int | None

    @property
    def is_more(self) -> bool:
        return self.listing.is_more


FUND, LEAST, MOST = (bindparam(name, type_=BigInteger) for name in ("fund", "least", "most"))
START, END = (bindparam(name, type_=Date) for name in ("start", "end"))

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
        exists().where(Entry.reverses_id == paid.entry_id),
    )


# ── funds ───────────────────────────────────────────────────────────────────────────────────────────
_FUNDS = (
    select(
        *(Fund.id, Fund.slug, Fund.name, Fund.pool_id, Fund.purpose, Fund.founded_year, Fund.council_size),
        *(Fund.filing_no, Fund.platform_url, Fund.is_demo, LegalEntity.name, Pool.balance_fen),
    )
    .join(LegalEntity, LegalEntity.id == Fund.entity_id)
    .join(Pool, Pool.id == Fund.pool_id)
    .order_by(Fund.id)
)
_FUND = _FUNDS.where(Fund.slug == bindparam("slug"))


def all_funds() -> list[FundLine]:
    """All funds in the order they were opened: one statement."""
    return [FundLine(*row) for row in rows(_FUNDS).all()]


def public_fund(slug: str) -> FundLine | None:
    row = rows(_FUND, {"slug": slug}).first()
    return FundLine(*row) if row else None


def fund_by_slug(slug: str) -> Fund | None:
    return db.session.scalar(select(Fund).where(Fund.slug == slug))


def tells_how_to_give(fund: FundLine) -> bool:
    """Only a fund on file (备案) with a designated platform says where one may give (慈善法 §22–27)."""
    if rules.value(GIVING_LINK, on=clock.today()) == "never":
        return False
    return bool(fund.filing_no and (fund.platform_url or "").startswith("https://"))


# ── spending ────────────────────────────────────────────────────────────────────────────────────────
_LATEST = (
    select(*_shown(Spending))
    .where(Spending.fund_id == FUND)
    .order_by(Spending.paid_on.desc(), Spending.id.desc())
    .limit(bindparam("count", type_=Integer))
)


def spending_found(fund: FundLine, listing: Listing) -> Found[SpendingLine]:
    """The page of payments that the listing asks for, with count and sum of all that fit. At most three statements."""
    paid, values = _searched(fund, listing), values_of(fund, listing)
    fitting = _payments(fund, listing, paid)
    # Few are taken back: looked for from their reversals, they cost nothing.
    undone = select(func.sum(paid.fen)).join(Entry, Entry.reverses_id == paid.entry_id)
    back = undone.where(Entry.reverses_id > 0, *fitting).correlate(None).scalar_subquery()
    sums = select(func.count(), func.sum(paid.fen) - func.coalesce(back, 0)).where(*fitting)
    total, fen = rows(sums, values).one()
    counted = listing.counted(total)
    page = _spending_rows(fund, counted, paid).limit(counted.per_page).offset(counted.offset)
    return Found(counted, [SpendingLine(*row) for row in rows(page, values).all()], int(fen or 0))


def latest_spending(fund: FundLine, count: int) -> list[SpendingLine]:
    return [SpendingLine(*row) for row in rows(_LATEST, {"fund": fund.id, "count": count}).all()]


def every_payment(fund: FundLine, listing: Listing) -> Iterator[SpendingLine]:
    """All payments that fit, in the listing's order, read while the answer streams."""
    wanted = _spending_rows(fund, listing, _searched(fund, listing))
    return (SpendingLine(*row) for row in streamed(wanted, values_of(fund, listing)))


def _searched(fund: FundLine, listing: Listing) -> type[Spending]:
    """The payments, or those of them that the index of a free search leaves."""
    if listing.q and rows(select(SPENDING.is_rare(listing.q, within=fund.id))).scalar_one():
        return SPENDING.candidates(Spending, listing.q, within=fund.id)
    return Spending


def _spending_rows(fund: FundLine, listing: Listing, paid: type[Spending]) -> Select[Any]:
    order = ordered(listing.sort, paid.paid_on, paid.fen, paid.id)
    return select(*_shown(paid)).where(*_payments(fund, listing, paid)).order_by(*order)


def _payments(fund: FundLine, listing: Listing, paid: type[Spending]) -> list[ColumnElement[bool]]:
    wanted = [paid.fund_id == fund.id, *ranges(asked(listing), paid.paid_on, paid.fen)]
    if listing.q:
        wanted.append(holds(listing.q, told(paid.purpose, of=paid), paid.voucher_no))
    return wanted


# ── for lists by day and amount ─────────────────────────────────────────────────────────────────────
class Asked(NamedTuple):
    """What decides the words of a list's statements: its order, and which values are asked for, not what they are."""

    sort: str
    names: frozenset[str]


def asked(listing: Listing) -> Asked:
    return Asked(listing.sort, frozenset(name for name, value in _values(listing) if value is not None))


def values_of(fund: FundLine, listing: Listing) -> dict[str, Any]:
    """What goes into statements of this fund's list."""
    return {"fund": fund.id, **{name: value for name, value in _values(listing) if value is not None}}


def _values(listing: Listing) -> tuple[tuple[str, Any], ...]:
    return (
        ("start", listing.start),
        ("end", listing.end),
        ("least", listing.least),
        ("most", listing.most),
        ("method", listing.extra.get("method")),
        ("q", listing.q or None),
    )


def ranges(asked: Asked, day: Column, fen: Column) -> Iterator[ColumnElement[bool]]:
    """From, to, at least, at most, as far as the listing asks for them."""
    if "start" in asked.names:
        yield day >= START
    if "end" in asked.names:
        yield day <= END
    if "least" in asked.names:
        yield fen >= LEAST
    if "most" in asked.names:
        yield fen <= MOST


def is_by_day(sort: str) -> bool:
    return sort.removeprefix("-") == "date"


def ordered(sort: str, day: Column, fen: Column, id: Column) -> list[ColumnElement[Any]]:
    """By day or amount, the id deciding among equals: no row is shown on two pages."""
    column = day if is_by_day(sort) else fen
    return [column.desc(), id.desc()] if sort.startswith("-") else [column.asc(), id.asc()]
