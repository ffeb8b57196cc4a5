"""The bulk form of joining teams: the same rows as one by one. One audit line stands for a whole batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many, pieces
from portal.db import db
from portal.orgs.actions import AlreadyMember
from portal.orgs.models import Membership
from portal.profiles.actions import begin_to_serve
from portal.words import _l


class Joining(NamedTuple):
    """Who is to belong to which team."""

    person: Actor
    team_id: int


def join_many(joinings: Sequence[Joining], *, by: Actor | None, at: datetime) -> None:
    """Make people members from today on. Raises AlreadyMember for the first who is one, or is named twice."""
    belong = _who_belong({joining.team_id for joining in joinings}, {joining.person.id for joining in joinings})
    for row, (person, team_id) in enumerate(joinings, 1):
        if (person.id, team_id) in belong:
            raise in_row(row, AlreadyMember(_l("%(name)s已经是这个队的队员。", name=person.name)))
        belong.add((person.id, team_id))
    if not joinings:
        return
    rows = [{"person_id": person.id, "team_id": team_id} for person, team_id in joinings]
    insert_many(Membership, rows, common={"joined_on": at.date(), "left_on": None})
    teams = sorted({joining.team_id for joining in joinings})
    people = [joining.person.id for joining in joinings]
    for some in pieces(people):
        begin_to_serve(some, by=by, at=at)
    record("orgs.memberships.began", None, by=by, at=at, count=len(joinings), teams=teams, people=people)


def _who_belong(team_ids: set[int], person_ids: set[int]) -> set[tuple[int, int]]:
    """The pairs of person and team that are there now."""
    now = select(Membership.person_id, Membership.team_id).where(Membership.left_on.is_(None))
    found: set[tuple[int, int]] = set()
    for some in pieces(sorted(person_ids)):
        rows = db.session.execute(now.where(Membership.person_id.in_(some)))
        found.update((person_id, team_id) for person_id, team_id in rows if team_id in team_ids)
    return found
