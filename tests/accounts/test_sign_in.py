from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import Person
from portal.web.throttle import Attempt
from tests.applications import Client

PASSWORD = "lan-hua-kai-le"


@pytest.fixture
def somebody(session: object) -> Person:
    return add_person("周小满", login="xiaoman", password=PASSWORD, by=None, at=clock.now())


def sign_in(client: Client, password: str, login: str = "xiaoman", **more: str) -> int:
    return client.post("/login", data={"login": login, "password": password, **more}).status_code


def lines(action: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditLine.action == action)) or 0


def test_the_right_password_leads_to_ones_own_page(client: Client, somebody: Person) -> None:
    answer = client.post("/login", data={"login": " XiaoMan ", "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert client.get("/me").status_code == 200
    assert lines("accounts.signed_in") == 1


def test_it_leads_back_to_the_page_that_was_wanted(client: Client, somebody: Person) -> None:
    answer = client.post("/login", data={"login": "xiaoman", "password": PASSWORD, "next": "/hours"})
    assert answer.headers["Location"] == "/hours"


@pytest.mark.parametrize("login", ["xiaoman", "nobody"])
def test_a_wrong_password_and_an_unknown_name_get_the_same_sentence(
    client: Client, somebody: Person, login: str
) -> None:
    answer = client.post("/login", data={"login": login, "password": "wrong-wrong"})
    assert answer.status_code == 422
    assert "登录名或密码不对" in answer.text
    assert f'value="{login}"' in answer.text
    assert lines("accounts.login_refused") == 1


MOBILE = "13800138000"


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        (
            MOBILE,
            [
                "138 0013 8000",
                "+86 13800138000",
                "1-3800138000",
                "138-0013-8000",
                "１３８００１３８０００",
                "008613800138000",
            ],
        ),
        ("xiaoman", ["XiaoMan", "ｘiaoman", " xiaoman", "xiaoman ", "XIAOMAN", "xiaomaｎ"]),
    ],
)
def test_wrong_guesses_count_together_however_the_name_is_spelled(
    client: Client, somebody: Person, name: str, spellings: list[str]
) -> None:
    for spelling in [*spellings, *spellings[:4]]:
        assert sign_in(client, "guess-guess", spelling) == 422
    answer = client.post("/login", data={"login": name, "password": "guess-guess"})
    assert "尝试次数太多" in answer.text


def test_who_tried_to_sign_in_lies_nowhere_in_clear(client: Client, somebody: Person) -> None:
    for typed in (MOBILE, "wang@example.org", "xiaoman"):
        sign_in(client, "guess-guess", typed)
    kept = str(db.session.scalars(select(Attempt.bucket)).all())
    assert kept.count("login:") == 3
    assert not any(typed in kept for typed in (MOBILE, "wang@", "xiaoman"))


def test_guessing_is_slowed_down_but_locks_nobody_out_for_ever(client: Client, somebody: Person) -> None:
    start = clock.now()
    with clock.frozen(start):
        for _ in range(10):
            assert sign_in(client, "guess-guess") == 422
        answer = client.post("/login", data={"login": "xiaoman", "password": PASSWORD})
        assert "尝试次数太多" in answer.text
    with clock.frozen(start + timedelta(minutes=16)):
        assert sign_in(client, PASSWORD) == 303


def test_a_closed_account_signs_in_no_more(client: Client, somebody: Person) -> None:
    somebody.is_open = False
    assert sign_in(client, PASSWORD) == 422


def test_an_account_closed_meanwhile_is_out_at_once(client: Client, somebody: Person) -> None:
    client.sign_in(somebody)
    somebody.is_open = False
    assert client.get("/me").status_code == 302


def test_signing_out_ends_the_session(client: Client, somebody: Person) -> None:
    client.sign_in(somebody)
    assert client.post("/logout").status_code == 303
    assert client.get("/me").status_code == 302


def test_signing_out_is_nothing_a_link_can_do(client: Client, somebody: Person) -> None:
    assert client.sign_in(somebody).get("/logout").status_code == 405


@pytest.mark.parametrize("login", ["", "x" * 500, "a\x00b", "' OR 1=1 --", "\u202exiaoman"])
def test_odd_names_get_a_sentence_and_never_an_error(client: Client, somebody: Person, login: str) -> None:
    assert sign_in(client, "wrong-wrong", login) in (303, 422)


def test_passwords_are_stored_as_argon2id(somebody: Person) -> None:
    assert somebody.password_hash is not None
    assert somebody.password_hash.startswith("$argon2id$v=19$m=19456,")


def test_volunteer_numbers_have_no_gaps(session: object) -> None:
    at = datetime(2026, 3, 2, tzinfo=clock.CHINA)
    numbers = [add_person(f"林{n}", is_volunteer=True, by=None, at=at).volunteer_no for n in range(3)]
    assert numbers == ["V2026000001", "V2026000002", "V2026000003"]
