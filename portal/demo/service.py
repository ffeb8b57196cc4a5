"""Organisations, teams, activities and hours of the last weeks and the next."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.activities.actions import Plan, close_activity, draft_activity, publish_activity, submit_activity
from portal.activities.models import Activity
from portal.db import db
from portal.demo.names import people
from portal.hours.actions import Service, Ticket, approve_claims, enter_claim, return_claim
from portal.hours.models import Claim, Evidence
from portal.orgs.actions import add_organisation, add_team, join
from portal.orgs.models import Organisation, Team
from portal.orgs.queries import members_of
from portal.people.actions import add_person, grant
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope

ORGANISATIONS = (
    ("spark", "星火志愿服务中心（演示）", (("walk", "一道走清洁队"), ("search", "晨星夜间搜寻队"))),
    ("harbour", "暖巷服务社（演示）", (("visit", "敬老探访队"), ("barber", "便民理发队"))),
    ("seedling", "青禾助学社（演示）", (("classroom", "爱心课堂队"), ("river", "防溺水巡河队"))),
)
PLANS = {
    "walk": ("周末一道走", "火车站南广场", "沿铁路老街捡拾垃圾，劝导不文明行为。请自带水杯。", 8, 200),
    "search": ("走失老人夜间搜寻演练", "老火车站门前", "分三组演练，两人一组，穿反光背心。", 19, 150),
    "visit": ("敬老探访", "西区居民会客厅", "上门看望独居老人，陪聊、量血压、看看缺什么。", 9, 120),
    "barber": ("便民理发", "三号院凉亭", "为行动不便的老人理发，工具由队里准备。", 10, 180),
    "classroom": ("周末课堂", "爱心教室二楼", "辅导作业、读绘本，每位志愿者带两名孩子。", 14, 120),
    "river": ("巡河", "长水塘东岸", "两人一组巡查岸线，劝离野泳，检查救生圈。", 7, 120),
}
WEEKS_BACK, WEEKS_AHEAD = 8, 2
LONGEST_THERE = 12
"""Of a large team, only those who joined first take part in the last weeks."""
OVER_AGO = timedelta(days=9)
"""Hours older than this were reviewed; the younger ones wait."""


def add_organisations(chance: random.Random, *, lead: Person, at: datetime) -> list[Organisation]:
    """Three organisations with two teams each, about ten members a team; the first is reviewed by the lead."""
    names = iter(people(66, chance=chance))
    organisations: list[Organisation] = []
    for slug, name, teams in ORGANISATIONS:
        organisation = add_organisation(name, slug=slug, by=None, at=at)
        for team_slug, team_name in teams:
            team = add_team(organisation, team_name, slug=team_slug, by=None, at=at)
            _add_members(team, [next(names) for _ in range(chance.randint(8, 10))], at=at)
        if organisations:
            reviewer = add_person(next(names), is_volunteer=True, by=None, at=at)
            grant(reviewer, Role.REVIEWER, on=organisation.scope, by=lead, at=at, reason="演示：审核人")
        organisations.append(organisation)
    # They serve in two organisations at times that overlap: their reviewers will see it said.
    for person in members_of(team_called("walk", organisations[0]))[1:3]:
        join(person, team_called("barber", organisations[1]), by=None, at=at)
    return organisations


def team_called(slug: str, organisation: Organisation) -> Team:
    return next(team for team in organisation.teams if team.slug == slug)


def _add_members(team: Team, names: list[str], *, at: datetime) -> None:
    for place, name in enumerate(names):
        member = add_person(name, is_volunteer=True, by=None, at=at)
        grant(member, Role.VOLUNTEER, on=ALLIANCE, by=None, at=at, reason="演示：注册志愿者")
        if place == 0:
            grant(member, Role.TEAM_LEADER, on=Scope("team", team.id), by=None, at=at, reason="演示：队员推选")
        join(member, team, by=None, at=at)


def add_service(chance: random.Random, organisations: list[Organisation], cast: dict[str, Person]) -> None:
    """Weekly activities of every team, and hours logged by who took part."""
    for organisation in organisations:
        reviewer = cast["lead"] if organisation is organisations[0] else reviewers_of(organisation)[0]
        for team in (team for team in organisation.teams if team.slug in PLANS):
            for week in range(-WEEKS_BACK, WEEKS_AHEAD):
                _add_week(chance, team, week, reviewer=reviewer)
    walkers = team_called("walk", organisations[0])
    _add_open_drafts(walkers, cast["leader"])
    _add_late_entry(walkers)


def reviewers_of(organisation: Organisation) -> list[Person]:
    """Who decides on its activities and hours."""
    wanted = (
        select(Person)
        .join(Person.grants)
        .where(Grant.role.in_([Role.REVIEWER.value, Role.ORGANISATION_ADMIN.value]))
        .where(Grant.scope_kind == "organisation", Grant.scope_id == organisation.id)
        .order_by(Person.id)
    )
    return list(db.session.scalars(wanted))


def _add_week(chance: random.Random, team: Team, week: int, *, reviewer: Person) -> None:
    start, minutes = _time_of(team, week)
    leader = next(person for person in members_of(team) if any(g.role == Role.TEAM_LEADER for g in person.grants))
    planned = start - timedelta(days=14)
    activity = draft_activity(team, _plan(team, start, minutes), by=leader, at=planned)
    submit_activity(activity, seen=activity.seq, by=leader, at=planned)
    publish_activity(activity, seen=activity.seq, by=reviewer, at=planned + timedelta(days=1))
    over = start + timedelta(minutes=minutes)
    if over > clock.now():
        return
    _log_hours(chance, activity, minutes, leader=leader, reviewer=reviewer)
    if over < clock.now() - OVER_AGO:
        close_activity(activity, seen=activity.seq, by=leader, at=over + timedelta(days=3))


def _time_of(team: Team, week: int) -> tuple[datetime, int]:
    _, _, _, hour, minutes = PLANS[team.slug]
    saturday = clock.today() - timedelta(days=(clock.today().weekday() - 5) % 7)
    day = saturday + timedelta(weeks=week, days=1 if team.slug in ("visit", "classroom", "river") else 0)
    return clock.in_china(datetime(day.year, day.month, day.day, hour)), minutes


def _plan(team: Team, start: datetime, minutes: int) -> Plan:
    name, place, content, _, _ = PLANS[team.slug]
    return Plan(name=name, place=place, content=content, starts_at=start, ends_at=start + timedelta(minutes=minutes))


def _log_hours(chance: random.Random, activity: Activity, minutes: int, *, leader: Person, reviewer: Person) -> None:
    over = activity.ends_at
    others = [person for person in members_of(activity.team) if person.id not in (leader.id, reviewer.id)]
    took_part = others[:LONGEST_THERE]
    claims = [
        _claim(chance, person, activity, minutes, leader=leader, at=min(over + timedelta(hours=2 + place), clock.now()))
        for place, person in enumerate(chance.sample(took_part, k=min(len(took_part), chance.randint(5, 8))))
        # The volunteer of the cast has her newest service still to log.
        if not (person.login == "volunteer" and over > clock.now() - OVER_AGO)
    ]
    if over < clock.now() - OVER_AGO:
        _review(chance, claims, reviewer=reviewer, at=over + timedelta(days=4))


def _claim(
    chance: random.Random, person: Person, activity: Activity, minutes: int, *, leader: Person, at: datetime
) -> Claim:
    given = minutes - chance.choice((0, 0, 0, 20, 30, 45))
    service = Service(starts_at=activity.starts_at, minutes=given, place=activity.place)
    if chance.random() < 0.2:
        return enter_claim(person, activity, service, evidence=Evidence.LEADER, by=leader, at=at)
    return enter_claim(person, activity, service, evidence=Evidence.SELF, by=person, at=at)


def _review(chance: random.Random, claims: list[Claim], *, reviewer: Person, at: datetime) -> None:
    returned = [claim for claim in claims if chance.random() < 0.04]
    approve_claims([Ticket(claim.id, claim.seq) for claim in claims if claim not in returned], by=reviewer, at=at)
    for claim in returned:
        return_claim(claim, "请核对服务时间。", seen=claim.seq, by=reviewer, at=at)


def _add_late_entry(team: Team) -> None:
    """Somebody remembers a service of a month ago: it needs a second look."""
    month_ago = clock.now() - timedelta(days=28)
    of_team = select(Activity).where(Activity.team_id == team.id, Activity.ends_at < month_ago)
    activity = db.session.scalars(of_team.order_by(Activity.ends_at.desc()).limit(1)).one()
    entered = set(db.session.scalars(select(Claim.person_id).where(Claim.activity_id == activity.id)))
    forgetful = next(person for person in members_of(team) if person.id not in entered and person.login is None)
    service = Service(starts_at=activity.starts_at, minutes=activity.minutes, place=activity.place)
    enter_claim(forgetful, activity, service, evidence=Evidence.SELF, by=forgetful, at=clock.now())


def _add_open_drafts(team: Team, leader: Person) -> None:
    """What the lead finds to review and the leader finds to finish."""
    now, (start, minutes) = clock.now(), _time_of(team, WEEKS_AHEAD)
    submitted = draft_activity(team, _plan(team, start, minutes), by=leader, at=now - timedelta(hours=5))
    submit_activity(submitted, seen=submitted.seq, by=leader, at=now - timedelta(hours=4))
    draft_activity(team, _plan(team, start + timedelta(weeks=1), minutes), by=leader, at=now - timedelta(hours=1))
