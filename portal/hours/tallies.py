"""What hours add up to, kept by the database as claims come and are decided on: no page adds up a million of them.

By month of service and organisation what is approved, and by person and status how much there is.
"""

from typing import Any

from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db import Model
from portal.guards import tally
from portal.hours.models import Claim, Status
from portal.invariants import Found, invariant


class HoursTally(Model):
    """Approved hours of one month (`2026-11`) and organisation."""

    __tablename__ = "hours_tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    month: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("orgs_organisation.id"), primary_key=True, autoincrement=False
    )
    claims: Mapped[int]
    minutes: Mapped[int]


class PersonTally(Model):
    """A person's claims of one status."""

    __tablename__ = "hours_person_tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(primary_key=True)
    claims: Mapped[int]
    minutes: Mapped[int]


_ADDED = "DO UPDATE SET claims = {old}claims + excluded.claims, minutes = {old}minutes + excluded.minutes"


def _sqlite(row: str, sign: str) -> str:
    """Count a row in or out."""
    added = _ADDED.format(old="")
    return f"""
  INSERT INTO hours_person_tally (person_id, status, claims, minutes)
    VALUES ({row}.person_id, {row}.status, {sign}1, {sign}{row}.minutes)
    ON CONFLICT (person_id, status) {added};
  INSERT INTO hours_tally (month, organisation_id, claims, minutes)
    SELECT substr({row}.served_on, 1, 7), {row}.organisation_id, {sign}1, {sign}{row}.minutes
    WHERE {row}.status = 'approved'
    ON CONFLICT (month, organisation_id) {added};"""


def _postgresql(changes: str) -> str:
    """Count rows in and out, once a statement and always in the same order: two batches never wait in a circle."""
    added = _ADDED.format(old="t.")
    return f"""
BEGIN
  INSERT INTO hours_person_tally AS t (person_id, status, claims, minutes)
    SELECT person_id, status, sum(n), sum(n * minutes) FROM ({changes}) AS change
    GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(n * minutes) <> 0 ORDER BY 1, 2
    ON CONFLICT (person_id, status) {added};
  INSERT INTO hours_tally AS t (month, organisation_id, claims, minutes)
    SELECT to_char(served_on, 'YYYY-MM'), organisation_id, sum(n), sum(n * minutes) FROM ({changes}) AS change
    WHERE status = 'approved' GROUP BY 1, 2 HAVING sum(n) <> 0 OR sum(n * minutes) <> 0 ORDER BY 1, 2
    ON CONFLICT (month, organisation_id) {added};
  RETURN NULL;
END"""


tally(
    "hours_claim",
    "INSERT",
    rows="NEW TABLE AS added",
    sqlite=_sqlite("NEW", ""),
    postgresql=_postgresql("SELECT 1 AS n, * FROM added"),
)
tally(
    "hours_claim",
    "UPDATE",
    rows="OLD TABLE AS before NEW TABLE AS after",
    when=" WHEN NEW.status IS NOT OLD.status",
    sqlite=_sqlite("OLD", "-") + _sqlite("NEW", ""),
    postgresql=_postgresql("SELECT 1 AS n, * FROM after UNION ALL SELECT -1, * FROM before"),
)


@invariant("hours.tallies")
def tallies_are_sums(session: Session) -> Found:
    """What the tallies say is what the claims add up to."""
    month = _month(session)
    pairs = (
        ((HoursTally.month, HoursTally.organisation_id), HoursTally, (month, Claim.organisation_id), True),
        ((PersonTally.person_id, PersonTally.status), PersonTally, (Claim.person_id, Claim.status), False),
    )
    count, problems = 0, []
    for keys, sums, columns, only_approved in pairs:
        kept = _by_key(session, select(*keys, sums.claims, sums.minutes).where(sums.claims != 0))
        counted = select(*columns, func.count(), func.sum(Claim.minutes)).group_by(*columns)
        if only_approved:
            counted = counted.where(Claim.status == Status.APPROVED.value)
        real = _by_key(session, counted)
        wrong = [key for key in kept.keys() | real.keys() if kept.get(key) != real.get(key)]
        problems += [f"{sums.__tablename__} {key}: {kept.get(key)} is not {real.get(key)}" for key in sorted(wrong)]
        count += len(real)
    return count, problems


def _month(session: Session) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return func.substr(Claim.served_on, 1, 7)
    return func.to_char(Claim.served_on, "YYYY-MM")


def _by_key(session: Session, sums: Select[*tuple[Any, ...]]) -> dict[tuple[Any, Any], tuple[int, int]]:
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in session.execute(sums)}
