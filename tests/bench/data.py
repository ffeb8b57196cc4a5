"""What the measured pages need beyond the demo data: a full queue, a long list of one's own, activities to log."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from portal import clock, create_app
from portal.activities.actions import Plan, draft_activity, publish_activity, submit_activity
from portal.activities.models import Activity
from portal.db import db
from portal.hours.actions import Service, enter_claim
from portal.hours.models import Evidence
from portal.orgs.actions import join
from portal.orgs.models import Team
from portal.people.actions import add_person
from portal.people.models import Person
from portal.people.queries import person_by_login
from portal.receipts.models import Receipt
from portal.settings import Settings
from tests.live import settings

WAITING, LOGGED = 60, 30
"""Claims added to the lead's queue, and to the volunteer's own list."""


@dataclass(frozen=True)
class Prepared:
    """`to_log`: activities (ids) that the volunteer may still log, one a time; `receipt`: a confirmation's number."""

    to_log: list[int]
    receipt: str


def prepare(instance: Path, *, to_log: int, database: str = "") -> Prepared:
    """Add to the demo data of an instance that nobody serves."""
    app = create_app(Settings.from_environment(settings(instance, database)))
    with app.app_context():
        team = db.session.scalars(select(Team).where(Team.slug == "walk")).one()
        activities = [_activity(team, number) for number in range(LOGGED + to_log)]
        for activity in activities[:LOGGED]:
            _claim(_called("volunteer"), activity)
        for number in range(WAITING):
            person = add_person(f"陆小{number}", is_volunteer=True, by=None, at=clock.now())
            join(person, team, by=None, at=clock.now() - timedelta(days=30))
            _claim(person, activities[number % 10])
        db.session.commit()
        receipt = db.session.scalars(select(Receipt.number).order_by(Receipt.id).limit(1)).one()
        prepared = Prepared([activity.id for activity in activities[LOGGED:]], receipt)
        db.session.remove()
        db.engine.dispose()
    return prepared


def _called(login: str) -> Person:
    person = person_by_login(login)
    assert person is not None
    return person


def _activity(team: Team, number: int) -> Activity:
    """An activity of three hours, over before now and before the activity of the number before it began."""
    over = clock.now().replace(second=0, microsecond=0) - timedelta(hours=1 + 4 * number)
    plan = Plan(f"清洁第 {number + 1} 段", "火车站南广场", "带手套。", over - timedelta(hours=3), over)
    activity = draft_activity(team, plan, by=_called("leader"), at=over - timedelta(days=3))
    submit_activity(activity, seen=activity.seq, by=_called("leader"), at=over - timedelta(days=3))
    publish_activity(activity, seen=activity.seq, by=_called("lead"), at=over - timedelta(days=1))
    return activity


def _claim(person: Person, activity: Activity) -> None:
    service = Service(activity.starts_at, 120, activity.place)
    enter_claim(person, activity, service, evidence=Evidence.SELF, by=person, at=clock.now())
