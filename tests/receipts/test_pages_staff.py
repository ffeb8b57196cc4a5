"""What cashiers and accountants hand out, and the PDF."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.db import db
from portal.documents.client import DocumentUnavailable
from portal.funds.models import Method
from portal.lists.actions import hand_over, import_list
from portal.lists.models import DonationImport
from portal.people.models import ALLIANCE, Role
from portal.receipts import pages
from portal.receipts.booking import confirm_and_book
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import BEGINNING, person
from tests.giving import Giving, opened
from tests.pages import cells, is_valid, words

Show = Callable[[Receipt], str]


# ── the slip ────────────────────────────────────────────────────────────────────────────────────────
def test_the_cashier_prints_the_code_and_the_look_is_written_down(
    client: Client, giving: Giving, receipt: Receipt
) -> None:
    for reader in (giving.cashier, giving.accountant):
        page = client.sign_in(reader).get(f"/receipts/{receipt.number}/slip")
        assert page.status_code == 200
        assert is_valid(page)
        assert page.headers["Cache-Control"] == "no-store"
        code = code_of(receipt)
        assert " ".join((code[:5], code[5:10], code[10:14], code[14:18], code[18:22], code[22:])) in words(page)
        assert f"<span>http://portal.test/receipts/</span><wbr><span>{receipt.number}</span>" in page.text
    shown = select(AuditLine).where(AuditLine.action == "receipts.slip.shown").order_by(AuditLine.id)
    looks = db.session.scalars(shown).all()
    assert [look.actor_name for look in looks] == ["沈知秋", "罗予安"]
    assert not [look for look in looks if code_of(receipt) in str(look.detail)]


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN, Role.COUNCIL, Role.WORKER, Role.VOLUNTEER])
def test_nobody_else_sees_a_code(client: Client, giving: Giving, receipt: Receipt, role: Role) -> None:
    client.sign_in(person("某某", grants=[(role, giving.fund.scope)]))
    answer = client.get(f"/receipts/{receipt.number}/slip")
    assert answer.status_code == 403
    assert code_of(receipt)[:5] not in answer.text


def test_without_account_the_slip_leads_to_the_login(client: Client, receipt: Receipt) -> None:
    assert client.get(f"/receipts/{receipt.number}/slip").headers["Location"].startswith("/login")


def test_the_cashier_of_another_fund_sees_no_code(client: Client, receipt: Receipt) -> None:
    other = opened("gongyi", "公益公积金")
    assert client.sign_in(other.cashier).get(f"/receipts/{receipt.number}/slip").status_code == 403


def test_a_number_that_is_not_there_has_no_slip(client: Client, giving: Giving) -> None:
    assert client.sign_in(giving.cashier).get("/receipts/919-2026-000777/slip").status_code == 404


# ── the PDF ─────────────────────────────────────────────────────────────────────────────────────────
def test_the_pdf_is_an_attachment_with_a_chinese_name(client: Client, receipt: Receipt, show_code: Show) -> None:
    answer = client.get(f"{show_code(receipt)}/pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith(f'attachment; filename="{receipt.number}.pdf"')
    assert quote(f"捐赠接收确认单 {receipt.number}.pdf") in disposition


def test_the_pdf_says_what_the_receipt_says(
    client: Client, giving: Giving, receipt: Receipt, monkeypatch: pytest.MonkeyPatch, show_code: Show
) -> None:
    seen: dict[str, Any] = {}

    def render(template: str, context: dict[str, Any], **_: object) -> bytes:
        assert not db.session.registry().in_transaction()
        seen.update(context)
        return b"%PDF-1.7"

    monkeypatch.setattr(pages, "render", render)
    client.get(f"{show_code(receipt)}/pdf")
    assert (seen["number"], seen["donor"], seen["amount"]) == (receipt.number, "王建国", 140_950)
    assert (seen["handler"], seen["checker"], seen["method"]) == ("沈知秋", "罗予安", "银行转账")
    assert seen["check_url"] == f"http://portal.test/verify/{receipt.number}"
    assert seen["fund"] == giving.fund.full_name


def test_without_a_renderer_the_page_says_that_the_receipt_is_safe(
    client: Client, receipt: Receipt, monkeypatch: pytest.MonkeyPatch, show_code: Show
) -> None:
    def render(*_: object, **__: object) -> bytes:
        raise DocumentUnavailable

    monkeypatch.setattr(pages, "render", render)
    answer = client.get(f"{show_code(receipt)}/pdf")
    assert answer.status_code == 503
    assert is_valid(answer)
    assert "确认单本身没有问题" in words(answer)
    assert f"/receipts/{receipt.number}" in answer.text


# ── a list's receipts ───────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def booked(giving: Giving, tmp_path: Path) -> DonationImport:
    """A list of 30 gifts that the cashier brought and the accountant confirmed."""
    file = tmp_path / "三月.csv"
    rows = [f"2026-03-02,捐款人{number:02d},{number}.00" for number in range(1, 31)]
    file.write_text("\n".join(["捐赠日期,捐赠人,捐赠金额（元）", *rows]), encoding="utf-8")
    imported = import_list(file, giving.fund, method=Method.BANK, by=giving.cashier, at=BEGINNING.replace(month=4))
    hand_over(imported, by=giving.cashier, at=BEGINNING.replace(month=4))
    return confirm_and_book(imported, by=giving.accountant, at=BEGINNING.replace(month=4))


def test_a_list_leads_to_its_receipts(client: Client, giving: Giving, booked: DonationImport) -> None:
    address = f"/imports/{booked.id}/receipts"
    page = client.sign_in(giving.cashier).get(address)
    assert is_valid(page)
    assert "这份名单开出了 30 张确认单" in words(page)
    assert cells(page)[0][:4] == ["919-2026-000001", "捐款人01", "2026-03-02", "¥1.00"]
    assert len(cells(page)) == 25
    assert len(cells(client.get(f"{address}?page=2"))) == 5
    assert cells(client.get(f"{address}?sort=-number"))[0][0] == "919-2026-000030"
    assert [row[0] for row in cells(client.get(f"{address}?q=000017"))] == ["919-2026-000017"]
    assert [row[1] for row in cells(client.get(f"{address}?q=捐款人2"))] == [f"捐款人2{n}" for n in range(10)]
    assert cells(client.get(f"{address}?q=%25")) == []


def test_a_lists_receipts_change_in_place(client: Client, giving: Giving, booked: DonationImport) -> None:
    piece = client.sign_in(giving.cashier).get(f"/imports/{booked.id}/receipts?page=2", headers={"HX-Request": "true"})
    assert is_valid(piece)
    assert piece.text.lstrip().startswith('<div id="receipts">')


def test_who_did_not_bring_the_list_leaves_a_trace(client: Client, giving: Giving, booked: DonationImport) -> None:
    for reader, looks in ((giving.cashier, 0), (giving.accountant, 1)):
        client.sign_in(reader).get(f"/imports/{booked.id}/receipts")
        lines = select(AuditLine).where(AuditLine.action == "receipts.list.looked_at")
        assert len(db.session.scalars(lines).all()) == looks


def test_the_supervisor_reads_the_list_but_hands_out_nothing(client: Client, booked: DonationImport) -> None:
    page = client.sign_in(person("顾清和", grants=[(Role.SUPERVISOR, ALLIANCE)])).get(f"/imports/{booked.id}/receipts")
    assert "捐款人01" in page.text
    assert "/slip" not in page.text


def test_a_list_of_another_fund_is_not_found(app: Flask, client: Client, booked: DonationImport) -> None:
    other = opened("gongyi", "公益公积金")
    stranger = person("路人")
    for reader in (other.cashier, stranger):
        assert client.sign_in(reader).get(f"/imports/{booked.id}/receipts").status_code == 404
    assert new_client(app).get(f"/imports/{booked.id}/receipts").headers["Location"].startswith("/login")


def test_a_list_that_is_not_there_is_not_found(client: Client, giving: Giving) -> None:
    client.sign_in(giving.cashier)
    for number in ("1", "0", "999999999999999999", "9" * 30, "abc", "-1"):
        assert client.get(f"/imports/{number}/receipts").status_code == 404
