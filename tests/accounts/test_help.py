"""Somebody lost telephone and recovery codes: the administrator turns her second step off, and she hears of it."""

from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.accounts import factors
from portal.audit.models import AuditLine
from portal.contacts.models import Contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.people.actions import grant
from portal.people.models import ALLIANCE, Person, Role
from portal.post.models import Letter
from tests.accounts.browsing import START, is_in, signed_in, with_login, with_second_step
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words

LATER = START + timedelta(minutes=1)


@pytest.fixture
def somebody(session: object) -> Person:
    person = with_login("周小满", "xiaoman")
    address = read_address("xiaoman@example.org")
    contact = {"kind": address.kind.value, "value": address.value, "digest": address.digest}
    db.session.add(Contact(person_id=person.id, added_at=START, verified_at=START, **contact))
    with_second_step(person)
    return person


def in_role(role: Role, login: str) -> Person:
    person = with_login("秦长风", login)
    grant(person, role, on=ALLIANCE, by=None, at=START - timedelta(days=1), reason="测试")
    db.session.commit()
    return person


def letters() -> list[str]:
    return [letter.text or "" for letter in db.session.query(Letter).order_by(Letter.id)]


def test_the_administrator_turns_it_off_with_a_reason_and_she_is_told(
    app: Flask, client: Client, somebody: Person
) -> None:
    client.sign_in(in_role(Role.ADMIN, "admin"))
    page, form = f"/people/{somebody.id}/second-step", {"reason": "本人带身份证来过"}
    with clock.frozen(LATER):
        assert is_valid(client.get(page))
        assert client.post(f"{page}/off", data={"reason": " "}).status_code == 422
        assert factors.is_on(somebody)
        said = client.post(f"{page}/off", data=form, follow_redirects=True)
        assert "两步验证关掉了" in words(said)
        assert client.post(f"{page}/off", data=form).status_code == 422
        assert is_in(signed_in(new_client(app)))
    line = db.session.query(AuditLine).filter_by(action="accounts.factor.off").one()
    assert (line.subject_id, line.detail["reason"]) == (somebody.id, "本人带身份证来过")
    assert "xiaoman 的两步验证关掉了" in letters()[-1]


def test_what_she_had_begun_ends_with_it(app: Flask, client: Client, somebody: Person) -> None:
    with clock.frozen(START):
        here = signed_in(new_client(app))
        assert here.get("/login/code").status_code == 200
    client.sign_in(in_role(Role.ADMIN, "admin"))
    with clock.frozen(LATER):
        client.post(f"/people/{somebody.id}/second-step/off", data={"reason": "当面核对过"})
        assert somebody.signed_out_at == LATER
        assert here.get("/login/code").status_code == 303


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ORGANISATION_ADMIN, Role.WORKER])
def test_nobody_else_learns_whether_there_is_such_a_person(client: Client, somebody: Person, role: Role) -> None:
    client.sign_in(in_role(role, "other"))
    with clock.frozen(LATER):
        for number in (somebody.id, 10**9):
            assert client.get(f"/people/{number}/second-step").status_code == 404
            assert client.post(f"/people/{number}/second-step/off", data={"reason": "当面核对过"}).status_code == 404
    assert factors.is_on(somebody)


def test_no_administrator_helps_herself(client: Client, somebody: Person) -> None:
    admin = in_role(Role.ADMIN, "admin")
    with_second_step(admin)
    client.sign_in(admin)
    with clock.frozen(LATER):
        assert client.get(f"/people/{admin.id}/second-step").status_code == 404
        assert client.post(f"/people/{admin.id}/second-step/off", data={"reason": "自己来"}).status_code == 404
    assert factors.is_on(admin)


def test_she_hears_of_every_change_by_letter_and_no_letter_holds_a_code(somebody: Person) -> None:
    codes = factors.new_recovery_codes(somebody, at=LATER)
    factors.take_recovery_code(somebody, codes[0], at=LATER)
    factors.turn_off(somebody, by=somebody, at=LATER)
    told = letters()
    assert ["开启了两步验证" in told[0], "用掉了一个恢复码" in told[1], "关掉了" in told[2]] == [True] * 3
    assert not [code for code in codes if code in str(told)]


def test_who_gave_no_contact_is_told_nothing_and_nothing_fails(session: object) -> None:
    person = with_login("陆青川", "qingchuan")
    with_second_step(person)
    assert letters() == []
