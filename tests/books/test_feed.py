"""The page about the books, the sums as JSON, and the feed of what is new."""

from datetime import datetime
from xml.etree import ElementTree as ET

from portal.clock import CHINA
from portal.db import db
from portal.funds.spending import UNTOLD
from portal.ledger.actions import reverse
from portal.ledger.models import Entry, Pool
from tests.applications import Client
from tests.giving import Giving
from tests.ledger.books import Books
from tests.pages import is_valid, words

ATOM = "{http://www.w3.org/2005/Atom}"


def entries(client: Client) -> list[dict[str, str]]:
    """The feed's entries; all that RFC 4287 asks of a feed is looked at on the way."""
    answer = client.get("/books/feed.atom")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    root = ET.fromstring(answer.data)
    assert root.tag == f"{ATOM}feed"
    assert {link.get("rel") for link in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    told = [{part.tag.removeprefix(ATOM): part.text or "" for part in entry} for entry in root.findall(f"{ATOM}entry")]
    for one in [*told, {part.tag.removeprefix(ATOM): part.text or "" for part in root}]:
        assert one["id"].startswith("urn:uuid:")
        assert one["title"]
        assert datetime.fromisoformat(one["updated"]).tzinfo is not None
    assert len({one["id"] for one in told}) == len(told)
    assert max((one["updated"] for one in told), default="") in root.findtext(f"{ATOM}updated", "")
    return told


def test_the_feed_tells_payments_and_corrections_and_no_single_gift(client: Client, giving: Giving) -> None:
    assert entries(client) == []
    giving.gift(fen=100_000)
    spent = giving.spend(1_234, "夜间搜寻油费")
    giving.spend(99, "给某某某的救助金", beneficiaries=2)
    assert [one["title"] for one in entries(client)] == [f"支出 0.99 元：{UNTOLD}", "支出 12.34 元：夜间搜寻油费"]
    before = entries(client)
    entry = db.session.get_one(Entry, spent.entry_id)
    at = datetime(2026, 11, 21, 9, tzinfo=CHINA)
    reverse(entry, reason="记错了基金", by=giving.cashier, checked_by=giving.accountant, at=at)
    db.session.commit()
    after = entries(client)
    assert after[1:] == before, "what was told stays as it was told"
    assert after[0]["title"].startswith("冲销更正 12.34 元")
    assert after[0]["summary"].endswith(f"冲销 2026 年{entry.number}号，原因：记错了基金")


def test_ids_do_not_depend_on_where_the_portal_is_asked(client: Client, giving: Giving) -> None:
    giving.gift(fen=100_000)
    giving.spend(1_234)
    (here,) = entries(client)
    elsewhere = client.get("/books/feed.atom", base_url="https://another.example").text
    assert here["id"] in elsewhere
    assert "https://another.example/books/feed.atom" in elsewhere


def test_the_feed_stands_whatever_is_in_the_memos(client: Client, nasty: Books) -> None:
    assert len(entries(client)) > 10


def test_the_feed_is_kept_until_something_is_booked(client: Client, giving: Giving) -> None:
    giving.gift(fen=100_000)
    tag = client.get("/books/feed.atom").headers["ETag"]
    assert client.get("/books/feed.atom", headers={"If-None-Match": tag}).status_code == 304
    giving.spend(1)
    assert client.get("/books/feed.atom", headers={"If-None-Match": tag}).status_code == 200


def test_the_page_says_how_much_there_is_and_what_is_not_in_it(client: Client, giving: Giving) -> None:
    empty = client.get("/books")
    assert is_valid(empty)
    assert "账簿里还没有凭证" in words(empty)
    giving.gift(fen=100_000)
    giving.spend(1)
    page = client.get("/books")
    assert is_valid(page)
    for told in ("2 张", "2026-11-20", "bean-check ledger.beancount", "没有捐赠人和受助人的姓名"):
        assert told in words(page)
    for address in ("/books/ledger.beancount", "/books/ledger.hledger", "/books/ledger.csv", "/books/feed.atom"):
        assert f'href="{address}"' in page.text
    assert 'href="/books"' in client.get("/funds").text


def test_the_sums_are_those_of_the_pools_at_the_size_of_the_log(client: Client, nasty: Books) -> None:
    told = client.get("/books/balances.json").json
    assert told is not None
    pools = {one["code"]: one["balance_fen"] for one in told["pools"]}
    assert pools == {pool.code: pool.balance_fen for pool in db.session.query(Pool)}
    moved: dict[str, int] = dict.fromkeys(pools, 0)
    for one in told["accounts"]:
        if one["pool"] is not None and one["account"][0] in "12":
            moved[one["pool"]] += one["debit_fen"] - one["credit_fen"]
    assert moved == pools
    assert told["log_size"] == db.session.query(Entry).count()
