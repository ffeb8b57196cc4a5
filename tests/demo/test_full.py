"""The full demo data in small: everything in it, and every invariant holds."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from portal import clock, demo
from portal.activities.models import Activity
from portal.cli import main
from portal.consents.models import Consent, Purpose
from portal.db import db
from portal.demo.cast import NAMES
from portal.demo.names import crowd
from portal.demo.newcomers import NEWCOMERS
from portal.demo.progress import shares
from portal.demo.projects import PROJECTS
from portal.demo.scales import FULL, Scale
from portal.funds.models import Fund, Gift
from portal.funds.spending import Spending
from portal.hours.models import Claim, HourEvent, Status
from portal.hours.queries import hours_summary
from portal.hours.waiting import count_waiting
from portal.invariants import run_all
from portal.joining.models import Application
from portal.joining.policy import organisations_decided_by
from portal.ledger.models import Pool
from portal.lists.models import DonationImport
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.units import MemberUnit
from portal.people.models import Person
from portal.people.queries import person_by_login
from portal.profiles.models import Choice, Document, Profile, Topic
from portal.receipts.models import Receipt
from tests.applications import application
from tests.engines import Engine

MINIATURE = Scale(
    weeks=24,
    organisations=5,
    units=20,
    teams=12,
    volunteers=200,
    activities=80,
    claims=800,
    gifts=400,
    payments=40,
)
TINY = Scale(weeks=4, organisations=4, units=8, teams=8, volunteers=70, activities=8, claims=60, gifts=30, payments=6)
TOLD = (
    select(Person.id, Person.name, Person.volunteer_no, Person.created_at).order_by(Person.id),
    select(Profile.person_id, Profile.gender, Profile.born_on, Profile.area).order_by(Profile.person_id),
    select(Choice.person_id, Choice.topic, Choice.word).order_by(Choice.person_id, Choice.topic, Choice.word),
    select(Claim.person_id, Claim.activity_id, Claim.minutes, Claim.entered_at, Claim.status).order_by(Claim.id),
    select(HourEvent.claim_id, HourEvent.by_id, HourEvent.at, HourEvent.reason).order_by(HourEvent.id),
    select(Gift.donor_name, Gift.fen, Gift.received_on, Gift.public_name).order_by(Gift.id),
    select(MemberUnit.organisation_id, MemberUnit.joined_on, MemberUnit.commitment).order_by(MemberUnit.id),
)
"""What there is, without what is chance on purpose: secrets and codes."""


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
        everybody_has_a_file()
        the_alliance_has_its_units()
        assert [(result.name, result.problems) for result in run_all(db.session()) if not result.holds] == []
        db.session.rollback()
        demo.make(seed=919, reset=False, if_empty=True, say=told.append, scale=MINIATURE)
        everything_is_there()
        db.session.rollback()
    assert [line.split("：")[0] for line in told[:3]] == ["志愿者", "活动与时长", "捐赠与支出"]


def everything_is_there() -> None:
    assert (count(Organisation.id), count(Team.id)) == (MINIATURE.units, MINIATURE.teams)
    assert db.session.scalar(select(func.count(Team.organisation_id.distinct()))) == MINIATURE.organisations
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
    for_the_lead = organisations_decided_by(person("lead"))
    assert for_the_lead is not None
    assert count(Application.id, Application.wish_organisation_id.in_(for_the_lead)) == len(NEWCOMERS)
    assert hours_summary(person("volunteer")).approved > 60
    assert count(Activity.id, Activity.drafted_by_id == person("leader").id) > 20
    assert set(db.session.scalars(select(DonationImport.status))) == {"booked", "waiting"}


def everybody_has_a_file() -> None:
    assert count(Profile.person_id) == MINIATURE.volunteers + len(NEWCOMERS)
    with_card = select(Person.login).join(Profile, Profile.person_id == Person.id).where(Profile.id_number.is_not(None))
    assert set(db.session.scalars(with_card)) == {"volunteer", "leader", "lead"}
    born = list(db.session.scalars(select(Profile.birth_year)))
    ages = [clock.today().year - year for year in born if year is not None]
    assert len(ages) == MINIATURE.volunteers + len(NEWCOMERS)
    assert min(ages) >= 15
    assert max(ages) < 100
    assert 0.25 < sum(age >= 60 for age in ages) / len(ages) < 0.6
    agreed = select(func.count(Consent.person_id.distinct())).where(Consent.purpose == Purpose.JOIN.value)
    assert db.session.scalar(agreed) == MINIATURE.volunteers + len(NEWCOMERS)
    assert {topic for (topic,) in db.session.execute(select(Choice.topic).distinct())} == set(Topic)
    soon = Document.valid_until.between(clock.today(), clock.today() + timedelta(days=30))
    assert 0 < count(Document.id, soon) < count(Document.id)
    assert count(Document.id, Document.valid_until < clock.today()) > 0


def the_alliance_has_its_units() -> None:
    assert count(MemberUnit.id) == MINIATURE.units
    assert len(set(db.session.scalars(select(Organisation.kind)))) > 3


def test_the_same_seed_makes_the_same_data(empty_engine: Engine, tmp_path: Path) -> None:
    made = []
    with application(empty_engine, tmp_path / "instance").app_context(), clock.frozen(clock.now()):
        for again in (False, True):
            demo.make(seed=919, reset=again, if_empty=False, say=lambda _: None, scale=TINY)
            made.append([[tuple(row) for row in db.session.execute(told)] for told in TOLD])
            db.session.rollback()
    assert made[0] == made[1]
    assert all(made[0])


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
