"""The first day's end: all is made at once, by one person, and then never again."""

from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from portal import clock
from portal.administration import first_day
from portal.administration.actions import AlreadySetUp, found_portal, new_token
from portal.administration.models import SetUp
from portal.administration.plans import Plan
from portal.audit.models import AuditLine
from portal.db import db
from portal.funds.models import Fund
from portal.invariants import run_all
from portal.ledger.models import LegalEntity
from portal.people.actions import add_person
from portal.people.models import Person, Role
from portal.problems import DomainError
from portal.receipts import numbers
from portal.series.models import Series
from tests import harm
from tests.administration.first_day import (
    ADMINISTRATOR,
    ALLIANCE,
    CODE,
    FUND,
    PLAN,
    PLANNED,
    STEPS,
    WHO,
    filled_in,
    post,
)
from tests.applications import Client
from tests.conftest import new_client
from tests.giving import Giving
from tests.volunteers import MONDAY, at_once

Tables = scoped_session[Session]


# ── what is made ────────────────────────────────────────────────────────────────────────────────────
def test_the_first_day_makes_administrator_host_funds_and_numbers_that_go_on(visitor: Client, token: str) -> None:
    filled_in(visitor, token)
    post(visitor, "/set-up/funds", FUND, name="公益公积金", slug="gongyi", last_receipt="0")
    answer = post(visitor, "/set-up/administrator", WHO)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    with visitor.application.app_context(), clock.frozen(MONDAY):
        person = db.session.scalars(select(Person)).one()
        assert (person.name, person.login) == ("秦长风", "qin")
        assert [(grant.role, grant.given_by_id) for grant in person.grants] == [(Role.ADMIN, None)]
        assert [(entity.credit_code, entity.name) for entity in db.session.scalars(select(LegalEntity))] == [
            (CODE, "海宁市××慈善会（测试）")
        ]
        assert {fund.slug for fund in db.session.scalars(select(Fund))} == {"919", "gongyi"}
        assert [str(number) for number in numbers.take("919", 2026, 2)] == ["919-2026-000123", "919-2026-000124"]
        assert [str(number) for number in numbers.take("gongyi", 2026, 1)] == ["gongyi-2026-000001"]
        volunteer = add_person("周小满", by=person, at=MONDAY, is_volunteer=True)
        assert volunteer.volunteer_no == "V2026000042"
        row = db.session.scalars(select(SetUp)).one()
        assert (row.alliance_name, row.done_by_id) == (PLAN.alliance_name, person.id)
        assert (row.token_digest, row.draft) == (None, {})
        done = {"administration.set_up.done", "people.person.added", "people.grant.given", "funds.fund.added"}
        assert done <= set(db.session.scalars(select(AuditLine.action)))
        db.session.rollback()
        assert [result for result in run_all(db.session()) if not result.holds] == []


def test_confirmations_after_paper_are_gapless_to_the_check(session: Tables) -> None:
    found_portal(ADMINISTRATOR, PLAN, at=MONDAY)
    giving = Giving(session.scalars(select(Fund)).one())
    assert [receipt.number for receipt in (giving.gift(), giving.gift())] == ["919-2026-000123", "919-2026-000124"]
    assert harm.found("receipts.numbers run without gaps") == []
    with harm.done("series_series", "UPDATE series_series SET first = 1 WHERE name = 'receipt:919:2026'"):
        assert len(harm.found("receipts.numbers run without gaps")) == 1


# ── and never again ─────────────────────────────────────────────────────────────────────────────────
def test_afterwards_it_is_gone_for_good_whatever_token_there_is(visitor: Client, empty: Flask, token: str) -> None:
    filled_in(visitor, token)
    assert post(visitor, "/set-up/administrator", WHO).status_code == 303
    for address in ("", *(f"/{step}" for step in STEPS)):
        assert visitor.get(f"/set-up{address}").status_code == 404
        assert post(visitor, f"/set-up{address}", WHO | FUND | ALLIANCE, token=token).status_code == 404
    with empty.app_context():
        with pytest.raises(AlreadySetUp):
            new_token(at=MONDAY)
        db.session.rollback()
        db.session.execute(text("UPDATE people_person SET is_open = false"))
        db.session.commit()
    empty.extensions["portal_first_day"].is_over = False
    assert visitor.get("/set-up").status_code == 404
    assert db_count(empty, Person) == 1


def test_posted_twice_it_is_done_once(visitor: Client, empty: Flask, token: str) -> None:
    filled_in(visitor, token)
    second = new_client(empty)
    post(second, "/set-up", {"token": token})
    assert post(visitor, "/set-up/administrator", WHO).status_code == 303
    assert post(second, "/set-up/administrator", WHO, login="mallory").status_code == 404
    assert db_count(empty, Person) == 1


def test_of_two_at_the_same_moment_one_founds_and_the_other_is_told(empty: Flask, token: str) -> None:
    with ExitStack() as stack:
        stack.enter_context(clock.frozen(MONDAY))
        clients = [filled_in(new_client(empty), token)]
        clients.append(new_client(empty))
        post(clients[1], "/set-up", {"token": token})

    def finish(index: int) -> tuple[int, str]:
        answer = post(clients[index], "/set-up/administrator", WHO, login=f"admin{index}")
        return answer.status_code, answer.headers.get("Location", "")

    with empty.app_context():
        answers = at_once(empty, [lambda: finish(0), lambda: finish(1)])
    assert sorted(answers)[0] == (303, "/login")
    assert sorted(answers)[1] in [(303, "/login"), (404, "")]
    assert (db_count(empty, Person), db_count(empty, Fund), db_count(empty, LegalEntity)) == (1, 1, 1)


def test_two_who_found_at_once_below_the_pages_make_one_portal(empty: Flask) -> None:
    def found() -> str:
        with empty.app_context():
            try:
                found_portal(ADMINISTRATOR, PLAN, at=MONDAY)
                db.session.commit()
            except AlreadySetUp:
                db.session.rollback()
                return "told"
            return "founded"

    with empty.app_context():
        done = at_once(empty, [found] * 4)
    assert sorted(done) == ["founded", "told", "told", "told"]
    assert db_count(empty, Person) == 1


def db_count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    "harmful",
    [
        "UPDATE administration_set_up SET done_at = NULL, done_by_id = NULL",
        "UPDATE administration_set_up SET alliance_name = 'x'",
        "DELETE FROM administration_set_up",
        "INSERT INTO administration_set_up (id, draft) VALUES (2, '{}')",
    ],
)
def test_the_database_lets_nobody_begin_anew(session: Tables, harmful: str) -> None:
    found_portal(ADMINISTRATOR, PLAN, at=MONDAY)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(text(harmful))
    session.rollback()


def test_without_the_guard_the_first_day_could_come_again(session: Tables) -> None:
    found_portal(ADMINISTRATOR, PLAN, at=MONDAY)
    with harm.done("administration_set_up", "UPDATE administration_set_up SET done_at = NULL, done_by_id = NULL"):
        assert session.scalars(select(SetUp.done_at)).one() is None


# ── numbers that go on ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("last", [-1, 900_000, 10**15])
def test_a_number_that_paper_cannot_hold_is_refused(session: Tables, last: int) -> None:
    with pytest.raises(DomainError):
        found_portal(ADMINISTRATOR, Plan(alliance_name="x", last_volunteer=last, funds=(PLANNED,)), at=MONDAY)
    session.rollback()
    assert session.scalars(select(Series)).all() == []


def test_the_open_addresses_are_those_of_the_application(app: Flask) -> None:
    assert app.view_functions.keys() >= first_day.OPEN
    assert FUND["credit_code"] == CODE
