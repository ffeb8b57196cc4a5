"""Dangerous acts ask once more who is there."""

from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.people.models import Person
from tests.accounts.browsing import (
    PASSWORD,
    START,
    code_now,
    is_in,
    lines,
    signed_in,
    with_login,
    with_second_step,
)
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words

SOON = START + timedelta(minutes=9)
LATER = START + timedelta(minutes=11)
CONFIRM = "/me/account/confirm"
ACTS = (
    "/me/account/second-step/set-up",
    "/me/account/second-step/codes",
    "/me/account/second-step/off",
    "/me/account/close",
)


@pytest.fixture
def somebody(session: object) -> Person:
    return with_login("周小满", "xiaoman")


@pytest.fixture
def here(app: Flask, somebody: Person) -> Client:
    """A browser in which she has signed in at START."""
    with clock.frozen(START):
        return signed_in(new_client(app))


def asks(client: Client, path: str, method: str = "GET", **headers: str) -> str | None:
    """Where the question leads back to, if it is asked."""
    answer = client.open(path, method=method, headers=headers)
    where = answer.headers.get("Location") or answer.headers.get("HX-Redirect") or ""
    return where.partition("next=")[2] if where.startswith(CONFIRM) else None


def test_ten_minutes_after_the_password_it_is_asked_again(here: Client) -> None:
    for path in ACTS:
        with clock.frozen(SOON):
            assert asks(here, path) is None
        with clock.frozen(LATER):
            assert (asks(here, path), asks(here, path, "POST")) == (path, path)


def test_the_answer_leads_back_to_the_page_of_the_act(here: Client) -> None:
    with clock.frozen(LATER):
        page = here.get(f"{CONFIRM}?next=/me/account/close")
        assert is_valid(page)
        answer = here.post(CONFIRM, data={"password": PASSWORD, "next": "/me/account/close"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/me/account/close")
        assert asks(here, "/me/account/close") is None
    with clock.frozen(LATER + timedelta(minutes=11)):
        assert asks(here, "/me/account/close") is not None


def test_htmx_is_sent_there_with_a_whole_page(here: Client) -> None:
    with clock.frozen(LATER):
        answer = here.post("/me/account/close", headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{CONFIRM}?next=/me/account/close")


def test_it_leads_to_no_other_site(here: Client) -> None:
    outside = "//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\x00b", "x" * 90
    with clock.frozen(LATER):
        for address in outside:
            answer = here.post(CONFIRM, data={"password": PASSWORD, "next": address})
            assert answer.headers["Location"] == "/me/account"


def test_a_form_without_a_page_of_its_own_leads_back_to_where_it_was(here: Client) -> None:
    with clock.frozen(LATER):
        was_on = {"Referer": "http://portal.test/me/account/second-step?x=1"}
        path = "/me/account/contacts/1/remove"
        assert asks(here, path, "POST", **was_on) == "/me/account/second-step"
        assert asks(here, path, "POST", Referer="http://evil.example/me/account") == "/me/account"
        assert asks(here, path, "POST", Referer="http://[bad") == "/me/account"
        assert asks(here, path, "POST", Referer="http://portal.test/nowhere") == "/me/account"


def test_a_wrong_password_proves_nothing_and_is_slowed_down(here: Client) -> None:
    with clock.frozen(LATER):
        for wrong in ("", "guess-guess", "x" * 500, "a\x00b", "\u202e"):
            answer = here.post(CONFIRM, data={"password": wrong, "next": "/me/account/close"})
            assert (answer.status_code, is_valid(answer)) == (422, True)
            assert 'value="/me/account/close"' in answer.text
        for _ in range(8):
            answer = here.post(CONFIRM, data={"password": "guess-guess"})
        assert "尝试次数太多" in words(answer)
        assert asks(here, "/me/account/close") is not None
        assert is_in(here)


def test_who_has_a_second_step_proves_it_by_a_code_and_not_by_the_password(here: Client, somebody: Person) -> None:
    papers = with_second_step(somebody)
    with clock.frozen(LATER):
        assert "验证码" in words(here.get(CONFIRM))
        assert here.post(CONFIRM, data={"password": PASSWORD}).status_code == 422
        code = {"code": code_now()}
        assert here.post(CONFIRM, data=code).status_code == 303
        assert here.post(CONFIRM, data=code).status_code == 422, "a code opens once, here too"
        assert here.post(CONFIRM, data={"recovery": papers[0]}).status_code == 303
    assert lines("accounts.recovery.used") == 1


def test_another_password_is_no_code(app: Flask, here: Client, somebody: Person) -> None:
    """A browser left open and a password that was looked over a shoulder: still no telephone."""
    with_second_step(somebody)
    change = {"old": PASSWORD, "new": "mei-hua-ye-kai", "again": "mei-hua-ye-kai"}
    with clock.frozen(LATER):
        assert here.post("/me/account/password", data=change).status_code == 303
        assert asks(here, "/me/account/second-step/off", "POST") is not None
    other = with_login("陆青川", "qingchuan")
    with clock.frozen(LATER):
        client = new_client(app).sign_in(other, fresh=False)
        assert client.post("/me/account/password", data=change).status_code == 303
        assert asks(client, "/me/account/close") is None, "who has no second step has proved who she is"


def test_a_proof_ends_with_the_session_it_was_given_in(app: Flask, here: Client, somebody: Person) -> None:
    other = with_login("陆青川", "qingchuan")
    with clock.frozen(SOON):
        assert here.sign_in(somebody, fresh=False).get("/me/account/close").status_code == 200
        here.post("/logout")
        here.sign_in(other, fresh=False)
        assert asks(here, "/me/account/close") is not None


def test_the_question_is_for_who_is_signed_in(client: Client) -> None:
    assert client.get(CONFIRM).headers["Location"].startswith("/login")
    assert client.post(CONFIRM, data={"password": PASSWORD}).headers["Location"].startswith("/login")
