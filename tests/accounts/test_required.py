"""Whoever touches money or other people's data must have a second step, after some days of grace."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accounts import factors, required
from portal.accounts.models import Account
from portal.db import db
from portal.people.actions import end_grant, grant
from portal.people.models import ALLIANCE, Grant, Person, Role
from tests.accounts.browsing import (
    START,
    code_now,
    codes_on,
    gives_password,
    is_in,
    secret_on,
    signed_in,
    with_login,
    with_second_step,
)
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words

A_DAY = timedelta(days=1)
OVER = START + 14 * A_DAY
SET_UP = "/me/account/second-step/set-up"


@pytest.fixture
def somebody(session: object) -> Person:
    return with_login("周小满", "xiaoman")


@pytest.fixture
def social_worker(somebody: Person) -> Person:
    grant(somebody, Role.WORKER, on=ALLIANCE, by=None, at=START - A_DAY, reason="测试")
    db.session.commit()
    return somebody


@pytest.mark.parametrize("role", Role)
def test_it_is_asked_of_whom_money_or_others_data_are_entrusted(role: Role) -> None:
    given = Grant(role=role.value, scope_kind="alliance", scope_id=0, starts_on=START.date())
    with clock.frozen(START):
        asked = required.needs_second_step(Person(name="周小满", is_open=True, grants=[given]))
    assert asked == (role not in (Role.VOLUNTEER, Role.TEAM_LEADER))


def test_the_first_sign_in_begins_the_grace_and_both_pages_tell(app: Flask, social_worker: Person) -> None:
    with clock.frozen(START):
        client = signed_in(new_client(app))
        for path in ("/me", "/me/account", "/me/account/second-step"):
            page = client.get(path)
            assert is_valid(page)
            assert "还有 14 天要开启" in words(page)
    with clock.frozen(START + 13 * A_DAY):
        signed_in(new_client(app))
        assert "还有 1 天要开启" in words(client.get("/me"))


def test_who_needs_none_is_told_nothing(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        client = signed_in(new_client(app))
        assert "要开启" not in words(client.get("/me"))
    assert db.session.scalar(select(func.count()).select_from(Account)) == 0
    with clock.frozen(START + 80 * A_DAY):
        assert is_in(client)


def test_after_the_grace_the_sign_in_leads_to_the_set_up_and_nowhere_else(app: Flask, social_worker: Person) -> None:
    with clock.frozen(START):
        before = signed_in(new_client(app))
    with clock.frozen(OVER):
        client = signed_in(new_client(app))
        for browser in (before, client):
            for path in ("/me", "/me/account", "/hours", "/me/account/second-step", "/receipts", "/nowhere-at-all"):
                assert browser.get(path).headers.get("Location") == SET_UP or browser.get(path).status_code == 404
            assert browser.post("/me/account/sign-ins/end").headers["Location"] == SET_UP
        page = client.get(SET_UP)
        assert is_valid(page)
        assert "期限已经过了" in words(page)
        assert before.get(SET_UP).headers["Location"].startswith("/me/account/confirm?"), "not with a session left open"
        assert before.get("/me/account/confirm").status_code == 200


def test_to_htmx_it_is_said_by_header(app: Flask, social_worker: Person) -> None:
    with clock.frozen(START):
        signed_in(new_client(app))
    with clock.frozen(OVER):
        answer = signed_in(new_client(app)).get("/hours/queue", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, SET_UP)


def test_public_pages_stay_open_and_so_does_the_way_out(app: Flask, social_worker: Person) -> None:
    with clock.frozen(START):
        signed_in(new_client(app))
    with clock.frozen(OVER):
        client = signed_in(new_client(app))
        assert client.get("/funds").status_code == 200
        assert client.post("/logout").headers["Location"] == "/"


def test_once_it_is_set_up_everything_is_open_again(app: Flask, social_worker: Person) -> None:
    with clock.frozen(START):
        signed_in(new_client(app))
    with clock.frozen(OVER):
        client = signed_in(new_client(app))
        secret = secret_on(client.get(SET_UP))
        assert len(codes_on(client.post(SET_UP, data={"code": code_now(secret=secret)}))) == 10
        assert is_in(client)


def test_without_the_gate_an_overdue_session_goes_on_as_before(
    app: Flask, social_worker: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.frozen(START):
        client = signed_in(new_client(app))
    monkeypatch.setattr("portal.accounts.session.is_overdue", lambda *_, **__: False)
    with clock.frozen(OVER):
        assert is_in(client), "the harm that the gate keeps away"


def test_whose_role_asks_for_it_cannot_turn_it_off(client: Client, social_worker: Person) -> None:
    with_second_step(social_worker)
    with clock.frozen(START):
        client.sign_in(social_worker)
        assert "不能关" in words(client.get("/me/account/second-step/off"))
        assert client.post("/me/account/second-step/off").status_code == 422
    assert factors.is_on(social_worker)


def test_once_the_role_has_ended_nothing_is_asked_any_more(app: Flask, social_worker: Person) -> None:
    with clock.frozen(START):
        signed_in(new_client(app))
        end_grant(social_worker.grants[0], by=None, at=START, reason="测试", last_day=START.date())
    with clock.frozen(OVER):
        assert is_in(signed_in(new_client(app)))


def test_two_first_sign_ins_begin_one_grace(app: Flask, social_worker: Person) -> None:
    for days in (0, 3):
        with clock.frozen(START + days * A_DAY):
            signed_in(new_client(app))
    assert db.session.scalars(select(Account.asked_at)).one() == START


def test_whose_second_step_is_on_is_not_told_of_any_grace(client: Client, social_worker: Person) -> None:
    with_second_step(social_worker)
    with clock.frozen(START + A_DAY):
        gives_password(client)
        client.post("/login/code", data={"code": code_now()})
        assert "要开启" not in words(client.get("/me"))
    with clock.frozen(OVER + A_DAY):
        assert is_in(client)
