"""Closing an account: nobody signs in any more, and what others need stays."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts.closing import close_account, reopen_account
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.actions import LoginTaken, add_person, grant
from portal.people.models import ALLIANCE, Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from tests.accounts.browsing import (
    START,
    gives_password,
    is_in,
    lines,
    signed_in,
    with_login,
    with_second_step,
)
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words
from tests.volunteers import at_once

CLOSE = "/me/account/close"
A_DAY = timedelta(days=1)


@pytest.fixture
def somebody(session: object) -> Person:
    return with_login("周小满", "xiaoman", is_volunteer=True)


def administrator(name: str, login: str) -> Person:
    person = with_login(name, login)
    grant(person, Role.ADMIN, on=ALLIANCE, by=None, at=START - A_DAY, reason="测试")
    db.session.commit()
    return person


def test_she_reads_what_stays_and_why_then_is_out_everywhere(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        grant(somebody, Role.VOLUNTEER, on=ALLIANCE, by=None, at=START - A_DAY, reason="测试")
        here, elsewhere = signed_in(new_client(app)), signed_in(new_client(app))
        page = here.get(CLOSE)
        assert is_valid(page)
        for said in ("30 年", "志愿服务条例", "您的登录名", "志愿者"):
            assert said in words(page)
        answer = here.post(CLOSE, data={"sure": "y"}, follow_redirects=True)
        assert "账号已经注销" in words(answer)
        assert not is_in(here)
        assert not is_in(elsewhere)
        assert gives_password(new_client(app)).status_code == 422
    assert [given.ends_on for given in somebody.grants] == [START.date()]
    assert (somebody.is_open, somebody.name, somebody.volunteer_no) == (False, "周小满", "V2026000001")
    assert lines("accounts.account.closed") == 1


def test_without_the_tick_nothing_is_closed(client: Client, somebody: Person) -> None:
    client.sign_in(somebody)
    answer = client.post(CLOSE)
    assert (answer.status_code, is_valid(answer)) == (422, True)
    assert "请先勾选" in words(answer)
    assert is_in(client)


def test_nobody_takes_her_login_over(client: Client, somebody: Person) -> None:
    close_account(somebody, by=somebody, at=START, reason="本人注销")
    db.session.commit()
    with pytest.raises(LoginTaken):
        add_person("周小满", login="xiaoman", password="mei-hua-ye-kai", by=None, at=START)


def test_a_role_that_would_begin_later_never_does(somebody: Person) -> None:
    with clock.frozen(START):
        later = START.date() + 5 * A_DAY
        grant(somebody, Role.VOLUNTEER, by=None, at=START, reason="测试", starts_on=later)
        close_account(somebody, by=somebody, at=START, reason="本人注销")
        reopen_account(somebody, by=administrator("秦长风", "admin"), at=START, reason="本人反悔")
        assert not any(given.counts_on(START.date() + days * A_DAY) for given in somebody.grants for days in range(9))


def test_the_last_administrator_cannot_leave_until_another_is_there(app: Flask, session: object) -> None:
    admin = administrator("秦长风", "admin")
    with clock.frozen(START):
        client = signed_in(new_client(app), "admin")
        assert "最后一位系统管理员" in words(client.get(CLOSE))
        assert client.post(CLOSE, data={"sure": "y"}).status_code == 422
        assert is_in(client)
        administrator("顾清和", "other")
        assert client.post(CLOSE, data={"sure": "y"}).status_code == 303
    assert not admin.is_open


def test_an_administrator_whose_own_account_is_closed_is_no_other_one(session: object) -> None:
    admin, gone = administrator("秦长风", "admin"), administrator("顾清和", "other")
    with clock.frozen(START):
        close_account(gone, by=admin, at=START, reason="离任")
        with pytest.raises(DomainError, match="最后一位"):
            close_account(admin, by=admin, at=START, reason="本人注销")


def test_of_two_last_administrators_who_leave_at_the_same_moment_one_stays(app: Flask, session: object) -> None:
    def leave(number: int) -> bool:
        with app.app_context():
            person = db.session.get_one(Person, number)
            try:
                close_account(person, by=person, at=START, reason="本人注销")
            except DomainError:
                db.session.rollback()
                return False
            db.session.commit()
            return True

    numbers = [administrator(name, login).id for name, login in (("秦长风", "a1"), ("顾清和", "a2"))]
    assert sorted(at_once(app, [lambda: leave(numbers[0]), lambda: leave(numbers[1])], at=START)) == [False, True]
    assert len(db.session.scalars(select(Person).where(Person.is_open)).all()) == 1


def test_closed_twice_is_closed_once(somebody: Person) -> None:
    close_account(somebody, by=somebody, at=START, reason="本人注销")
    with pytest.raises(ChangedMeanwhile, match="已经注销"):
        close_account(somebody, by=somebody, at=START, reason="本人注销")
    assert lines("accounts.account.closed") == 1


@pytest.mark.parametrize("later", [timedelta(hours=1), A_DAY])
def test_an_administrator_reopens_it_with_the_second_step_and_without_the_roles(
    app: Flask, somebody: Person, later: timedelta
) -> None:
    with_second_step(somebody)
    admin = administrator("秦长风", "admin")
    with clock.frozen(START):
        grant(somebody, Role.TEAM_LEADER, on=ALLIANCE, by=None, at=START - A_DAY, reason="测试")
        close_account(somebody, by=admin, at=START, reason="搬走了")
    with clock.frozen(START + later):
        reopen_account(somebody, by=admin, at=clock.now(), reason="搬回来了")
        with pytest.raises(ChangedMeanwhile):
            reopen_account(somebody, by=admin, at=clock.now(), reason="搬回来了")
        assert gives_password(new_client(app)).headers["Location"] == "/login/code"
        assert not any(given.counts_on(clock.today()) for given in somebody.grants)


@pytest.mark.parametrize("reason", ["", " ", "x" * 500])
def test_why_is_written_down(somebody: Person, reason: str) -> None:
    with pytest.raises(DomainError):
        close_account(somebody, by=administrator("秦长风", "admin"), at=START, reason=reason)
    assert somebody.is_open


def test_the_trail_says_who_closed_it_and_why(somebody: Person) -> None:
    admin = administrator("秦长风", "admin")
    close_account(somebody, by=admin, at=START, reason="搬走了")
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "accounts.account.closed")).one()
    assert (line.actor_id, line.subject_id, line.detail["reason"]) == (admin.id, somebody.id, "搬走了")
