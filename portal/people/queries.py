from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from portal.db import db
from portal.people.models import Person, Role
from portal.people.policy import holds_anywhere

# Made once, and both in one: every page of those who signed in begins with it, and nearly all ask what one may.
_WITH_GRANTS = select(Person).where(Person.id == bindparam("person")).options(joinedload(Person.grants))


def person_by_id(person_id: int) -> Person | None:
    """The person with all that was granted to her."""
    return db.session.scalars(_WITH_GRANTS, {"person": person_id}).unique().one_or_none()


def person_by_login(login: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.login == login.strip().lower()))


def roles_of(person: Person) -> list[Role]:
    """The roles a person holds anywhere, in the order of the list."""
    return [role for role in Role if holds_anywhere(person, role)]
