"""How many activities each team has in each status, kept by the database: no list counts them all."""

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.activities.models import Activity
from portal.db import Model
from portal.guards import tally
from portal.invariants import Found, invariant


class ActivityTally(Model):
    """The activities of one team and status."""

    __tablename__ = "activities_tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(primary_key=True)
    activities: Mapped[int]


_TABLE = "activities_activity"


def _sqlite(row: str, sign: str) -> str:
    return f"""
  INSERT INTO activities_tally (team_id, status, activities) VALUES ({row}.team_id, {row}.status, {sign}1)
    ON CONFLICT (team_id, status) DO UPDATE SET activities = activities + excluded.activities;"""


def _postgresql(changes: str) -> str:
    return f"""
BEGIN
  INSERT INTO activities_tally AS t (team_id, status, activities)
    SELECT team_id, status, sum(n) FROM ({changes}) AS change GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2
    ON CONFLICT (team_id, status) DO UPDATE SET activities = t.activities + excluded.activities;
  RETURN NULL;
END"""


tally(
    _TABLE,
    "INSERT",
    rows="NEW TABLE AS added",
    sqlite=_sqlite("NEW", ""),
    postgresql=_postgresql("SELECT 1 AS n, team_id, status FROM added"),
)
tally(
    _TABLE,
    "UPDATE",
    rows="OLD TABLE AS before NEW TABLE AS after",
    when=" WHEN NEW.status IS NOT OLD.status OR NEW.team_id IS NOT OLD.team_id",
    sqlite=_sqlite("OLD", "-") + _sqlite("NEW", ""),
    postgresql=_postgresql(
        "SELECT 1 AS n, team_id, status FROM after UNION ALL SELECT -1, team_id, status FROM before"
    ),
)
tally(
    _TABLE,
    "DELETE",
    rows="OLD TABLE AS gone",
    sqlite=_sqlite("OLD", "-"),
    postgresql=_postgresql("SELECT -1 AS n, team_id, status FROM gone"),
)


@invariant("activities.tallies")
def tallies_are_counts(session: Session) -> Found:
    """What the tallies say is how many activities there are."""
    which = (Activity.team_id, Activity.status)
    rows = session.execute(select(*which, func.count()).group_by(*which))
    real = {(row[0], row[1]): row[2] for row in rows}
    told = session.execute(select(ActivityTally.team_id, ActivityTally.status, ActivityTally.activities))
    kept = {(row[0], row[1]): row[2] for row in told if row[2]}
    wrong = sorted(key for key in kept.keys() | real.keys() if kept.get(key) != real.get(key))
    sentences = (f"team {key[0]}, {key[1]}: {kept.get(key)} is not {real.get(key)}" for key in wrong)
    return sum(real.values()), sentences
