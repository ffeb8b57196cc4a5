"""How many gifts came in and how much, by day, month and amount: kept by the database as each gift arrives.

A list of 200,000 gifts says above itself how many there are without counting them, and finds its 5,000th page without
reading the 4,999 before it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Model
from portal.funds.models import Gift
from portal.guards import Guard, declare, postgresql_trigger
from portal.invariants import Found, invariant


class GiftTally(Model):
    """The gifts of one fund, day and method. `fen` in 分."""

    __tablename__ = "funds_tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"), primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    gifts: Mapped[int]
    fen: Mapped[int]


class GiftMonth(Model):
    """The gifts of one fund, month (`2026-11`) and method. `fen` in 分."""

    __tablename__ = "funds_tally_month"
    __table_args__ = ({"sqlite_with_rowid": False},)

    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"), primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    gifts: Mapped[int]
    fen: Mapped[int]


class GiftBand(Model):
    """The gifts of one fund of about the same amount: `band` is the amount's first two digits, the rest zeros.

    All in 分: 123.45 yuan lie in the band 12000, 7 分 in the band 7.
    """

    __tablename__ = "funds_tally_band"
    __table_args__ = ({"sqlite_with_rowid": False},)

    fund_id: Mapped[int] = mapped_column(ForeignKey("funds_fund.id"), primary_key=True, autoincrement=False)
    band: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gifts: Mapped[int]
    fen: Mapped[int]


def band_of(fen: int) -> int:
    """The band in which an amount lies, both in 分."""
    return fen - fen % int(10 ** max(0, len(str(fen)) - 2))


def end_of_band(fen: int) -> int:
    """The largest amount of the band in which an amount lies, both in 分."""
    return band_of(fen) + int(10 ** max(0, len(str(fen)) - 2)) - 1


_BAND = "CAST(substr(CAST({fen} AS TEXT), 1, 2) || substr('{zeros}', 1, length(CAST({fen} AS TEXT)) - 2) AS BIGINT)"
"""The same in SQL."""


def _band(fen: str) -> str:
    return f"CASE WHEN {fen} < 100 THEN {fen} ELSE {_BAND.format(fen=fen, zeros='0' * 18)} END"


def _kept(name: str, table: str, keys: Sequence[str], sqlite: str, postgresql: str) -> None:
    """A tally that grows with each gift."""
    key = ", ".join(keys)
    grows = f"ON CONFLICT ({key}) DO UPDATE SET"
    places = ", ".join(str(place) for place in range(1, len(keys) + 1))
    declare(
        Guard(
            name,
            "funds_gift",
            sqlite=f"""
CREATE TRIGGER {name} AFTER INSERT ON funds_gift
BEGIN
  INSERT INTO {table} ({key}, gifts, fen)
    VALUES ({sqlite}, 1, NEW.fen)
    {grows} gifts = gifts + 1, fen = fen + excluded.fen;
END
""",
            # Once a statement, and always in the same order: two imports into one fund then wait for each other, never
            # in a circle.
            postgresql=postgresql_trigger(
                name,
                "funds_gift",
                "AFTER INSERT ON funds_gift REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
                f"""BEGIN
  INSERT INTO {table} AS t ({key}, gifts, fen)
    SELECT {postgresql}, count(*), sum(fen) FROM added GROUP BY {places} ORDER BY {places}
    {grows} gifts = t.gifts + excluded.gifts, fen = t.fen + excluded.fen;
  RETURN NULL;
END""",
            ),
        )
    )


_kept(
    "funds_gift_tally",
    "funds_tally",
    ("fund_id", "day", "method"),
    "NEW.fund_id, NEW.received_on, NEW.method",
    "fund_id, received_on, method",
)
_kept(
    "funds_gift_tally_month",
    "funds_tally_month",
    ("fund_id", "month", "method"),
    "NEW.fund_id, substr(NEW.received_on, 1, 7), NEW.method",
    "fund_id, to_char(received_on, 'YYYY-MM'), method",
)
_kept(
    "funds_gift_tally_band",
    "funds_tally_band",
    ("fund_id", "band"),
    f"NEW.fund_id, {_band('NEW.fen')}",
    f"fund_id, {_band('fen')}",
)


@invariant("funds.tallies")
def tallies_are_sums(session: Session) -> Found:
    """What the tallies say is what the gifts add up to."""
    counted = select(Gift.fund_id, Gift.received_on, Gift.method, Gift.fen, func.count(), func.sum(Gift.fen))
    days: dict[Any, tuple[int, int]] = {}
    months: dict[Any, tuple[int, int]] = {}
    bands: dict[Any, tuple[int, int]] = {}
    for fund, day, method, one, gifts, fen in session.execute(counted.group_by(*counted.selected_columns[:4])):
        for sums, key in ((days, (day, method)), (months, (f"{day:%Y-%m}", method)), (bands, (band_of(one),))):
            before = sums.get((fund, *key), (0, 0))
            sums[fund, *key] = before[0] + gifts, before[1] + int(fen)
    told = (
        (days, select(GiftTally.fund_id, GiftTally.day, GiftTally.method, GiftTally.gifts, GiftTally.fen)),
        (months, select(GiftMonth.fund_id, GiftMonth.month, GiftMonth.method, GiftMonth.gifts, GiftMonth.fen)),
        (bands, select(GiftBand.fund_id, GiftBand.band, GiftBand.gifts, GiftBand.fen)),
    )
    wrong = [sentence for real, kept in told for sentence in _wrong(real, _by_key(session, kept))]
    return sum(count for count, _ in days.values()), wrong


def _wrong(real: dict[Any, tuple[int, int]], kept: dict[Any, tuple[int, int]]) -> list[str]:
    keys = sorted(key for key in kept.keys() | real.keys() if kept.get(key) != real.get(key))
    return [f"fund {', '.join(map(str, key))}: {kept.get(key)} is not {real.get(key)}" for key in keys]


def _by_key(session: Session, sums: Select[*tuple[Any, ...]]) -> dict[Any, tuple[int, int]]:
    return {tuple(row[:-2]): (int(row[-2]), int(row[-1])) for row in session.execute(sums)}
