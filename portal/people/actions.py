import re
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import series
from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.people.duties import APART
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.passwords import hashed, require_good
from portal.people.queries import clash, is_last_administrator
from portal.problems import DomainError
from portal.words import _l

SHORTEST_REASON, LONGEST_REASON = 2, 200
_NUMBER = re.compile(r"[Vv]\d+")


class LoginTaken(DomainError):
    """Somebody else signs in by this name already."""


class DutiesApart(DomainError):
    """The person holds a role that must not lie in one hand with this one."""


class NobodyLeft(DomainError):
    """Without this person nobody could administer the portal."""


def add_person(
    name: str,
    *,
    by: Actor | None,
    at: datetime,
    login: str | None = None,
    password: str | None = None,
    is_volunteer: bool = False,
) -> Person:
    """Enter a person; a volunteer gets the portal's own number.

    Raises LoginTaken, DomainError (a poor password, a login that may be somebody's number).
    """
    if login and _NUMBER.fullmatch(login.strip()):
        # Whoever has the number signs in by it, and it becomes her login when she first chooses a password.
        raise DomainError(_l("这个登录名像志愿者编号，请换一个。"), field="login")
    if password is not None:
        require_good(password, own=(name, login))
    person = Person(
        name=name,
        login=login.strip().lower() if login else None,
        password_hash=hashed(password) if password else None,
        volunteer_no=_next_number(at) if is_volunteer else None,
        created_at=at,
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError as taken:
        raise LoginTaken(_l("登录名「%(login)s」已经有人使用。", login=login), field="login") from taken
    record("people.person.added", person, by=by, at=at, name=name)
    return person


def give_number(person: Person, *, by: Actor | None, at: datetime) -> str:
    """Make a volunteer of somebody who is known already; whoever has a number keeps it. The number."""
    if person.volunteer_no is None:
        person.volunteer_no = _next_number(at)
        db.session.flush()
        record("people.person.numbered", person, by=by, at=at, volunteer_no=person.volunteer_no)
    return person.volunteer_no


def _next_number(at: datetime) -> str:
    return f"V{at.year}{series.take(series_of_volunteers(at.year)):06d}"


def series_of_volunteers(year: int) -> str:
    """The name of the run of numbers."""
    return f"volunteer:{year}"


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
    deputy_of: Grant | None = None,
) -> Grant:
    """Give a role. Nobody gives one to themselves, nor two that must be apart: the database refuses both too.

    It ends the person's sign-ins. Raises DutiesApart, DomainError.
    """
    if by is not None and by.id == person.id:
        raise DomainError(_l("不能给自己授权。"))
    require_reason(reason)
    given = Grant(
        person_id=person.id,
        role=role.value,
        scope_kind=on.kind,
        scope_id=on.id,
        starts_on=starts_on or at.date(),
        ends_on=ends_on,
        given_by_id=by.id if by else None,
        reason=reason,
        deputy_of_id=deputy_of.id if deputy_of else None,
    )
    _require_apart(person, given)
    given.person = person
    db.session.add(given)
    end_all_sign_ins(person, at=at)
    db.session.flush()
    record("people.grant.given", given, by=by, at=at, **_told(given))
    return given


def _told(given: Grant) -> dict[str, Any]:
    """What the audit says of a grant; what it does not have is left out."""
    told: dict[str, Any] = {
        "person": given.person_id,
        "role": given.role,
        "scope": list(given.scope),
        "reason": given.reason,
    }
    if given.deputy_of_id:
        told["deputy_of"] = given.deputy_of_id
    if given.ends_on:
        told |= {"from": given.starts_on, "to": given.ends_on}
    return told


def end_grant(given: Grant, *, by: Actor | None, at: datetime, reason: str, last_day: date | None = None) -> None:
    """Let a grant, and its deputies', count no more: from today on, or after a later last day.

    It ends the person's sign-ins. Raises NobodyLeft, DomainError (it has ended by then anyway).
    """
    require_reason(reason)
    hold(given.person_id)
    db.session.refresh(given)
    last = last_day or at.date() - timedelta(days=1)
    if given.ends_on is not None and given.ends_on <= last:
        raise DomainError(_l("这个身份到那天已经结束了。"), field="last_day")
    if given.role == Role.ADMIN and is_last_administrator(given.person_id):
        raise NobodyLeft(_l("这是最后一位系统管理员，先让另一位上任再结束。"))
    # Asked first: to look up who she is would write half of the end, and its guard lets nobody change it again.
    ended_by_id = by.id if by else None
    given.ends_on, given.ended_at, given.end_reason, given.ended_by_id = last, at, reason, ended_by_id
    end_all_sign_ins(given.person, at=at)
    db.session.flush()
    told = {"role": given.role, "scope": list(given.scope), "reason": reason, "to": last}
    record("people.grant.ended", given, by=by, at=at, person=given.person_id, **told)
    for one in _deputies_of(given, after=last):
        end_grant(one, by=by, at=at, reason=reason, last_day=last)


def hold(person_id: int) -> None:
    """Let nobody else change this person's rights until the transaction ends. SQLite's writers stand in line anyway.

    Administrators are held all together: two who leave at the same moment leave nobody behind.
    """
    statement = select(Person.id).where(Person.id == person_id)
    if db.session.scalar(select(Grant.id).where(Grant.person_id == person_id, Grant.role == Role.ADMIN).limit(1)):
        statement = select(Person.id).join(Grant, Grant.person_id == Person.id).where(Grant.role == Role.ADMIN)
    db.session.execute(statement.order_by(Person.id).with_for_update(key_share=True, of=Person)).all()


def require_reason(reason: str) -> None:
    """Raises DomainError: who looks back later wants to know why."""
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise DomainError(
            _l("请写明原因，%(least)d 到 %(most)d 个字。", least=SHORTEST_REASON, most=LONGEST_REASON), field="reason"
        )


def _require_apart(person: Person, given: Grant) -> None:
    """Raises DutiesApart. Asked when nobody else can give to this person any more."""
    role = Role(given.role)
    if role not in (*APART, Role.SUPERVISOR):
        return
    hold(person.id)
    if other := clash(given):
        raise DutiesApart(
            _l(
                "%(name)s同时是%(other)s，按规定不能再当%(role)s：管钱的不管账，监督的不经手。",
                name=person.name,
                other=other.label,
                role=role.label,
            ),
            field="role",
        )


def _deputies_of(given: Grant, *, after: date) -> list[Grant]:
    still = (Grant.ends_on.is_(None)) | (Grant.ends_on > after)
    return list(db.session.scalars(select(Grant).where(Grant.deputy_of_id == given.id, still)))


def end_all_sign_ins(person: Person, *, at: datetime) -> None:
    """She signs in anew wherever she is: due whenever her rights change, so that no session holds what is gone."""
    if person.signed_out_at is None or person.signed_out_at < at:
        person.signed_out_at = at
