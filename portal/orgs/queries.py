from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, or_, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.db import db, rows
from portal.orgs.models import Membership, Team
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, scopes_of

KNOWS_ALL = (Role.WORKER, *READS_ALL)


class OwnTeam(NamedTuple):
    """A team that somebody belongs to."""

    name: str
    slug: str


def belongs(day: Any) -> ColumnElement[bool]:
    """Whether a membership counts on this day or later: whoever is lent belongs to a team up to a day."""
    return and_(Membership.left_on.is_(None), or_(Membership.until.is_(None), Membership.until >= day))


_TODAY = bindparam("today", type_=Date)
_OF_PERSON = (
    select(Team.name, Team.slug)
    .join(Membership)
    .where(Membership.person_id == bindparam("person"), belongs(_TODAY))
    .order_by(Team.name)
)

_IN_TEAM = select(Membership.id).where(
    Membership.person_id == bindparam("person"), Membership.team_id == bindparam("team"), belongs(_TODAY)
)


def teams_of(person: Person) -> list[OwnTeam]:
    """The teams the person belongs to now, by name."""
    return [OwnTeam(*row) for row in rows(_OF_PERSON, {"person": person.id, "today": clock.today()})]


def is_member(person: Person, team: Team) -> bool:
    return rows(_IN_TEAM, {"person": person.id, "team": team.id, "today": clock.today()}).first() is not None


def team_by_slug(slug: str) -> Team | None:
    """With its organisation, which every page about a team names."""
    named = select(Team).where(Team.slug == slug)
    return db.session.scalar(named.options(joinedload(Team.organisation, innerjoin=True)))


def members_of(team: Team) -> list[Person]:
    """Who belongs to the team now, by volunteer number."""
    return list(
        db.session.scalars(
            select(Person)
            .join(Membership)
            .where(Membership.team_id == team.id, belongs(clock.today()))
            .order_by(Person.volunteer_no, Person.id)
        )
    )


def people_seen_by(viewer: Person) -> Select[int] | None:
    """The ids of those whose files a person may open: members of the teams and organisations that she runs.

    None: of everybody. Whether she sees them in full is another question.
    """
    if scopes_of(viewer, *KNOWS_ALL, kind="community") is None:
        return None
    teams = scopes_of(viewer, Role.TEAM_LEADER, kind="team")
    organisations = scopes_of(viewer, Role.ORGANISATION_ADMIN, Role.REVIEWER, kind="organisation")
    there = or_(Team.id.in_(teams or ()), Team.organisation_id.in_(organisations or ()))
    now = belongs(clock.today())
    return select(Membership.person_id).join(Team, Team.id == Membership.team_id).where(now, there)


def knows(viewer: Person, person_id: int) -> bool:
    """Whether a person may open somebody's file; everybody may open her own."""
    seen = people_seen_by(viewer)
    if viewer.id == person_id or seen is None:
        return True
    return rows(seen.where(Membership.person_id == person_id).limit(1)).first() is not None
