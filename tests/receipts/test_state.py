"""The state's receipts: who is due one, its numbers taken back, nobody's by mistake."""

from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.clock import CHINA
from portal.db import db
from portal.people.models import Role
from portal.problems import AlreadyDone, ChangedMeanwhile, DomainError
from portal.receipts.donors import keep_receipt
from portal.receipts.models import Receipt
from portal.receipts.state import StateNumbers, numbers_of, record_numbers, say_wish
from portal.receipts.state_models import StateReceipt
from tests.applications import Client
from tests.factories import person
from tests.giving import Giving, opened
from tests.importing import refused, run, without
from tests.pages import cells, is_valid, words

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
ONE = StateNumbers("33010126", "0000012345", "a1b2c3")
TWO = StateNumbers("33010126", "0000012346", "")
HEAD = "确认单编号,到账日期,捐赠人,金额（元）,捐赠方式,捐赠意向,票据代码,票据号码,校验码"


def test_numbers_are_recorded_once_and_corrected_with_a_reason(giving: Giving) -> None:
    receipt = giving.gift()
    record_numbers(receipt, ONE, by=giving.cashier, at=AT)
    with pytest.raises(AlreadyDone):
        record_numbers(receipt, ONE, by=giving.cashier, at=AT)
    with pytest.raises(DomainError, match="改正请写明原因"):
        record_numbers(receipt, TWO, by=giving.cashier, at=AT)
    record_numbers(receipt, TWO, by=giving.accountant, at=AT, reason="抄错一位")
    db.session.commit()
    now = numbers_of(receipt)
    assert now is not None
    assert (now.turn, now.number, now.reason, now.recorded_by_id) == (2, TWO.number, "抄错一位", giving.accountant.id)


def test_no_two_confirmations_have_the_same_state_receipt(giving: Giving) -> None:
    first, second = giving.gift("王建国"), giving.gift("李秀英")
    record_numbers(first, ONE, by=giving.cashier, at=AT)
    with pytest.raises(AlreadyDone, match=first.number):
        record_numbers(second, ONE, by=giving.cashier, at=AT)
    record_numbers(first, TWO, by=giving.cashier, at=AT, reason="记错了人")
    record_numbers(second, ONE, by=giving.cashier, at=AT)


def test_none_is_due_for_the_void_the_waived_and_the_anonymous(giving: Giving) -> None:
    void, waived, nameless = giving.gift("甲"), giving.gift("乙"), giving.gift("丙", is_anonymous=True)
    giving.void(void)
    say_wish(waived, "waived", by=None, at=AT)
    for receipt in (void, waived, nameless):
        with pytest.raises(DomainError):
            record_numbers(receipt, ONE, by=giving.cashier, at=AT)


def test_who_waives_may_want_one_after_all_until_it_is_there(giving: Giving) -> None:
    receipt = giving.gift()
    say_wish(receipt, "waived", by=None, at=AT)
    with pytest.raises(ChangedMeanwhile):
        say_wish(receipt, "waived", by=None, at=AT)
    say_wish(receipt, "listed", by=giving.cashier, at=AT, reason="来电")
    record_numbers(receipt, ONE, by=giving.cashier, at=AT)
    with pytest.raises(DomainError, match="已经开出来"):
        say_wish(receipt, "waived", by=None, at=AT)
    assert (receipt.state_receipt, receipt.state_now) == ("listed", "listed")


@pytest.mark.parametrize(
    ("code", "number", "check", "field"),
    [
        ("=1+1", "0000012345", "", "code"),
        ("33010126", "12345", "", "number"),
        ("33010126", "=cmd|' /C calc'!A0", "", "number"),
        ("33010126", "0000012345", "<b>", "check_code"),
        ("", "0000012345", "", "code"),
        ("33010126", "٠٠٠٠٠١٢٣٤٥", "", "number"),
    ],
)
def test_nonsense_is_no_number(code: str, number: str, check: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        StateNumbers.typed(code, number, check)
    assert refusal.value.field == field


def test_wide_digits_and_blanks_are_read() -> None:
    assert StateNumbers.typed("３３０１ ０１２６", " 0000012345 ", "A1b2C3") == StateNumbers(
        "33010126", "0000012345", "A1b2C3"
    )


# ── raw SQL ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("guard", "statement"),
    [
        ("receipts_state_no_update", "UPDATE receipts_state SET number = '9'"),
        ("receipts_state_no_delete", "DELETE FROM receipts_state"),
        ("receipts_wish_no_update", "UPDATE receipts_wish SET wish = 'listed'"),
        ("receipts_wish_no_delete", "DELETE FROM receipts_wish"),
    ],
)
def test_what_was_recorded_stays(giving: Giving, guard: str, statement: str) -> None:
    record_numbers(giving.gift(), ONE, by=giving.cashier, at=AT)
    say_wish(giving.gift("乙"), "waived", by=None, at=AT)
    db.session.commit()
    with refused():
        run(statement)
    with without(guard):
        assert run(statement) == 1


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────
def taken_back(client: Client, giving: Giving, text: str, name: str = "清单.csv") -> Any:
    data = {"fund": str(giving.fund.id), "year": "2026", "file": (BytesIO(text.encode()), name)}
    return client.post("/state-receipts/import", data=data)


def filled(*rows: str) -> str:
    return "\n".join((HEAD, *rows)) + "\n※用途：核对\n"


def test_the_list_goes_out_and_its_numbers_come_back(client: Client, giving: Giving) -> None:
    receipt = giving.gift("=王建国", 10_050)
    giving.gift("匿名", is_anonymous=True)
    page = client.sign_in(giving.cashier).get("/state-receipts")
    assert is_valid(page)
    assert "1 张等开" in words(page)
    assert len(cells(page)) == 2
    out = client.post(
        "/state-receipts/export",
        data={"fund": str(giving.fund.id), "year": "2026", "purpose": "交慈善会开票"},
    )
    text = out.text
    assert f"{receipt.number},2026-11-20,'=王建国,100.50" in text
    assert "※用途：交慈善会开票" in text
    assert "匿名" not in text.replace("※", "")
    back = text.replace("银行转账,,,,", "银行转账,,33010126,0000012345,a1b2c3")
    answer = taken_back(client, giving, back)
    assert answer.status_code == 303
    assert "记下了 1 张" in words(client.get(answer.headers["Location"]))
    known = numbers_of(receipt)
    assert known is not None
    assert (known.number, known.recorded_by_id) == ("0000012345", giving.cashier.id)
    assert "另有 1 张早已记过" in words(client.get(taken_back(client, giving, back).headers["Location"]))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("919-2026-000009,,,,,,33010126,0000012345,", "没有 919-2026-000009"),
        ("=HYPERLINK(1),,,,,,33010126,0000012345,", "确认单编号不对"),
        ("919-2026-000001,,,,,,33010126,12345,", "票据号码是"),
        ("919-2026-000001,,,,,,33010126,0000099999,", "第 2 行已经有了"),
        ("gongyi-2026-000001,,,,,,33010126,0000099999,", "没有 gongyi-2026-000001"),
        ("\u202e919-2026-000001,,,,,,33010126,0000099999,", "确认单编号不对"),
    ],
)
def test_one_wrong_row_and_nothing_is_recorded(client: Client, giving: Giving, row: str, says: str) -> None:
    giving.gift()
    opened("gongyi", "公益公积金").gift()
    answer = taken_back(
        client.sign_in(giving.cashier), giving, filled("919-2026-000001,,,,,,33010126,0000012345,", row)
    )
    assert answer.status_code == 422
    assert says in words(answer)
    assert db.session.scalar(select(func.count()).select_from(StateReceipt)) == 0


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", HEAD + "\n", "\x00\x01"])
def test_what_is_no_list_is_said(client: Client, giving: Giving, text: str) -> None:
    giving.gift()
    answer = taken_back(client.sign_in(giving.cashier), giving, text)
    assert answer.status_code == 422
    assert is_valid(answer)


def test_the_donor_sees_the_numbers_and_waives_herself(client: Client, giving: Giving, receipt: Receipt) -> None:
    donor = person("王建国")
    keep_receipt(receipt, by=donor, at=AT)
    db.session.commit()
    client.sign_in(donor)
    assert client.post(f"/receipts/{receipt.number}/waive").status_code == 303
    assert "捐赠人不要求" in words(client.get(f"/receipts/{receipt.number}"))
    client.post(f"/receipts/{receipt.number}/want")
    record_numbers(receipt, ONE, by=giving.cashier, at=AT)
    db.session.commit()
    assert ONE.number in words(client.get(f"/receipts/{receipt.number}"))


def test_whoever_may_not_does_not(client: Client, giving: Giving, receipt: Receipt) -> None:
    other = opened("gongyi", "公益公积金").cashier
    reader = person("顾清和", grants=[(Role.SUPERVISOR, giving.fund.scope)])
    address = f"/state-receipts/{receipt.number}"
    for who in (other, reader, person("路人")):
        client.sign_in(who)
        assert client.get(address).status_code == 403
        assert client.post(address, data={"code": "33010126", "number": "0000012345"}).status_code == 403
        assert client.post(f"/receipts/{receipt.number}/waive").status_code == 403
    assert client.sign_in(reader).get("/state-receipts").status_code == 200
    assert client.sign_in(other).get(f"/state-receipts?fund={giving.fund.id}").status_code == 404
