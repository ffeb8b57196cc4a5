"""Who holds what: people with their roles, one person's grants, wishes for deputies."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from portal import clock
from portal.db import db, rows
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.names import strange_in
from portal.people.queries import people_called
from portal.roles.models import DeputyWish
from portal.roles.scopes import place_written
from portal.search import holds
from portal.web.tables import Listing
from portal.words import Words

MOST_TO_CHOOSE = 20
LARGEST_ID = 2**63 - 1


class Somebody(NamedTuple):
    """A person as lists name her: never by the name alone, for names repeat."""

    id: int
    name: str
    login: str | None
    volunteer_no: str | None
    is_open: bool

    @property
    def strange(self) -> Words | None:
        """Why the name may not be what it seems."""
        return strange_in(self.name)


class GrantLine(NamedTuple):
    """A grant with the names of those who gave and ended it, and of whom it stands in for."""

    id: int
    person_id: int
    role: str
    scope_kind: str
    scope_id: int
    starts_on: date
    ends_on: date | None
    reason: str
    given_by: str | None
    deputy_of_id: int | None
    principal_id: int | None
    principal: str | None
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None

    @property
    def scope(self) -> Scope:
        return Scope(self.scope_kind, self.scope_id)

    @property
    def label(self) -> Words:
        return Role(self.role).label

    def counts_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def is_over(self, day: date) -> bool:
        return self.ends_on is not None and (self.ends_on < day or self.ends_on < self.starts_on)


class PeopleFound(NamedTuple):
    """A page of people, each with what she holds today or will hold."""

    listing: Listing
    people: list[tuple[Somebody, list[GrantLine]]]


def person_by_id(person_id: int) -> Person | None:
    return db.session.get(Person, person_id) if person_id <= LARGEST_ID else None


def grant_by_id(grant_id: int) -> Grant | None:
    return db.session.get(Grant, grant_id) if grant_id <= LARGEST_ID else None


def wish_by_id(wish_id: int) -> DeputyWish | None:
    return db.session.get(DeputyWish, wish_id) if wish_id <= LARGEST_ID else None


def belongs_to(person: Person, organisations: Collection[int]) -> bool:
    """Whether the person is in a team of one of the organisations, or holds or held a role there."""
    return bool(organisations) and bool(rows(select(_within(organisations, person.id))).scalar_one())


def people_found(listing: Listing, *, within: Collection[int] | None) -> PeopleFound:
    """People who hold a role, by name. `within`: only those who hold it in these organisations; None for all.

    Volunteers who are nothing else are listed only when the role is asked for: there are twenty thousand.
    """
    held = exists().where(Grant.person_id == Person.id, _is_not_over(), *_asked(listing), *_inside(within))
    named = [holds(listing.q, Person.name, Person.login, Person.volunteer_no)] if listing.q else []
    listing = listing.counted(rows(select(func.count()).select_from(Person).where(held, *named)).scalar_one())
    page = _somebody().where(held, *named).offset(listing.offset).limit(listing.per_page)
    people = [Somebody(*row) for row in rows(page)]
    grants = _by_person([person.id for person in people], *_inside(within))
    return PeopleFound(listing, [(person, grants[person.id]) for person in people])


def people_to_choose(text: str, *, within: Collection[int] | None) -> list[Somebody]:
    """Whom a role may be given to, by a part of name, login or number, at most 20. `within` as above."""
    if not text:
        return []
    wanted = [holds(text, Person.name, Person.login, Person.volunteer_no)]
    if within is not None:
        wanted.append(_within(within, Person.id))
    return [Somebody(*row) for row in rows(_somebody().where(*wanted).limit(MOST_TO_CHOOSE))]


def person_exactly(text: str) -> Person | None:
    """Who signs in by this login or has this volunteer number. Names name nobody: they repeat."""
    found = people_called(text)
    return found[0] if len(found) == 1 else None


def namesakes_of(person: Person) -> int:
    """How many others have the same name."""
    same = select(func.count()).where(Person.name == person.name, Person.id != person.id)
    return int(rows(same).scalar_one())


def grants_of(person: Person) -> list[GrantLine]:
    """All that the person ever held, what began last first."""
    return [GrantLine(*row) for row in rows(_grants().where(Grant.person_id == person.id).order_by(*_LATEST))]


def deputies_of(person: Person) -> list[tuple[Somebody, GrantLine]]:
    """Who stands in for her, or will."""
    original = aliased(Grant)
    hers = select(original.id).where(original.person_id == person.id)
    lines = [GrantLine(*row) for row in rows(_grants().where(Grant.deputy_of_id.in_(hers), _is_not_over()))]
    people = {one.id: one for one in map(_made, rows(_somebody().where(Person.id.in_({n.person_id for n in lines}))))}
    return [(people[line.person_id], line) for line in lines]


def wishes_open(*, of: Person | None = None) -> list[DeputyWish]:
    """Wishes that nobody has answered and whose days are not over, the oldest first. `of`: to or from this person."""
    wanted = [DeputyWish.answer.is_(None), DeputyWish.ends_on >= clock.today()]
    if of is not None:
        wanted.append(or_(DeputyWish.person_id == of.id, DeputyWish.wished_by_id == of.id))
    return list(db.session.scalars(select(DeputyWish).where(*wanted).order_by(DeputyWish.id)))


def wish_of(grant_id: int, person_id: int) -> DeputyWish | None:
    """The wish for this deputy that nobody has answered."""
    same = (DeputyWish.grant_id == grant_id, DeputyWish.person_id == person_id, DeputyWish.answer.is_(None))
    return db.session.scalar(select(DeputyWish).where(*same))


def holds_already(person_id: int, role: Role, scope: Scope, *, starts_on: date, ends_on: date | None) -> bool:
    """Whether the person holds this very role on one of these days."""
    days = [or_(Grant.ends_on.is_(None), and_(Grant.ends_on >= starts_on, Grant.ends_on >= Grant.starts_on))]
    if ends_on is not None:
        days.append(Grant.starts_on <= ends_on)
    same = (
        Grant.person_id == person_id,
        Grant.role == role,
        Grant.scope_kind == scope.kind,
        Grant.scope_id == scope.id,
    )
    return bool(rows(select(exists().where(*same, *days))).scalar_one())


def others_with(roles: Collection[Role], scope: Scope, *, but: int) -> int:
    """How many others hold one of these roles there today, also by a grant for the whole alliance; no deputies."""
    today = clock.today()
    there = or_(and_(Grant.scope_kind == scope.kind, Grant.scope_id == scope.id), Grant.scope_kind == ALLIANCE.kind)
    counts = (Grant.role.in_(roles), there, Grant.person_id != but, Grant.starts_on <= today, _is_not_over())
    own = Grant.deputy_of_id.is_(None)
    found = select(func.count(Grant.person_id.distinct())).join(Person, Person.id == Grant.person_id)
    return int(rows(found.where(*counts, own, Person.is_open)).scalar_one())


# ── parts ───────────────────────────────────────────────────────────────────────────────────────────
_LATEST = (Grant.starts_on.desc(), Grant.id.desc())


def _made(row: Sequence[Any]) -> Somebody:
    return Somebody(*row)


def _somebody() -> Select[*tuple[Any, ...]]:
    columns = (Person.id, Person.name, Person.login, Person.volunteer_no, Person.is_open)
    return select(*columns).order_by(Person.name, Person.id)


def _grants() -> Select[*tuple[Any, ...]]:
    giver, ender, original, principal = aliased(Person), aliased(Person), aliased(Grant), aliased(Person)
    own = (Grant.id, Grant.person_id, Grant.role, Grant.scope_kind, Grant.scope_id, Grant.starts_on, Grant.ends_on)
    about = (giver.name, Grant.deputy_of_id, original.person_id, principal.name)
    end = (Grant.ended_at, ender.name, Grant.end_reason)
    return (
        select(*own, Grant.reason, *about, *end)
        .outerjoin(giver, giver.id == Grant.given_by_id)
        .outerjoin(ender, ender.id == Grant.ended_by_id)
        .outerjoin(original, original.id == Grant.deputy_of_id)
        .outerjoin(principal, principal.id == original.person_id)
    )


def _by_person(ids: Collection[int], *inside: ColumnElement[bool]) -> dict[int, list[GrantLine]]:
    found: dict[int, list[GrantLine]] = defaultdict(list)
    wanted = _grants().where(Grant.person_id.in_(ids), _is_not_over(), *inside).order_by(Grant.role, *_LATEST)
    for row in rows(wanted):
        line = GrantLine(*row)
        found[line.person_id].append(line)
    return found


def _is_not_over() -> ColumnElement[bool]:
    ahead = and_(Grant.ends_on >= clock.today(), Grant.ends_on >= Grant.starts_on)
    return or_(Grant.ends_on.is_(None), ahead)


def _asked(listing: Listing) -> Iterator[ColumnElement[bool]]:
    role = listing.extra.get("role")
    yield Grant.role == role if role else Grant.role != Role.VOLUNTEER
    if text := listing.extra.get("scope"):
        place = place_written(text)
        yield _in_place(place.scope) if place else false()


def _in_place(scope: Scope) -> ColumnElement[bool]:
    """An organisation's teams lie in it."""
    itself = and_(Grant.scope_kind == scope.kind, Grant.scope_id == scope.id)
    return or_(itself, _in_teams([scope.id])) if scope.kind == "organisation" else itself


def _inside(organisations: Collection[int] | None) -> Iterator[ColumnElement[bool]]:
    if organisations is None:
        yield true()
    else:
        itself = and_(Grant.scope_kind == "organisation", Grant.scope_id.in_(organisations))
        yield or_(itself, _in_teams(organisations))


def _in_teams(organisations: Collection[int]) -> ColumnElement[bool]:
    teams = select(Team.id).where(Team.organisation_id.in_(organisations))
    return and_(Grant.scope_kind == "team", Grant.scope_id.in_(teams))


def _within(organisations: Collection[int], person_id: Any) -> ColumnElement[bool]:
    """That the person is in a team there, or holds or held a role."""
    member = exists().where(
        Membership.person_id == person_id,
        belongs(clock.today()),
        Membership.team_id == Team.id,
        Team.organisation_id.in_(organisations),
    )
    return or_(member, exists().where(Grant.person_id == person_id, *_inside(organisations)))
