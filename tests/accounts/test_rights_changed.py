"""A change of rights ends sessions: none of them holds a right that the person no longer has."""

from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.accounts import queries
from portal.people.actions import add_person, end_all_sign_ins, grant
from portal.people.models import ALLIANCE, Person, Role
from tests.accounts.browsing import START, cookie_of, is_in, signed_in, with_cookie, with_login, without_asking
from tests.conftest import new_client


@pytest.fixture
def somebody(session: object) -> Person:
    return with_login("周小满", "xiaoman")


def given(person: Person, role: Role = Role.SUPERVISOR) -> None:
    grant(person, role, on=ALLIANCE, by=None, at=clock.now(), reason="试用")


def test_a_copied_cookie_asks_for_the_password_again_once_a_role_was_given(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        client = signed_in(new_client(app))
        copy = with_cookie(app, cookie_of(client))
        assert is_in(copy)
    with clock.frozen(START + timedelta(seconds=1)):
        given(somebody)
        assert not is_in(copy)
        assert not is_in(client)
        assert is_in(signed_in(new_client(app))), "signing in anew is all it takes"


def test_a_copied_cookie_asks_for_the_password_again_once_a_role_has_ended(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        given(somebody)
    with clock.frozen(START + timedelta(seconds=1)):
        copy = with_cookie(app, cookie_of(signed_in(new_client(app))))
    with clock.frozen(START + timedelta(seconds=2)):
        end_all_sign_ins(somebody, at=clock.now())
        assert not is_in(copy)


def test_without_that_moment_a_copied_cookie_outlives_a_change_of_rights(
    app: Flask, somebody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "_SIGNED_IN", without_asking("signed_out_at"))
    with clock.frozen(START):
        client = signed_in(new_client(app))
    with clock.frozen(START + timedelta(seconds=1)):
        given(somebody)
        assert is_in(client), "the harm that the moment keeps away"


def test_who_signs_in_at_the_very_moment_of_the_grant_stays_in(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        given(somebody)
        assert is_in(signed_in(new_client(app)))


def test_an_older_end_does_not_bring_back_what_a_later_one_ended(somebody: Person) -> None:
    end_all_sign_ins(somebody, at=START + timedelta(hours=1))
    end_all_sign_ins(somebody, at=START)
    assert somebody.signed_out_at == START + timedelta(hours=1)


def test_what_a_change_of_rights_ended_is_no_longer_shown_as_signed_in(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        signed_in(new_client(app))
    with clock.frozen(START + timedelta(seconds=1)):
        given(somebody)
        here = signed_in(new_client(app))
        assert "共 1 台设备" in here.get("/me/account").text


def test_a_role_given_to_whom_has_no_account_harms_nothing(session: object) -> None:
    nobody = add_person("林一禾", by=None, at=START)
    given(nobody, Role.VOLUNTEER)
    assert nobody.login is None
