"""Whoever turns 14 or 18 decides herself what her guardian decided for her."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from portal import clock
from portal.clock import CHINA
from portal.consents.actions import Guardian, give
from portal.consents.models import Consent, Purpose
from portal.db import db
from portal.jobs.actions import enqueue
from portal.jobs.worker import work
from portal.mydata.coming_of_age import ASK
from portal.notices.models import Notice
from portal.people.models import Person
from portal.profiles.actions import open_file
from portal.profiles.details import Details, Protector
from portal.profiles.models import Status
from tests.applications import Client
from tests.volunteers import MONDAY, Cast

BORN = date(2012, 11, 20)
GUARDIAN = Guardian("李秀英", "女儿")


def child(cast: Cast) -> Person:
    """Thirteen, four days before her birthday."""
    details = Details(born_on=BORN, guardian=Protector("李秀英", "13987654321", "女儿"))
    open_file(cast.member, details, status=Status.ACTIVE, by=cast.member, at=MONDAY)
    for purpose in (Purpose.JOIN, Purpose.PORTRAIT):
        give(cast.member, purpose, by=cast.member, at=MONDAY, guardian=GUARDIAN)
    db.session.commit()
    return cast.member


def asked_on(day: date) -> list[int]:
    with clock.frozen(datetime(day.year, day.month, day.day, 1, tzinfo=CHINA)):
        enqueue(ASK, {}, at=clock.now())
        db.session.commit()
        work(once=True)
    kept = db.session.scalars(select(Notice).where(Notice.kind == "mydata.consent.renew").order_by(Notice.id))
    return [one.values["age"] for one in kept]


def test_she_is_asked_on_the_day_and_only_once_an_age(cast: Cast) -> None:
    child(cast)
    assert asked_on(date(2026, 11, 19)) == []
    assert asked_on(date(2026, 11, 20)) == [14]
    assert asked_on(date(2026, 11, 21)) == [14]
    assert asked_on(date(2030, 11, 20)) == [14, 18]


@pytest.mark.parametrize(("day", "is_asked"), [(date(2026, 11, 19), False), (date(2026, 11, 20), True)])
def test_her_page_asks_her_from_that_day_on(cast: Cast, client: Client, day: date, is_asked: bool) -> None:
    client.sign_in(child(cast))
    with clock.frozen(datetime(day.year, day.month, day.day, 12, tzinfo=CHINA)):
        assert ("我自己也同意" in client.get("/me/data").text) is is_asked


def test_she_agrees_herself_and_nothing_that_rested_on_it_ends(cast: Cast, client: Client) -> None:
    client.sign_in(child(cast))
    with clock.frozen(datetime(2026, 11, 20, 12, tzinfo=CHINA)):
        client.post("/me/data/renew")
        assert "我自己也同意" not in client.get("/me/data").text
    now = db.session.scalars(select(Consent).where(Consent.withdrawn_at.is_(None)).order_by(Consent.purpose)).all()
    assert [(one.purpose, one.guardian) for one in now] == [("join", None), ("portrait", None)]
