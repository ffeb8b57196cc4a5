"""A small cast for tests of activities and hours, and what several of these tests do."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Flask, current_app
from sqlalchemy import func, select

from portal import clock
from portal.activities.actions import Plan, close_activity, draft_activity, publish_activity, submit_activity
from portal.activities.models import Activity
from portal.audit.models import AuditLine
from portal.db import db
from portal.hours.actions import Service, enter_claim
from portal.hours.models import Claim, Evidence
from portal.orgs.models import Organisation, Team
from portal.people.models import ALLIANCE, Person, Role
from tests import factories
from tests.pages import statements

T = TypeVar("T")

SUNDAY = datetime(2026, 11, 15, 8, tzinfo=clock.CHINA)
"""When the activity of these tests begins."""

MONDAY = datetime(2026, 11, 16, 9, tzinfo=clock.CHINA)
"""Now."""


@dataclass
class Cast:
    """Who is who: leader, member and other belong to the team; lead and reviewer decide in its organisation."""

    organisation: Organisation
    team: Team
    leader: Person
    lead: Person
    reviewer: Person
    member: Person
    other: Person
    stranger: Person
    supervisor: Person


def cast() -> Cast:
    organisation = factories.organisation("星火社会组织")
    team = factories.team("晨星志愿服务队", of=organisation)
    return Cast(
        organisation=organisation,
        team=team,
        leader=factories.person("何远帆", grants=[(Role.TEAM_LEADER, team.scopes[0])], teams=[team]),
        lead=factories.person("沈知秋", grants=[(Role.ORGANISATION_ADMIN, organisation.scope)], teams=[team]),
        reviewer=factories.person("罗予安", grants=[(Role.REVIEWER, organisation.scope)]),
        member=factories.person("林一禾", teams=[team]),
        other=factories.person("周小满", teams=[team]),
        stranger=factories.person("陆青川"),
        supervisor=factories.person("顾清明", grants=[(Role.SUPERVISOR, ALLIANCE)]),
    )


def plan(name: str = "文明海宁一道走", *, starts_at: datetime = SUNDAY, minutes: int = 240) -> Plan:
    ends_at = starts_at + timedelta(minutes=minutes)
    return Plan(name=name, place="火车站南广场", content="带水，穿马甲。", starts_at=starts_at, ends_at=ends_at)


def drafted(cast: Cast, name: str = "文明海宁一道走", *, team: Team | None = None, **times: object) -> Activity:
    written = plan(name, **times)  # type: ignore[arg-type]
    return draft_activity(team or cast.team, written, by=cast.leader, at=min(MONDAY, written.starts_at))


def published(cast: Cast, name: str = "文明海宁一道走", *, team: Team | None = None, **times: object) -> Activity:
    activity = drafted(cast, name, team=team, **times)
    submit_activity(activity, seen=activity.seq, by=cast.leader, at=activity.drafted_at)
    publish_activity(activity, seen=activity.seq, by=cast.lead, at=activity.drafted_at)
    return activity


def closed(cast: Cast, name: str = "文明海宁一道走") -> Activity:
    activity = published(cast, name)
    close_activity(activity, seen=activity.seq, by=cast.leader, at=MONDAY)
    return activity


def claimed(
    person: Person, activity: Activity, *, minutes: int = 200, by: Person | None = None, at: datetime = MONDAY
) -> Claim:
    """Hours that wait, from the activity's beginning on."""
    return enter_claim(
        person,
        activity,
        Service(activity.starts_at, minutes, activity.place),
        evidence=Evidence.LEADER if by else Evidence.SELF,
        by=by or person,
        at=at,
    )


def lines(action: str) -> int:
    """How many audit lines say this."""
    return db.session.scalar(select(func.count()).where(AuditLine.action == action)) or 0


def at_once(app: Flask, calls: Sequence[Callable[[], T]], *, at: datetime = MONDAY) -> list[T]:
    """What the calls return when they begin at the same moment, each in a thread and a transaction of its own."""
    if db.session.registry.has():
        db.session.commit()
    start, results = threading.Barrier(len(calls)), dict[int, T]()

    def run(index: int, call: Callable[[], T]) -> None:
        with clock.frozen(at):
            start.wait()
            results[index] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [results[index] for index in range(len(calls))]


@contextmanager
def at_most(count: int) -> Iterator[list[str]]:
    """Fail when the block sends more than `count` statements (BEGIN and the like do not count)."""
    db.session.commit()
    with statements(current_app) as sent:
        yield sent
    assert len(sent) <= count, "\n\n".join(sent)
