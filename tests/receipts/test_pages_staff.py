"""What cashiers and accountants hand out, and the PDF."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from portal.audit.models import AuditLine
from portal.db import PortalSession, db
from portal.documents.client import DocumentUnavailable
from portal.people.models import Role
from portal.receipts import routes
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving, opened
from tests.pages import is_valid, words

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
        assert " ".join(code[start : start + 5] for start in range(0, 26, 5)) in words(page)
        assert f"http://portal.test/receipts/{receipt.number}" in page.text
    looks = db.session.scalars(select(AuditLine).where(AuditLine.action == "receipts.slip.shown")).all()
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

    def render(template: str, context: dict[str, Any]) -> bytes:
        assert not db.session.registry().in_transaction()
        seen.update(context)
        return b"%PDF-1.7"

    monkeypatch.setattr(routes, "render", render)
    client.get(f"{show_code(receipt)}/pdf")
    assert (seen["number"], seen["donor"], seen["amount"]) == (receipt.number, "王建国", 140_950)
    assert (seen["handler"], seen["checker"], seen["method"]) == ("沈知秋", "罗予安", "银行转账")
    assert seen["check_url"] == f"http://portal.test/verify/{receipt.number}"
    assert seen["fund"] == giving.fund.full_name


def test_without_a_renderer_the_page_says_that_the_receipt_is_safe(
    client: Client, receipt: Receipt, monkeypatch: pytest.MonkeyPatch, show_code: Show
) -> None:
    def render(*_: object) -> bytes:
        raise DocumentUnavailable

    monkeypatch.setattr(routes, "render", render)
    answer = client.get(f"{show_code(receipt)}/pdf")
    assert answer.status_code == 503
    assert is_valid(answer)
    assert "确认单本身没有问题" in words(answer)
    assert f"/receipts/{receipt.number}" in answer.text


# ── a list's receipts ───────────────────────────────────────────────────────────────────────────────
def test_a_list_that_is_not_there_is_not_found(client: Client, giving: Giving) -> None:
    client.sign_in(giving.cashier)
    for number in ("1", "0", "999999999999999999", "9" * 30, "abc", "-1"):
        assert client.get(f"/imports/{number}/receipts").status_code == 404


def test_a_stranger_does_not_learn_of_a_list(app: Flask, session: scoped_session[PortalSession]) -> None:
    stranger = person("路人")
    session.commit()
    assert new_client(app).sign_in(stranger).get("/imports/1/receipts").status_code == 404
    assert new_client(app).get("/imports/1/receipts").headers["Location"].startswith("/login")
