import unicodedata
from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from portal import clock
from portal.db import db
from portal.people.duties import APART, MONEY
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.policy import holds_anywhere

_CALLED = select(Person).where(or_(Person.login == bindparam("login"), Person.volunteer_no == bindparam("number")))


def person_by_login(login: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.login == login.strip().lower()))


def people_called(text: str) -> list[Person]:
    """Who signs in by this login or has this volunteer number, in any width and case; whoever has the login first."""
    plain = unicodedata.normalize("NFKC", text).strip()
    login, number = plain.lower(), plain.upper()
    found = db.session.scalars(_CALLED, {"login": login, "number": number}).all()
    return sorted(found, key=lambda person: person.login != login)


def roles_of(person: Person) -> list[Role]:
    """The roles a person holds anywhere, in the order of the list."""
    return [role for role in Role if holds_anywhere(person, role)]


def holders_of(role: Role, *, on: Scope, day: date) -> list[int]:
    """Who holds a role in this scope, or in the whole alliance, on that day: their ids."""
    counts = (Grant.starts_on <= day, or_(Grant.ends_on.is_(None), Grant.ends_on >= day), Grant.role == role.value)
    there = or_(*(and_(Grant.scope_kind == kind, Grant.scope_id == number) for kind, number in (ALLIANCE, on)))
    held = select(Grant.person_id).join(Person, Person.id == Grant.person_id).where(*counts, there, Person.is_open)
    return list(db.session.scalars(held.distinct().order_by(Grant.person_id)))


def clash(given: Grant) -> Role | None:
    """A role that the person holds on one of the same days and that must not lie in one hand with this one."""
    days = [or_(Grant.ends_on.is_(None), and_(Grant.ends_on >= given.starts_on, Grant.ends_on >= Grant.starts_on))]
    if given.ends_on is not None:
        days.append(Grant.starts_on <= given.ends_on)
    wanted = (Grant.person_id == given.person_id, *days, or_(*_apart_from(given)))
    found = db.session.scalar(select(Grant.role).where(*wanted).limit(1))
    return Role(found) if found else None


def is_last_administrator(person_id: int) -> bool:
    """Whether the person administers the portal today and nobody else does for at least as long."""
    today = clock.today()
    counts = (Grant.starts_on <= today, or_(Grant.ends_on.is_(None), Grant.ends_on >= today))
    administers = (Grant.role == Role.ADMIN, Grant.scope_kind == ALLIANCE.kind, *counts)
    found = select(Grant.person_id, Grant.ends_on).join(Person, Person.id == Grant.person_id)
    until = [(one, ends or date.max) for one, ends in db.session.execute(found.where(*administers, Person.is_open))]
    hers = max((ends for one, ends in until if one == person_id), default=None)
    return hers is not None and not any(one != person_id and ends >= hers for one, ends in until)


def has_administrator() -> bool:
    """Whether there is anybody to administer the portal, today or from a later day on."""
    today = clock.today()
    still = or_(Grant.ends_on.is_(None), and_(Grant.ends_on >= today, Grant.ends_on >= Grant.starts_on))
    found = select(Grant.id).join(Person, Person.id == Grant.person_id)
    return db.session.scalar(found.where(Grant.role == Role.ADMIN, still, Person.is_open).limit(1)) is not None


def _apart_from(given: Grant) -> Iterator[ColumnElement[bool]]:
    if given.role == Role.SUPERVISOR:
        yield Grant.role.in_(APART)
        return
    yield Grant.role == Role.SUPERVISOR
    if given.role in MONEY:
        (other,) = (role for role in MONEY if role != given.role)
        same = and_(Grant.scope_kind == given.scope_kind, Grant.scope_id == given.scope_id)
        everywhere = Grant.scope_kind == ALLIANCE.kind
        yield Grant.role == other if given.scope == ALLIANCE else and_(Grant.role == other, or_(everywhere, same))


def is_second_entry(person_id: int) -> bool:
    """Whether the entry is a part of another one now (`Person.other_ids`)."""
    told = db.session.scalars(select(Person.other_ids).where(Person.other_ids.is_not(None)))
    return any(str(person_id) in (others or "").split() for others in told)
