"""The public's first page."""

from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.hours.actions import approve_claim
from tests.applications import Client
from tests.giving import Giving, opened
from tests.pages import is_valid, statements, words
from tests.volunteers import MONDAY, Cast, claimed, drafted, published


@pytest.fixture
def three(session: object) -> list[Giving]:
    """Three funds with gifts and payments in this month."""
    funds = [opened("919", "919爱心基金"), opened("gongyi", "公益公积金"), opened("shequ", "社区发展基金")]
    for giving in funds:
        giving.gift("王建国", 100_000, on=MONDAY.date(), public_name=None)
        giving.spend(25_000, "夜间搜寻油费", on=MONDAY.date())
    return funds


def home(client: Client, **headers: str) -> str:
    with clock.frozen(MONDAY):
        page = client.get("/", headers=headers)
    assert page.status_code == 200
    assert is_valid(page)
    return words(page)


def test_an_empty_portal_has_a_first_page_all_the_same(client: Client) -> None:
    text = home(client)
    assert "每一小时有记录， 每一分钱有去向" in text
    assert "还没有收支" in text


def test_it_says_what_came_in_and_went_out(client: Client, three: list[Giving]) -> None:
    text = home(client)
    assert "三大基金余额 ¥2,250.00" in text
    assert "本月收入 ¥3,000.00" in text
    assert "本月支出 ¥750.00" in text
    assert "爱心人士捐给社区发展基金 ¥1,000.00" in text
    assert "社区发展基金支出：夜间搜寻油费 ¥250.00" in text
    assert "王建国" not in text
    assert "演示数据" not in text


def test_only_approved_hours_of_this_month_are_counted(client: Client, people: Cast) -> None:
    claim = claimed(people.member, published(people), minutes=200)
    assert "本月志愿服务 0 小时" in home(client)
    approve_claim(claim, seen=claim.seq, by=people.lead, at=MONDAY)
    assert "本月志愿服务 3 小时" in home(client)
    with clock.frozen(MONDAY + timedelta(days=20)):
        assert "本月志愿服务 0 小时" in words(client.get("/"))


def test_it_says_how_many_we_are_and_what_comes_next(client: Client, people: Cast) -> None:
    published(people, "爱心教室", starts_at=MONDAY + timedelta(days=2))
    drafted(people, "还没发布的", starts_at=MONDAY + timedelta(days=1))
    text = home(client)
    assert "1 家社会组织、1 支服务队、7 名志愿者" in text
    assert "爱心教室" in text
    assert "还没发布的" not in text


def test_demo_data_is_said_to_be_demo_data(client: Client, session: object) -> None:
    opened(is_demo=True)
    assert home(client).count("演示数据") == 2


def test_the_first_page_is_the_same_for_everyone(app: Flask, client: Client, three: list[Giving], people: Cast) -> None:
    with clock.frozen(MONDAY):
        stranger = client.get("/")
        assert client.sign_in(people.lead).get("/").text == stranger.text
    assert "Set-Cookie" not in stranger.headers
    assert "csrf_token" not in stranger.text
    with statements(app) as seen, clock.frozen(MONDAY):
        client.get("/")
    assert len(seen) <= 6, seen


def test_it_knows_english_and_elders(client: Client, three: list[Giving]) -> None:
    client.set_cookie("lang", "en", domain="portal.test")
    client.set_cookie("mode", "elder", domain="portal.test")
    page = client.get("/")
    assert '<html lang="en" data-mode="elder">' in page.text
    assert is_valid(page)


def test_nothing_is_posted_to_it(client: Client) -> None:
    assert client.post("/").status_code == 405
