from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.profiles.models import Profile
from portal.rosters.models import Decision, Outcome, Roster, RosterMapping, RosterRow, RowKind
from portal.rosters.policy import administers
from portal.search import holds
from portal.web.tables import Listing


@dataclass(frozen=True)
class RowsFound:
    """A page of rows."""

    listing: Listing
    rows: Sequence[RosterRow]


@dataclass(frozen=True)
class RostersFound:
    """A page of rosters."""

    listing: Listing
    rosters: Sequence[Roster]


class Candidate(NamedTuple):
    """Somebody whom a doubtful row may be about."""

    id: int
    name: str
    number: str | None
    birth_year: int | None
    area: str | None
    teams: str


# ── rosters ─────────────────────────────────────────────────────────────────────────────────────────
def roster_by_id(roster_id: int) -> Roster | None:
    wanted = select(Roster).where(Roster.id == roster_id)
    people = (joinedload(Roster.organisation), joinedload(Roster.team), joinedload(Roster.brought_by))
    return db.session.scalar(wanted.options(*people))


def rosters_found(person: Person, listing: Listing) -> RostersFound:
    """The rosters that the person brought, newest first."""
    hers = Roster.brought_by_id == person.id
    counted = listing.counted(db.session.scalar(select(func.count()).where(hers)) or 0)
    page = select(Roster).where(hers).options(joinedload(Roster.organisation)).order_by(Roster.id.desc())
    return RostersFound(counted, db.session.scalars(page.limit(counted.per_page).offset(counted.offset)).all())


def organisations_for(person: Person) -> list[Organisation]:
    """Whose teams the person may bring lists for, by name."""
    ids = administers(person)
    wanted = select(Organisation).where(Organisation.closed_on.is_(None)).order_by(Organisation.name)
    return list(db.session.scalars(wanted if ids is None else wanted.where(Organisation.id.in_(ids))))


def kept_mappings(organisation_id: int | None) -> dict[str, Mapping[str, str]]:
    """Layouts that were named before: by fingerprint, title → field. The organisation's own go before all others'."""
    own = {0, organisation_id or 0}
    wanted = select(RosterMapping).where(RosterMapping.organisation_id.in_(own)).order_by(RosterMapping.organisation_id)
    return {one.fingerprint: one.columns for one in db.session.scalars(wanted)}


def mapping_called(fingerprint: str, organisation_id: int | None) -> RosterMapping | None:
    wanted = (RosterMapping.fingerprint == fingerprint, RosterMapping.organisation_id == (organisation_id or 0))
    return db.session.scalar(select(RosterMapping).where(*wanted))


# ── rows ────────────────────────────────────────────────────────────────────────────────────────────
SHOWS: dict[str, ColumnElement[bool]] = {
    **{kind.value: RosterRow.kind == kind.value for kind in RowKind},
    "undecided": (RosterRow.kind == RowKind.DOUBT.value) & RosterRow.decision.is_(None),
    "out": RosterRow.decision == Decision.OUT.value,
    "elsewhere": RosterRow.is_elsewhere.is_(True),
    "awaits": RosterRow.is_waiting.is_(True),
    "changed": RosterRow.outcome == Outcome.CHANGED.value,
}
"""What the rows of a page may be narrowed to."""


def rows_found(roster: Roster, listing: Listing) -> RowsFound:
    """The page of rows that the listing asks for."""
    wanted = [RosterRow.roster_id == roster.id, *_filters(listing)]
    count = db.session.scalar(select(func.count()).where(*wanted)) or 0 if len(wanted) > 1 else roster.rows
    counted = listing.counted(count)
    ids = select(RosterRow.id).where(*wanted).order_by(RosterRow.row_no).limit(counted.per_page).offset(counted.offset)
    page = select(RosterRow).where(RosterRow.id.in_(ids.subquery().select())).order_by(RosterRow.row_no)
    return RowsFound(counted, db.session.scalars(page).all())


def _filters(listing: Listing) -> Iterator[ColumnElement[bool]]:
    if show := listing.extra.get("show"):
        yield SHOWS[show]
    if listing.q:
        is_row = listing.q.isascii() and listing.q.isdigit() and len(listing.q) < 8
        yield RosterRow.row_no == int(listing.q) if is_row else holds(listing.q, RosterRow.name)


def count_rows(roster: Roster, show: str) -> int:
    """How many rows are of this sort."""
    return db.session.scalar(select(func.count()).where(RosterRow.roster_id == roster.id, SHOWS[show])) or 0


def row_of(roster: Roster, row_no: int) -> RosterRow | None:
    wanted = (RosterRow.roster_id == roster.id, RosterRow.row_no == row_no)
    return db.session.scalar(select(RosterRow).where(*wanted))


def candidates_of(rows: Sequence[RosterRow]) -> dict[int, Candidate]:
    """Whom the doubtful ones among these rows may be about, by id."""
    ids = {one for row in rows for one in row.candidates}
    if not ids:
        return {}
    people = (
        select(Person.id, Person.name, Person.volunteer_no, Profile.birth_year, Profile.area)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .where(Person.id.in_(ids))
    )
    teams: dict[int, list[str]] = {}
    theirs = select(Membership.person_id, Team.name).join(Team, Team.id == Membership.team_id)
    for person, name in db.session.execute(theirs.where(Membership.person_id.in_(ids), belongs(clock.today()))):
        teams.setdefault(person, []).append(name)
    return {
        id: Candidate(id, name, number, year, area, "、".join(teams.get(id, ())))
        for id, name, number, year, area in db.session.execute(people)
    }
