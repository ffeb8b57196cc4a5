"""A forgotten password: a code to her own contact, good once, in the browser that asked; nobody learns who is known."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal import clock
from portal.accounts.closing import close_account
from portal.accounts.models import SignIn
from portal.contacts.actions import stop_signing_in_with
from portal.db import db
from portal.people.models import Person
from portal.privacy import Unreadable
from portal.resets.actions import forget
from portal.resets.models import Reset
from tests.applications import Client
from tests.conftest import new_client
from tests.contacts.reaching import MAILBOX, MOBILE, NOON, contact, last_code, letters, wrong_code
from tests.pages import is_valid, statements, words
from tests.resets.steps import ANOTHER, ONE_ENGINE, PASSWORD, ask, choose, known, knows, prove
from tests.volunteers import at_once, lines


# ── the way ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("who", ["xiaoman", " XiaoMan ", "number", MOBILE, "+86 138-0013-8000", MAILBOX])
def test_a_code_to_her_contact_leads_to_another_password(client: Client, xiaoman: Person, who: str) -> None:
    contact(xiaoman, MAILBOX, at=NOON - timedelta(hours=2))
    ask(client, str(xiaoman.volunteer_no) if who == "number" else who)
    told = letters()[-1]
    assert told.to == (MAILBOX if who == MAILBOX else MOBILE)
    assert str(xiaoman.volunteer_no) in told.text
    assert prove(client, last_code()) == 303
    page = client.get("/reset/password")
    assert is_valid(page) and "好了，换个新密码" in words(page)
    assert choose(client) == 303
    assert knows(xiaoman, ANOTHER)
    assert lines("accounts.password.reset") == 1
    assert [letter.to for letter in letters()[-2:]] == [MOBILE, MAILBOX]
    assert "密码刚刚重设了" in letters()[-1].text


def test_a_reset_signs_her_out_everywhere_and_nobody_in(app: Flask, client: Client, xiaoman: Person) -> None:
    phone = new_client(app)
    with clock.frozen(NOON - timedelta(hours=1)):
        assert phone.post("/login", data={"login": "xiaoman", "password": PASSWORD}).status_code == 303
    assert phone.get("/me").status_code == 200
    ask(client, "xiaoman")
    prove(client, last_code())
    choose(client)
    assert phone.get("/me").status_code == 302
    assert client.get("/me").status_code == 302, "she signs in herself, with her second step where she has one"
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1


def test_without_the_new_date_her_other_browsers_would_stay_in(app: Flask, client: Client, xiaoman: Person) -> None:
    phone = new_client(app)
    with clock.frozen(NOON - timedelta(hours=1)):
        phone.post("/login", data={"login": "xiaoman", "password": PASSWORD})
    ask(client, "xiaoman")
    prove(client, last_code())
    choose(client)
    db.session.execute(text("UPDATE people_person SET signed_out_at = NULL"))
    assert phone.get("/me").status_code == 200, "the harm that the date keeps away"


# ── who is known ────────────────────────────────────────────────────────────────────────────────────
def _asked(app: Flask, who: str) -> tuple[list[str], str]:
    """The statements that asking takes, and what the next page says."""
    client = new_client(app)
    client.get("/reset")
    with statements(app) as seen:
        client.post("/reset", data={"who": who})
    return list(seen), words(client.get("/reset/code"))


def test_known_unknown_and_closed_get_the_same_answer_by_the_same_statements(app: Flask, xiaoman: Person) -> None:
    closed = known("陆青川", "closed")
    closed.is_open = False
    known("林一禾", "nocontact")
    names = ("nobody", "xiaoman", MOBILE, "13900139000", MAILBOX, "closed", "nocontact")
    taken = [_asked(app, name) for name in names]
    assert taken[0][0], "something was asked at all"
    assert [one == taken[0] for one in taken] == [True] * len(names)


def test_wrong_codes_for_known_and_unknown_take_the_same_statements(app: Flask, xiaoman: Person) -> None:
    taken = []
    for who in ("nobody", "xiaoman"):
        client = new_client(app)
        ask(client, who)
        code = wrong_code(last_code()) if letters() else "000000"
        with statements(app) as seen:
            assert prove(client, code) == 422
        taken.append(list(seen))
    assert taken[0] == taken[1]


@ONE_ENGINE
@pytest.mark.parametrize("who", ["nobody", "13900139000", "none@a.org", "x' OR 1=1 --", "𠮷" * 200, "\u202exiaoman"])
def test_whoever_is_unknown_gets_no_letter_and_no_error(client: Client, xiaoman: Person, who: str) -> None:
    ask(client, who)
    assert len(letters()) == (1 if who.endswith("xiaoman") else 0)


@ONE_ENGINE
@pytest.mark.parametrize("who", ["", " ", "\x00", "x" * 5_000])
def test_odd_names_get_a_sentence(client: Client, session: object, who: str) -> None:
    answer = client.post("/reset", data={"who": who})
    assert answer.status_code == 422
    assert is_valid(answer)


def test_what_was_typed_lies_sealed(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    assert "xiaoman" not in str(db.session.execute(text("SELECT * FROM resets_reset")).all())
    assert "xiaoman" not in str(db.session.execute(text("SELECT payload FROM jobs_job")).all())


def test_a_shared_mobile_that_nobody_signs_in_with_names_nobody(client: Client, xiaoman: Person) -> None:
    twin = known("周大满", "daman")
    own = contact(twin, MOBILE, at=NOON - timedelta(hours=2))
    assert not own.signs_in
    ask(client, "daman")
    assert str(twin.volunteer_no) in letters()[-1].text
    before = len(letters())
    [first] = [one for one in db.session.scalars(select(type(own))) if one.signs_in]
    stop_signing_in_with(first, xiaoman, at=NOON)
    with clock.frozen(NOON + timedelta(minutes=5)):
        ask(client, MOBILE)
    assert len(letters()) == before


def test_closing_the_account_meanwhile_ends_it(client: Client, xiaoman: Person, admin: Person) -> None:
    ask(client, "xiaoman")
    assert prove(client, last_code()) == 303
    close_account(xiaoman, by=admin, at=NOON, reason="本人要求")
    assert client.get("/reset/password").headers["Location"] == "/reset"
    assert choose(client) == 422
    assert knows(xiaoman, PASSWORD)


# ── guessing ────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_belongs_to_the_browser_that_asked(app: Flask, client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    thief = new_client(app)
    assert prove(thief, last_code()) == 422
    ask(thief, "nobody")
    assert prove(thief, last_code()) == 422
    assert thief.get("/reset/password").headers["Location"] == "/reset"
    assert prove(client, last_code()) == 303
    assert thief.get("/reset/password").headers["Location"] == "/reset"


def test_five_wrong_codes_and_the_right_one_comes_too_late(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    code = last_code()
    assert [prove(client, wrong_code(code)) for _ in range(5)] == [422] * 5
    assert prove(client, code) == 422
    assert lines("resets.reset.refused") == 6


def test_many_guesses_at_once_are_no_more_than_five(app: Flask, client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    cookie, code = client.get_cookie("session", domain="portal.test"), last_code()
    assert cookie is not None
    copies = [new_client(app) for _ in range(8)]
    for copy in copies:
        copy.set_cookie("session", cookie.value, domain="portal.test")
    guesses = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 9)]
    calls = [lambda c=c, g=g: prove(c, g) for c, g in zip(copies, guesses, strict=True)]
    assert at_once(app, calls, at=NOON) == [422] * 8
    db.session.rollback()
    assert db.session.scalars(select(Reset.tries)).one() == 5


def test_one_address_guesses_thirty_times_and_then_waits(app: Flask, xiaoman: Person) -> None:
    client = new_client(app)
    for _ in range(30):
        prove(client, "000000")
    assert "尝试次数太多" in words(client.post("/reset/code", data={"code": "000000"}))
    with clock.frozen(NOON + timedelta(minutes=16)):
        assert "验证码不对" in words(client.post("/reset/code", data={"code": "000000"}))


def test_a_code_is_good_once(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    code = last_code()
    assert (prove(client, code), prove(client, code)) == (303, 422)
    assert (choose(client), choose(client, "zhu-zi-bu-kai")) == (303, 422)
    assert knows(xiaoman, ANOTHER)


def test_of_two_copies_that_choose_at_once_one_does(app: Flask, client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    prove(client, last_code())
    cookie = client.get_cookie("session", domain="portal.test")
    assert cookie is not None
    copies = [new_client(app) for _ in range(2)]
    for copy in copies:
        copy.set_cookie("session", cookie.value, domain="portal.test")
    calls = [lambda c=c, p=p: choose(c, p) for c, p in zip(copies, (ANOTHER, "zhu-zi-bu-kai"), strict=True)]
    assert sorted(at_once(app, calls, at=NOON)) == [303, 422]
    assert lines("accounts.password.reset") == 1


def test_codes_and_what_they_open_last_ten_minutes(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    with clock.frozen(NOON + timedelta(minutes=10, seconds=1)):
        assert prove(client, last_code()) == 422
    with clock.frozen(NOON + timedelta(minutes=9)):
        assert prove(client, last_code()) == 303
    with clock.frozen(NOON + timedelta(minutes=19, seconds=1)):
        assert choose(client) == 422
    assert knows(xiaoman, PASSWORD)


def test_asking_again_at_once_leaves_the_first_code_good(client: Client, xiaoman: Person) -> None:
    for _ in range(3):
        ask(client, "xiaoman")
    assert len(letters()) == 1
    assert prove(client, last_code()) == 303


def test_asking_again_later_sends_another_code(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    first = last_code()
    with clock.frozen(NOON + timedelta(minutes=2)):
        ask(client, "xiaoman")
        if first != last_code():
            assert prove(client, first) == 422
        assert prove(client, last_code()) == 303


def test_a_telephone_gets_five_codes_an_hour_whoever_asks(app: Flask, xiaoman: Person) -> None:
    for minute in range(0, 20, 2):
        with clock.frozen(NOON + timedelta(minutes=minute)):
            ask(new_client(app), ("xiaoman", MOBILE)[minute // 2 % 2])
    assert len(letters()) == 5


def test_one_address_asks_twenty_times_an_hour(client: Client, session: object, noon: None) -> None:
    answers = [client.post("/reset", data={"who": f"nobody{n}"}).status_code for n in range(21)]
    assert answers == [303] * 20 + [422]


@ONE_ENGINE
@pytest.mark.parametrize("new", ["", "short", "xiaoman123", "19560312", "密" * 5_000])
def test_a_poor_password_gets_a_sentence_and_the_code_stays_good(client: Client, xiaoman: Person, new: str) -> None:
    ask(client, "xiaoman")
    prove(client, last_code())
    answer = client.post("/reset/password", data={"new": new, "again": new})
    assert answer.status_code == 422
    assert is_valid(answer)
    assert choose(client) == 303


def test_what_was_asked_is_forgotten_after_a_week(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    with clock.frozen(NOON + timedelta(days=8)):
        forget({})
    assert db.session.scalar(select(func.count()).select_from(Reset)) == 0


def test_what_is_sealed_opens_in_no_other_column(client: Client, xiaoman: Person) -> None:
    ask(client, "xiaoman")
    db.session.execute(text("UPDATE contacts_contact SET value = (SELECT asked FROM resets_reset)"))
    db.session.expire_all()
    with pytest.raises(Unreadable):
        contact(xiaoman, MAILBOX)
    db.session.rollback()
