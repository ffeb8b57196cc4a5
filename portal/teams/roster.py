"""The roster of a team, for paper and for spreadsheets."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from portal import clock
from portal.bulk import pieces
from portal.contacts.models import Contact, Kind
from portal.db import db
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.web.exports import Cell
from portal.words import _l

HEAD = (_l("志愿者编号"), _l("姓名"))
MOBILE = _l("手机")


class Line(NamedTuple):
    """A member."""

    person_id: int
    number: str | None
    name: str
    mobile: str = ""


def lines_of(team: Team) -> list[Line]:
    """All who belong to it today, by volunteer number."""
    found = (
        select(Person.id, Person.volunteer_no, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team.id, belongs(clock.today()))
        .order_by(Person.volunteer_no, Person.id)
    )
    return [Line(*row) for row in db.session.execute(found)]


def with_mobiles(team: Team) -> list[Line]:
    """The same, each with her mobile: a proved one before others."""
    lines = lines_of(team)
    mobiles: dict[int, str] = {}
    whose = select(Contact.person_id, Contact.value).where(Contact.kind == Kind.MOBILE.value)
    whose = whose.order_by(Contact.verified_at.is_(None), Contact.id)
    for some in pieces([one.person_id for one in lines]):
        for person_id, value in db.session.execute(whose.where(Contact.person_id.in_(some))):
            mobiles.setdefault(person_id, value)
    return [one._replace(mobile=mobiles.get(one.person_id, "")) for one in lines]


def rows_of(lines: Sequence[Line], *, mobiles: bool = False) -> Iterator[list[Cell]]:
    """As a table's rows. Made before the request ends: the lines are read already."""
    for one in lines:
        yield [one.number, one.name, *([one.mobile] if mobiles else [])]
