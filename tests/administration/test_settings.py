"""The room of rules: who opens it, what it tells, how a change is written down and taken back."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock, rules
from portal.db import db
from portal.people.models import ALLIANCE, Person, Role
from portal.rules.actions import set_value
from portal.rules.catalogue import GIVING_LINK, RULES, UNDO_MINUTES
from portal.rules.models import RuleValue
from portal.web.exports import BOM
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import opened
from tests.pages import cells, is_valid, statements, words
from tests.volunteers import MONDAY, Cast

RULE = "/settings/hours.undo_minutes"
TODAY = MONDAY.date()
CHANGE = {"value": "30", "applies_from": "2026-11-20", "reason": "管委会 11 月 16 日决议", "seen": "0"}


@pytest.fixture
def admin(session: object) -> Person:
    return person("秦长风", grants=[(Role.ADMIN, ALLIANCE)])


@pytest.fixture
def desk(app: Flask, admin: Person) -> Client:
    return new_client(app).sign_in(admin)


def test_every_rule_is_told_with_its_value_and_its_source(desk: Client) -> None:
    for lang in ("zh", "en"):
        desk.set_cookie("lang", lang, domain="portal.test")
        page = desk.get("/settings")
        assert is_valid(page)
        told = words(page)
        assert all(f'href="/settings/{key}"' in page.text for key in RULES)
    assert "Not in use yet" in told
    assert "None" not in page.text


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_each_rule_has_a_page_and_a_form_that_can_be_sent_as_it_is(desk: Client, rule: str) -> None:
    """As it is, it says nothing new."""
    assert is_valid(desk.get(f"/settings/{rule}"))
    assert is_valid(form := desk.get(f"/settings/{rule}/change"))
    assert 'name="seen" value="0"' in form.text
    value = "filed" if rule == "campaigns.giving_link" else "1"
    answer = desk.post(f"/settings/{rule}/change", data=CHANGE | {"value": value, "applies_from": "2020-01-01"})
    assert answer.status_code == 422
    assert is_valid(answer)


def test_the_pages_take_few_statements(app: Flask, desk: Client) -> None:
    for address, most in (("/settings", 2), (RULE, 2), (f"{RULE}/change", 2)):
        desk.get(address)
        with statements(app) as seen:
            assert desk.get(address).status_code == 200
        assert len(seen) <= most, seen


def test_a_change_is_written_down_and_holds_from_its_day(desk: Client) -> None:
    with clock.frozen(MONDAY):
        answer = desk.post(f"{RULE}/change", data=CHANGE, follow_redirects=True)
        assert "从 2026-11-20 起照新的办" in words(answer)
        row = cells(answer)[0]
        assert row[0].startswith("30 分钟") and "还没到" in row[0]
        assert row[1:] == ["2026-11-20", "秦长风", "2026-11-16 09:00", "管委会 11 月 16 日决议"]
        assert rules.value(UNDO_MINUTES, on=TODAY) == 15
    with clock.frozen(MONDAY + timedelta(days=4)):
        assert "从 2026-11-20 起" in words(desk.get("/settings"))
        assert rules.value(UNDO_MINUTES, on=clock.today()) == 30


def test_a_plan_is_taken_back_before_its_day(desk: Client) -> None:
    with clock.frozen(MONDAY):
        desk.post(f"{RULE}/change", data=CHANGE)
        back = CHANGE | {"value": "15", "applies_from": "2026-11-17", "seen": "1"}
        page = desk.post(f"{RULE}/change", data=back, follow_redirects=True)
    assert "没到就改掉了" in cells(page)[1][0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"value": "often"}, "「often」不是整数"),
        ({"value": ""}, "请填写新的数"),
        ({"value": "15"}, "从那天起本来就是这样"),
        ({"value": "9" * 10_000}, "最多 100 个字"),
        ({"value": "3\x000"}, None),
        ({"applies_from": "2026-11-15"}, "只能从今天或以后的日子起改"),
        ({"applies_from": "2026-02-30"}, "没有「2026-02-30」这一天"),
        ({"applies_from": ""}, "请填写从哪天起"),
        ({"reason": "因为"}, "请写明为什么改，5 到 300 个字"),
        ({"reason": "\u202e\u200b   "}, "请写明为什么改"),
        ({"reason": "长" * 301}, "最多 300 个字"),
        ({"seen": "x"}, "刚刚有人改过"),
        ({"seen": "-1"}, "刚刚有人改过"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_cannot_be_gets_its_sentence_and_leaves_nothing(
    desk: Client, change: dict[str, str], sentence: str | None
) -> None:
    with clock.frozen(MONDAY):
        answer = desk.post(f"{RULE}/change", data=CHANGE | change)
    if sentence is None:
        assert answer.status_code == 303
        assert db.session.scalars(select(RuleValue.value)).all() == [30]
        return
    assert answer.status_code == 422
    assert is_valid(answer)
    assert sentence in words(answer)
    assert db.session.scalars(select(RuleValue)).all() == []


def test_whoever_was_slower_sees_what_was_set_and_may_send_again(desk: Client) -> None:
    with clock.frozen(MONDAY):
        assert desk.post(f"{RULE}/change", data=CHANGE).status_code == 303
        slow = desk.post(f"{RULE}/change", data=CHANGE | {"value": "45"})
        assert slow.status_code == 422
        assert "刚刚有人改过" in words(slow) and "30 分钟" in words(slow)
        assert 'name="seen" value="1"' in slow.text
        assert desk.post(f"{RULE}/change", data=CHANGE | {"value": "45", "seen": "1"}).status_code == 303


def test_a_supervisor_reads_and_changes_nothing_others_do_not_even_read(app: Flask, cast: Cast) -> None:
    reader = new_client(app).sign_in(cast.supervisor)
    assert [reader.get(address).status_code for address in ("/settings", RULE, "/settings.csv")] == [200] * 3
    assert "/change" not in reader.get(RULE).text
    assert reader.get(f"{RULE}/change").status_code == 403
    assert reader.post(f"{RULE}/change", data=CHANGE).status_code == 403
    for other in (cast.lead, cast.member):
        client = new_client(app).sign_in(other)
        answers = [client.get("/settings"), client.get(RULE), client.post(f"{RULE}/change", data=CHANGE)]
        assert [answer.status_code for answer in answers] == [403] * 3
    assert db.session.scalars(select(RuleValue)).all() == []


def test_a_change_asks_who_is_there_unless_she_has_just_shown_it(app: Flask, admin: Person) -> None:
    stale = new_client(app).sign_in(admin, fresh=False)
    for answer in (stale.get(f"{RULE}/change"), stale.post(f"{RULE}/change", data=CHANGE)):
        assert answer.status_code == 303
        assert "next=" in answer.headers["Location"]
    assert db.session.scalars(select(RuleValue)).all() == []


@pytest.mark.parametrize("address", ["/settings/no.such", "/settings/hours", "/settings/..%2Fetc", "/settings/%00"])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_rule_that_is_not_there_is_not_there(desk: Client, address: str) -> None:
    assert desk.get(address).status_code == 404
    assert desk.post(f"{address}/change", data=CHANGE).status_code == 404


def test_the_file_holds_defaults_and_every_change_and_no_formula(desk: Client, admin: Person) -> None:
    with clock.frozen(MONDAY):
        set_value(UNDO_MINUTES, 30, applies_from=TODAY, reason="=1+1 试试看", seen=0, by=admin, at=MONDAY)
    rows = list(csv.reader(io.StringIO(desk.get("/settings.csv").text.removeprefix(BOM))))
    assert len(rows) == 1 + len(RULES) + 1
    assert rows[-1][0] == "hours.undo_minutes"
    assert rows[-1][2:4] == ["30 分钟", "2026-11-16"]
    assert rows[-1][7] == "'=1+1 试试看"


def test_a_fund_page_changes_with_the_rule_at_the_next_request(app: Flask, client: Client, admin: Person) -> None:
    opened(filing_no="浙慈募备 0000", platform_url="https://platform.example/919")
    assert "platform.example" in client.get("/funds/919").text
    assert "platform.example" in client.get("/funds/919").text
    set_value(GIVING_LINK, "never", applies_from=clock.today(), reason="平台维护期间", seen=0, by=admin, at=clock.now())
    assert "platform.example" not in client.get("/funds/919").text
