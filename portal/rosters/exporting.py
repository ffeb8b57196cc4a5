"""Volunteers as a table with the portal's own headers: masked, or in full for whoever keeps their files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from portal.audit import record_taking
from portal.consents.models import Consent, Purpose
from portal.contacts.models import Contact
from portal.db import db
from portal.exports import Export
from portal.exports.files import signed
from portal.identity import GENDER_NAMES, PAPER_NAMES, Gender, Paper
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Person, Role
from portal.people.policy import scopes_of
from portal.privacy import mask_address, mask_birth, mask_paper
from portal.profiles.models import Choice, Profile, Status, Topic
from portal.rosters import policy
from portal.rosters.columns import HEADERS
from portal.rosters.parts import Part, in_parts
from portal.web.exports import Cell

PEOPLE_A_PART = 1_000
HEAD = tuple(HEADERS.values())

_IS_VOLUNTEER = and_(
    Person.volunteer_no.is_not(None),
    Person.is_open,
    or_(
        Profile.status.is_(None),
        Profile.status.in_([one.value for one in (Status.APPROVED, Status.ACTIVE, Status.PAUSED)]),
    ),
)

_AGREED_TO_REPORT = exists().where(
    Consent.person_id == Person.id, Consent.purpose == Purpose.REPORT.value, Consent.withdrawn_at.is_(None)
)


@dataclass(frozen=True)
class Bounds:
    """Whose volunteers: of a team, of an organisation, or of all."""

    team_id: int | None = None
    organisation_id: int | None = None
    name: str = ""
    reported: bool = False
    """Only those who agreed that the national and provincial systems hear of them."""

    @property
    def key(self) -> str:
        """By which an address or a form names them."""
        return f"t{self.team_id}" if self.team_id is not None else f"o{self.organisation_id or 0}"

    def holds(self, today: date) -> ColumnElement[bool] | None:
        """Whether a person is within them, as a condition; None for all."""
        if self.team_id is None and self.organisation_id is None:
            return None
        members = select(Membership.person_id).join(Team, Team.id == Membership.team_id)
        there = Team.id == self.team_id if self.team_id is not None else Team.organisation_id == self.organisation_id
        return Person.id.in_(members.where(there, belongs(today)))


class _Line(NamedTuple):
    """What is known of one person."""

    id: int
    number: str
    name: str
    gender: str | None
    born_on: str | None
    id_kind: str | None
    id_number: str | None
    area: str | None


def bounds_for(person: Person) -> list[Bounds]:
    """Whose volunteers the person may take away: of all, of organisations, of teams that she runs."""
    everywhere = policy.can_export_organisation(person, None)
    organisations = select(Organisation.id, Organisation.name).order_by(Organisation.name)
    run = scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation") or frozenset()
    if not everywhere:
        organisations = organisations.where(Organisation.id.in_(run))
    found = [Bounds()] if everywhere else []
    found += [Bounds(None, id, name) for id, name in db.session.execute(organisations)]
    led = scopes_of(person, Role.TEAM_LEADER, kind="team") or frozenset()
    teams = select(Team.id, Team.organisation_id, Team.name).order_by(Team.name)
    teams = teams.where(or_(Team.id.in_(led), Team.organisation_id.in_(run)))
    return found + [Bounds(*row) for row in db.session.execute(teams)]


def record_full_look(export: Export, bounds: Bounds, *, by: Person, at: datetime) -> None:
    """Everybody whose data leaves in full sees it at /me/looks."""
    people = ids_of(bounds, today=at.date())
    record_taking("rosters.export.in_full", export, people, by=by, at=at, reason=export.purpose, count=len(people))


def count_of(bounds: Bounds, *, today: date) -> int:
    """How many volunteers there are within the bounds."""
    return db.session.scalar(select(func.count()).select_from(_people(bounds, today).subquery())) or 0


def ids_of(bounds: Bounds, *, today: date) -> list[int]:
    """Who they are."""
    return list(db.session.scalars(_people(bounds, today).with_only_columns(Person.id).order_by(Person.id)))


def lines_of(bounds: Bounds, *, in_full: bool, today: date) -> Iterator[Sequence[Cell]]:
    """The rows, in the order in which people were entered."""

    def read(connection: Connection, after: int) -> Part[Sequence[Cell]] | None:
        wanted = _people(bounds, today).where(Person.id > after).order_by(Person.id).limit(PEOPLE_A_PART)
        people = [_Line(*row) for row in connection.execute(wanted)]
        if not people:
            return None
        return people[-1].id, list(_cells(people, bounds, connection, in_full=in_full, today=today))

    return in_parts(read)


def signed_lines(bounds: Bounds, export: Export, *, in_full: bool, today: date) -> Iterator[Sequence[Cell]]:
    """The rows and, last, what the file is for and until when it may be kept."""
    return signed(lines_of(bounds, in_full=in_full, today=today), export)


def _people(bounds: Bounds, today: date) -> Select[*tuple[Any, ...]]:
    columns = (Profile.gender, Profile.born_on, Profile.id_kind, Profile.id_number, Profile.area)
    people = select(Person.id, Person.volunteer_no, Person.name, *columns)
    people = people.outerjoin(Profile, Profile.person_id == Person.id).where(_IS_VOLUNTEER)
    if bounds.reported:
        people = people.where(_AGREED_TO_REPORT)
    within = bounds.holds(today)
    return people if within is None else people.where(within)


def _cells(
    people: Sequence[_Line], bounds: Bounds, connection: Connection, *, in_full: bool, today: date
) -> Iterator[Sequence[Cell]]:
    ids = [one.id for one in people]
    contacts = _words(
        connection, select(Contact.person_id, Contact.value).where(Contact.person_id.in_(ids)), Contact.id
    )
    chosen = {topic: _words(connection, _choices(ids, topic), Choice.word) for topic in (Topic.SKILL, Topic.SERVICE)}
    teams = _words(connection, _teams(ids, bounds, today), Team.id)
    for one in people:
        reached = contacts.get(one.id, [])
        yield (
            one.number,
            one.name,
            GENDER_NAMES[Gender(one.gender)].text if one.gender else "",
            _born(one.born_on, in_full),
            PAPER_NAMES[Paper(one.id_kind)].text if one.id_kind else "",
            (one.id_number if in_full else mask_paper(one.id_number)) if one.id_number else "",
            one.area,
            "、".join(reached if in_full else map(mask_address, reached)),
            *("、".join(chosen[topic].get(one.id, [])) for topic in (Topic.SKILL, Topic.SERVICE)),
            "、".join(teams.get(one.id, [])),
        )


def _born(born_on: str | None, in_full: bool) -> str:
    if not born_on:
        return ""
    return born_on if in_full else mask_birth(date.fromisoformat(born_on))


def _choices(ids: Sequence[int], topic: Topic) -> Select[*tuple[Any, ...]]:
    return select(Choice.person_id, Choice.word).where(Choice.person_id.in_(ids), Choice.topic == topic.value)


def _teams(ids: Sequence[int], bounds: Bounds, today: date) -> Select[*tuple[Any, ...]]:
    """Names of teams, with the organisation's where that is not plain from the bounds."""
    name = Team.name if bounds.organisation_id is not None else Organisation.name + " " + Team.name
    teams = (
        select(Membership.person_id, name)
        .join(Team, Team.id == Membership.team_id)
        .join(Organisation, Organisation.id == Team.organisation_id)
        .where(Membership.person_id.in_(ids), belongs(today))
    )
    return teams if bounds.organisation_id is None else teams.where(Team.organisation_id == bounds.organisation_id)


def _words(connection: Connection, statement: Select[*tuple[Any, ...]], order: Any) -> dict[int, list[str]]:
    """Person → words, in an order."""
    found: dict[int, list[str]] = {}
    for person, word in connection.execute(statement.order_by(order)):
        found.setdefault(person, []).append(word)
    return found
