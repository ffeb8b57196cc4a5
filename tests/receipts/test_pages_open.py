"""Opening a confirmation with its look-up code, and what its holder may do."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from portal import clock
from portal.audit.models import AuditLine
from portal.db import PortalSession, db
from portal.people.models import Role
from portal.receipts.codes import code_of
from portal.receipts.models import KeptReceipt, Receipt
from portal.receipts.opened import ATTEMPTS_AN_ADDRESS
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import BEGINNING, person
from tests.giving import Giving, opened
from tests.pages import cells, is_valid, statements, words

HTMX = {"HX-Request": "true"}
Show = Callable[[Receipt], str]


def deeds() -> list[str]:
    return list(db.session.scalars(select(AuditLine.action).order_by(AuditLine.id)))


# ── the code ────────────────────────────────────────────────────────────────────────────────────────
def test_the_right_code_opens_the_whole_confirmation(client: Client, receipt: Receipt) -> None:
    address = f"/receipts/{receipt.number}"
    answer = client.post(address, data={"code": code_of(receipt)})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    page = client.get(address)
    assert is_valid(page)
    assert page.headers["Cache-Control"] == "no-store"
    text = words(page)
    for fact in (
        "王建国", "¥1,409.50", "人民币壹仟肆佰零玖元伍角整", "人民币（银行转账）", "定向：爱心椅",
        "919爱心基金", "海宁市××慈善会（测试）", "2026-11-20", "沈知秋", "罗予安", "已列入开票清单", "单位代转",
        receipt.number, "非财政票据，不作税前扣除凭证。", "记-1",
    ):  # fmt: skip
        assert fact in text, fact


@pytest.mark.parametrize("change", [str.lower, lambda code: "-".join(code[n : n + 5] for n in range(0, 26, 5))])
def test_a_code_may_be_typed_as_it_is_printed(client: Client, receipt: Receipt, change: Callable[[str], str]) -> None:
    assert client.post(f"/receipts/{receipt.number}", data={"code": change(code_of(receipt))}).status_code == 303


@pytest.mark.parametrize("code", ["", "x", "0" * 26, "查询码", "\x00", "a" * 500])
def test_a_wrong_code_is_said_beside_its_field(client: Client, receipt: Receipt, code: str) -> None:
    address = f"/receipts/{receipt.number}"
    answer = client.post(address, data={"code": code})
    assert answer.status_code == 422
    assert is_valid(answer)
    assert 'id="code-error"' in answer.text
    assert "王建国" not in answer.text
    assert "王建国" not in client.get(address).text


def test_the_code_of_another_receipt_opens_nothing(client: Client, giving: Giving, receipt: Receipt) -> None:
    other = giving.gift("李四", 5_00)
    assert client.post(f"/receipts/{receipt.number}", data={"code": code_of(other)}).status_code == 422


def test_guessing_takes_time(client: Client, receipt: Receipt) -> None:
    for serial in range(ATTEMPTS_AN_ADDRESS):
        client.post("/receipts", data={"number": f"919-2020-{serial:06d}", "code": "0" * 26})
    answer = client.post(f"/receipts/{receipt.number}", data={"code": "0" * 26})
    assert answer.status_code == 422
    assert "尝试次数太多" in words(answer)
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert "尝试次数太多" not in words(client.post(f"/receipts/{receipt.number}", data={"code": "0" * 26}))


def test_no_stranger_locks_a_donor_out(app: Flask, client: Client, receipt: Receipt) -> None:
    address = f"/receipts/{receipt.number}"
    for _ in range(ATTEMPTS_AN_ADDRESS + 1):
        client.post(address, data={"code": "0" * 26})
    assert client.post(address, data={"code": code_of(receipt)}).status_code == 303
    assert new_client(app).post(address, data={"code": code_of(receipt)}).status_code == 303


def test_a_failed_try_is_written_down_without_the_code(client: Client, receipt: Receipt) -> None:
    client.post(f"/receipts/{receipt.number}", data={"code": "WRONG1234567890WRONG123456"})
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "receipts.code_refused")).one()
    assert line.subject_id == receipt.id
    assert "WRONG" not in str(line.detail)


def test_the_code_is_in_no_address_cookie_log_or_audit_line(
    client: Client, receipt: Receipt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code, address = code_of(receipt), f"/receipts/{receipt.number}"
    answers = [client.post(address, data={"code": code}), client.get(address), client.get(f"{address}/pdf")]
    for answer in answers:
        assert code not in str(answer.headers)
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert code not in answers[1].text
    assert code not in caplog.text
    assert not [line for line in db.session.scalars(select(AuditLine)) if code in str(line.detail)]
    with client.session_transaction(base_url="http://portal.test") as kept:
        assert code not in str(dict(kept))


def test_number_and_code_together_open_it_too(client: Client, receipt: Receipt) -> None:
    assert is_valid(client.get("/receipts"))
    answer = client.post("/receipts", data={"number": receipt.number, "code": code_of(receipt)})
    assert answer.headers["Location"] == f"/receipts/{receipt.number}"
    wrong = client.post("/receipts", data={"number": receipt.number, "code": "0" * 26})
    assert wrong.status_code == 422
    unknown = client.post("/receipts", data={"number": "919-2026-000999", "code": "0" * 26})
    assert words(unknown).replace("919-2026-000999", receipt.number) == words(wrong)


def test_the_form_for_the_code_asks_for_a_token(strict_client: Client, receipt: Receipt) -> None:
    address = f"/receipts/{receipt.number}"
    assert "csrf_token" in strict_client.get(address).text
    answer = strict_client.post(address, data={"code": code_of(receipt)})
    assert answer.status_code == 400
    assert code_of(receipt) not in answer.text


def test_another_browser_has_to_show_the_code_itself(app: Flask, receipt: Receipt, show_code: Show) -> None:
    address = show_code(receipt)
    assert "王建国" not in new_client(app).get(address).text


def test_closing_forgets_it(client: Client, receipt: Receipt, show_code: Show) -> None:
    address = show_code(receipt)
    assert client.post(f"{address}/close").status_code == 303
    assert "王建国" not in client.get(address).text


def test_a_void_confirmation_can_be_looked_at(
    client: Client, giving: Giving, receipt: Receipt, show_code: Show
) -> None:
    giving.void(receipt, "抄错了姓名", at=BEGINNING)
    address = show_code(receipt)
    text = words(client.get(address))
    assert "这张确认单已经作废" in text
    assert "原因：抄错了姓名" in text
    assert client.post(f"{address}/public-name", data={"public_name": "老王"}).status_code == 422


def test_an_anonymous_donor_stays_so(client: Client, giving: Giving, show_code: Show) -> None:
    page = client.get(show_code(giving.gift("匿名", 100, is_anonymous=True)))
    assert "匿名（爱心人士）" in words(page)


def test_an_opened_confirmation_takes_few_statements(
    app: Flask, client: Client, receipt: Receipt, show_code: Show
) -> None:
    address = show_code(receipt)
    client.get(address)
    with statements(app) as seen:
        client.get(address)
    assert len(seen) <= 4, seen


# ── strangers ───────────────────────────────────────────────────────────────────────────────────────
def test_a_stranger_gets_no_pdf_and_changes_nothing(app: Flask, client: Client, receipt: Receipt) -> None:
    address = f"/receipts/{receipt.number}"
    for browser in (client, new_client(app).sign_in(person("路人"))):
        assert browser.get(f"{address}/pdf").headers["Location"] == address
        assert browser.get("/receipts/919-2026-000999/pdf").status_code == 404
        for deed in ("public-name", "public-name/withdraw", "keep", "let-go"):
            answer = browser.post(f"{address}/{deed}", data={"public_name": "坏人"})
            assert answer.status_code in (302, 403), deed
    db.session.refresh(receipt.gift)
    assert receipt.gift.public_name is None
    assert db.session.scalars(select(KeptReceipt)).all() == []


@pytest.mark.parametrize(
    ("role", "may"), [(Role.CASHIER, True), (Role.SUPERVISOR, True), (Role.COUNCIL, False), (Role.WORKER, False)]
)
def test_staff_of_the_fund_read_it_and_the_look_is_written_down(
    client: Client, giving: Giving, receipt: Receipt, role: Role, may: bool
) -> None:
    reader = person("某某", grants=[(role, giving.fund.scope)])
    page = client.sign_in(reader).get(f"/receipts/{receipt.number}")
    assert page.status_code == 200
    assert ("王建国" in page.text) is may
    assert ("receipts.receipt.looked_at" in deeds()) is may


def test_staff_of_another_fund_are_strangers(client: Client, receipt: Receipt) -> None:
    other = opened("gongyi", "公益公积金")
    assert "王建国" not in client.sign_in(other.cashier).get(f"/receipts/{receipt.number}").text


def test_staff_do_not_decide_for_the_donor(client: Client, giving: Giving, receipt: Receipt) -> None:
    client.sign_in(giving.cashier)
    address = f"/receipts/{receipt.number}"
    assert "/public-name" not in client.get(address).text
    assert client.post(f"{address}/public-name", data={"public_name": "老王"}).status_code == 403


# ── public name ─────────────────────────────────────────────────────────────────────────────────────
def test_consent_shows_at_the_next_view_and_goes_with_it(client: Client, receipt: Receipt, show_code: Show) -> None:
    address = show_code(receipt)

    def public() -> str:
        return cells(client.get("/funds/919/donations"))[0][1]

    assert public() == "爱心人士"
    agreed = client.post(f"{address}/public-name", data={"public_name": " 一位 老工人 "}, headers=HTMX)
    assert agreed.status_code == 200
    assert "一位 老工人" in agreed.text
    assert is_valid(agreed)
    assert public() == "一位 老工人"
    assert "一位 老工人" in client.get("/funds/919/donations.csv").text
    assert client.post(f"{address}/public-name/withdraw").status_code == 303
    assert public() == "爱心人士"
    assert "老工人" not in client.get("/funds/919/donations.json").text
    assert {"funds.gift.public_name_agreed", "funds.gift.public_name_withdrawn"} <= set(deeds())


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "打我 13812345678", "http://spam.example", "a@b.example"])
def test_a_public_name_that_will_not_do_is_said_beside_its_field(
    client: Client, receipt: Receipt, show_code: Show, name: str
) -> None:
    address = show_code(receipt)
    for headers in ({}, HTMX):
        answer = client.post(f"{address}/public-name", data={"public_name": name}, headers=headers)
        assert answer.status_code == 422
        assert 'id="public_name-error"' in answer.text
        assert is_valid(answer)
    db.session.refresh(receipt.gift)
    assert receipt.gift.public_name is None


def test_a_public_name_is_text(client: Client, receipt: Receipt, show_code: Show) -> None:
    address = show_code(receipt)
    client.post(f"{address}/public-name", data={"public_name": "<script>1</script>"})
    for page in (client.get(address), client.get("/funds/919/donations")):
        assert "<script>1" not in page.text


# ── kept ────────────────────────────────────────────────────────────────────────────────────────────
def test_who_is_signed_in_keeps_it_and_needs_the_code_no_more(
    app: Flask, session: scoped_session[PortalSession], receipt: Receipt
) -> None:
    donor = person("王建国")
    session.commit()
    browser = new_client(app).sign_in(donor)
    browser.post("/receipts", data={"number": receipt.number, "code": code_of(receipt), "keep": "1"})
    again = new_client(app).sign_in(donor)
    assert "王建国" in again.get(f"/receipts/{receipt.number}").text
    assert receipt.number in again.get("/me").text
    again.post(f"/receipts/{receipt.number}/let-go")
    assert "¥1,409.50" not in new_client(app).sign_in(donor).get(f"/receipts/{receipt.number}").text
    assert {"receipts.receipt.kept", "receipts.receipt.let_go"} <= set(deeds())


def test_keeping_twice_is_once(client: Client, receipt: Receipt, show_code: Show) -> None:
    client.sign_in(person("王建国"))
    address = show_code(receipt)
    for _ in range(2):
        assert client.post(f"{address}/keep").status_code == 303
    assert len(db.session.scalars(select(KeptReceipt)).all()) == 1


def test_keeping_needs_an_account(client: Client, receipt: Receipt, show_code: Show) -> None:
    address = show_code(receipt)
    assert client.post(f"{address}/keep").headers["Location"].startswith("/login")
