"""A portal with work to do: volunteers with hours to log, a confirmed list that waits to be booked, a confirmation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask

from portal import clock
from portal.activities.actions import Plan
from portal.activities.bulk_actions import Way, publish_many
from portal.clock import in_china
from portal.db import db
from portal.lists import actions as lists
from portal.lists.reading import read_list
from portal.orgs.actions import join
from portal.orgs.models import Team
from portal.people.actions import add_person, grant
from portal.people.models import Person, Role
from portal.rooms import tables
from tests import factories
from tests.applications import application, migrate
from tests.engines import Engine
from tests.giving import Giving, opened
from tests.importing import listed, many

PASSWORD = "a-password-of-tests-only"
VOLUNTEERS = 3
ACTIVITIES = 400
GIFTS = 6_000


@dataclass(frozen=True)
class Stage:
    """What there is to do. Ids, since the processes that do it are not this one."""

    app: Flask
    activities: tuple[int, ...]
    volunteers: tuple[str, ...]
    import_id: int
    receipt: str
    day: str
    reader: str = "accountant"


def prepared(engine: Engine, folder: Path, *, gifts: int = GIFTS) -> Stage:
    """A migrated database with all this in it; `gifts` stand on the list to book."""
    tables()
    app = application(engine, folder)
    migrate(app)
    with app.app_context():
        giving = opened()
        accountant = add_person("罗小安", login="accountant", password=PASSWORD, by=None, at=factories.BEGINNING)
        grant(accountant, Role.ACCOUNTANT, on=giving.fund.scope, by=None, at=factories.BEGINNING, reason="测试")
        team = factories.team("晨星志愿服务队", of=factories.organisation("星火社会组织"))
        volunteers = tuple(_volunteer(number, team) for number in range(VOLUNTEERS))
        receipt, activities = giving.gift().number, _activities(team)
        import_id = _list_to_book(giving, accountant, gifts)
        stage = Stage(app, activities, volunteers, import_id, receipt, f"{_day():%Y-%m-%d}")
        db.session.commit()
        db.engine.dispose()
    return stage


def _volunteer(number: int, team: Team) -> str:
    login = f"volunteer{number}"
    person = add_person(f"志愿者{number}", login=login, password=PASSWORD, is_volunteer=True, by=None, at=clock.now())
    join(person, team, by=None, at=clock.now())
    return login


def _activities(team: Team) -> tuple[int, ...]:
    leader = factories.person("何远帆", grants=[(Role.TEAM_LEADER, team.scopes[0])], teams=[team])
    lead = factories.person("沈知秋", grants=[(Role.ORGANISATION_ADMIN, team.organisation.scope)])
    return tuple(
        publish_many([_way(team, number, leader, lead) for number in range(ACTIVITIES)], by=None, at=clock.now())
    )


def _way(team: Team, number: int, leader: Person, lead: Person) -> Way:
    start = _day().replace(hour=9, minute=0, second=0, microsecond=0)
    planned = start - timedelta(days=7)
    return Way(
        team_id=team.id,
        plan=Plan(f"活动{number}", "火车站南广场", "", start, start + timedelta(hours=2)),
        drafted_by=leader,
        drafted_at=planned,
        submitted_at=planned,
        decided_by=lead,
        decided_at=planned,
    )


def _day() -> datetime:
    return in_china(clock.now() - timedelta(days=2))


def _list_to_book(giving: Giving, accountant: Person, gifts: int) -> int:
    at = clock.now()
    reading = read_list(listed(*many(gifts)), filename="名单.csv", method="bank", today=at.date())
    imported = lists.bring(giving.fund, reading, by=giving.cashier, at=at)
    lists.hand_over(imported, by=giving.cashier, at=at)
    lists.confirm(imported, by=accountant, at=at)
    return imported.id
