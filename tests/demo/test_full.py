"""The full demo data in small: everything in it, and every invariant holds."""

import random
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal import clock, demo
from portal.activities.models import Activity
from portal.cli import main
from portal.db import db
from portal.demo.cast import NAMES
from portal.demo.names import crowd
from portal.demo.progress import shares
from portal.demo.projects import PROJECTS
from portal.demo.scales import FULL, Scale
from portal.funds.models import Fund, Gift
from portal.funds.spending import Spending
from portal.hours.models import Claim, Status
from portal.hours.queries import hours_summary
from portal.hours.waiting import count_waiting
from portal.invariants import run_all
from portal.ledger.models import Pool
from portal.lists.models import DonationImport
from portal.orgs.models import Membership, Organisation, Team
from portal.people.models import Person
from portal.people.queries import person_by_login
from portal.receipts.models import Receipt

MINIATURE = Scale(
    weeks=24,
    organisations=5,
    teams=12,
    volunteers=200,
    activities=80,
    claims=800,
    gifts=400,
    payments=40,
)


def count(column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(column)).where(*conditions)) or 0


def person(login: str) -> Person:
    found = person_by_login(login)
    assert found is not None
    return found


def test_the_full_demo_is_whole_and_sound(app: Flask) -> None:
    told: list[str] = []
    with app.app_context():
        demo.make(seed=919, reset=False, if_empty=False, say=told.append, scale=MINIATURE)
        everything_is_there()
        it_looks_like_life()
        the_cast_has_its_stories()
        assert [(result.name, result.problems) for result in run_all(db.session()) if not result.holds] == []
        db.session.rollback()
        demo.make(seed=919, reset=False, if_empty=True, say=told.append, scale=MINIATURE)
        everything_is_there()
        db.session.rollback()
    assert [line.split("：")[0] for line in told[:3]] == ["志愿者", "活动与时长", "捐赠与支出"]


def everything_is_there() -> None:
    assert (count(Organisation.id), count(Team.id)) == (MINIATURE.organisations, MINIATURE.teams)
    assert count(Person.volunteer_no) == MINIATURE.volunteers
    assert MINIATURE.activities <= count(Activity.id) <= MINIATURE.activities + 200
    assert MINIATURE.claims <= count(Claim.id) <= MINIATURE.claims + 600
    assert MINIATURE.gifts <= count(Gift.id) <= MINIATURE.gifts + 1_000
    assert count(Receipt.id) == count(Gift.id)
    assert count(Spending.id) >= MINIATURE.payments
    assert count(Membership.id) > MINIATURE.volunteers


def it_looks_like_life() -> None:
    with_password = set(db.session.scalars(select(Person.login).where(Person.password_hash.is_not(None))))
    assert with_password == set(NAMES)
    first, last = db.session.execute(select(func.min(Claim.served_on), func.max(Claim.served_on))).one()
    assert 22 * 7 < (last - first).days < 25 * 7
    assert last <= clock.today()
    states: dict[str, int] = dict(db.session.execute(select(Claim.status, func.count()).group_by(Claim.status)).all())
    assert 0.01 < states[Status.RETURNED] / sum(states.values()) < 0.1
    oldest = db.session.scalar(select(func.min(Claim.entered_at)).where(Claim.status == Status.WAITING.value))
    assert oldest is not None and (clock.now() - oldest).days <= 10
    assert 0 < count(Claim.id, Claim.is_late.is_(True)) < count(Claim.id) / 10
    assert min(db.session.scalars(select(Spending.balance_fen))) >= 0
    by_fund = dict(db.session.execute(select(Fund.slug, func.count(Gift.id)).join(Gift).group_by(Fund.slug)).all())
    assert by_fund["919"] > by_fund["gongyi"] > 0 < by_fund["shequ"]
    listed, named = Gift.import_id.is_not(None), Gift.public_name.is_not(None)
    assert 0.6 < count(Gift.id, ~listed, named) / count(Gift.id, ~listed) < 0.8
    assert all(fen > 0 for fen in db.session.scalars(select(Pool.balance_fen)))


def the_cast_has_its_stories() -> None:
    assert count_waiting(person("lead")) > 0
    assert hours_summary(person("volunteer")).approved > 60
    assert count(Activity.id, Activity.drafted_by_id == person("leader").id) > 20
    assert set(db.session.scalars(select(DonationImport.status))) == {"booked", "waiting"}


def test_the_same_seed_makes_the_same_crowd() -> None:
    first, again, other = (crowd(2_000, chance=random.Random(seed)) for seed in (919, 919, 1))
    assert first == again != other
    assert {len(name) for name in first} >= {2, 3, 4}
    assert any("·" in name for name in first)
    assert len(first) * 0.8 < len(set(first)) < len(first)


@pytest.mark.parametrize("total", [0, 1, 7, 1_000_003])
def test_shares_lose_nothing(total: int) -> None:
    parts = shares(total, [0.1, 3.0, 1.0, 1.0, 0.7])
    assert sum(parts) == total
    assert min(parts) >= 0


def test_the_full_scale_is_what_the_readme_says() -> None:
    assert (FULL.organisations, FULL.volunteers, FULL.claims, FULL.gifts) == (43, 21_000, 1_000_000, 200_000)
    assert (FULL.payments, len(PROJECTS), FULL.weeks // 52) == (20_000, 65, 10)
    assert all(len(project) == 2 for project in PROJECTS)


def test_the_command_offers_every_scale() -> None:
    scales = next(option for option in main.commands["demo"].params if option.name == "scale")
    assert isinstance(scales.type, click.Choice)
    assert set(scales.type.choices) == set(demo.SCALES)
