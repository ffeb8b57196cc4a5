"""The funds as everyone sees them."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from portal import clock
from portal.db import PortalSession
from portal.funds.spending import Spending
from portal.invariants import run_all
from portal.ledger.drafts import PoolWouldGoBelowZero
from portal.problems import DomainError
from tests.applications import Client
from tests.giving import Giving, opened
from tests.pages import cells, is_valid, links, statements, words

PAGES = ("/funds", "/funds/919", "/funds/919/donations", "/funds/919/spending")


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", PAGES)
def test_public_pages_need_no_session_and_set_no_cookie(client: Client, some: Giving, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert is_valid(response)
    assert "Set-Cookie" not in response.headers
    assert "csrf_token" not in response.text
    assert "no-store" not in response.headers.get("Cache-Control", "")


@pytest.mark.parametrize("address", PAGES)
def test_public_pages_take_at_most_six_statements(app: Flask, client: Client, some: Giving, address: str) -> None:
    client.get(address)
    with statements(app) as seen:
        client.get(address)
    assert len(seen) <= 6, seen


@pytest.mark.parametrize("address", PAGES)
def test_public_pages_know_no_other_method(client: Client, some: Giving, address: str) -> None:
    assert client.post(address).status_code == 405
    assert client.delete(address).status_code == 405
    assert client.head(address).status_code == 200


@pytest.mark.parametrize("address", PAGES)
def test_public_pages_are_the_same_for_whoever_is_signed_in(client: Client, some: Giving, address: str) -> None:
    stranger = client.get(address).text
    assert client.sign_in(some.cashier).get(address).text == stranger


def test_an_unknown_fund_is_not_found(client: Client, giving: Giving) -> None:
    for ending in ("", "/donations", "/donations.csv", "/donations.json", "/spending", "/spending.csv"):
        assert client.get(f"/funds/nothing{ending}").status_code == 404


def test_a_new_fund_says_that_nothing_has_come_yet(client: Client, giving: Giving) -> None:
    page = words(client.get("/funds/919"))
    assert "¥0.00" in page
    assert "还没有捐赠记录" in page
    assert "还没有支出" in page


def test_the_fund_page_says_balance_income_and_spending(client: Client, giving: Giving) -> None:
    giving.gift(fen=1_286_340_52, on=date(2026, 3, 2))
    giving.spend(3_150_00, "夜间搜寻油费", on=date(2026, 6, 30))
    with clock.frozen(clock.in_china(giving.fund.created_at.replace(month=11))):
        page = words(client.get("/funds/919"))
    assert "¥1,283,190.52" in page
    assert "¥1,286,340.52" in page
    assert "¥3,150.00" in page
    assert "海宁市××慈善会（测试）" in page


def test_a_year_can_be_chosen_and_a_silly_one_is_this_year(client: Client, giving: Giving) -> None:
    giving.gift(fen=777_00, on=date(2025, 5, 5))
    giving.gift(fen=888_00, on=date(2026, 5, 5))
    with clock.frozen(clock.in_china(giving.fund.created_at.replace(month=11))):
        assert "2025 年每月收入与支出" in client.get("/funds/919?year=2025").text
        for silly in ("abc", "1066", "-1", "２０２５", ""):
            assert "2026 年每月收入与支出" in client.get(f"/funds/919?year={silly}").text


def test_all_twelve_months_stand_in_the_table(client: Client, giving: Giving) -> None:
    giving.gift(fen=777_00, on=date(2026, 5, 5))
    months = cells(client.get("/funds/919"))
    assert [row[0] for row in months] == [f"{month}月" for month in range(1, 13)]
    assert months[4] == ["5月", "¥777.00", "¥0.00"]


# ── how to give ─────────────────────────────────────────────────────────────────────────────────────
def test_a_fund_without_filing_shows_no_way_to_give(client: Client, giving: Giving) -> None:
    page = client.get("/funds/919")
    assert "怎样捐" not in page.text
    assert "这里不收款" in page.text
    assert "btn warm" not in page.text


@pytest.mark.parametrize(
    ("filing_no", "platform_url"),
    [
        ("演示-0000", None),
        (None, "https://platform.example/919"),
        ("演示-0000", "javascript:alert(1)"),
        ("", "https://p.example"),
    ],
)
def test_filing_number_and_link_are_both_needed(
    client: Client, session: scoped_session[PortalSession], filing_no: str | None, platform_url: str | None
) -> None:
    opened(filing_no=filing_no, platform_url=platform_url)
    page = client.get("/funds/919").text
    assert "怎样捐" not in page
    assert "platform.example" not in page
    assert "javascript:" not in page


def test_a_fund_on_file_links_to_its_platform(client: Client, session: scoped_session[PortalSession]) -> None:
    opened(filing_no="演示-0000", platform_url="https://platform.example/919")
    page = client.get("/funds/919")
    assert "https://platform.example/919" in links(page)
    assert "演示-0000" in words(page)


def test_a_demo_fund_says_so(client: Client, session: scoped_session[PortalSession]) -> None:
    opened(is_demo=True)
    for address in PAGES:
        assert "演示数据" in client.get(address).text


# ── names ───────────────────────────────────────────────────────────────────────────────────────────
def test_private_names_and_memos_are_nowhere(client: Client, some: Giving) -> None:
    for address in (*PAGES, "/", "/funds/919/donations.csv", "/funds/919/donations.json", "/funds/919/spending.json"):
        text = client.get(address).text
        assert "私名" not in text, address
        assert "私下备注" not in text, address


@pytest.mark.parametrize("private", ["私名01", "私名00", "私下备注1", "私"])
def test_a_private_name_finds_nothing(client: Client, some: Giving, private: str) -> None:
    asked = {"q": private}
    page = client.get("/funds/919/donations", query_string=asked)
    assert "共 0 笔" in words(page)
    assert cells(page) == []
    assert len(client.get("/funds/919/donations.csv", query_string=asked).text.splitlines()) == 1
    data = client.get("/funds/919/donations.json", query_string=asked).get_json()
    assert data["donations"] == []


def test_a_public_name_is_shown_and_found(client: Client, some: Giving) -> None:
    rows = cells(client.get("/funds/919/donations?q=公示03"))
    assert rows == [["2026-09-02", "公示03", "非定向", "微信", "¥1.04"]]


def test_the_nameless_are_found_by_what_they_are_called(client: Client, some: Giving) -> None:
    assert "共 40 笔" in words(client.get("/funds/919/donations?q=爱心人士"))


def test_names_are_shown_as_text(client: Client, giving: Giving) -> None:
    evil = "<script>alert(1)</script>\"'&"
    giving.gift(public_name=evil, intention="<img src=x onerror=alert(1)>")
    for address in ("/", "/funds/919", "/funds/919/donations?q=%3Cscript"):
        page = client.get(address)
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert is_valid(page)
    assert evil in words(client.get("/funds/919"))


def test_the_purpose_of_a_payment_to_few_people_is_not_told(client: Client, giving: Giving) -> None:
    giving.gift(fen=100_000)
    giving.spend(1_000, "资助小明同学学费", beneficiaries=4)
    giving.spend(2_000, "资助八名同学学费", beneficiaries=8)
    for address in ("/", "/funds/919", *(f"/funds/919/spending{ending}" for ending in ("", ".csv", ".json"))):
        assert "小明" not in client.get(address).text, address
    assert cells(client.get("/funds/919/spending?q=小明")) == []
    assert len(cells(client.get("/funds/919/spending?q=八名"))) == 1


def test_those_who_pay_are_masked(client: Client, some: Giving) -> None:
    page = client.get("/funds/919/spending").text
    assert "沈*" in page
    assert "沈知秋" not in page


# ── sums ────────────────────────────────────────────────────────────────────────────────────────────
def test_the_tallies_are_sums(session: scoped_session[PortalSession], some: Giving) -> None:
    (result,) = run_all(session(), prefix="funds.tallies")
    assert result.holds
    assert result.count == 60


def test_a_payment_beyond_the_balance_is_refused_and_shown_nowhere(client: Client, giving: Giving) -> None:
    giving.gift(fen=100)
    with pytest.raises(PoolWouldGoBelowZero):
        giving.spend(101)
    assert "还没有支出" in words(client.get("/funds/919/spending"))


def test_handler_and_approver_are_two_people(giving: Giving) -> None:
    giving.gift(fen=1000)
    giving.accountant = giving.cashier
    with pytest.raises(DomainError, match="不能是同一个人"):
        giving.spend(1)


def test_a_payment_says_what_its_entry_says(session: scoped_session[PortalSession], giving: Giving) -> None:
    giving.gift(fen=10_000)
    entry = giving.gift(fen=500).gift.entry_id
    spent = giving.spend(1_000)
    columns = {column.name: getattr(spent, column.name) for column in Spending.__table__.columns if column.name != "id"}
    for change in ({"entry_id": entry, "fen": 500}, {"fen": 999}, {"paid_on": date(2026, 1, 1)}):
        with pytest.raises(DBAPIError):
            session.execute(insert(Spending).values(columns | {"voucher_no": "x"} | change))
        session.rollback()
    (result,) = run_all(session(), prefix="funds.spending")
    assert (result.holds, result.count) == (True, 1)


@pytest.mark.parametrize("deed", ["UPDATE funds_spending SET purpose = 'x'", "DELETE FROM funds_spending"])
def test_a_payment_never_changes(session: scoped_session[PortalSession], giving: Giving, deed: str) -> None:
    giving.gift(fen=10_000)
    giving.spend(1_000)
    with pytest.raises(DBAPIError):
        session.execute(text(deed))
    session.rollback()
