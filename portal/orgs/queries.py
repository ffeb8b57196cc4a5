from typing import NamedTuple

from sqlalchemy import bindparam, select

from portal.db import db, rows
from portal.orgs.models import Membership, Team
from portal.people.models import Person


class OwnTeam(NamedTuple):
    """A team that somebody belongs to."""

    name: str
    slug: str


_OF_PERSON = (
    select(Team.name, Team.slug)
    .join(Membership)
    .where(Membership.person_id == bindparam("person"), Membership.left_on.is_(None))
    .order_by(Team.name)
)

_IN_TEAM = select(Membership.id).where(
    Membership.person_id == bindparam("person"), Membership.team_id == bindparam("team"), Membership.left_on.is_(None)
)


def teams_of(person: Person) -> list[OwnTeam]:
    """The teams the person belongs to now, by name."""
    return [OwnTeam(*row) for row in rows(_OF_PERSON, {"person": person.id})]


def is_member(person: Person, team: Team) -> bool:
    return rows(_IN_TEAM, {"person": person.id, "team": team.id}).first() is not None


def team_by_slug(slug: str) -> Team | None:
    return db.session.scalar(select(Team).where(Team.slug == slug))


def members_of(team: Team) -> list[Person]:
    """Who belongs to the team now, by volunteer number."""
    return list(
        db.session.scalars(
            select(Person)
            .join(Membership)
            .where(Membership.team_id == team.id, Membership.left_on.is_(None))
            .order_by(Person.volunteer_no, Person.id)
        )
    )
