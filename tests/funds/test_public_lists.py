"""The public lists: found, filtered, sorted, paged, in place and as data."""

import csv
import io
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from portal.funds import public_gifts
from portal.funds.actions import GiftDraft
from portal.funds.exports import GIFT_HEAD, SPENDING_HEAD
from portal.web.exports import harmless
from tests.applications import Client
from tests.giving import Giving
from tests.pages import cells, is_valid, links, statements, words

LIST = "/funds/919/donations"
HTMX = {"HX-Request": "true"}


def amounts(client: Client, address: str) -> list[str]:
    return [row[-1] for row in cells(client.get(address))]


def every_page(client: Client, query: str) -> list[str]:
    """The amounts of all pages, following the link to the next one."""
    address, found = f"{LIST}?{query}", []
    while True:
        page = client.get(address)
        found += [row[-1] for row in cells(page)]
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        if not following:
            return found
        address = following[1].replace("&amp;", "&")


# ── filters ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("query", "count", "total"),
    [
        ("", 60, "¥78.30"),
        ("from=2026-09-29", 4, "¥6.34"),
        ("to=2026-09-01", 2, "¥2.03"),
        ("from=2026-09-02&to=2026-09-03", 4, "¥4.18"),
        ("from=2026年9月2日&to=2026/9/3", 4, "¥4.18"),
        ("min=1.50", 11, "¥17.05"),
        ("max=1.01", 1, "¥1.01"),
        ("min=¥1.50&max=１.５９", 10, "¥15.45"),
        ("method=wechat", 30, "¥39.30"),
        ("min=1.50&max=1.59&method=wechat", 5, "¥7.70"),
        ("min=1.50&max=1.59&method=bank", 5, "¥7.75"),
        ("method=cash", 0, ""),
        ("q=公示", 20, "¥25.90"),
        ("q=爱心椅", 12, "¥15.42"),
        ("q=公示30&method=bank&min=1&from=2026-09-16&to=2026-09-16", 1, "¥1.31"),
        ("q=%25", 0, ""),
        ("q=_", 0, ""),
        ("q=%5C", 0, ""),
    ],
)
def test_count_and_sum_stand_above_what_fits(client: Client, some: Giving, query: str, count: int, total: str) -> None:
    for address in (LIST, "/funds/919"):
        page = words(client.get(f"{address}?{query}"))
        assert f"共 {count} 笔" in page
        assert f"合计 {total}" in page or not count


def test_sorting_and_paging_keep_the_filters(client: Client, some: Giving) -> None:
    page = client.get(f"{LIST}?q=公示&from=2026-09-01&min=1&sort=-amount&method=bank")
    lists = [link for link in links(page) if link.startswith(f"{LIST}?") or link.startswith(f"{LIST}.")]
    assert lists
    for link in lists:
        kept = parse_qs(urlsplit(link).query)
        assert (kept["q"], kept["from"], kept["min"], kept["method"]) == (["公示"], ["2026-09-01"], ["1"], ["bank"])


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-02-30", "没有「2026-02-30」这一天"),
        ("to=昨天", "没有「昨天」这一天"),
        ("min=abc", "金额「abc」不是数字"),
        ("max=1.234", "最多两位小数"),
        ("min=99999999999999999999", "金额太大"),
        ("method=gold", "没有「gold」这种捐赠方式"),
        ("from=2026-09-30&to=2026-09-01", "结束日期早于开始日期"),
        ("min=5&max=4", "最多的金额小于最少的金额"),
    ],
)
def test_a_filter_that_makes_no_sense_is_said_beside_the_list(
    client: Client, some: Giving, query: str, sentence: str
) -> None:
    page = client.get(f"{LIST}?{query}")
    assert page.status_code == 200
    assert is_valid(page)
    assert sentence in words(page)


def test_a_bad_filter_leaves_the_list_standing(client: Client, some: Giving) -> None:
    page = client.get(f"{LIST}?from=2026-02-30&min=abc&method=gold")
    assert "共 60 笔" in words(page)
    assert len(cells(page)) == 25


# ── order and pages ─────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("sort", ["-date", "date", "-amount", "amount", "nonsense", "--amount", "donor_name"])
def test_every_row_is_on_exactly_one_page(client: Client, some: Giving, sort: str) -> None:
    found = every_page(client, f"sort={sort}")
    rising = [f"¥1.{n:02d}" for n in range(1, 61)]
    assert found == (rising if sort in ("date", "amount") else list(reversed(rising)))


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        *((page, 1) for page in ("0", "-1", "abc", "", "1.5", "²", "٢", "9" * 30)),
        *(("2", 2), ("3", 3), ("4", 3), ("999999", 3)),
    ],
)
def test_a_page_that_is_not_there_is_the_nearest_one(client: Client, some: Giving, page: str, shown: int) -> None:
    answer = client.get(LIST, query_string={"page": page})
    assert answer.status_code == 200
    assert f"第 {shown} 页，共 3 页" in words(answer)


@pytest.mark.parametrize("sort", ["-date", "date", "-amount", "amount"])
@pytest.mark.parametrize(
    "more", ["", "&method=bank", "&from=2026-09-05&to=2026-09-28", "&from=2026-08-31", "&min=1.05&max=1.55", "&max=1.3"]
)
def test_far_pages_are_the_same_when_found_by_tally(
    client: Client, some: Giving, monkeypatch: pytest.MonkeyPatch, sort: str, more: str
) -> None:
    near = every_page(client, f"sort={sort}{more}")
    monkeypatch.setattr(public_gifts, "FAR", 1)
    client.application.extensions["portal_kept"].forget()
    assert every_page(client, f"sort={sort}{more}") == near


def test_a_far_page_takes_no_statement_more(
    app: Flask, client: Client, some: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_gifts, "FAR", 1)
    client.get(f"{LIST}?page=3")
    with statements(app) as seen:
        client.get(f"{LIST}?page=3")
    assert len(seen) == 3, seen


@pytest.mark.parametrize(
    "query",
    [
        "min=1.2&from=2026-09-05",
        "max=1.5&method=bank&sort=amount",
        "min=1.1&max=1.5&method=bank",
        "min=1.1&max=1.5&to=2026-09-25",
    ],
)
def test_filters_that_no_tally_knows_count_to_a_thousand_only(
    client: Client, some: Giving, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    exact = words(client.get(f"{LIST}?{query}"))
    assert "合计" in exact
    monkeypatch.setattr(public_gifts, "MOST_COUNTED", 10)
    client.application.extensions["portal_kept"].forget()
    page = words(client.get(f"{LIST}?{query}"))
    assert "超过 10 笔，列出前 10 笔" in page
    assert "合计" not in page


def test_a_free_search_counts_to_a_thousand_only(client: Client, some: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_gifts, "MOST_COUNTED", 10)
    page = words(client.get(f"{LIST}?q=公示"))
    assert "超过 10 笔，列出前 10 笔" in page
    assert "合计" not in page


# ── in place ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("address", ["/funds/919", LIST, "/funds/919/spending"])
def test_htmx_gets_the_list_alone_and_its_address(client: Client, some: Giving, address: str) -> None:
    piece = client.get(f"{address}?q=&from=&min=1&page=1", headers=HTMX)
    assert piece.text.lstrip().startswith("<div id=")
    assert is_valid(piece)
    assert piece.headers["HX-Push-Url"] == f"{address}?min=1"
    assert "HX-Request" in piece.headers["Vary"]


@pytest.mark.parametrize("address", ["/funds/919", LIST, "/funds/919/spending"])
def test_the_piece_is_what_the_page_holds(client: Client, some: Giving, address: str) -> None:
    whole, piece = client.get(f"{address}?min=1.2").text, client.get(f"{address}?min=1.2", headers=HTMX).text
    assert piece.strip() in whole


def test_a_restored_history_gets_the_whole_page(client: Client, some: Giving) -> None:
    page = client.get(LIST, headers=HTMX | {"HX-History-Restore-Request": "true"})
    assert page.text.startswith("<!doctype html>")


def test_a_fragment_takes_three_statements(app: Flask, client: Client, some: Giving) -> None:
    for address in ("/funds/919", LIST, "/funds/919/spending"):
        client.get(address, headers=HTMX)
        with statements(app) as seen:
            client.get(f"{address}?page=2", headers=HTMX)
        assert len(seen) == 3, seen


# ── as data ─────────────────────────────────────────────────────────────────────────────────────────
def read_csv(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_csv_has_the_headers_that_imports_read(client: Client, some: Giving) -> None:
    head, first, *_ = read_csv(client, f"{LIST}.csv?sort=amount")
    assert ",".join(head) == (
        "序号,到账日期,捐赠人(公示名),捐赠类型,捐赠财产及数量,金额/公允价值(元),捐赠意向(定向/非定向),所属基金/项目,票据号码,备注"
    )
    assert tuple(head) == GIFT_HEAD
    assert first == ["1", "2026-09-01", "公示00", "货币", "人民币（银行转账）", "1.01", "爱心椅", "919爱心基金", "", ""]


def test_the_csv_holds_all_that_fits_and_nothing_else(client: Client, some: Giving) -> None:
    assert len(read_csv(client, f"{LIST}.csv")) == 61
    assert len(read_csv(client, f"{LIST}.csv?page=3")) == 61
    assert [row[5] for row in read_csv(client, f"{LIST}.csv?min=1.58&sort=-amount")[1:]] == ["1.60", "1.59", "1.58"]
    assert len(read_csv(client, f"{LIST}.csv?q=爱心椅&method=bank")) == 7


def test_the_csv_is_chinese_in_every_language(client: Client, some: Giving) -> None:
    client.set_cookie("lang", "en", domain="portal.test")
    assert read_csv(client, f"{LIST}.csv?max=1.01")[1][4] == "人民币（银行转账）"


def test_the_spending_csv(client: Client, some: Giving) -> None:
    head, *rows = read_csv(client, "/funds/919/spending.csv?sort=date")
    assert ",".join(head) == (
        "序号,拨付日期,基金/项目,用途,受益人(脱敏)/受益人次,金额(元),凭证号,经办人,审批人,结余(元)"
    )
    assert tuple(head) == SPENDING_HEAD
    assert rows[0] == ["1", "2026-09-30", "919爱心基金", "爱心椅 2 把", "", "10.00", "0930-01", "沈*", "罗*", "68.30"]
    assert [row[-1] for row in rows] == ["68.30", "63.30"]


def test_a_spreadsheet_runs_nothing(client: Client, giving: Giving) -> None:
    evil = ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "＝1+1", " =1", '=HYPERLINK("http://x","y")']
    giving.gifts([GiftDraft(received_on=date(2026, 9, 1), donor_name="甲", public_name=text, fen=1) for text in evil])
    assert [row[2] for row in read_csv(client, f"{LIST}.csv?sort=date")[1:]] == [f"'{text}" for text in evil]


@pytest.mark.parametrize("text", ["张三", "100", "-5.00", "1.5", "", None, 7, -7, "甲=乙"])
def test_what_is_harmless_stays_as_it_is(text: str | int | None) -> None:
    assert harmless(text) == text


def test_money_in_json_is_whole_fen(client: Client, some: Giving) -> None:
    data = client.get(f"{LIST}.json?sort=-amount&min=1.59").get_json()
    assert (data["fund"], data["currency"], data["is_demo"]) == ("919", "CNY", False)
    assert [gift["amount_fen"] for gift in data["donations"]] == [160, 159]
    assert data["donations"][0] == {
        "received_on": "2026-09-30", "donor": "爱心人士", "is_named": False, "kind": "money", "method": "wechat",
        "intention": None, "amount_fen": 160,
    }  # fmt: skip
    paid = client.get("/funds/919/spending.json").get_json()["spending"]
    assert [(one["amount_fen"], one["balance_fen"]) for one in paid] == [(500, 6330), (1000, 6830)]


def test_an_empty_list_is_still_a_file(client: Client, giving: Giving) -> None:
    assert client.get(f"{LIST}.json").get_json()["donations"] == []
    assert read_csv(client, f"{LIST}.csv") == [list(GIFT_HEAD)]


def test_files_are_streamed_to_everyone(client: Client, some: Giving) -> None:
    for ending in (".csv", ".json"):
        answer = client.get(f"{LIST}{ending}")
        assert answer.is_streamed
        assert "Set-Cookie" not in answer.headers
        assert client.post(f"{LIST}{ending}").status_code == 405
    assert "filename*=UTF-8''919-donations.csv" in client.get(f"{LIST}.csv").headers["Content-Disposition"]
    assert client.get(f"{LIST}.xml").status_code == 404
