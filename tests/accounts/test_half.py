"""Between password and code a browser may do nothing but give the code; and guessing has its price."""

from datetime import timedelta

from flask import Flask

from portal import clock
from portal.accounts import factors
from portal.people.actions import end_all_sign_ins
from portal.people.models import Person
from portal.people.passwords import hashed
from tests.accounts.browsing import (
    LATER,
    code_now,
    cookie_of,
    gives_code,
    gives_paper,
    gives_password,
    is_in,
    lines,
    sentence,
    with_cookie,
)
from tests.applications import Client
from tests.conftest import new_client


def test_after_five_minutes_the_password_is_asked_anew(half: Client) -> None:
    with clock.frozen(LATER + timedelta(minutes=4, seconds=55)):
        assert half.get("/login/code").status_code == 200
    with clock.frozen(LATER + timedelta(minutes=5, seconds=5)):
        answer = half.post("/login/code", data={"code": code_now()})
        assert answer.headers["Location"] == "/login"
        assert not is_in(half)


def test_without_the_password_no_code_leads_in(app: Flask, papers: list[str]) -> None:
    with clock.frozen(LATER):
        stranger = new_client(app)
        for form in ({"code": code_now()}, {"recovery": papers[0]}):
            assert stranger.post("/login/code", data=form).headers["Location"] == "/login"
        assert not is_in(stranger)


def test_a_stolen_half_session_ends_with_the_password(app: Flask, half: Client, somebody: Person) -> None:
    thief = with_cookie(app, cookie_of(half))
    assert thief.get("/login/code").status_code == 200
    somebody.password_hash = hashed("mei-hua-ye-kai")
    answer = thief.post("/login/code", data={"code": code_now()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert not is_in(thief)


def test_a_half_session_ends_with_a_change_of_rights_and_with_the_account(half: Client, somebody: Person) -> None:
    end_all_sign_ins(somebody, at=LATER + timedelta(seconds=1))
    assert gives_code(half, code_now()) == 303
    assert not is_in(half)
    with clock.frozen(LATER + timedelta(seconds=2)):
        gives_password(half)
        somebody.is_open = False
        assert half.get("/login/code").headers["Location"] == "/login"


def test_a_half_session_of_whom_turned_it_off_elsewhere_asks_for_the_password(half: Client, somebody: Person) -> None:
    factors.turn_off(somebody, by=somebody, at=LATER)
    assert half.get("/login/code").headers["Location"] == "/login"


def test_who_is_half_in_is_nowhere_shown_as_signed_in(half: Client) -> None:
    assert lines("accounts.signed_in") == 0


# ── guessing ────────────────────────────────────────────────────────────────────────────────────────
def test_guessing_codes_is_slowed_down_and_locks_nobody_out_for_ever(half: Client) -> None:
    for _ in range(10):
        assert "验证码不对" in sentence(half, code="000000")
    assert "尝试次数太多" in sentence(half, code=code_now())
    with clock.frozen(LATER + timedelta(minutes=16)):
        gives_password(half)
        assert gives_code(half, code_now()) == 303
    assert lines("accounts.code_refused") == 10


def test_who_guesses_from_everywhere_meets_a_limit_and_paper_still_opens(
    app: Flask, half: Client, papers: list[str]
) -> None:
    for number in range(3):
        guesser = new_client(app)
        guesser.environ_base |= {"REMOTE_ADDR": f"10.0.0.{number}"}
        gives_password(guesser)
        for _ in range(10):
            gives_code(guesser, "000000")
    assert "尝试次数太多" in sentence(half, code=code_now())
    assert gives_paper(half, papers[0]) == 303


def test_guessing_papers_is_slowed_down(half: Client, papers: list[str]) -> None:
    for _ in range(10):
        gives_paper(half, "aaaa-aaaa-aaaa")
    assert "尝试次数太多" in sentence(half, recovery=papers[0])
