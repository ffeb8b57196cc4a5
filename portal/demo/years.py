"""Ten years of service, week by week: people join, activities are held, hours are entered and decided on."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from portal import clock
from portal.activities.actions import Plan
from portal.activities.bulk_actions import Way, publish_many
from portal.activities.models import Activity
from portal.db import db
from portal.demo.crowd import AT_THE_START, Unit, add_units, join_in, units_of
from portal.demo.progress import Say, phase, shares
from portal.demo.projects import PROJECTS
from portal.demo.scales import Scale
from portal.demo.service import WEEKS_BACK, team_called
from portal.hours.actions import Service
from portal.hours.bulk_actions import Decision, Entering, decide_many, enter_many
from portal.hours.models import Claim, Evidence, HourEvent, Kind
from portal.indexes import made_later
from portal.orgs.models import Organisation
from portal.people.bulk_actions import Newcomer
from portal.people.models import Person

DAYS = (0, 1, 2, 3, 4, 5, 6)
DAY_WEIGHTS = (6, 5, 6, 5, 8, 42, 28)
HOURS = (7, 8, 9, 9, 13, 14, 14, 15, 18, 19)
LENGTHS = (60, 90, 120, 120, 150, 180, 240)
SPOTS = ("广场", "居民会客厅", "门前", "活动室")
SEASONS = (0.8, 0.6, 1.4, 1.1, 1.1, 1.0, 1.2, 1.1, 1.2, 1.1, 1.0, 1.2)
"""By month: little at Spring Festival, much in March (学雷锋) and in the summer holidays."""
GROWTH = 0.8
"""By how much more happens in the last week than in the first."""
WEEKS_AHEAD = 2
WEEKS_A_COMMIT = 8
"""Hours of one week lie all over the indexes: each commit writes nearly all of their pages."""
LOOKED_UP = ("ix_hours_claim_activity_id",)
"""Whoever enters hours asks for those of the same activities."""
RECENT = timedelta(days=10)
RETURNED, LATE, BY_LEADER = 0.04, 0.01, 0.2
WAITING_ELSEWHERE = 0.12
"""Of the recent hours outside the lead's organisation, how many are not decided on yet."""
REASONS = (
    "请核对服务时间。",
    "签到表上没有您的名字，请向队长核实。",
    "时长多于活动时间，请改好重交。",
    "请写明做了什么。",
)
# Of what a million claims are made of: drawn for many at once, and made once.
LEFT_SOONER = (0, 0, 0, 15, 30)
"""Minutes before the activity's end."""
ENTERED_AFTER = tuple(timedelta(minutes=minutes) for minutes in range(10, 60 * 60))
DECIDED_AFTER = tuple(timedelta(hours=hours) for hours in range(2, 9 * 24))
REGULAR = 0.4
"""How often the cast's volunteer takes part in what her team does."""


@dataclass(frozen=True)
class Years:
    """All that the history is told from. `regular` is the cast's volunteer, `walkers` her team."""

    chance: random.Random
    scale: Scale
    units: list[Unit]
    small: list[Unit]
    walkers: Unit
    regular: Newcomer
    lead_organisation_id: int
    say: Say

    def add_people(self, count: int, *, at: datetime) -> None:
        """Those who are there from the first day."""
        first = round(count * AT_THE_START)
        with phase("志愿者", first, say=self.say) as step, clock.frozen(at):
            for share in shares(first, [1.0] * (first // 500 + 1)):
                join_in(self.chance, share, [*self.units, *self.small], at=at)
                db.session.commit()
                step(share)

    def add_weeks(self, people: int, *, now: datetime) -> None:
        """Week after week: `people` more join, activities are held, hours entered and decided on."""
        scale, beginnings = self.scale, _mondays(self.scale.weeks, now)
        weights = _weights(beginnings)
        newcomers = shares(people - round(people * AT_THE_START), weights)
        held, claims = shares(scale.activities, weights), _claims(scale.claims, weights, now=now)
        wanting = 0
        with (
            phase("活动与时长", sum(claims), say=self.say) as step,
            made_later(Claim, HourEvent, but=LOOKED_UP),
        ):
            for week, monday in enumerate(beginnings):
                wanting += claims[week]
                with clock.frozen(monday):
                    join_in(self.chance, newcomers[week], [*self.units, *self.small], at=monday)
                entered = self._week(monday, held[week], wanting, now=now)
                if week % WEEKS_A_COMMIT == 0:
                    db.session.commit()
                wanting -= entered
                step(entered)
        for week in range(1, WEEKS_AHEAD):
            self._week(beginnings[-1] + timedelta(weeks=week), held[-1], 0, now=now)
        db.session.commit()

    def _week(self, monday: datetime, count: int, claims: int, *, now: datetime) -> int:
        """The activities of a week with their hours; gives how many were entered."""
        teams = self._teams_of(monday, count, now=now)
        with clock.frozen(min(monday + timedelta(weeks=3), now)):
            ids = publish_many([self._way(team, monday, now=now) for team in teams], by=None, at=clock.now())
            over = [row for row in _told(ids) if row.ends_at <= now]
            enterings = list(self._enterings(over, claims, now=now))
            entered = enter_many(enterings, by=None, at=clock.now())
            decide_many(list(self._decisions(enterings, entered, over, now=now)), by=None, at=clock.now())
        return len(entered)

    def _teams_of(self, monday: datetime, count: int, *, now: datetime) -> list[Unit]:
        """Who holds activities that week; the small demo tells the last weeks of its teams itself."""
        is_told = monday > now - timedelta(weeks=WEEKS_BACK + 2)
        teams = self.chance.choices(self.units if is_told else [*self.units, *self.small], k=count)
        return teams if is_told else [self.walkers, *teams[1:]]

    def _way(self, team: Unit, monday: datetime, *, now: datetime) -> Way:
        chance, plan = self.chance, self._plan(team, monday)
        drafted = min(plan.starts_at, now) - timedelta(days=chance.randint(5, 14), minutes=chance.randint(0, 600))
        is_closed = plan.ends_at < now - timedelta(days=9)
        return Way(
            team_id=team.id,
            plan=plan,
            drafted_by=team.leader,
            drafted_at=drafted,
            submitted_at=drafted + timedelta(minutes=chance.randint(5, 90)),
            decided_by=chance.choice(team.reviewers),
            decided_at=drafted + timedelta(hours=chance.randint(4, 60)),
            closed_at=plan.ends_at + timedelta(days=chance.randint(1, 8)) if is_closed else None,
        )

    def _plan(self, team: Unit, monday: datetime) -> Plan:
        chance = self.chance
        name, content = chance.choice(PROJECTS)
        day = monday + timedelta(days=chance.choices(DAYS, DAY_WEIGHTS)[0])
        start = day + timedelta(hours=chance.choice(HOURS), minutes=chance.choice((0, 0, 30)))
        end = start + timedelta(minutes=chance.choice(LENGTHS))
        return Plan(name, f"{team.place}{chance.choice(SPOTS)}", f"{content}。", start, end)

    def _enterings(self, over: Sequence[Any], claims: int, *, now: datetime) -> Iterator[Entering]:
        teams = {team.id: team for team in (*self.units, *self.small)}
        for left, activity in zip(range(len(over), 0, -1), over, strict=True):
            team = teams[activity.team_id]
            # What a small team cannot give, the next one gives.
            wanted = round(claims / left * self.chance.uniform(0.5, 1.5)) if left > 1 else claims
            took_part = self._took_part(team, wanted)
            claims -= len(took_part)
            services, count = _Services(activity), len(took_part)
            sooner, after = self.chance.choices(LEFT_SOONER, k=count), self.chance.choices(ENTERED_AFTER, k=count)
            for person, minutes, later in zip(took_part, sooner, after, strict=True):
                yield self._entering(person, team, activity.id, services[minutes], services.ends_at + later, now=now)

    def _took_part(self, team: Unit, wanted: int) -> list[Newcomer]:
        members = [person for person in team.members if person.id != self.regular.id]
        some = self.chance.sample(members, k=max(0, min(wanted, len(members))))
        if team is self.walkers and some and self.chance.random() < REGULAR:
            some[-1] = self.regular
        return some

    def _entering(
        self, person: Newcomer, team: Unit, activity_id: int, service: Service, at: datetime, *, now: datetime
    ) -> Entering:
        chance = self.chance
        if chance.random() < LATE:
            at += timedelta(days=chance.randint(16, 60))
        by_leader = person.id != team.leader.id and chance.random() < BY_LEADER
        evidence, by = (Evidence.LEADER, team.leader) if by_leader else (Evidence.SELF, person)
        return Entering(person, activity_id, service, evidence, by, min(at, now))

    def _decisions(
        self, enterings: list[Entering], ids: list[int], over: Sequence[Any], *, now: datetime
    ) -> Iterator[Decision]:
        teams = {team.id: team for team in (*self.units, *self.small)}
        team_of = {activity.id: teams[activity.team_id] for activity in over}
        after = self.chance.choices(DECIDED_AFTER, k=len(enterings))
        for entering, claim_id, later in zip(enterings, ids, after, strict=True):
            team = team_of[entering.activity_id]
            if entering.at > now - RECENT and self._waits(team):
                continue
            is_returned = self.chance.random() < RETURNED
            kind = Kind.RETURNED if is_returned else Kind.APPROVED
            reason = self.chance.choice(REASONS) if is_returned else None
            decided = min(entering.at + later, now)
            yield Decision(claim_id, 0, kind, self.chance.choice(team.reviewers), decided, reason)

    def _waits(self, team: Unit) -> bool:
        return team.organisation_id == self.lead_organisation_id or self.chance.random() < WAITING_ELSEWHERE


class _Services(dict[int, Service]):
    """What people did at one activity, by how many minutes sooner than its end they left; most did the same."""

    def __init__(self, activity: Any) -> None:
        super().__init__()
        self.ends_at, self._starts_at, self._place = activity.ends_at, activity.starts_at, activity.place
        self._minutes = int((activity.ends_at - activity.starts_at).total_seconds()) // 60

    def __missing__(self, sooner: int) -> Service:
        self[sooner] = Service(self._starts_at, max(30, self._minutes - sooner), self._place)
        return self[sooner]


def add_years(
    chance: random.Random,
    scale: Scale,
    organisations: list[Organisation],
    cast: dict[str, Person],
    *,
    founded: datetime,
    say: Say,
) -> None:
    """The other organisations, teams and people, and what they all did until now."""
    now, regular = clock.now(), Newcomer(cast["volunteer"].id, cast["volunteer"].name)
    with clock.frozen(founded):
        small = units_of(organisations)
        units = add_units(chance, scale, organisations, at=founded)
    db.session.commit()
    walk = team_called("walk", organisations[0]).id
    walkers = next(unit for unit in small if unit.id == walk)
    people = scale.volunteers - (db.session.scalar(select(func.count(Person.volunteer_no))) or 0)
    years = Years(chance, scale, units, small, walkers, regular, organisations[0].id, say)
    years.add_people(people, at=founded)
    years.add_weeks(people, now=now)


def _mondays(weeks: int, now: datetime) -> list[datetime]:
    this = clock.in_china(datetime(now.year, now.month, now.day)) - timedelta(days=now.weekday())
    return [this - timedelta(weeks=ago) for ago in reversed(range(weeks))]


def _weights(beginnings: list[datetime]) -> list[float]:
    last = len(beginnings)
    return [SEASONS[monday.month - 1] * (1 + GROWTH * week / last) for week, monday in enumerate(beginnings)]


def _claims(total: int, weights: list[float], *, now: datetime) -> list[int]:
    """How many hours are entered each week: all of them before this week, whose days so far come on top."""
    last = len(weights) - 1
    people = [AT_THE_START + (1 - AT_THE_START) * week / last for week in range(last)]
    claims = shares(total, [weight * there for weight, there in zip(weights, people, strict=False)])
    return [*claims, claims[-1] * now.weekday() // 7]


def _told(ids: list[int]) -> Sequence[Any]:
    """The activities as they were published."""
    columns = (Activity.id, Activity.team_id, Activity.starts_at, Activity.ends_at, Activity.place)
    return db.session.execute(select(*columns).where(Activity.id.in_(ids)).order_by(Activity.id)).all()
