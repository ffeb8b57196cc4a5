"""A donor sees where each fen went; picture and table say what the ledger says; nobody else sees it."""

import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db import db
from portal.funds.actions import GiftDraft
from portal.ledger.actions import open_pool, post, reverse
from portal.ledger.drafts import EntryDraft
from portal.ledger.models import Entry, EntryKind
from portal.ledger.patterns import transfer_lines
from portal.money import yuan
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from portal.ways import gift_ways
from portal.ways.gift_ways import way_of
from tests.applications import Client
from tests.giving import DAY, Giving
from tests.importing import check


def opened_by(client: Client, receipt: Receipt) -> str:
    """The page of the way, for a donor who has typed the code; its text."""
    number, code = receipt.number, code_of(receipt)
    assert client.post(f"/receipts/{number}", data={"code": code}).status_code == 303
    answer = client.get(f"/receipts/{number}/way")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_donor_sees_each_payment_with_its_day_voucher_and_roles_and_what_is_left(
    client: Client, giving: Giving
) -> None:
    receipt = giving.gift(fen=1_000_000, intention="121爱回家")
    giving.spend(420_000, "定位手环 60 只")
    giving.gift("另一位", fen=100)
    giving.spend(315_000, "夜间搜寻车辆油费")
    page = opened_by(client, receipt)
    assert "您的 ¥10,000.00，走到了这里" in page
    for words in ("定位手环 60 只", "−¥4,200.00", "−¥3,150.00", "管委会审批", "还没有用", "¥2,650.00", "用了 73.5%"):
        assert words in page
    assert giving.cashier.name not in page.split("<main")[1].split("同样")[0]
    check()


def test_table_and_picture_agree_with_the_ledger_to_the_fen(client: Client, giving: Giving) -> None:
    giving.gift("先来的", fen=30_00)
    receipt = giving.gift(fen=100_01)
    for fen in (50_00, 33_33, 20_20):
        giving.spend(fen)
    page = opened_by(client, receipt)
    rows = "SELECT t.fen FROM ledger_trace t JOIN ledger_source s ON s.id = t.source_id WHERE s.entry_id = :entry"
    traced = db.session.scalars(text(rows + " ORDER BY t.entry_id"), {"entry": receipt.gift.entry_id}).all()
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    shown = re.findall(r'<td class="num">¥([\d,.]+)</td>', table)
    assert shown == [yuan(fen) for fen in traced] == ["20.00", "33.33", "20.20"]
    rests = re.findall(r'data-label="之后还剩">¥([\d,.]+)</td>', table)
    assert rests == ["80.01", "46.68", "26.48"]
    pieces = re.findall(r"<rect class=\"([a-z ]+)\" x=\"([\d.]+)\".*?<title>[^<]*：¥([\d,.]+)</title>", page)
    assert [fen for _, _, fen in pieces] == [*shown, "26.48"]
    assert float(pieces[-1][1]) == pytest.approx(1000 * 73.53 / 100.01, abs=0.01)
    line = page.split('<ol class="line way"')[1].split("</ol>")[0]
    assert re.findall(r"−¥([\d,.]+)", line) == shown


def test_an_undirected_gift_is_marked_as_reckoned_and_says_why(client: Client, giving: Giving) -> None:
    page = opened_by(client, giving.gift(fen=100))
    assert "推算口径" in page
    assert "没有指定用途" in page


def test_a_small_groups_purpose_is_not_told_to_the_donor_either(client: Client, giving: Giving) -> None:
    receipt = giving.gift(fen=10_000)
    giving.spend(5_000, "林家小妹的手术费", beneficiaries=1)
    page = opened_by(client, receipt)
    assert "林家小妹" not in page
    assert "受益人不足 5 人" in page


def test_a_payment_taken_back_comes_back_with_its_public_reason(client: Client, giving: Giving) -> None:
    receipt = giving.gift(fen=10_000)
    spent = giving.spend(4_000, "买错的书")
    people = {"by": giving.cashier, "checked_by": giving.accountant}
    reverse(db.session.get_one(Entry, spent.entry_id), reason="付重了", at=receipt.gift.booked_at, **people)
    db.session.commit()
    page = opened_by(client, receipt)
    assert "已冲销" in page
    assert "付重了" in page
    assert "+¥40.00" in page
    assert "用了 0%" in page


def test_money_moved_to_a_project_is_followed_there(giving: Giving) -> None:
    receipt = giving.gift(fen=10_000)
    pool = open_pool(giving.fund.entity, "919/way", "爱心椅", is_restricted=True, by=None, at=receipt.gift.booked_at)
    lines = transfer_lines(giving.fund.pool, pool, 6_000)
    move = EntryDraft(on=DAY, kind=EntryKind.TRANSFER, memo="调拨", lines=lines)
    post(move, by=giving.cashier, checked_by=giving.accountant, at=receipt.gift.booked_at)
    giving.spend(3_000)
    way = way_of(receipt.gift)
    assert way.pools == [giving.fund.pool.name, "爱心椅"]
    assert [(step.to_pool, step.fen, step.left_fen) for step in way.steps] == [
        ("爱心椅", 6_000, 10_000),
        (None, 3_000, 7_000),
    ]
    assert (way.gone_fen, way.left_fen) == (3_000, 7_000)


def test_a_long_way_is_shown_page_by_page_and_counts_down_across_them(
    giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gift_ways, "STEPS_A_PAGE", 2)
    receipt = giving.gift(fen=1_000)
    for fen in (100, 200, 300, 50):
        giving.spend(fen)
    first = way_of(receipt.gift)
    assert [step.left_fen for step in first.steps] == [900, 700]
    assert first.next_after is not None
    second = way_of(receipt.gift, after=first.next_after)
    assert [step.left_fen for step in second.steps] == [400, 350]
    assert (second.before_fen, second.next_after) == (300, None)


def test_who_has_not_shown_the_code_is_led_to_the_confirmation(client: Client, giving: Giving) -> None:
    receipt = giving.gift(fen=100)
    answer = client.get(f"/receipts/{receipt.number}/way")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/receipts/{receipt.number}")
    assert client.get("/receipts/919-2026-999999/way").status_code == 404
    assert client.get("/receipts/%00/way").status_code == 404


def test_an_officers_look_is_recorded(cashier: Client, giving: Giving) -> None:
    receipt = giving.gift(fen=100)
    assert cashier.get(f"/receipts/{receipt.number}/way").status_code == 200
    looked = "SELECT count(*) FROM audit_line WHERE action = 'receipts.receipt.looked_at'"
    assert db.session.scalar(text(looked)) == 1


@pytest.mark.parametrize("after", ["-1", "x", "９", "1" * 40, "1%20OR%201"])
def test_a_page_that_makes_no_sense_is_the_first(client: Client, giving: Giving, after: str) -> None:
    receipt = giving.gift(fen=100)
    opened_by(client, receipt)
    assert client.get(f"/receipts/{receipt.number}/way?after={after}").status_code == 200


# ── backward ────────────────────────────────────────────────────────────────────────────────────────
def test_a_payment_names_the_gifts_that_paid_it_as_the_public_list_names_them(client: Client, giving: Giving) -> None:
    giving.gift("王建国", fen=5_000)
    giving.gift("海宁××公司", fen=7_000, public_name="海宁××公司", intention="爱心椅")
    spent = giving.spend(10_000, "爱心椅 2 把")
    answer = client.get(f"/funds/919/spending/{spent.voucher_no}")
    page = answer.get_data(as_text=True)
    assert "由 2 笔捐赠支付" in page
    assert "王建国" not in page
    assert "爱心人士" in page
    assert "海宁××公司" in page
    assert re.findall(r'<td class="num">¥([\d,.]+)</td>', page) == ["50.00", "50.00"]
    assert f"/funds/919/spending/{spent.voucher_no}" in client.get("/funds/919/spending").get_data(as_text=True)


def test_the_same_as_a_file_without_formulas(client: Client, giving: Giving) -> None:
    giving.gifts([GiftDraft(received_on=date(2026, 11, 20), donor_name="甲", fen=200, public_name="=1+1")])
    spent = giving.spend(150)
    answer = client.get(f"/funds/919/spending/{spent.voucher_no}/gifts.csv")
    lines = answer.get_data(as_text=True).splitlines()
    assert lines[0].endswith("这笔共(元),付这笔支出(元)")
    assert lines[1:] == ["1,2026-11-20,捐赠,'=1+1,非定向,2.00,1.50"]


def test_a_withdrawn_name_is_gone_at_the_next_view(app: Flask, client: Client, giving: Giving) -> None:
    receipt = giving.gift("王建国", fen=5_000, public_name="老王")
    spent = giving.spend(1_000)
    address = f"/funds/919/spending/{spent.voucher_no}"
    assert "老王" in client.get(address).get_data(as_text=True)
    opened_by(client, receipt)
    client.post(f"/receipts/{receipt.number}/public-name/withdraw")
    assert "老王" not in client.get(address).get_data(as_text=True)


def test_an_unknown_voucher_or_anothers_fund_is_not_found(client: Client, giving: Giving) -> None:
    giving.gift(fen=5_000)
    giving.spend(1_000)
    for address in ("/funds/919/spending/none", "/funds/nobody/spending/1", "/funds/919/spending/%00"):
        assert client.get(address).status_code == 404


def test_many_gifts_are_shown_page_by_page(client: Client, giving: Giving) -> None:
    giving.gifts([GiftDraft(received_on=DAY, donor_name=f"捐赠人{n}", fen=100 + n) for n in range(60)])
    spent = giving.spend(7_000)
    first = client.get(f"/funds/919/spending/{spent.voucher_no}").get_data(as_text=True)
    (after,) = set(re.findall(r"after=(\d+)", first))
    second = client.get(f"/funds/919/spending/{spent.voucher_no}?after={after}").get_data(as_text=True)
    fens = [re.findall(r'<td class="num">¥([\d,.]+)</td>', page) for page in (first, second)]
    assert len(fens[0]) == 50
    assert sum(int(fen.replace(".", "")) for page in fens for fen in page) == 7_000
