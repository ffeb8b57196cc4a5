"""What the tallies know of a list of gifts: how many there are, what they add up to, and where a far page begins."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from portal.db import dialect, made_once, rows
from portal.funds.models import Gift
from portal.funds.queries import FUND, FundLine, is_by_day
from portal.funds.tallies import GiftBand, GiftMonth, GiftTally, band_of, end_of_band
from portal.web.tables import Listing

Steps = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Step = Sequence[Any]
"""Gifts that lie together in the order of a list: where they begin (a month or a day as text, or an amount in 分), how
many they are, what they add up to in 分."""


@dataclass(frozen=True)
class Tallied:
    """The gifts of a list, step by step from the earliest or smallest on."""

    steps: list[Step]
    is_by_day: bool

    @property
    def gifts(self) -> int:
        return sum(int(gifts) for _, gifts, _ in self.steps)

    @property
    def fen(self) -> int:
        return sum(int(fen or 0) for _, _, fen in self.steps)

    def begins(self, listing: Listing) -> tuple[date | int, int] | None:
        """The day or amount at which the listing's page begins, and how many gifts come before that.

        None if its order is another one.
        """
        if self.is_by_day != is_by_day(listing.sort) or not self.steps:
            return None
        is_falling = listing.sort.startswith("-")
        steps = self.steps[::-1] if is_falling else self.steps
        before = [0, *accumulate(int(gifts) for _, gifts, _ in steps[:-1])]
        at = bisect_right(before, listing.offset) - 1
        first, last = _days_of(steps[at][0]) if self.is_by_day else _amounts_of(steps[at][0])
        return last if is_falling else first, before[at]


def tallied(fund: FundLine, listing: Listing) -> Tallied | None:
    """One statement. None where no tally can tell: amounts together with days or a method."""
    if listing.least is None and listing.most is None and (is_by_day(listing.sort) or _is_narrow(listing)):
        return Tallied(_by_day(fund, listing), is_by_day=True)
    if not _is_narrow(listing):
        return Tallied(_by_amount(fund, listing), is_by_day=False)
    return None


def _is_narrow(listing: Listing) -> bool:
    return bool(listing.start or listing.end or listing.extra.get("method"))


def _sorted(found: Any) -> list[Step]:
    return sorted(found, key=itemgetter(0))


# ── by day ──────────────────────────────────────────────────────────────────────────────────────────
def _by_day(fund: FundLine, listing: Listing) -> list[Step]:
    """Whole months, and at both ends of a range the days of a month that is cut."""
    values: dict[str, Any] = {"fund": fund.id}
    if method := listing.extra.get("method"):
        values["method"] = method
    if start := listing.start:
        values |= {"after": f"{start:%Y-%m}", "first": start}
        values["first_until"] = min(_end_of_month(start), listing.end or date.max)
    if end := listing.end:
        values |= {"before": f"{end:%Y-%m}", "last": end, "last_from": max(end.replace(day=1), start or date.min)}
    return _sorted(rows(_days(of_method=bool(method), is_begun=bool(start), is_ended=bool(end)), values).all())


@made_once
def _days(*, of_method: bool, is_begun: bool, is_ended: bool) -> Steps:
    months = _of(select(GiftMonth.month, func.sum(GiftMonth.gifts), func.sum(GiftMonth.fen)), GiftMonth, of_method)
    cut = []
    if is_begun:
        months = months.where(GiftMonth.month > bindparam("after", type_=String))
        cut.append(GiftTally.day.between(_day("first"), _day("first_until")))
    if is_ended:
        months = months.where(GiftMonth.month < bindparam("before", type_=String))
        cut.append(GiftTally.day.between(_day("last_from"), _day("last")))
    months = months.group_by(GiftMonth.month)
    if not cut:
        return months
    day = func.substr(GiftTally.day, 1, 10) if dialect() == "sqlite" else func.to_char(GiftTally.day, "YYYY-MM-DD")
    days = _of(select(day, func.sum(GiftTally.gifts), func.sum(GiftTally.fen)), GiftTally, of_method)
    return union_all(months, days.where(or_(*cut)).group_by(day))


def _of(sums: Select[*tuple[Any, ...]], tally: Any, of_method: bool) -> Select[*tuple[Any, ...]]:
    return sums.where(tally.fund_id == FUND, *([tally.method == bindparam("method")] if of_method else []))


def _day(name: str) -> ColumnElement[date]:
    return bindparam(name, type_=Date)


def _days_of(step: str) -> tuple[date, date]:
    """The first and the last day of a month or a day."""
    if len(step) > len("2026-11"):
        return date.fromisoformat(step), date.fromisoformat(step)
    first = date.fromisoformat(f"{step}-01")
    return first, _end_of_month(first)


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


# ── by amount ───────────────────────────────────────────────────────────────────────────────────────
def _by_amount(fund: FundLine, listing: Listing) -> list[Step]:
    """Whole bands, and at both ends of a range what it takes of a band that it cuts."""
    least, most = max(listing.least or 0, 0), listing.most
    values: dict[str, Any] = {"fund": fund.id, "from_band": least}
    parts = []
    if least != band_of(least):
        values["from_band"] = end_of_band(least) + 1
        parts.append((least, min(end_of_band(least), end_of_band(least) if most is None else most)))
    if most is not None:
        values["until_band"] = most
        if most > 0 and most != end_of_band(most):
            values["until_band"] = band_of(most) - 1
            if not parts or band_of(most) != band_of(least):
                parts.append((max(band_of(most), least), most))
    for number, (first, last) in enumerate(parts):
        values |= {f"first{number}": first, f"last{number}": last}
    return _sorted(rows(_bands(is_ended=most is not None, parts=len(parts)), values).all())


@made_once
def _bands(*, is_ended: bool, parts: int) -> Steps:
    bands = select(GiftBand.band, GiftBand.gifts, GiftBand.fen)
    bands = bands.where(GiftBand.fund_id == FUND, GiftBand.band >= _fen("from_band"))
    if is_ended:
        bands = bands.where(GiftBand.band <= _fen("until_band"))
    return union_all(bands, *(_part(_fen(f"first{number}"), _fen(f"last{number}")) for number in range(parts)))


def _part(first: ColumnElement[int], last: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return select(first, func.count(), func.sum(Gift.fen)).where(Gift.fund_id == FUND, Gift.fen.between(first, last))


def _fen(name: str) -> ColumnElement[int]:
    return bindparam(name, type_=BigInteger)


def _amounts_of(step: int) -> tuple[int, int]:
    """The first and the last amount of a band, or of what is left of it."""
    return step, end_of_band(step)
