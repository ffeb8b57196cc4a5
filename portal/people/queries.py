from sqlalchemy import select

from portal.db import db
from portal.people.models import Person, Role
from portal.people.policy import holds_anywhere


def person_by_login(login: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.login == login.strip().lower()))


def roles_of(person: Person) -> list[Role]:
    """The roles a person holds anywhere, in the order of the list."""
    return [role for role in Role if holds_anywhere(person, role)]
