from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from portal.activities.models import Activity
from portal.activities.passing_on import drafts_to_pass_on, pass_on
from portal.audit import record
from portal.db import db
from portal.orgs.registering import require_open_at
from portal.people.actions import end_grant, grant, hold, require_reason
from portal.people.models import Grant, Person, Role, Scope
from portal.people.queries import clash
from portal.problems import ChangedMeanwhile, DomainError, NotAllowed
from portal.roles import policy, telling
from portal.roles.models import Answer, DeputyWish
from portal.roles.queries import belongs_to, holds_already, wish_of
from portal.roles.scopes import Place, places
from portal.words import _l

LONGEST_AHEAD = timedelta(days=366)
"""So long beforehand a role may be given at most."""

LONGEST_YEARS = 10
LONGEST_DEPUTY = 60
"""Days that somebody is stood in for."""


class Days(NamedTuple):
    """From which day a role counts, and its last one (None: until it is ended)."""

    start: date
    end: date | None = None


# ── giving and ending ───────────────────────────────────────────────────────────────────────────────
def give(
    person: Person, role: Role, place: Place, days: Days, *, by: Person | None, at: datetime, reason: str
) -> Grant:
    """Give a role by the rules of giving; without `by` it is the command line that sets up the portal.

    Raises DomainError with the rule that is in the way.
    """
    if by is None:
        policy.require_fits(role, place.scope)
        policy.require_can_hold(person)
    else:
        policy.require_may_give(by, person, role, place)
    require_open_at(place.scope)
    _require_days(days, today=at.date())
    hold(person.id)
    _require_new(person, role, place.scope, days)
    given = grant(person, role, on=place.scope, by=by, at=at, reason=reason, starts_on=days.start, ends_on=days.end)
    telling.tell_of(given, telling.GIVEN, at=at)
    return given


def end(given: Grant, *, by: Person | None, at: datetime, reason: str, last_day: date | None = None) -> None:
    """End a grant at once, or after a last day to come. Whether `by` may is asked before."""
    if last_day is not None and last_day < at.date():
        raise DomainError(_l("最后一天不能早于今天；要马上结束，这一项不用填。"), field="last_day")
    _end(given, by=by, at=at, reason=reason, last_day=last_day)


def _end(given: Grant, *, by: Person | None, at: datetime, reason: str, last_day: date | None = None) -> None:
    end_grant(given, by=by, at=at, reason=reason, last_day=last_day)
    telling.tell_of(given, telling.ENDED, at=at, reason=reason)


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
def name_deputy(
    original: Grant, place: Place, deputy: Person, days: Days, *, by: Person, at: datetime, reason: str
) -> Grant | DeputyWish:
    """Have somebody stand in for `by`: at once, or where money is handled when an administrator has confirmed it."""
    if original not in policy.delegable(by):
        raise NotAllowed
    require_reason(reason)
    require_open_at(place.scope)
    _require_can_stand_in(deputy, place, by=by)
    _require_deputy_days(days, original, today=at.date())
    role = Role(original.role)
    hold(deputy.id)
    _require_new(deputy, role, place.scope, days, field="who")
    if not policy.needs_confirmation(role):
        return _deputise(original, deputy, days, by=by, at=at, reason=reason)
    _require_apart(original, deputy, days)
    if wish_of(original.id, deputy.id):
        raise DomainError(_l("这件事已经提过了，正等管理员确认。"), field="who")
    return _wish(original, deputy, days, by=by, at=at, reason=reason)


def confirm(wish: DeputyWish, *, by: Person, at: datetime) -> Grant:
    """Make the deputy's grant, from today on if its first day is past. Raises NotAllowed, ChangedMeanwhile."""
    if not policy.can_confirm(by, wish):
        raise NotAllowed(_l("代班要由当事两人以外的系统管理员确认。"))
    policy.require_can_hold(wish.person)
    _answer(wish, Answer.CONFIRMED, by=by, at=at)
    days = Days(max(wish.starts_on, at.date()), wish.ends_on)
    _require_deputy_days(days, wish.grant, today=at.date())
    return _deputise(wish.grant, wish.person, days, by=by, at=at, reason=wish.reason)


def turn_down(wish: DeputyWish, answer: Answer, *, by: Person, at: datetime) -> None:
    """Refuse it, or withdraw it. Whether `by` may is asked before. Raises ChangedMeanwhile."""
    _answer(wish, answer, by=by, at=at)


# ── handing over ────────────────────────────────────────────────────────────────────────────────────
class HandedOver(NamedTuple):
    """What became of a grant that was passed on."""

    grant: Grant
    drafts: list[Activity]


def hand_over(given: Grant, place: Place, to: Person, *, by: Person, at: datetime, reason: str) -> HandedOver:
    """End a grant and give it to a successor until the same day, with the drafts that go with it, in one go."""
    policy.require_may_give(by, to, Role(given.role), place)
    if to.id == given.person_id:
        raise DomainError(_l("接任的要是另一个人。"), field="person")
    # What begins later begins for the successor no sooner.
    leaver, days = given.person, Days(max(given.starts_on, at.date()), given.ends_on)
    drafts = drafts_to_pass_on(leaver, teams=_teams_under(place)) if given.role in _WRITES else []
    _end(given, by=by, at=at, reason=reason)
    successor = give(to, Role(given.role), place, days, by=by, at=at, reason=reason)
    return HandedOver(successor, pass_on(drafts, to=to, by=by, at=at))


_WRITES = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN)


def _teams_under(place: Place) -> Collection[int]:
    if place.scope.kind == "team":
        return [place.scope.id]
    return [team.scope.id for team in places("team", of=[place.scope.id])]


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────
def _require_days(days: Days, *, today: date) -> None:
    if days.start < today:
        raise DomainError(_l("开始的日子不能早于今天。"), field="starts_on")
    if days.start > today + LONGEST_AHEAD:
        raise DomainError(_l("最早只能提前一年授权。"), field="starts_on")
    if days.end is not None and days.end < days.start:
        raise DomainError(_l("最后一天不能早于开始的日子。"), field="ends_on")
    if days.end is not None and days.end.year > today.year + LONGEST_YEARS:
        raise DomainError(_l("最长授权十年；长期有效的，这一项不用填。"), field="ends_on")


def _require_new(person: Person, role: Role, scope: Scope, days: Days, *, field: str = "role") -> None:
    if holds_already(person.id, role, scope, starts_on=days.start, ends_on=days.end):
        raise DomainError(_l("%(name)s在这段日子里已经有这个身份。", name=person.name), field=field)


def _require_can_stand_in(deputy: Person, place: Place, *, by: Person) -> None:
    if deputy.id == by.id:
        raise DomainError(_l("代班的要是另一个人。"), field="who")
    policy.require_can_hold(deputy)
    if deputy.login is None:
        raise DomainError(_l("%(name)s还没有登录名，没法代班。", name=deputy.name), field="who")
    if place.organisation_id and not belongs_to(deputy, [place.organisation_id]):
        raise DomainError(_l("只能请本组织的人代班。"), field="who")


def _require_deputy_days(days: Days, original: Grant, *, today: date) -> None:
    _require_days(days, today=today)
    if days.end is None or (days.end - days.start).days >= LONGEST_DEPUTY:
        raise DomainError(_l("代班最长 %(days)d 天。", days=LONGEST_DEPUTY), field="ends_on")
    if original.ends_on is not None and days.end > original.ends_on:
        raise DomainError(_l("本人的身份到 %(day)s 为止，代班不能更久。", day=original.ends_on), field="ends_on")


def _require_apart(original: Grant, deputy: Person, days: Days) -> None:
    """Said when the wish is made already, not only when it is confirmed."""
    role = Role(original.role)
    planned = Grant(
        person_id=deputy.id,
        role=role.value,
        scope_kind=original.scope_kind,
        scope_id=original.scope_id,
        starts_on=days.start,
        ends_on=days.end,
    )
    if other := clash(planned):
        raise DomainError(
            _l(
                "%(name)s同时是%(other)s，按规定不能代%(role)s的班。",
                name=deputy.name,
                other=other.label,
                role=role.label,
            ),
            field="who",
        )


def _deputise(original: Grant, deputy: Person, days: Days, *, by: Person, at: datetime, reason: str) -> Grant:
    role, on = Role(original.role), original.scope
    about = {"starts_on": days.start, "ends_on": days.end}
    given = grant(deputy, role, on=on, by=by, at=at, reason=reason, deputy_of=original, **about)
    telling.tell_of(given, telling.STANDING_IN, at=at)
    return given


def _wish(original: Grant, deputy: Person, days: Days, *, by: Person, at: datetime, reason: str) -> DeputyWish:
    assert days.end is not None
    wish = DeputyWish(
        grant_id=original.id,
        person_id=deputy.id,
        starts_on=days.start,
        ends_on=days.end,
        reason=reason,
        wished_by_id=by.id,
        wished_at=at,
    )
    db.session.add(wish)
    db.session.flush()
    record("roles.deputy.wished", wish, by=by, at=at, person=deputy.id, role=original.role, reason=reason)
    return wish


def _answer(wish: DeputyWish, answer: Answer, *, by: Person, at: datetime) -> None:
    """Once: whoever is second finds it answered."""
    db.session.refresh(wish, with_for_update={"key_share": True})
    if wish.answer is not None:
        raise ChangedMeanwhile(_l("这件事刚才已经有人处理过了。"))
    wish.answer, wish.answered_by_id, wish.answered_at = answer.value, by.id, at
    db.session.flush()
    deed = {
        Answer.CONFIRMED: "roles.deputy.confirmed",
        Answer.REFUSED: "roles.deputy.refused",
        Answer.WITHDRAWN: "roles.deputy.withdrawn",
    }[answer]
    record(deed, wish, by=by, at=at, person=wish.person_id, role=wish.grant.role)
