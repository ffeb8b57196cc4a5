"""The two lists with names: who has been away for a year, and whose papers run out."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, or_, select

from portal.db import rows
from portal.hours.models import Claim
from portal.hours.models import Status as ClaimStatus
from portal.numbers.queries import SPANS, beginning, expiring, last_served
from portal.numbers.views import View
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.profiles.models import Document, Profile, Proof
from portal.web.tables import Listing


class Away(NamedTuple):
    """Somebody to be called: since when nothing was heard of her. `last` is None for whoever never served."""

    id: int
    name: str
    number: str | None
    last: date | None
    teams: str = ""


class Paper(NamedTuple):
    """A certificate or an insurance, and how many days it has left (less than none: it has run out)."""

    person_id: int
    person: str
    number: str | None
    kind: Proof
    name: str
    until: date
    days: int
    teams: str = ""


def away(view: View, listing: Listing) -> tuple[Listing, list[Away]]:
    """A page of those who have not served for a year, in the order of their numbers."""
    wanted = _away(view)
    counted = listing.counted(rows(select(func.count()).select_from(wanted.subquery())).scalar_one())
    some = wanted.order_by(Person.volunteer_no, Person.id).limit(counted.per_page).offset(counted.offset)
    return counted, _with_teams([Away(*row) for row in rows(some)], view)


def everybody_away(view: View) -> list[Away]:
    """All of them, for a file."""
    return _with_teams([Away(*row) for row in rows(_away(view).order_by(Person.volunteer_no, Person.id))], view)


def papers(view: View, listing: Listing) -> tuple[Listing, list[Paper]]:
    """A page of what has run out or soon will, the most pressing first."""
    wanted = _papers(view)
    counted = listing.counted(rows(select(func.count()).select_from(wanted.subquery())).scalar_one())
    some = wanted.order_by(Document.valid_until, Document.id).limit(counted.per_page).offset(counted.offset)
    return counted, [_paper(row, view) for row in rows(some)]


def every_paper(view: View) -> list[Paper]:
    """All of it, for a file."""
    return [_paper(row, view) for row in rows(_papers(view).order_by(Document.valid_until, Document.id))]


def _away(view: View) -> Select[*tuple[Any, ...]]:
    since = view.day - timedelta(days=SPANS[-1])
    served = exists().where(
        Claim.person_id == Person.id, Claim.status == ClaimStatus.APPROVED.value, Claim.served_on >= since
    )
    ever = exists().where(Claim.person_id == Person.id, Claim.status == ClaimStatus.APPROVED.value)
    people = select(Person.id, Person.name, Person.volunteer_no, last_served())
    people = people.outerjoin(Profile, Profile.person_id == Person.id).where(~served, *view.people())
    return people.where(or_(Person.created_at < beginning(since), ever))


def _papers(view: View) -> Select[*tuple[Any, ...]]:
    told = (Person.id, Person.name, Person.volunteer_no, Document.kind, Document.name, Document.valid_until)
    listed = select(*told).select_from(Document).join(Person, Person.id == Document.person_id)
    return listed.outerjoin(Profile, Profile.person_id == Person.id).where(*expiring(view.day), *view.people())


def _paper(row: Sequence[Any], view: View) -> Paper:
    id, person, number, kind, name, until = row
    return Paper(id, person, number, Proof(kind), name, until, (until - view.day).days)


def _with_teams(people: list[Away], view: View) -> list[Away]:
    """With the teams that belong to what is looked at."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(people), 500):
        ids = [one.id for one in people[start : start + 500]]
        named = select(Membership.person_id, Team.name).join(Team, Team.id == Membership.team_id)
        hers = named.where(Membership.person_id.in_(ids), belongs(view.day), view.teams_here()).order_by(Team.name)
        for id, team in rows(hers):
            found.setdefault(id, []).append(team)
    return [one._replace(teams="、".join(found.get(one.id, ()))) for one in people]
