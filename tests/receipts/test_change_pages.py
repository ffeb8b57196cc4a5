"""The pages by which two people change a confirmation."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.clock import CHINA
from portal.db import db
from portal.people.models import Person, Role
from portal.receipts.change_models import Change, ReceiptChange
from portal.receipts.changing import Wish, ask
from portal.receipts.codes import code_of
from portal.receipts.models import Receipt
from portal.receipts.particulars import Particulars, said
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving, opened
from tests.pages import cells, is_valid, words
from tests.volunteers import at_once

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)
VOID = Wish(kind=Change.VOID, reason="重复录入")
REISSUE = {
    "kind": "reissue",
    "reason": "抬头少一个字",
    "donor_name": "王建国先生",
    "intention": "爱心椅",
    "memo": "单位代转",
    "state_receipt": "listed",
    "same_donor": "y",
}


@pytest.fixture
def change(giving: Giving, receipt: Receipt) -> ReceiptChange:
    asked = ask(receipt, VOID, by=giving.cashier, at=AT)
    db.session.commit()
    return asked


def test_cashier_asks_accountant_confirms_everybody_sees(
    app: Flask, client: Client, giving: Giving, receipt: Receipt
) -> None:
    page = client.sign_in(giving.cashier).get(f"/receipt-changes/new/{receipt.number}")
    assert is_valid(page)
    assert 'value="王建国"' in page.text
    address = client.post(f"/receipt-changes/new/{receipt.number}", data=REISSUE).headers["Location"]
    asked = client.get(address)
    assert is_valid(asked)
    assert "必须是两个人" in words(asked)
    assert "真的，有效" in words(new_client(app).get(f"/verify/{receipt.number}"))
    accountant = new_client(app).sign_in(giving.accountant)
    assert "1 个更正等您确认" in words(accountant.get("/receipt-changes"))
    assert client.post(f"{address}/confirm").status_code == 403
    assert accountant.post(f"{address}/confirm").status_code == 303
    done = accountant.get(address)
    assert is_valid(done)
    assert "919-2026-000002" in words(done)
    public = new_client(app)
    assert "已作废" in words(public.get(f"/verify/{receipt.number}"))
    assert "真的，有效" in words(public.get("/verify/919-2026-000002"))
    assert "王建国" not in public.get(f"/verify/{receipt.number}").text


def test_the_old_code_opens_only_the_old_one(
    app: Flask, giving: Giving, receipt: Receipt, client: Client, show_code: Callable[[Receipt], str]
) -> None:
    old = code_of(receipt)
    new = giving.reissued(receipt, memo="更正")
    shown = client.get(show_code(receipt))
    assert "这张确认单已经作废" in words(shown)
    assert new.number in shown.text
    assert new_client(app).post(f"/receipts/{new.number}", data={"code": old}).status_code == 422


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMIN, Role.COUNCIL, Role.WORKER, Role.VOLUNTEER])
def test_the_wrong_role_neither_asks_nor_decides(
    client: Client, giving: Giving, change: ReceiptChange, role: Role
) -> None:
    client.sign_in(person("某某", grants=[(role, giving.fund.scope)]))
    number, address = change.receipt.number, f"/receipt-changes/{change.id}"
    assert client.get(f"/receipt-changes/new/{number}").status_code == 403
    assert client.post(f"/receipt-changes/new/{number}", data=REISSUE).status_code == 403
    for deed in ("confirm", "return", "withdraw"):
        assert client.post(f"{address}/{deed}", data={"answer": "x"}).status_code in (403, 404)
    assert db.session.scalar(select(ReceiptChange.status)) == "asked"


def test_another_fund_learns_nothing(client: Client, change: ReceiptChange) -> None:
    other = opened("gongyi", "公益公积金")
    for stranger in (other.cashier, other.accountant):
        client.sign_in(stranger)
        assert client.get(f"/receipt-changes/{change.id}").status_code == 404
        assert client.post(f"/receipt-changes/{change.id}/confirm").status_code == 404
        assert client.get(f"/receipt-changes/new/{change.receipt.number}").status_code == 403
        assert cells(client.get("/receipt-changes")) == []


def test_it_is_sent_back_with_words_or_withdrawn(client: Client, giving: Giving, change: ReceiptChange) -> None:
    address = f"/receipt-changes/{change.id}"
    client.sign_in(giving.accountant)
    refused = client.post(f"{address}/return", data={"answer": " "})
    assert refused.status_code == 422
    assert is_valid(refused)
    assert client.post(f"{address}/return", data={"answer": "写清楚是哪一笔"}).status_code == 303
    page = client.sign_in(giving.cashier).get(address)
    assert "写清楚是哪一笔" in words(page)
    assert client.post(f"{address}/withdraw").status_code == 422


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("reason", "", "请写明原因"),
        ("reason", "长" * 201, "最多 200 个字"),
        ("reason", "\x00\u202e", "请写明原因"),
        ("kind", "delete", "请从列表里选一项"),
        ("donor_name", "", "请填写捐赠人"),
        ("state_receipt", "issued", "请从列表里选一项"),
    ],
)
def test_what_will_not_do_is_said_beside_its_field(
    client: Client, giving: Giving, receipt: Receipt, field: str, value: str, says: str
) -> None:
    client.sign_in(giving.cashier)
    answer = client.post(f"/receipt-changes/new/{receipt.number}", data={**REISSUE, field: value})
    assert answer.status_code == 422
    assert is_valid(answer)
    assert says in words(answer)


def test_marks_that_turn_the_direction_stay_out(client: Client, giving: Giving, receipt: Receipt) -> None:
    client.sign_in(giving.cashier)
    client.post(f"/receipt-changes/new/{receipt.number}", data={**REISSUE, "donor_name": "王\u202e建\u200b国先生"})
    assert db.session.scalar(select(ReceiptChange.donor_name)) == "王建国先生"


def test_two_accountants_at_the_same_moment_and_it_happens_once(app: Flask, giving: Giving, receipt: Receipt) -> None:
    says = Particulars(**{**said(receipt).values(), "memo": "更正"})
    change = ask(receipt, Wish(kind=Change.REISSUE, reason="备注写错", says=says), by=giving.cashier, at=AT)
    other = person("何其信", grants=[(Role.ACCOUNTANT, giving.fund.scope)])
    db.session.commit()
    address = f"/receipt-changes/{change.id}/confirm"
    people: list[Person] = [giving.accountant, other]
    clients = [new_client(app).sign_in(one) for one in people]
    answers = at_once(app, [lambda one=one: one.post(address).status_code for one in clients])  # type: ignore[misc]
    assert sorted(answers) == [303, 422]
    assert db.session.scalar(select(func.count(Receipt.id))) == 2


def test_the_list_is_searched_and_paged(client: Client, giving: Giving) -> None:
    for number in range(27):
        ask(giving.gift(f"捐赠人{number}"), VOID, by=giving.cashier, at=AT)
    db.session.commit()
    client.sign_in(giving.accountant)
    assert len(cells(client.get("/receipt-changes"))) == 25
    assert len(cells(client.get("/receipt-changes?page=2"))) == 2
    assert len(cells(client.get("/receipt-changes?q=000007"))) == 1
    assert cells(client.get("/receipt-changes?status=done")) == []
    assert "没有找到" in words(client.get("/receipt-changes?q=%25"))


def test_an_empty_list_says_what_to_do(client: Client, giving: Giving) -> None:
    page = client.sign_in(giving.cashier).get("/receipt-changes")
    assert is_valid(page)
    assert "还没有人提出过更正" in words(page)
