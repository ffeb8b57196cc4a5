"""A person's mobile and e-mail: read in every way people write them, proven by a code, shared in a family."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.audit.models import AuditLine
from portal.contacts.actions import (
    MOST,
    TakenByAnother,
    add_contact,
    remove_contact,
    sign_in_with,
    stop_signing_in_with,
)
from portal.contacts.models import Contact, ContactCode, Kind
from portal.contacts.queries import person_by_contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import Person
from portal.problems import DomainError
from tests.applications import Client
from tests.conftest import new_client
from tests.contacts.reaching import (
    MAILBOX,
    MOBILE,
    NOON,
    codes_digest,
    contact,
    last_code,
    letters,
    wrong_code,
)
from tests.pages import is_valid, statements, words
from tests.volunteers import at_once, lines

PAGE = "/me/account/contacts"

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""What is wrong with odd input is said before any database is asked."""


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def xiaoman(session: object, noon: None) -> Person:
    return add_person("周小满", is_volunteer=True, by=None, at=NOON)


@pytest.fixture
def twin(xiaoman: Person) -> Person:
    return add_person("周大满", is_volunteer=True, by=None, at=NOON)


@pytest.fixture
def hers(client: Client, xiaoman: Person) -> Client:
    return client.sign_in(xiaoman)


def added(hers: Client, number: str = MOBILE) -> str:
    """The address of the page on which its code is asked for."""
    answer = hers.post(f"{PAGE}/new", data={"contact": number})
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["Location"])


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "kind", "read"),
    [
        ("13800138000", Kind.MOBILE, "13800138000"),
        ("+86 138-0013-8000", Kind.MOBILE, "13800138000"),
        ("008613800138000", Kind.MOBILE, "13800138000"),
        ("８６１３８００１３８０００", Kind.MOBILE, "13800138000"),
        ("\u202d138 0013 8000\u202c", Kind.MOBILE, "13800138000"),
        ("+852 6123 4567", Kind.MOBILE, "+85261234567"),
        ("+13812345678", Kind.MOBILE, "+13812345678"),
        ("Xiao.Man+hours@EXAMPLE.org", Kind.EMAIL, "Xiao.Man+hours@example.org"),
        (" ｘ＠example．org ", Kind.EMAIL, "x@example.org"),
        ("x@例子.测试", Kind.EMAIL, "x@xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_a_contact_is_read_however_it_is_written(typed: str, kind: Kind, read: str) -> None:
    assert read_address(typed) == (kind, read)


@pytest.mark.parametrize(
    "typed",
    [
     "", " ", "\x00", "12345", "12800138000", "138001380001", "+8613800138", "010-12345678", "+012345678",
     "１３８٠٠١٣٨٠٠٠",
     "x@example.org\nBcc: y@example.org", "x@example.org\r\n", "x@example.org,y@example.org", "<x@example.org>",
     "周 <x@example.org>", "x\u202e@example.org", "x@exam\u200bple.org", "x y@example.org", "x@y@example.org",
     "@example.org",
     "x@", "x@localhost", "x@127.0.0.1", "x@[::1]", "x@-a.org", "x@a..org", ".x@example.org", "а@example.org",
     f"{'x' * 65}@example.org", f"x@{'a' * 64}.org", "x@" + "a." * 130 + "org", "9" * 10_000],
)  # fmt: skip
def test_whatever_else_is_written_gets_a_sentence(typed: str) -> None:
    with pytest.raises(DomainError):
        read_address(typed)


# ── adding and proving ──────────────────────────────────────────────────────────────────────────────
def test_a_mobile_is_proven_by_the_code_that_was_sent_there(hers: Client, xiaoman: Person) -> None:
    page = added(hers)
    assert "138****8000" in words(hers.get(page))
    assert person_by_contact(MOBILE) is None
    assert hers.post(page, data={"code": f" {last_code(MOBILE)[:3]} {last_code(MOBILE)[3:]}"}).status_code == 303
    assert person_by_contact("+86 138 0013 8000") == xiaoman
    shown = hers.get(PAGE)
    assert is_valid(shown)
    assert "138****8000 可以登录" in words(shown)
    assert MOBILE not in shown.text
    assert lines("contacts.contact.verified") == lines("contacts.contact.signs_in") == 1


def test_neither_number_nor_code_lies_open_in_the_tables(hers: Client, engine_name: str) -> None:
    added(hers)
    code = last_code(MOBILE)
    tables = ("contacts_contact", "contacts_contact_code", "post_letter", "audit_line", "web_attempt", "jobs_job")
    lying = str([db.session.execute(text(f"SELECT * FROM {table}")).all() for table in tables])
    assert MOBILE not in lying
    assert f"'{code}'" not in lying and f" {code}" not in lying


def test_five_wrong_codes_and_the_right_one_comes_too_late(hers: Client) -> None:
    page = added(hers)
    code = last_code()
    for _ in range(5):
        answer = hers.post(page, data={"code": wrong_code(code)})
        assert (answer.status_code, "验证码不对" in words(answer)) == (422, True)
    assert "已经输错 5 次" in words(hers.get(page))
    assert hers.post(page, data={"code": code}).status_code == 422
    assert person_by_contact(MOBILE) is None


def test_many_guesses_at_once_are_no_more_than_five(app: Flask, hers: Client, xiaoman: Person) -> None:
    page = added(hers)
    code = last_code()
    guesses = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 9)]
    others = [new_client(app).sign_in(xiaoman) for _ in guesses]
    calls = [lambda c=c, g=g: c.post(page, data={"code": g}).status_code for c, g in zip(others, guesses, strict=True)]
    assert at_once(app, calls, at=NOON) == [422] * 8
    db.session.rollback()
    assert db.session.scalars(select(ContactCode.tries)).one() == 5


def test_a_code_is_good_for_ten_minutes(hers: Client) -> None:
    page = added(hers)
    with clock.frozen(NOON + timedelta(minutes=10)):
        assert hers.post(page, data={"code": last_code()}).status_code == 422
    with clock.frozen(NOON + timedelta(minutes=9, seconds=59)):
        assert hers.post(page, data={"code": last_code()}).status_code == 303


def test_another_code_makes_the_first_one_worthless(hers: Client) -> None:
    page, first = added(hers), last_code()
    with clock.frozen(NOON + timedelta(minutes=2)):
        assert hers.post(f"{page}/code").status_code == 303
        if first != last_code():
            assert hers.post(page, data={"code": first}).status_code == 422
        assert hers.post(page, data={"code": last_code()}).status_code == 303


def test_nobodys_telephone_is_rung_all_night(app: Flask, hers: Client, twin: Person) -> None:
    page = added(hers)
    assert "请过一分钟再要" in words(hers.post(f"{page}/code"))
    for minute in range(2, 6):
        with clock.frozen(NOON + timedelta(minutes=minute)):
            assert hers.post(f"{page}/code").status_code == 303
    with clock.frozen(NOON + timedelta(minutes=7)):
        assert "5 次验证码" in words(hers.post(f"{page}/code"))
        other = new_client(app).sign_in(twin)
        assert other.post(f"{PAGE}/new", data={"contact": MOBILE}).status_code == 422, (
            "another account, the same telephone"
        )
    assert len(letters(MOBILE)) == 5
    with clock.frozen(NOON + timedelta(minutes=63)):
        assert hers.post(f"{page}/code").status_code == 303


def test_one_address_asks_for_no_more_than_twenty_codes_an_hour(app: Flask, noon: None, session: object) -> None:
    answers = []
    for number in range(21):
        person = add_person(f"林{number}", by=None, at=NOON)
        hers = new_client(app).sign_in(person)
        answers.append(hers.post(f"{PAGE}/new", data={"contact": f"138001380{number:02d}"}).status_code)
    assert answers == [303] * 20 + [422]


def test_a_contact_that_could_not_be_written_to_is_not_kept(hers: Client) -> None:
    added(hers)
    assert hers.post(f"{PAGE}/new", data={"contact": MOBILE}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1


@ONE_ENGINE
@pytest.mark.parametrize(
    "typed", ["", "\x00", "x" * 5_000, "x@example.org\nBcc: y@example.org", "<script>@example.org"]
)
def test_odd_contacts_get_a_sentence_and_send_nothing(hers: Client, typed: str) -> None:
    answer = hers.post(f"{PAGE}/new", data={"contact": typed})
    assert answer.status_code == 422
    assert is_valid(answer)
    assert letters() == []


@ONE_ENGINE
@pytest.mark.parametrize("code", ["", "abcdef", "１２３", "\x00", "0" * 5_000, "\u202e123456"])
def test_odd_codes_get_a_sentence(hers: Client, code: str) -> None:
    assert hers.post(added(hers), data={"code": code}).status_code == 422


def test_nobody_has_more_contacts_than_six(xiaoman: Person) -> None:
    for number in range(MOST):
        add_contact(xiaoman, read_address(f"1380013800{number}"), at=NOON)
    with pytest.raises(DomainError, match="最多留 6 个"):
        add_contact(xiaoman, read_address(MAILBOX), at=NOON)


def test_adding_asks_for_the_password_when_that_is_long_ago(client: Client, xiaoman: Person) -> None:
    stale = client.sign_in(xiaoman, fresh=False)
    assert "/confirm" in stale.get(f"{PAGE}/new").headers["Location"] + stale.post(f"{PAGE}/new").headers["Location"]
    stale.post(f"{PAGE}/{contact(xiaoman, MOBILE).id}/remove")
    assert person_by_contact(MOBILE) == xiaoman


def test_a_strangers_contact_is_unknown(app: Flask, hers: Client, twin: Person) -> None:
    number = contact(twin, MOBILE).id
    for path in ("", "/code", "/remove", "/sign-in", "/no-sign-in"):
        assert hers.post(f"{PAGE}/{number}{path}", data={"code": "000000"}).status_code == 404
    assert hers.get(f"{PAGE}/{number}").status_code == 404
    assert person_by_contact(MOBILE) == twin


# ── one mobile, several people ──────────────────────────────────────────────────────────────────────
def test_twins_share_a_mobile_and_one_of_them_signs_in_with_it(xiaoman: Person, twin: Person) -> None:
    first, second = contact(xiaoman, MOBILE), contact(twin, MOBILE)
    assert (first.signs_in, second.signs_in) == (True, False)
    with pytest.raises(TakenByAnother):
        sign_in_with(second, twin, at=NOON)
    stop_signing_in_with(first, xiaoman, at=NOON)
    sign_in_with(second, twin, at=NOON)
    assert person_by_contact(MOBILE) == twin


def test_the_page_says_that_somebody_else_signs_in_with_it(hers: Client, xiaoman: Person, twin: Person) -> None:
    contact(twin, MOBILE)
    answer = hers.post(f"{PAGE}/{contact(xiaoman, MOBILE).id}/sign-in")
    assert answer.status_code == 422
    assert "已经有人用它登录了" in words(answer)
    assert twin.name not in answer.text
    assert is_valid(answer)


def test_a_closed_account_keeps_nobody_from_signing_in_with_a_shared_mobile(xiaoman: Person, twin: Person) -> None:
    contact(xiaoman, MOBILE)
    xiaoman.is_open = False
    db.session.flush()
    assert contact(twin, MOBILE).signs_in
    assert person_by_contact(MOBILE) == twin


def test_of_two_who_want_it_at_once_one_gets_it(app: Flask, xiaoman: Person, twin: Person) -> None:
    holders = [contact(xiaoman, MOBILE), contact(twin, MOBILE)]
    stop_signing_in_with(holders[0], xiaoman, at=NOON)
    browsers = [new_client(app).sign_in(person) for person in (xiaoman, twin)]
    paths = [f"{PAGE}/{holder.id}/sign-in" for holder in holders]
    calls = [lambda b=b, p=p: b.post(p).status_code for b, p in zip(browsers, paths, strict=True)]
    assert sorted(at_once(app, calls, at=NOON)) == [303, 422]


def test_the_database_lets_only_one_sign_in_with_a_mobile(xiaoman: Person, twin: Person) -> None:
    contact(xiaoman, MOBILE)
    second = contact(twin, MOBILE)
    second.signs_in = True
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_without_that_index_a_mobile_would_open_two_accounts(xiaoman: Person, twin: Person) -> None:
    contact(xiaoman, MOBILE)
    db.session.execute(text("DROP INDEX uq_contacts_contact_signs_in"))
    contact(twin, MOBILE)
    both = db.session.scalar(select(func.count()).where(Contact.signs_in))
    db.session.rollback()
    assert both == 2, "the harm that the index keeps away"


@ONE_ENGINE
@pytest.mark.parametrize("name", [MOBILE, MAILBOX, "13900139000", "no such name", "", "\x00", "x" * 500])
def test_looking_somebody_up_takes_one_statement_whoever_it_is(app: Flask, xiaoman: Person, name: str) -> None:
    contact(xiaoman, MOBILE)
    db.session.commit()
    with statements(app) as seen:
        person_by_contact(name)
    assert len(seen) == 1


# ── news ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_other_contacts_hear_of_a_new_one(hers: Client, xiaoman: Person) -> None:
    contact(xiaoman, MAILBOX)
    hers.post(added(hers), data={"code": last_code(MOBILE)})
    assert "加了一个新的联系方式 138****8000" in letters(MAILBOX)[-1].text
    assert MOBILE not in letters(MAILBOX)[-1].text


def test_a_removed_contact_hears_of_it_and_is_gone(hers: Client, xiaoman: Person) -> None:
    page = f"{PAGE}/{contact(xiaoman, MOBILE).id}/remove"
    contact(xiaoman, MAILBOX)
    assert hers.post(page).status_code == 303
    for address in (MOBILE, MAILBOX):
        assert "去掉了联系方式 138****8000" in letters(address)[-1].text
    assert person_by_contact(MOBILE) is None
    assert hers.post(page).status_code == 404


def test_a_contact_that_was_never_proven_hears_nothing(xiaoman: Person) -> None:
    remove_contact(add_contact(xiaoman, read_address(MOBILE), at=NOON), xiaoman, at=NOON)
    assert letters() == []


def test_a_code_does_not_prove_another_contact(hers: Client) -> None:
    first, second = added(hers, MOBILE), added(hers, MAILBOX)
    if last_code(MOBILE) != last_code(MAILBOX):
        assert hers.post(first, data={"code": last_code(MAILBOX)}).status_code == 422
    rows = db.session.scalars(select(Contact)).all()
    assert codes_digest(rows[0]) != codes_digest(rows[1])
    assert second != first


def test_the_audit_knows_the_kind_and_not_the_number(hers: Client) -> None:
    hers.post(added(hers), data={"code": last_code(MOBILE)})
    about = [line.detail for line in db.session.scalars(select(AuditLine).where(AuditLine.action.like("%contact%")))]
    assert {"contact": "mobile"} in about
    assert "138" not in str(about)
