"""The number on the bell, kept by the database: no page counts notices."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.bell import Bell
from portal.guards import tally
from portal.invariants import Found, invariant
from portal.notices.models import Notice

_ONE = """
  INSERT INTO accounts_bell (person_id, unread) VALUES ({row}.person_id, {step})
    ON CONFLICT (person_id) DO UPDATE SET unread = unread + excluded.unread;"""
_MANY = """
BEGIN
  INSERT INTO accounts_bell AS t (person_id, unread)
    SELECT person_id, sum(n) FROM ({changes}) AS change
    WHERE read_at IS NULL GROUP BY 1 HAVING sum(n) <> 0 ORDER BY 1
    ON CONFLICT (person_id) DO UPDATE SET unread = t.unread + excluded.unread;
  RETURN NULL;
END"""

_ADDED, _GONE = "SELECT 1 AS n, person_id, read_at FROM {0}", "SELECT -1 AS n, person_id, read_at FROM {0}"

tally(
    "notices_notice",
    "INSERT",
    rows="NEW TABLE AS added",
    when=" WHEN NEW.read_at IS NULL",
    sqlite=_ONE.format(row="NEW", step=1),
    postgresql=_MANY.format(changes=_ADDED.format("added")),
)
tally(
    "notices_notice",
    "UPDATE",
    rows="OLD TABLE AS before NEW TABLE AS after",
    when=" WHEN (NEW.read_at IS NULL) <> (OLD.read_at IS NULL)",
    sqlite=_ONE.format(row="NEW", step="CASE WHEN NEW.read_at IS NULL THEN 1 ELSE -1 END"),
    postgresql=_MANY.format(changes=f"{_ADDED.format('after')} UNION ALL {_GONE.format('before')}"),
)
tally(
    "notices_notice",
    "DELETE",
    rows="OLD TABLE AS gone",
    when=" WHEN OLD.read_at IS NULL",
    sqlite=_ONE.format(row="OLD", step=-1),
    postgresql=_MANY.format(changes=_GONE.format("gone")),
)


@invariant("notices.bell")
def bells_count_what_is_unread(session: Session) -> Found:
    """What each bell says is how many notices its owner has not read."""
    unread = select(Notice.person_id, func.count()).where(Notice.read_at.is_(None)).group_by(Notice.person_id)
    real: dict[int, int] = dict(session.execute(unread).all())
    kept: dict[int, int] = dict(session.execute(select(Bell.person_id, Bell.unread)).all())
    wrong = sorted(person for person in real.keys() | kept.keys() if real.get(person, 0) != kept.get(person, 0))
    return len(kept), [f"bell of person {person}: {kept.get(person, 0)}, not {real.get(person, 0)}" for person in wrong]
