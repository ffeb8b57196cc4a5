from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal import clock
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Grant, Person, Role
from portal.people.policy import scopes_of
from portal.profiles.models import Profile, Status
from portal.teams.models import Deputy, JoinRequest, Leaving, TeamCard, TeamKind, Wish
from portal.web.tables import Listing

PER_PAGE = 50
IN_ORDER = (Status.APPROVED.value, Status.ACTIVE.value, Status.PAUSED.value)
"""Where a volunteer stands who may belong to a team."""


class Leader(NamedTuple):
    """Who leads a team, by which grant."""

    grant_id: int
    person_id: int
    name: str
    is_deputy: bool


class Member(NamedTuple):
    """A line of the list of members. `until`: she is lent up to this day."""

    membership_id: int
    person_id: int
    number: str | None
    name: str
    joined_on: date
    until: date | None


class OpenTeam(NamedTuple):
    """A team that can be asked to join, as everybody who signed in sees it."""

    slug: str
    name: str
    organisation: str
    kind: TeamKind
    about: str


# ── one team ────────────────────────────────────────────────────────────────────────────────────────
def card_of(team: Team) -> TeamCard:
    """What the team says of itself; a card that lies in no table yet where nobody has written one."""
    return db.session.get(TeamCard, team.id) or TeamCard(
        team_id=team.id, kind=TeamKind.SERVICE.value, about="", is_open_to_join=False, asks_approval=False
    )


def is_closed(team_id: int) -> bool:
    closed = select(TeamCard.team_id).where(TeamCard.team_id == team_id, TeamCard.closed_on.is_not(None))
    return db.session.scalar(closed) is not None


def leaders_of(team: Team) -> list[Leader]:
    """Who leads it today, leaders before deputies. Who only stands in for one on holiday is not named."""
    today = clock.today()
    leads = and_(Grant.role == Role.TEAM_LEADER.value, Grant.scope_kind == "team", Grant.scope_id == team.id)
    counts = (Grant.starts_on <= today, or_(Grant.ends_on.is_(None), Grant.ends_on >= today))
    is_deputy = Deputy.grant_id.is_not(None)
    found = (
        select(Grant.id, Person.id, Person.name, is_deputy)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Deputy, Deputy.grant_id == Grant.id)
        .where(leads, *counts, Grant.deputy_of_id.is_(None), Person.is_open)
        .order_by(is_deputy, Grant.id)
    )
    return [Leader(*row) for row in db.session.execute(found)]


def list_members(team: Team, listing: Listing, *, by_name: bool) -> tuple[Listing, list[Member]]:
    """A page of the members. Who does not see names finds nobody by more of one than is shown: its first character."""
    wanted = [Membership.team_id == team.id, belongs(clock.today())]
    if listing.q:
        wanted.append(_called(listing.q, by_name=by_name))
    joined = select(func.count()).select_from(Membership).join(Person, Person.id == Membership.person_id)
    listing = replace(listing, per_page=PER_PAGE).counted(db.session.scalar(joined.where(*wanted)) or 0)
    shown = (
        select(Membership.id, Person.id, Person.volunteer_no, Person.name, Membership.joined_on, Membership.until)
        .join(Person, Person.id == Membership.person_id)
        .where(*wanted)
        .order_by(*_order(listing.sort), Person.id)
    )
    rows = db.session.execute(shown.offset(listing.offset).limit(listing.per_page))
    return listing, [Member(*row) for row in rows]


def _called(text: str, *, by_name: bool) -> ColumnElement[bool]:
    number = Person.volunteer_no.contains(text.upper(), autoescape=True)
    if by_name:
        return or_(number, Person.name.contains(text, autoescape=True))
    return or_(number, func.substr(Person.name, 1, 1) == text)


def _order(sort: str) -> Iterable[Any]:
    columns: dict[str, Any] = {"number": Person.volunteer_no, "name": Person.name, "joined": Membership.joined_on}
    column = columns[sort.lstrip("-")]
    return [column.desc() if sort.startswith("-") else column.asc()]


def membership_by_id(membership_id: int) -> Membership | None:
    """One that counts today."""
    return db.session.scalar(select(Membership).where(Membership.id == membership_id, belongs(clock.today())))


def membership_of(person_id: int, team_id: int) -> Membership | None:
    """The one by which the person belongs to the team today."""
    hers = (Membership.person_id == person_id, Membership.team_id == team_id, belongs(clock.today()))
    return db.session.scalar(select(Membership).where(*hers))


def member_ids(team: Team) -> list[int]:
    """Of those who belong to it today and whose account is open."""
    ids = select(Membership.person_id).join(Person, Person.id == Membership.person_id)
    return list(db.session.scalars(ids.where(Membership.team_id == team.id, belongs(clock.today()), Person.is_open)))


def was_removed(person: Person, team: Team) -> bool:
    """Whether her last time in the team ended because somebody took her out."""
    last = (
        select(func.coalesce(Leaving.was_removed, False))
        .select_from(Membership)
        .outerjoin(Leaving, Leaving.membership_id == Membership.id)
        .where(Membership.person_id == person.id, Membership.team_id == team.id, Membership.left_on.is_not(None))
        .order_by(Membership.id.desc())
        .limit(1)
    )
    return bool(db.session.scalar(last))


# ── who may belong ──────────────────────────────────────────────────────────────────────────────────
def volunteers_among(people: Collection[int]) -> dict[int, int | None]:
    """Those of these people who are volunteers in good standing, each with her year of birth as far as it is known.

    A number without a file means that she is active.
    """
    stands = or_(Profile.person_id.is_(None), Profile.status.in_(IN_ORDER))
    found = (
        select(Person.id, Profile.birth_year)
        .outerjoin(Profile, Profile.person_id == Person.id)
        .where(Person.id.in_(people), Person.is_open, Person.volunteer_no.is_not(None), stands)
    )
    return {row.id: row.birth_year for row in db.session.execute(found)}


def is_volunteer(person: Person) -> bool:
    return person.id in volunteers_among([person.id])


# ── teams to join, requests ─────────────────────────────────────────────────────────────────────────
def list_open_teams(listing: Listing) -> tuple[Listing, list[OpenTeam]]:
    """Teams that can be asked to join, by name; narrowed by words, kind and organisation."""
    wanted = [TeamCard.is_open_to_join, TeamCard.closed_on.is_(None)]
    if listing.q:
        fits = (one.contains(listing.q, autoescape=True) for one in (Team.name, Organisation.name, TeamCard.about))
        wanted.append(or_(*fits))
    if kind := listing.extra.get("kind"):
        wanted.append(TeamCard.kind == kind)
    if house := listing.extra.get("organisation"):
        wanted.append(Organisation.slug == house)
    found = select(Team.slug, Team.name, Organisation.name, TeamCard.kind, TeamCard.about)
    found = found.join(Organisation, Organisation.id == Team.organisation_id).join(
        TeamCard, TeamCard.team_id == Team.id
    )
    listing = listing.counted(db.session.scalar(select(func.count()).select_from(found.where(*wanted).subquery())) or 0)
    page = found.where(*wanted).order_by(Team.name, Team.id).offset(listing.offset).limit(listing.per_page)
    rows = db.session.execute(page)
    return listing, [OpenTeam(slug, name, of, TeamKind(kind), about) for slug, name, of, kind, about in rows]


def organisations_with_open_teams() -> list[tuple[str, str]]:
    """Slug and name, by name."""
    open_ones = select(Team.organisation_id).join(TeamCard, TeamCard.team_id == Team.id)
    open_ones = open_ones.where(TeamCard.is_open_to_join, TeamCard.closed_on.is_(None))
    found = select(Organisation.slug, Organisation.name).where(Organisation.id.in_(open_ones))
    return [(slug, name) for slug, name in db.session.execute(found.order_by(Organisation.name))]


def requests_waiting(team: Team) -> list[JoinRequest]:
    """Those that wait, the longest waiting first."""
    waiting = select(JoinRequest).join(JoinRequest.person)
    return list(
        db.session.scalars(
            waiting.where(JoinRequest.team_id == team.id, JoinRequest.status == Wish.WAITING.value).order_by(
                JoinRequest.id
            )
        )
    )


def count_waiting(team: Team) -> int:
    waits = (JoinRequest.team_id == team.id, JoinRequest.status == Wish.WAITING.value)
    return db.session.scalar(select(func.count()).select_from(JoinRequest).where(*waits)) or 0


def requests_of(person: Person) -> list[JoinRequest]:
    """Her own, the newest first, at most twenty."""
    hers = select(JoinRequest).join(JoinRequest.team).where(JoinRequest.person_id == person.id)
    return list(db.session.scalars(hers.order_by(JoinRequest.id.desc()).limit(20)))


def request_by_id(request_id: int) -> JoinRequest | None:
    return db.session.get(JoinRequest, request_id)


def teams_run_by(person: Person) -> list[Team]:
    """The teams that she leads, and those of organisations that she runs, by name."""
    teams = scopes_of(person, Role.TEAM_LEADER, kind="team") or frozenset()
    houses = scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation") or frozenset()
    hers = select(Team).join(Team.organisation).where(or_(Team.id.in_(teams), Team.organisation_id.in_(houses)))
    return list(db.session.scalars(hers.order_by(Team.name, Team.id)))
