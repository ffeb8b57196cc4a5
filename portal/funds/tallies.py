"""How many gifts came in and how much, by day and method: kept by the database as each gift arrives.

A list of 200,000 gifts says above itself how many there are without counting them, and finds its 5,000th page without
reading the 4,999 before it.
"""

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


_SQLITE = """
CREATE TRIGGER funds_gift_tally AFTER INSERT ON funds_gift
BEGIN
  INSERT INTO funds_tally (fund_id, day, method, gifts, fen)
    VALUES (NEW.fund_id, NEW.received_on, NEW.method, 1, NEW.fen)
    ON CONFLICT (fund_id, day, method) DO UPDATE SET gifts = gifts + 1, fen = fen + excluded.fen;
END
"""

# Once a statement, and always in the same order: two imports into one fund then wait for each other, never in a circle.
_POSTGRESQL = """
BEGIN
  INSERT INTO funds_tally AS t (fund_id, day, method, gifts, fen)
    SELECT fund_id, received_on, method, count(*), sum(fen) FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (fund_id, day, method) DO UPDATE SET gifts = t.gifts + excluded.gifts, fen = t.fen + excluded.fen;
  RETURN NULL;
END
"""

declare(
    Guard(
        "funds_gift_tally",
        "funds_gift",
        sqlite=_SQLITE,
        postgresql=postgresql_trigger(
            "funds_gift_tally",
            "funds_gift",
            "AFTER INSERT ON funds_gift REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
            _POSTGRESQL.strip(),
        ),
    )
)


@invariant("funds.tallies")
def tallies_are_sums(session: Session) -> Found:
    """What the tallies say is what the gifts add up to."""
    which = (Gift.fund_id, Gift.received_on, Gift.method)
    counted = select(*which, func.count(), func.sum(Gift.fen)).group_by(*which)
    told = select(GiftTally.fund_id, GiftTally.day, GiftTally.method, GiftTally.gifts, GiftTally.fen)
    kept = _by_key(session, told)
    real = _by_key(session, counted)
    wrong = [key for key in kept.keys() | real.keys() if kept.get(key) != real.get(key)]
    sentences = (f"fund {key[0]}, {key[1]}, {key[2]}: {kept.get(key)} is not {real.get(key)}" for key in sorted(wrong))
    return sum(count for count, _ in real.values()), sentences


def _by_key(session: Session, sums: Select[*tuple[Any, ...]]) -> dict[tuple[int, date, str], tuple[int, int]]:
    return {(row[0], row[1], row[2]): (int(row[3]), int(row[4])) for row in session.execute(sums)}
