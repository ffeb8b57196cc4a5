"""Everybody else: organisations, teams, and thousands of volunteers who joined over the years."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from portal.db import db
from portal.demo.names import PLACES, crowd
from portal.demo.scales import Scale
from portal.demo.service import reviewers_of
from portal.orgs.actions import add_organisation, add_team
from portal.orgs.bulk_actions import Joining, join_many
from portal.orgs.models import Membership, Organisation, Team
from portal.people.actions import grant
from portal.people.bulk_actions import Giving, Newcomer, add_people, grant_many
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope

KINDS = (
    "巡逻队", "清洁队", "探访队", "助餐队", "护学队", "调解队", "宣讲队", "义诊队", "家电小修队", "读书会", "合唱队",
    "太极队", "护河队", "应急队", "手机课堂队", "旧衣回收队", "园艺队", "法律咨询队", "摄影队", "青年突击队",
)  # fmt: skip
SOCIETIES = ("志愿服务社", "助老服务中心", "邻里互助会", "公益发展中心", "青年志愿协会")
LARGEST_SHARE = 0.1
"""Of the teams that belong to the first organisation, which the cast's lead runs."""
AT_THE_START = 0.4
"""Of all volunteers who are there from the first day."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A team as the history needs it; `reviewers` decide on its activities and hours."""

    id: int
    place: str
    organisation_id: int
    leader: Newcomer
    reviewers: tuple[Person, ...]
    members: list[Newcomer] = field(default_factory=list)


def add_units(chance: random.Random, scale: Scale, organisations: list[Organisation], *, at: datetime) -> list[Unit]:
    """The other organisations with two reviewers each, and all other teams with a leader each."""
    others = [_organisation(n, at=at) for n in range(len(organisations), scale.organisations)]
    reviewers = {one.id: tuple(reviewers_of(one)) for one in organisations} | _add_reviewers(chance, others, at=at)
    existing, large = sum(len(one.teams) for one in organisations), round(scale.teams * LARGEST_SHARE)
    owners = [organisations[0] if n < large else chance.choice(others) for n in range(scale.teams - existing)]
    teams = [_team(owner, n, at=at) for n, owner in enumerate(owners)]
    return [
        Unit(team.id, _place(n), team.organisation_id, leader, reviewers[team.organisation_id], [leader])
        for n, (team, leader) in enumerate(zip(teams, _add_leaders(chance, teams, at=at), strict=True))
    ]


def units_of(organisations: list[Organisation]) -> list[Unit]:
    """The teams of the small demo with whoever belongs to them."""
    return [
        Unit(team.id, "社区", team.organisation_id, members[0], tuple(reviewers_of(one)), members)
        for one in organisations
        for team in one.teams
        for members in [_members(team)]
    ]


def join_in(chance: random.Random, count: int, units: list[Unit], *, at: datetime) -> None:
    """Volunteers of one week: each joins one team, many a second or third."""
    newcomers = add_people(crowd(count, chance=chance), by=None, at=at)
    grant_many([Giving(one, Role.VOLUNTEER, ALLIANCE) for one in newcomers], by=None, at=at, reason="演示：注册志愿者")
    joinings = []
    for newcomer in newcomers:
        for unit in chance.sample(units, k=min(len(units), chance.choices((1, 2, 3), (6, 3, 1))[0])):
            joinings.append(Joining(newcomer, unit.id))
            unit.members.append(newcomer)
    join_many(joinings, by=None, at=at)


def _organisation(number: int, *, at: datetime) -> Organisation:
    place, kind = PLACES[number % len(PLACES)], SOCIETIES[number // len(PLACES) % len(SOCIETIES)]
    return add_organisation(f"{place}{kind}（演示）", slug=f"society-{number:02d}", by=None, at=at)


def _team(owner: Organisation, number: int, *, at: datetime) -> Team:
    kind = KINDS[number // len(PLACES) % len(KINDS)]
    return add_team(owner, f"{_place(number)}{kind}", slug=f"team-{number:03d}", by=None, at=at)


def _place(number: int) -> str:
    return PLACES[number % len(PLACES)]


def _add_reviewers(
    chance: random.Random, organisations: list[Organisation], *, at: datetime
) -> dict[int, tuple[Person, ...]]:
    """An administrator and a reviewer for each, who belong to no team: no hours are their own."""
    added = add_people(crowd(2 * len(organisations), chance=chance), by=None, at=at)
    people = {
        person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_([p.id for p in added])))
    }
    found: dict[int, tuple[Person, ...]] = {}
    for organisation, pair in zip(organisations, zip(added[::2], added[1::2], strict=True), strict=True):
        for newcomer, role in zip(pair, (Role.ORGANISATION_ADMIN, Role.REVIEWER), strict=True):
            grant(people[newcomer.id], role, on=organisation.scope, by=None, at=at, reason="演示：审核人")
        found[organisation.id] = tuple(people[newcomer.id] for newcomer in pair)
    return found


def _add_leaders(chance: random.Random, teams: list[Team], *, at: datetime) -> list[Newcomer]:
    """The first member of each team, who leads it."""
    leaders = add_people(crowd(len(teams), chance=chance), by=None, at=at)
    leading = list(zip(leaders, teams, strict=True))
    serving = [Giving(leader, Role.VOLUNTEER, ALLIANCE) for leader in leaders]
    grant_many(serving, by=None, at=at, reason="演示：注册志愿者")
    heading = [Giving(leader, Role.TEAM_LEADER, Scope("team", team.id)) for leader, team in leading]
    grant_many(heading, by=None, at=at, reason="演示：队员推选")
    join_many([Joining(leader, team.id) for leader, team in leading], by=None, at=at)
    return leaders


def _members(team: Team) -> list[Newcomer]:
    """Who belongs to the team, its leader first, but nobody who decides there: no hours are to be their own."""
    leads = select(Grant.person_id).where(
        Grant.role == Role.TEAM_LEADER.value, Grant.scope_kind == "team", Grant.scope_id == team.id
    )
    decides = select(Grant.person_id).where(Grant.role == Role.ORGANISATION_ADMIN.value)
    rows = (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team.id, Person.id.not_in(decides))
        .order_by(Person.id.in_(leads).desc(), Person.id)
    )
    return [Newcomer(*row) for row in db.session.execute(rows)]
