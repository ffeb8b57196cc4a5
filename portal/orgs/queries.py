from sqlalchemy import select

from portal.db import db
from portal.orgs.models import Membership, Team
from portal.people.models import Person


def teams_of(person: Person) -> list[Team]:
    """The teams the person belongs to now, by name."""
    current = Membership.left_on.is_(None)
    return list(
        db.session.scalars(
            select(Team).join(Membership).where(Membership.person_id == person.id, current).order_by(Team.name)
        )
    )


def is_member(person: Person, team: Team) -> bool:
    current = select(Membership.id).where(
        Membership.person_id == person.id, Membership.team_id == team.id, Membership.left_on.is_(None)
    )
    return db.session.scalar(current) is not None


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
