"""The first day: every page leads to the set-up, the token opens it, and each step says what is wrong."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.administration.models import SetUp
from portal.administration.queries import is_over
from portal.audit.models import AuditLine
from portal.db import db
from portal.funds.models import Fund
from portal.ledger.models import LegalEntity
from portal.people.models import Grant, Person
from tests.administration.first_day import (
    ALLIANCE,
    CODE,
    FUND,
    PASSWORD,
    STEPS,
    WHO,
    filled_in,
    founded,
    given_token,
    post,
)
from tests.applications import Client
from tests.conftest import new_client
from tests.giving import Giving
from tests.pages import is_valid, statements, words
from tests.site.access_table import TABLE
from tests.volunteers import MONDAY


# ── where an empty portal leads ─────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_page_of_an_empty_portal_leads_to_the_set_up(visitor: Client) -> None:
    open_ = {"/static/", "/healthz", "/readyz", "/metrics", "/preferences", "/set-up"}
    for route in TABLE:
        method, address = route.split(" ", 1)
        if not any(address.startswith(begins) for begins in open_):
            address = re.sub("<[^>]*>", "1", address.replace("<any(csv, json):kind>", "csv"))
            answer = visitor.open(address, method=method)
            where = answer.headers.get("Location", "")
            assert where.startswith(("/set-up", "/login?next=", "/login")), (route, answer.status_code)
            assert answer.status_code in (302, 303)
    assert visitor.get("/login").headers["Location"] == "/set-up"


def test_nothing_of_an_empty_portal_is_kept(visitor: Client, empty: Flask) -> None:
    assert visitor.get("/funds").status_code == 303
    founded(empty)
    page = visitor.get("/funds")
    assert page.status_code == 200
    assert "919爱心基金" in page.text


@pytest.mark.parametrize("address", ["/healthz", "/static/css/portal.css"])
def test_who_watches_an_empty_portal_is_answered_and_no_statement_is_sent(
    visitor: Client, empty: Flask, address: str
) -> None:
    with statements(empty) as seen:
        assert visitor.get(address).status_code == 200
    assert seen == []


def test_a_portal_with_people_asks_once_a_process_and_never_shows_it(app: Flask, giving: Giving) -> None:
    app.extensions["portal_first_day"].is_over = False
    client = new_client(app)
    with statements(app) as seen:
        for _ in range(3):
            assert client.get("/set-up").status_code == 404
    assert len(seen) == 1
    with statements(app) as seen:
        assert client.get("/verify").status_code == 200
    assert seen == []


def test_htmx_is_sent_there_by_header(visitor: Client) -> None:
    answer = visitor.get("/funds", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/set-up")


# ── the token ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_the_token_no_step_opens_or_takes_anything(visitor: Client, token: str, step: str) -> None:
    for answer in (visitor.get(f"/set-up/{step}"), post(visitor, f"/set-up/{step}", ALLIANCE | FUND | WHO)):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/set-up")
    with visitor.application.app_context():
        assert db.session.scalar(select(func.count()).select_from(Person)) == 0
        assert db.session.scalars(select(SetUp.draft)).one() == {}


def test_a_token_is_128_bits_and_kept_only_as_a_digest(empty: Flask, token: str) -> None:
    plain = token.replace("-", "")
    assert (len(plain), len(set(plain) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))) == (26, 0)
    with empty.app_context():
        row = db.session.scalars(select(SetUp)).one()
        assert plain not in str(vars(row)) and len(row.token_digest or "") == 64
        assert token not in str(db.session.scalars(select(AuditLine.detail)).all())


@pytest.mark.parametrize("typed", [str.lower, str.upper, lambda token: token.replace("-", ""), lambda t: f"  {t}  "])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_token_opens_however_it_is_typed(visitor: Client, token: str, typed: object) -> None:
    assert callable(typed)
    answer = post(visitor, "/set-up", {"token": typed(token)})
    assert answer.headers["Location"] == "/set-up/alliance"


@pytest.mark.parametrize("wrong", ["", "x", "ABCDE-" * 5, "' OR 1=1 --", "\x00", "\u202e", "口令", "A" * 10_000])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_wrong_token_gets_a_sentence(visitor: Client, token: str, wrong: str) -> None:
    answer = post(visitor, "/set-up", {"token": wrong})
    assert answer.status_code == 422
    assert is_valid(answer)


def test_guessing_is_slowed_down_by_address_and_stops_nobody_else(visitor: Client, token: str) -> None:
    for _ in range(10):
        assert "口令不对" in words(post(visitor, "/set-up", {"token": "guess"}))
    assert "尝试次数太多" in words(post(visitor, "/set-up", {"token": token}))
    with clock.frozen(MONDAY):
        elsewhere = visitor.post("/set-up", data={"token": token}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 303
    with visitor.application.app_context():
        refused = select(func.count()).where(AuditLine.action == "administration.set_up.token_refused")
        assert db.session.scalar(refused) == 10


def test_after_a_day_the_token_opens_nothing_even_amid_the_steps(visitor: Client, token: str) -> None:
    filled_in(visitor, token)
    with clock.frozen(MONDAY + timedelta(hours=23, minutes=59)):
        assert visitor.get("/set-up/keys").status_code == 200
    with clock.frozen(MONDAY + timedelta(hours=24)):
        assert visitor.get("/set-up/keys").headers["Location"] == "/set-up"
        assert visitor.post("/set-up", data={"token": token}).status_code == 422
        assert visitor.post("/set-up/administrator", data=WHO).headers["Location"] == "/set-up"


def test_a_new_token_ends_the_one_before_and_keeps_the_draft(empty: Flask, visitor: Client, token: str) -> None:
    filled_in(visitor, token)
    with clock.frozen(MONDAY):
        another = given_token(empty)
        assert visitor.get("/set-up/funds").headers["Location"] == "/set-up"
        assert visitor.post("/set-up", data={"token": token}).status_code == 422
        answer = visitor.post("/set-up", data={"token": another})
        assert answer.headers["Location"] == "/set-up/keys"
        assert "919爱心基金" in visitor.get("/set-up/funds").text


def test_a_cookie_of_anothers_making_opens_nothing(visitor: Client, token: str) -> None:
    for forged in ("", "x" * 64, None):
        with visitor.session_transaction(base_url="http://portal.test") as kept:
            kept["set_up"] = forged or ""
        with clock.frozen(MONDAY):
            assert visitor.get("/set-up/funds").headers["Location"] == "/set-up"


# ── the steps ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_page_is_valid_before_and_after_it_is_filled_in(visitor: Client, token: str, language: str) -> None:
    visitor.set_cookie("lang", language, domain="portal.test")
    with clock.frozen(MONDAY):
        assert is_valid(visitor.get("/set-up"))
        post(visitor, "/set-up", {"token": token})
        for _ in range(2):
            for step in STEPS:
                page = visitor.get(f"/set-up/{step}")
                assert page.status_code == 200
                assert is_valid(page)
                assert "None" not in page.text
                assert page.headers["Cache-Control"] == "no-store"
            filled_in(visitor, token) if "919" not in visitor.get("/set-up/funds").text else None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "请填写基金名称"),
        ({"name": "长" * 61}, "最多 60 个字"),
        ({"slug": "爱心"}, "只能用字母"),
        ({"slug": "../etc"}, "只能用字母"),
        ({"slug": "-a"}, "只能用字母"),
        ({"slug": "a" * 32}, "最多 31 个字"),
        ({"purpose": " "}, "请写明做什么用"),
        ({"founded_year": "2027"}, "设立年份要在"),
        ({"founded_year": "1900"}, "设立年份要在"),
        ({"founded_year": "二〇一三"}, "请填整数"),
        ({"council_size": "4"}, "要是单数"),
        ({"council_size": "3"}, "至少 5 人"),
        ({"council_size": "-7"}, "请填整数"),
        ({"credit_code": CODE[:17] + "0"}, "最后一位对不上"),
        ({"credit_code": CODE[1:] + CODE[0]}, "18 位"),
        ({"credit_code": CODE.replace("M", "I")}, "18 位"),
        ({"credit_code": "1" * 18}, "最后一位对不上"),
        ({"credit_code": ""}, "请填写统一社会信用代码"),
        ({"last_receipt": "-1"}, "请填整数"),
        ({"last_receipt": "900000"}, "编号要在 0 到 899999 之间"),
        ({"last_receipt": "9" * 30}, "请填整数"),
        ({"last_receipt": "1.5"}, "请填整数"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_fund_that_cannot_be_gets_a_sentence_and_keeps_what_was_typed(
    visitor: Client, token: str, change: dict[str, str], sentence: str
) -> None:
    post(visitor, "/set-up", {"token": token})
    answer = post(visitor, "/set-up/funds", FUND, **change)
    assert answer.status_code == 422
    assert is_valid(answer)
    assert sentence in words(answer)
    assert "海宁市××慈善会（测试）" in answer.text
    with visitor.application.app_context():
        assert db.session.scalars(select(SetUp.draft)).one() == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, "已经有基金用了这个网址名"),
        ({"slug": "gongyi"}, "已经有一个基金叫这个名字"),
        ({"slug": "gongyi", "name": "公益公积金", "host_name": "另一个慈善会"}, "名称、简称和代码要一样"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_two_funds_that_do_not_go_together_get_a_sentence(
    visitor: Client, token: str, change: dict[str, str], sentence: str
) -> None:
    filled_in(visitor, token)
    assert sentence in words(post(visitor, "/set-up/funds", FUND, **change))


def test_a_fund_is_taken_off_again_and_the_next_one_begins_with_its_host(visitor: Client, token: str) -> None:
    filled_in(visitor, token)
    with clock.frozen(MONDAY):
        assert f'value="{CODE}"' in visitor.get("/set-up/funds").text
        for slug in ("919", "919", "nobody"):
            assert visitor.post(f"/set-up/funds/{slug}/remove").status_code == 303
        page = visitor.get("/set-up/funds")
    assert "已经填了" not in page.text
    refused = post(visitor, "/set-up/administrator", WHO)
    assert (refused.status_code, "至少要设立一个基金" in words(refused)) == (422, True)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "12345678", "again": "12345678"}, "只用数字的密码至少 12 位"),
        ({"password": "aixin2026", "again": "aixin2026"}, "太容易猜到"),
        ({"again": "另一个密码另一个"}, "两遍写的不一样"),
        ({"login": "Qín"}, "登录名用 3 到 40 个"),
        ({"login": "a b c"}, "登录名用 3 到 40 个"),
        ({"name": " "}, "请填写姓名"),
        ({"name": "秦長ニ<"}, "名字里"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_administrator_who_cannot_be_leaves_the_portal_empty(
    visitor: Client, token: str, change: dict[str, str], sentence: str
) -> None:
    filled_in(visitor, token)
    answer = post(visitor, "/set-up/administrator", WHO, **change)
    assert (answer.status_code, sentence in words(answer)) == (422, True), words(answer)
    assert PASSWORD not in answer.text
    with visitor.application.app_context():
        assert not is_over()
        for table in (Person, Fund, LegalEntity, Grant):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
