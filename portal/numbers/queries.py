"""The figures, each from one statement: facts of all members in one pass, teams, months, what runs out."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, distinct, func, literal, select, union_all

from portal.clock import CHINA
from portal.db import dialect, rows
from portal.hours.models import Claim
from portal.hours.models import Status as ClaimStatus
from portal.numbers.views import View
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.profiles.models import Document, Profile, Status
from portal.teams.models import TeamCard, TeamKind

AGES = (0, 14, 18, 35, 60, 70, 80)
"""Where the age groups begin. The file knows the year of birth only, so ages are those reached this year."""

SPANS = (30, 90, 365)
"""Days. Whoever has served within the first counts there and nowhere else."""

AWAY = 4
"""The activity of whoever has not served for a year, or never and has been here for as long."""
NEW = 5
"""Of whoever has never served, and came within a year."""

SOON = (30, 60, 90)
"""Days until something runs out."""

MOST_TEAMS = 10
MOST_AREAS = 12


class Fact(NamedTuple):
    """So many members of whom all this is true. `age` is where her group begins, `active` a number of `SPANS`."""

    gender: str | None
    age: int | None
    area: str | None
    status: str
    active: int
    people: int


class TeamCount(NamedTuple):
    """A team's members, and whose team it is."""

    name: str
    organisation: str
    kind: str
    people: int


class Month(NamedTuple):
    """How many memberships began and ended in a month (`2026-11`)."""

    month: str
    joined: int
    left: int


def facts(view: View) -> list[Fact]:
    """All members in one pass, counted by all that is told of them."""
    columns = (Profile.gender, _age(view.day), Profile.area, _status(), _active(view.day))
    named: list[Any] = [column.label(name) for name, column in zip(Fact._fields, columns, strict=False)]
    each = select(*named).select_from(Person).outerjoin(Profile, Profile.person_id == Person.id)
    members = each.where(*view.people()).subquery()
    return [Fact(*row) for row in rows(select(*members.c, func.count()).group_by(*members.c))]


def by(counted: list[Fact], field: str) -> Counter[Any]:
    """The members by one of the facts."""
    found: Counter[Any] = Counter()
    for fact in counted:
        found[getattr(fact, field)] += fact.people
    return found


def teams(view: View) -> list[TeamCount]:
    """Every team with members, the largest first. Who belongs to several counts in each."""
    size = func.count(distinct(Membership.person_id))
    kind = func.coalesce(TeamCard.kind, TeamKind.SERVICE.value)
    counted = select(Team.name, Organisation.name, kind, size).join(Membership, Membership.team_id == Team.id)
    counted = counted.join(Organisation, Organisation.id == Team.organisation_id)
    counted = counted.outerjoin(TeamCard, TeamCard.team_id == Team.id).where(belongs(view.day), view.teams_here())
    grouped = counted.group_by(Team.id, Team.name, Organisation.name, kind)
    return [TeamCount(*row) for row in rows(grouped.order_by(size.desc(), Team.name))]


def months(view: View) -> list[Month]:
    """The last months, this one too, each with those that began and ended in it."""
    wanted = list(_months(view.day, view.months))
    since = date.fromisoformat(f"{wanted[0]}-01")
    ended = func.coalesce(Membership.left_on, case((Membership.until < view.day, Membership.until)))
    counted: dict[str, Counter[str]] = {"joined": Counter(), "left": Counter()}
    for which, month, count in rows(
        union_all(
            *(
                _by_month(what, column, since, view)
                for what, column in (("joined", Membership.joined_on), ("left", ended))
            )
        )
    ):
        counted[which][month] += count
    return [Month(month, counted["joined"][month], counted["left"][month]) for month in wanted]


def running_out(view: View) -> list[int]:
    """How many papers have run out, and how many will within each of `SOON`."""
    until = (case((Document.valid_until < view.day, 0), *_soon(view.day)),)
    counted = select(*until, func.count()).select_from(Document).join(Person, Person.id == Document.person_id)
    counted = counted.outerjoin(Profile, Profile.person_id == Person.id)
    found = dict(map(tuple, rows(counted.where(*expiring(view.day), *view.people()).group_by(*until))))
    return [found.get(band, 0) for band in range(len(SOON) + 1)]


def expiring(day: date) -> list[ColumnElement[bool]]:
    """That a paper counts and runs out within the longest of `SOON`, or did within a year."""
    soon = Document.valid_until <= day + timedelta(days=SOON[-1])
    return [Document.ended_at.is_(None), soon, Document.valid_until >= day - timedelta(days=365)]


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), CHINA)


def last_served() -> ColumnElement[Any]:
    """The day of a person's last approved service: one step in an index."""
    hers = select(Claim.served_on).where(Claim.person_id == Person.id, Claim.status == ClaimStatus.APPROVED.value)
    return hers.order_by(Claim.served_on.desc()).limit(1).correlate(Person).scalar_subquery()


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
def _age(day: date) -> ColumnElement[Any]:
    """Where the group begins to which the year of birth belongs; NULL: unknown."""
    groups = ((Profile.birth_year <= day.year - age, literal(age)) for age in reversed(AGES))
    return case(*groups, else_=None)


def _status() -> ColumnElement[Any]:
    return func.coalesce(Profile.status, Status.ACTIVE.value)


def _active(day: date) -> ColumnElement[Any]:
    """1 to 3: within that of `SPANS`; AWAY or NEW."""
    last = last_served()
    spans = ((last >= day - timedelta(days=span), literal(number)) for number, span in enumerate(SPANS, 1))
    came_lately = and_(last.is_(None), Person.created_at >= beginning(day - timedelta(days=SPANS[-1])))
    return case(*spans, (came_lately, literal(NEW)), else_=literal(AWAY))


def _soon(day: date) -> Iterator[tuple[ColumnElement[bool], int]]:
    for number, span in enumerate(SOON, 1):
        yield Document.valid_until <= day + timedelta(days=span), number


def _by_month(what: str, column: Any, since: date, view: View) -> Any:
    month = func.substr(column, 1, 7) if dialect() == "sqlite" else func.to_char(column, "YYYY-MM")
    named = month.label("month")
    counted = select(literal(what), named, func.count()).join(Team, Team.id == Membership.team_id)
    return counted.where(column >= since, view.teams_here()).group_by(named)


def _months(day: date, count: int) -> Iterator[str]:
    last = day.year * 12 + day.month - 1
    for number in range(last - count + 1, last + 1):
        yield f"{number // 12}-{number % 12 + 1:02}"
