"""After the password a code: of the telephone, or of those on paper. Each opens once."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from portal import clock
from portal.accounts import factors
from portal.accounts.factors import digits_of, plain_of
from portal.accounts.models import Account, RecoveryCode
from portal.accounts.totp import matching_counter
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.models import Person
from tests.accounts.browsing import (
    LATER,
    SECRET,
    START,
    code_now,
    codes_on,
    gives_code,
    gives_paper,
    gives_password,
    is_in,
    lines,
    secret_on,
    sentence,
    signed_in,
    with_login,
)
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words
from tests.volunteers import at_once


# ── turning it on ───────────────────────────────────────────────────────────────────────────────────
def test_she_scans_types_a_code_and_gets_ten_codes_on_paper(app: Flask, somebody: Person) -> None:
    with clock.frozen(START):
        client = signed_in(new_client(app))
        other = signed_in(new_client(app))
        offer = client.get("/me/account/second-step/set-up")
        assert is_valid(offer)
        assert "<svg" in offer.text
        secret = secret_on(offer)
        assert secret_on(client.get("/me/account/second-step/set-up")) == secret, "loaded twice it is the same"
        answer = client.post("/me/account/second-step/set-up", data={"code": code_now(secret=secret)})
        assert is_valid(answer)
        assert len(set(codes_on(answer))) == 10
        assert (is_in(client), is_in(other)) == (True, False)
        page = words(client.get("/me/account/second-step"))
        assert "两步验证开着" in page
        assert "10 个" in page
    assert lines("accounts.factor.on") == 1


def test_a_wrong_first_code_turns_nothing_on_and_keeps_the_picture(client: Client, somebody: Person) -> None:
    with clock.frozen(START):
        client.sign_in(somebody)
        secret = secret_on(client.get("/me/account/second-step/set-up"))
        for wrong in ("000000", code_now(5, secret), "", "abc", "12345"):
            answer = client.post("/me/account/second-step/set-up", data={"code": wrong})
            assert answer.status_code == 422
            assert secret_on(answer) == secret
    assert not factors.is_on(somebody)


def test_the_first_code_sent_twice_turns_it_on_once_and_says_so(client: Client, somebody: Person) -> None:
    with clock.frozen(START):
        client.sign_in(somebody)
        form = {"code": code_now(secret=secret_on(client.get("/me/account/second-step/set-up")))}
        codes = codes_on(client.post("/me/account/second-step/set-up", data=form))
        again = client.post("/me/account/second-step/set-up", data=form, follow_redirects=True)
        assert "已经开好了" in again.text
        assert factors.take_recovery_code(somebody, codes[0], at=START), "the paper of the first answer is good"
    assert lines("accounts.factor.on") == 1


def test_someone_elses_offer_in_the_same_browser_is_not_hers(app: Flask, client: Client, somebody: Person) -> None:
    other = with_login("陆青川", "qingchuan")
    with clock.frozen(START):
        first = secret_on(client.sign_in(somebody).get("/me/account/second-step/set-up"))
        assert secret_on(client.sign_in(other).get("/me/account/second-step/set-up")) != first


def test_neither_table_nor_trail_nor_cookie_holds_what_opens(client: Client, somebody: Person) -> None:
    with clock.frozen(START):
        client.sign_in(somebody)
        secret = secret_on(client.get("/me/account/second-step/set-up"))
        codes = codes_on(client.post("/me/account/second-step/set-up", data={"code": code_now(secret=secret)}))
        with client.session_transaction(base_url="http://portal.test") as kept:
            cookie = str(dict(kept))
    rows = db.session.execute(text("SELECT secret FROM accounts_account")).all()
    papers = [row.digest for row in db.session.scalars(select(RecoveryCode))]
    written = str((rows, papers, cookie, [line.detail for line in db.session.scalars(select(AuditLine))]))
    assert secret not in written
    assert not [code for code in codes if code in written or code.replace("-", "") in written]
    assert db.session.scalars(select(Account.secret)).one() == secret


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────
def test_the_password_alone_opens_nothing(half: Client) -> None:
    for path in ("/me", "/me/account", "/hours", "/me/account/second-step/set-up"):
        assert half.get(path).headers["Location"].startswith("/login?")
    assert half.post("/me/account/second-step/off").status_code == 302
    assert is_valid(half.get("/login/code"))


def test_password_and_code_lead_in_and_to_the_page_that_was_wanted(client: Client, papers: list[str]) -> None:
    with clock.frozen(LATER):
        gives_password(client, next="/hours?page=2")
        answer = client.post("/login/code", data={"code": code_now()})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/hours?page=2")
        assert is_in(client)


def test_no_other_site_is_wanted(client: Client, papers: list[str]) -> None:
    with clock.frozen(LATER):
        gives_password(client, next="//evil.example/")
        assert client.post("/login/code", data={"code": code_now()}).headers["Location"] == "/me"


def test_an_address_too_long_for_a_cookie_is_forgotten(client: Client, papers: list[str]) -> None:
    with clock.frozen(LATER):
        gives_password(client, next="/hours?q=" + "x" * 5_000)
        assert client.post("/login/code", data={"code": code_now()}).headers["Location"] == "/me"


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_telephone_half_a_minute_off_gets_in(half: Client, steps: int) -> None:
    assert gives_code(half, code_now(steps)) == 303


def test_a_telephone_a_minute_off_does_not(half: Client) -> None:
    for steps in (-2, 2):
        assert "验证码不对" in sentence(half, code=code_now(steps))


def test_a_code_may_be_written_as_people_write_it(half: Client) -> None:
    assert digits_of("１２３４５６") == "123456"
    for written in (
        "123 456",
        " 123456 ",
        "123-456",
        "\u202e123456",
        "123\u200b456",
        "123\x00456",
        "123　456",
        "「123456」",
    ):
        assert digits_of(written) == "123456"
    code = code_now()
    assert gives_code(half, f"\u202e{code[:3]}\x00 {code[3:]}") == 303


def test_odd_codes_get_a_sentence_and_never_an_error(half: Client) -> None:
    huge = "9" * 500_000
    for odd in ("", " ", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "①②③④⑤⑥" * 9, "x" * 61, huge, "' OR 1=1 --"):
        said = sentence(half, code=odd)
        assert "6 位数字" in said
        assert not odd.strip() or f'value="{odd}"' not in said


def test_a_field_of_ten_megabytes_is_too_much(half: Client) -> None:
    assert gives_code(half, "1" * 10_000_000) == 413
    assert gives_code(half, code_now()) == 303


def test_a_code_opens_once(app: Flask, half: Client) -> None:
    code = code_now()
    assert gives_code(half, code) == 303
    again = new_client(app)
    gives_password(again)
    assert "已经用过" in sentence(again, code=code)
    assert gives_code(again, code_now(1)) == 303


def test_a_code_that_is_older_than_the_last_one_opens_no_more(app: Flask, half: Client) -> None:
    assert gives_code(half, code_now(1)) == 303
    again = new_client(app)
    gives_password(again)
    assert gives_code(again, code_now()) == 422


def test_the_code_that_turned_it_on_opens_no_more(client: Client, papers: list[str]) -> None:
    with clock.frozen(START):
        gives_password(client)
        assert gives_code(client, code_now()) == 422


def test_of_two_who_send_one_code_at_the_same_moment_one_gets_in(
    app: Flask, somebody: Person, papers: list[str]
) -> None:
    def send() -> bool:
        with app.app_context():
            person = db.session.get_one(Person, number)
            took = factors.take_code(person, code, at=LATER)
            db.session.commit()
            return took

    number = somebody.id
    with clock.frozen(LATER):
        code = code_now()
    assert sorted(at_once(app, [send, send], at=LATER)) == [False, True]


def test_of_two_who_send_one_paper_at_the_same_moment_one_gets_in(
    app: Flask, somebody: Person, papers: list[str]
) -> None:
    def send() -> bool:
        with app.app_context():
            took = factors.take_recovery_code(db.session.get_one(Person, number), papers[0], at=LATER)
            db.session.commit()
            return took

    number = somebody.id
    assert sorted(at_once(app, [send, send], at=LATER)) == [False, True]


def test_asked_before_it_is_written_down_one_code_opens_twice(app: Flask, somebody: Person, papers: list[str]) -> None:
    """The harm that the one statement keeps away: look, then write."""

    def send() -> bool:
        with app.app_context():
            counter = matching_counter(SECRET, code, at=LATER)
            with db.engine.connect() as looking:
                last = looking.scalar(select(Account.last_counter).where(Account.person_id == number))
            looked.wait()
            db.session.execute(update(Account).where(Account.person_id == number).values(last_counter=counter))
            db.session.commit()
            return counter is not None and last is not None and last < counter

    number, looked = somebody.id, Barrier(2)
    with clock.frozen(LATER):
        code = code_now()
    with app.app_context():
        db.session.commit()
    assert at_once(app, [send, send], at=LATER) == [True, True]


# ── codes on paper ──────────────────────────────────────────────────────────────────────────────────
def test_a_code_on_paper_opens_once_and_tells_how_many_are_left(app: Flask, half: Client, papers: list[str]) -> None:
    answer = half.post("/login/code", data={"recovery": papers[3]}, follow_redirects=True)
    assert "恢复码用掉了一个，还剩 9 个" in words(answer)
    assert is_in(half)
    again = new_client(app)
    gives_password(again)
    assert "每个恢复码只能用一次" in sentence(again, recovery=papers[3])
    assert gives_paper(again, papers[4]) == 303
    assert lines("accounts.recovery.used") == 2


def test_capitals_blanks_and_hyphens_do_not_matter_on_paper(half: Client, papers: list[str]) -> None:
    for written in (
        "ab2d-ef3h-jk4m",
        "AB2D EF3H JK4M",
        "ab2def3hjk4m",
        "ab2d－ef3h－jk4m",
        "\u202eab2d-ef3h\x00-jk4m ",
    ):
        assert plain_of(written) == "ab2def3hjk4m"
    assert gives_paper(half, f"\u202e{papers[0].upper()}\x00") == 303


def test_odd_papers_get_a_sentence_and_never_an_error(half: Client) -> None:
    for odd in ("-", "a", "0" * 12, "x" * 200, "' OR 1=1 --", "𠮷" * 20, "9" * 500_000):
        assert "恢复码" in sentence(half, recovery=odd)


def test_neither_code_nor_paper_of_another_person_opens(app: Flask, half: Client, somebody: Person) -> None:
    other = with_login("陆青川", "qingchuan")
    secret = "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"
    hers = factors.turn_on(other, secret, code_now(secret=secret), at=LATER)
    db.session.commit()
    assert gives_code(half, code_now(1, secret)) == 422
    assert gives_paper(half, hers[0]) == 422
    assert factors.take_recovery_code(other, hers[0], at=LATER)


def test_a_new_set_takes_the_place_of_the_old_one(client: Client, somebody: Person, papers: list[str]) -> None:
    with clock.frozen(LATER):
        client.sign_in(somebody)
        assert is_valid(client.get("/me/account/second-step/codes"))
        fresh = codes_on(client.post("/me/account/second-step/codes"))
        assert len(set(fresh) | set(papers)) == 20
        assert not factors.take_recovery_code(somebody, papers[0], at=LATER)
        assert factors.take_recovery_code(somebody, fresh[0], at=LATER)
        assert factors.recovery_codes_left(somebody) == 9


def test_of_two_new_sets_at_the_same_moment_one_is_good(
    app: Flask, somebody: Person, papers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    both, digest = Barrier(2), factors._digest

    def digest_when_both_have_deleted(person: Person, plain: str) -> str:
        with suppress(BrokenBarrierError):
            both.wait(timeout=0.2)
        return digest(person, plain)

    def make() -> bool:
        with app.app_context():
            factors.new_recovery_codes(db.session.get_one(Person, number), at=LATER)
            db.session.commit()
            return True

    number = somebody.id
    monkeypatch.setattr(factors, "_digest", digest_when_both_have_deleted)
    assert at_once(app, [make, make], at=LATER) == [True, True]
    assert factors.recovery_codes_left(somebody) == 10


def test_who_lost_her_telephone_sets_up_another_and_the_old_one_is_worth_nothing(
    half: Client, papers: list[str]
) -> None:
    assert gives_paper(half, papers[0]) == 303
    secret = secret_on(half.get("/me/account/second-step/set-up"))
    answer = half.post("/me/account/second-step/set-up", data={"code": code_now(secret=secret)})
    assert len(codes_on(answer)) == 10
    assert lines("accounts.factor.replaced") == 1
    half.post("/logout")
    gives_password(half)
    assert gives_code(half, code_now(1)) == 422
    assert gives_paper(half, papers[1]) == 422
    assert gives_code(half, code_now(1, secret)) == 303


def test_it_is_turned_off_and_the_password_alone_opens_again(
    app: Flask, client: Client, somebody: Person, papers: list[str]
) -> None:
    with clock.frozen(LATER):
        client.sign_in(somebody)
        assert is_valid(client.get("/me/account/second-step/off"))
        assert client.post("/me/account/second-step/off").status_code == 303
        assert client.post("/me/account/second-step/off").status_code == 303
        assert is_in(signed_in(new_client(app)))
        assert factors.recovery_codes_left(somebody) == 0
    assert lines("accounts.factor.off") == 1
