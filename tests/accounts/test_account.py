"""One's own account: where it is signed in, what ends that, and another password."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accounts import queries, sign_ins
from portal.accounts.browsers import described
from portal.accounts.models import SignIn
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import Person
from portal.people.passwords import hashed, is_right, require_good
from portal.problems import ChangedMeanwhile, DomainError
from tests.accounts.browsing import cookie_of, is_in, lines, with_cookie, without_asking
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words

PASSWORD = "lan-hua-kai-le"
ANOTHER = "mei-hua-ye-kai"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36 MicroMessenger/8.0"
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


@pytest.fixture
def somebody(session: object) -> Person:
    return add_person("周小满", login="xiaoman", password=PASSWORD, by=None, at=clock.now())


@pytest.fixture
def signed_in(app: Flask, somebody: Person) -> Callable[..., Client]:
    """Another browser in which somebody has signed in."""

    def browser(agent: str = LAPTOP, password: str = PASSWORD) -> Client:
        client = new_client(app)
        client.environ_base |= {"HTTP_USER_AGENT": agent}
        assert client.post("/login", data={"login": "xiaoman", "password": password}).status_code == 303
        return client

    return browser


def the_other(client: Client) -> int:
    """The number of the sign-in that the page offers to end."""
    page = client.get("/me/account").text
    return int(page.partition("/me/account/sign-ins/")[2].partition("/")[0])


# ── where one is signed in ──────────────────────────────────────────────────────────────────────────
def test_the_page_shows_every_device_and_which_is_this_one(signed_in: Callable[..., Client]) -> None:
    laptop = signed_in(LAPTOP)
    signed_in(PHONE)
    page = laptop.get("/me/account")
    assert is_valid(page)
    text = words(page)
    assert "共 2 台设备" in text
    assert "安卓手机，微信" in text
    assert "Windows 电脑，Edge 浏览器 这台设备" in text
    assert text.count("退出这台") == 1


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app: Flask, signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    copy = with_cookie(app, cookie_of(client))
    assert is_in(copy)
    client.post("/logout")
    assert not is_in(copy)


def test_without_its_row_a_sign_in_outlives_its_end(
    app: Flask, signed_in: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in()
    copy = with_cookie(app, cookie_of(client))
    monkeypatch.setattr(queries, "_SIGNED_IN", without_asking("ended_at"))
    client.post("/logout")
    assert is_in(copy), "the harm that the row keeps away"


def test_a_device_that_was_lost_is_signed_out_from_another(signed_in: Callable[..., Client]) -> None:
    phone, laptop = signed_in(PHONE), signed_in(LAPTOP)
    lost = the_other(laptop)
    for _ in range(2):
        assert laptop.post(f"/me/account/sign-ins/{lost}/end").status_code == 303
    assert (is_in(phone), is_in(laptop)) == (False, True)
    assert lines("accounts.sign_in.ended") == 1


def test_all_others_are_signed_out_at_once(signed_in: Callable[..., Client]) -> None:
    here, *others = (signed_in() for _ in range(4))
    here.post("/me/account/sign-ins/end")
    assert is_in(here)
    assert not any(is_in(other) for other in others)
    assert "没有别的设备" in here.post("/me/account/sign-ins/end", follow_redirects=True).text


def test_a_strangers_device_is_unknown_and_stays_in(client: Client, signed_in: Callable[..., Client]) -> None:
    phone, laptop = signed_in(PHONE), signed_in(LAPTOP)
    stranger = client.sign_in(add_person("陆青川", by=None, at=clock.now()))
    assert stranger.post(f"/me/account/sign-ins/{the_other(laptop)}/end").status_code == 404
    assert is_in(phone)


def test_ones_own_token_opens_nobody_elses_account(app: Flask, signed_in: Callable[..., Client]) -> None:
    client, other = signed_in(), add_person("陆青川", by=None, at=clock.now())
    with client.session_transaction(base_url="http://portal.test") as kept:
        kept["_user_id"] = str(other.id)
    assert not is_in(client)


def test_after_ninety_days_one_signs_in_anew(signed_in: Callable[..., Client]) -> None:
    client, now = signed_in(), clock.now()
    with clock.frozen(now + timedelta(days=89)):
        assert is_in(client)
    with clock.frozen(now + timedelta(days=91)):
        assert not is_in(client)


def test_the_table_does_not_hold_what_a_browser_is_known_by(signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    with client.session_transaction(base_url="http://portal.test") as kept:
        token = kept["sign_in"]
    row = db.session.scalars(select(SignIn)).one()
    assert token not in str(vars(row))
    assert token not in client.get("/me/account").text
    assert token not in str([line.detail for line in db.session.scalars(select(AuditLine))])


def test_from_where_is_written_nowhere_that_never_forgets(signed_in: Callable[..., Client]) -> None:
    signed_in()
    assert "127.0.0.1" in str([row.address for row in db.session.scalars(select(SignIn))])
    assert "127.0.0.1" not in str([line.detail for line in db.session.scalars(select(AuditLine))])


def test_where_somebody_signed_in_half_a_year_ago_is_forgotten(somebody: Person) -> None:
    for days in (181, 179):
        sign_ins.begin(somebody, address="::1", browser=PHONE, at=clock.now() - timedelta(days=days))
    sign_ins.forget({})
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 1


@pytest.mark.parametrize("agent", ["", "curl/8.0", "𠮷" * 5_000, "<script>alert(1)</script>", "\x00\u202e"])
def test_odd_browsers_sign_in_as_well(signed_in: Callable[..., Client], agent: str) -> None:
    page = signed_in(agent.encode("utf-8", "replace").decode("latin-1")).get("/me/account")
    assert "认不出的设备" in page.text
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (PHONE, ["安卓手机", "微信"]),
        (LAPTOP, ["Windows 电脑", "Edge 浏览器"]),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Mobile Safari/604",
            ["苹果手机", "Safari 浏览器"],
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", ["Linux 电脑", "火狐浏览器"]),
    ],
)
def test_a_browser_is_called_as_its_owner_calls_it(app: Flask, agent: str, said: list[str]) -> None:
    with app.test_request_context():
        assert [str(word) for word in described(agent)] == said


# ── another password ────────────────────────────────────────────────────────────────────────────────
def change(client: Client, old: str = PASSWORD, new: str = ANOTHER, again: str | None = None) -> int:
    form = {"old": old, "new": new, "again": new if again is None else again}
    return client.post("/me/account/password", data=form).status_code


def test_another_password_signs_every_other_device_out(signed_in: Callable[..., Client]) -> None:
    phone, laptop = signed_in(PHONE), signed_in(LAPTOP)
    assert change(laptop) == 303
    assert (is_in(phone), is_in(laptop)) == (False, True)
    assert is_in(signed_in(PHONE, ANOTHER))
    assert phone.post("/login", data={"login": "xiaoman", "password": PASSWORD}).status_code == 422
    assert lines("accounts.password.changed") == 1


def test_a_wrong_current_password_changes_nothing_and_is_slowed_down(signed_in: Callable[..., Client]) -> None:
    client = signed_in()
    for _ in range(10):
        answer = client.post("/me/account/password", data={"old": "guess-guess", "new": ANOTHER, "again": ANOTHER})
        assert (answer.status_code, "现在的密码不对" in answer.text) == (422, True)
    assert (
        "尝试次数太多"
        in client.post("/me/account/password", data={"old": PASSWORD, "new": ANOTHER, "again": ANOTHER}).text
    )
    assert is_in(signed_in(PHONE, PASSWORD))


def test_of_two_changes_at_once_one_is_told(somebody: Person) -> None:
    first, second = (sign_ins.PasswordChange(somebody.password_hash, hashed(new)) for new in (ANOTHER, "zhu-zi-bu-kai"))
    sign_ins.set_password(somebody, first, token=None, at=clock.now())
    with pytest.raises(ChangedMeanwhile, match="别处改过"):
        sign_ins.set_password(somebody, second, token=None, at=clock.now())
    assert is_right(somebody.password_hash, ANOTHER)


@pytest.mark.parametrize(
    ("new", "again", "sentence"),
    [
        ("", "", "请填写新密码"),
        (ANOTHER, "mei-hua", "两遍写的不一样"),
        ("short", "short", "至少 8 位"),
        ("19560312", "19560312", "只用数字的密码至少 12 位"),
        ("zhou-xiaoman", "zhou-xiaoman2", "两遍写的不一样"),
        ("xiaoman123", "xiaoman123", "太容易猜到"),
    ],
)
def test_a_poor_password_gets_a_sentence_and_is_never_shown(
    signed_in: Callable[..., Client], new: str, again: str, sentence: str
) -> None:
    answer = signed_in().post("/me/account/password", data={"old": PASSWORD, "new": new, "again": again})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert not new or f'value="{new}"' not in answer.text
    assert is_valid(answer)


@pytest.mark.parametrize(
    "password",
    ["password", "Password123", "aaaaaaaaaa", "abcdefgh", "87654321abc", "qwer1234", "woaini520", "1qaz2wsx",
     "周小满周小满周小满", "123456789012", "aixin919", "A1b2A1b2A1b2"],
)  # fmt: skip
def test_what_is_tried_first_is_no_password(password: str) -> None:
    with pytest.raises(DomainError):
        require_good(password, own=("周小满", "xiaoman", None))


@pytest.mark.parametrize(
    "password", [PASSWORD, "三棵树下两条小河", "tram depot rain", "k7#Qz!p2", "382910475566", "红茶配桂花糕真好"]
)
def test_whatever_is_hard_to_guess_is_one(password: str) -> None:
    require_good(password, own=("周小满", "xiaoman", None))
