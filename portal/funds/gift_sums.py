"""What the tallies know of a list of gifts: how many there are, what they add up to, and where a far page begins."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all

from portal.db import db
from portal.funds.models import Fund, Gift
from portal.funds.queries import is_by_day
from portal.funds.tallies import GiftBand, GiftMonth, GiftTally, band_of, end_of_band
from portal.web.tables import Listing


class Step(NamedTuple):
    """Gifts that lie together in the order of a list. `first` and `last` are days, or amounts in 分."""

    first: Any
    last: Any
    gifts: int
    fen: int


@dataclass(frozen=True)
class Tallied:
    """The gifts of a list, step by step from the earliest or smallest on."""

    steps: list[Step]
    is_by_day: bool

    @property
    def gifts(self) -> int:
        return sum(step.gifts for step in self.steps)

    @property
    def fen(self) -> int:
        return sum(step.fen for step in self.steps)

    def begins(self, listing: Listing) -> tuple[ColumnElement[bool], int] | None:
        """Where the listing's page begins, and how many gifts come before that; None if its order is another one."""
        if self.is_by_day != is_by_day(listing) or not self.steps:
            return None
        is_falling = listing.sort.startswith("-")
        steps = self.steps[::-1] if is_falling else self.steps
        before = [0, *accumulate(step.gifts for step in steps[:-1])]
        at = bisect_right(before, listing.offset) - 1
        column: Any = Gift.received_on if self.is_by_day else Gift.fen
        return (column <= steps[at].last if is_falling else column >= steps[at].first), before[at]


def tallied(fund: Fund, listing: Listing) -> Tallied | None:
    """One statement. None where no tally can tell: amounts together with days or a method."""
    if listing.least is None and listing.most is None and (is_by_day(listing) or _is_narrow(listing)):
        return Tallied(list(_days(fund, listing)), is_by_day=True)
    if not _is_narrow(listing):
        return Tallied(list(_amounts(fund, listing)), is_by_day=False)
    return None


def _is_narrow(listing: Listing) -> bool:
    return bool(listing.start or listing.end or listing.extra.get("method"))


# ── by day ──────────────────────────────────────────────────────────────────────────────────────────
def _days(fund: Fund, listing: Listing) -> Iterator[Step]:
    """Whole months, and at both ends of a range the days of a month that is cut."""
    months = _of(select(GiftMonth.month, func.sum(GiftMonth.gifts), func.sum(GiftMonth.fen)), GiftMonth, fund, listing)
    cut = []
    if listing.start:
        months = months.where(GiftMonth.month > f"{listing.start:%Y-%m}")
        cut.append(GiftTally.day.between(listing.start, min(_end_of_month(listing.start), listing.end or date.max)))
    if listing.end:
        months = months.where(GiftMonth.month < f"{listing.end:%Y-%m}")
        cut.append(GiftTally.day.between(max(listing.end.replace(day=1), listing.start or date.min), listing.end))
    months = months.group_by(GiftMonth.month)
    if cut:
        day = _text(GiftTally.day)
        days = _of(select(day, func.sum(GiftTally.gifts), func.sum(GiftTally.fen)), GiftTally, fund, listing)
        rows = db.session.execute(union_all(months, days.where(or_(*cut)).group_by(day))).all()
    else:
        rows = db.session.execute(months).all()
    for when, gifts, fen in sorted(rows):
        first = date.fromisoformat(when if len(when) > len("2026-11") else f"{when}-01")
        last = first if len(when) > len("2026-11") else _end_of_month(first)
        yield Step(first, last, int(gifts), int(fen))


def _of(sums: Select[*tuple[Any, ...]], tally: Any, fund: Fund, listing: Listing) -> Select[*tuple[Any, ...]]:
    method = listing.extra.get("method")
    return sums.where(tally.fund_id == fund.id, *([tally.method == method] if method else []))


def _text(day: Any) -> ColumnElement[str]:
    """A day as its ISO text, as months are kept."""
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    return func.substr(day, 1, 10) if is_sqlite else func.to_char(day, "YYYY-MM-DD")


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


# ── by amount ───────────────────────────────────────────────────────────────────────────────────────
def _amounts(fund: Fund, listing: Listing) -> Iterator[Step]:
    """Whole bands, and at both ends of a range what it takes of a band that it cuts."""
    least, most = listing.least, listing.most
    bands = select(GiftBand.band, GiftBand.gifts, GiftBand.fen).where(GiftBand.fund_id == fund.id)
    parts: list[Select[*tuple[Any, ...]]] = []
    if least is not None and least > 0 and least != band_of(least):
        bands = bands.where(GiftBand.band > band_of(least))
        parts.append(_part(fund, least, min(end_of_band(least), end_of_band(least) if most is None else most)))
    elif least is not None:
        bands = bands.where(GiftBand.band >= least)
    if most is not None and most > 0 and most != end_of_band(most):
        bands = bands.where(GiftBand.band < band_of(most))
        if not parts or band_of(most) != band_of(least or 0):
            parts.append(_part(fund, max(band_of(most), least or 0), most))
    elif most is not None:
        bands = bands.where(GiftBand.band <= most)
    rows = db.session.execute(union_all(bands, *parts) if parts else bands)
    for first, gifts, fen in sorted((int(row[0]), int(row[1]), int(row[2] or 0)) for row in rows):
        yield Step(first, end_of_band(first), gifts, fen)


def _part(fund: Fund, least: int, most: int) -> Select[*tuple[Any, ...]]:
    within = and_(Gift.fund_id == fund.id, Gift.fen.between(least, most))
    return select(literal(least), func.count(), func.sum(Gift.fen)).where(within)
