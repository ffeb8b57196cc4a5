"""Once a day: whoever looks after a member is told that a paper of hers runs out, once a paper."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from portal import clock
from portal.db import db, rows
from portal.jobs.actions import breathe, keep_lease
from portal.jobs.handlers import daily, handler
from portal.notices.actions import Told, tell_each
from portal.numbers.notices import RUNS_OUT
from portal.numbers.views import COUNTED
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person, Role
from portal.people.queries import holders_of
from portal.profiles.models import Document, Profile
from portal.web.libs import _l

REMIND = "numbers.remind"
AHEAD = timedelta(days=30)
CHUNK = 200
"""Papers a transaction."""

daily(REMIND)


class Expiring(NamedTuple):
    """A paper that runs out soon, and a team that its owner belongs to."""

    id: int
    person_id: int
    person: str
    name: str
    until: date | None
    team: Team


@handler(REMIND, words=_l("提醒证书和保险到期"))
def remind(payload: dict[str, Any]) -> None:
    """Tell leaders, and where a team has none its organisation's administrators. Done twice it tells nobody twice."""
    after, today = 0, clock.today()
    while ids := _next(today, after):
        told = [one for paper in _with_teams(ids, today) for one in _told(paper, today)]
        tell_each(RUNS_OUT, told, at=clock.now())
        after = ids[-1]
        keep_lease(payload["job_id"], at=clock.now(), got_on=True)
        db.session.commit()
        breathe()


def _next(today: date, after: int) -> list[int]:
    """Papers that run out within a month, in the order of their numbers. What has run out was told before."""
    soon = (Document.valid_until >= today, Document.valid_until <= today + AHEAD, Document.ended_at.is_(None))
    counts = Profile.status.is_(None) | Profile.status.in_(COUNTED)
    listed = select(Document.id).outerjoin(Profile, Profile.person_id == Document.person_id)
    return list(rows(listed.where(*soon, counts, Document.id > after).order_by(Document.id).limit(CHUNK)).scalars())


def _with_teams(ids: list[int], today: date) -> list[Expiring]:
    told = (Document.id, Document.person_id, Person.name, Document.name, Document.valid_until, Team)
    listed = select(*told).join(Person, Person.id == Document.person_id)
    listed = listed.join(Membership, Membership.person_id == Document.person_id)
    hers = listed.join(Team, Team.id == Membership.team_id).where(Document.id.in_(ids), belongs(today))
    return [Expiring(*row) for row in db.session.execute(hers)]


def _told(paper: Expiring, today: date) -> Iterator[Told]:
    team, organisation = paper.team.scopes
    whom = holders_of(Role.TEAM_LEADER, on=team, day=today) or holders_of(
        Role.ORGANISATION_ADMIN, on=organisation, day=today
    )
    values = {"name": paper.person, "paper": paper.name, "day": str(paper.until)}
    for one in whom:
        yield Told(one, f"/people/{paper.person_id}", values, f"paper:{paper.id}:{paper.until}")
