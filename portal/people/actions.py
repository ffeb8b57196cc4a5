from datetime import date, datetime

from sqlalchemy.exc import IntegrityError

from portal import series
from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.passwords import hashed, require_good
from portal.problems import DomainError
from portal.words import _l


class LoginTaken(DomainError):
    """Somebody else signs in by this name already."""


def add_person(
    name: str,
    *,
    by: Actor | None,
    at: datetime,
    login: str | None = None,
    password: str | None = None,
    is_volunteer: bool = False,
) -> Person:
    """Enter a person; a volunteer gets the portal's own number. Raises LoginTaken, DomainError (a poor password)."""
    if password is not None:
        require_good(password, own=(name, login))
    person = Person(
        name=name,
        login=login.strip().lower() if login else None,
        password_hash=hashed(password) if password else None,
        volunteer_no=f"V{at.year}{series.take(f'volunteer:{at.year}'):06d}" if is_volunteer else None,
        created_at=at,
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise LoginTaken(_l("登录名「%(login)s」已经有人使用。", login=login), field="login") from taken
    record("people.person.added", person, by=by, at=at, name=name)
    return person


def grant(
    person: Person,
    role: Role,
    *,
    on: Scope = ALLIANCE,
    by: Actor | None,
    at: datetime,
    reason: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Grant:
    """Give a role. Nobody gives one to themselves: the database refuses it too."""
    if by is not None and by.id == person.id:
        raise DomainError(_l("不能给自己授权。"))
    given = Grant(
        person=person,
        role=role.value,
        scope_kind=on.kind,
        scope_id=on.id,
        starts_on=starts_on or at.date(),
        ends_on=ends_on,
        given_by_id=by.id if by else None,
        reason=reason,
    )
    db.session.add(given)
    db.session.flush()
    record("people.grant.given", given, by=by, at=at, person=person.id, role=role.value, scope=list(on), reason=reason)
    return given
