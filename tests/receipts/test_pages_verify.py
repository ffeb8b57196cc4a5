"""Genuine, void or unknown: all that a number tells anyone."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import scoped_session

from portal.db import PortalSession
from portal.receipts.models import Receipt
from tests.applications import Client
from tests.factories import BEGINNING
from tests.giving import Giving
from tests.pages import is_valid, links, statements, words

SECRETS = ("王建国", "1,409.50", "140950", "爱心椅", "单位代转", "2026-11-20", "抄错了姓名")


def voided(giving: Giving, receipt: Receipt) -> Receipt:
    """Declare the receipt void and issue another one for its gift; gives the new one."""
    return giving.reissued(receipt, memo="更正过", at=BEGINNING)


@pytest.mark.parametrize("room", ["verify", "receipts"])
def test_a_number_that_was_issued_is_genuine_and_tells_no_more(client: Client, receipt: Receipt, room: str) -> None:
    page = client.get(f"/{room}/{receipt.number}")
    assert page.status_code == 200
    assert is_valid(page)
    assert "真的，有效" in words(page)
    assert not [secret for secret in SECRETS if secret in page.text]


@pytest.mark.parametrize("room", ["verify", "receipts"])
def test_a_void_number_names_its_successor_and_not_the_reason(
    client: Client, giving: Giving, receipt: Receipt, room: str
) -> None:
    successor = voided(giving, receipt)
    page = client.get(f"/{room}/{receipt.number}")
    assert "已作废" in words(page)
    assert successor.number in page.text
    assert not [secret for secret in SECRETS if secret in page.text]
    assert "真的，有效" in words(client.get(f"/{room}/{successor.number}"))


UNKNOWN = (
    *("919-2026-000002", "919-2025-000001", "920-2026-000001", "919-2026-1"),
    *("abc", "１", "919-2026-000001'--", "<b>x"),
)


@pytest.mark.parametrize("number", UNKNOWN)
def test_every_other_number_is_unknown(client: Client, receipt: Receipt, number: str) -> None:
    for room, status in (("verify", 200), ("receipts", 404)):
        page = client.get(f"/{room}/{number}")
        assert page.status_code == status
        assert "查无此单" in words(page)
        assert is_valid(page)
        assert "<b>x" not in page.text


def test_a_typed_number_leads_to_its_answer(client: Client, receipt: Receipt) -> None:
    answer = client.post("/verify", data={"number": f" {receipt.number.replace('-', '－')} "})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/verify/{receipt.number}")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("typed", ["", "  ", "919", "919-2026-12", "x" * 100, "\x00"])
def test_what_is_no_number_is_said_beside_the_field(client: Client, receipt: Receipt, typed: str) -> None:
    answer = client.post("/verify", data={"number": typed})
    assert answer.status_code == 422
    assert is_valid(answer)
    assert 'aria-invalid="true"' in answer.text


def test_another_site_cannot_post_here(client: Client, receipt: Receipt) -> None:
    answer = client.post("/verify", data={"number": receipt.number}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_checking_needs_no_session_and_no_token(strict_client: Client, receipt: Receipt) -> None:
    assert strict_client.post("/verify", data={"number": receipt.number}).status_code == 303
    for address in ("/verify", f"/verify/{receipt.number}", "/verify/abc"):
        page = strict_client.get(address)
        assert "Set-Cookie" not in page.headers
        assert "csrf_token" not in page.text
        assert "no-store" not in page.headers.get("Cache-Control", "")


def test_checking_takes_one_statement(app: Flask, client: Client, receipt: Receipt) -> None:
    address = f"/verify/{receipt.number}"
    client.get(address)
    with statements(app) as seen:
        client.get(address)
        client.get("/verify/abc")
    assert len(seen) == 1, seen


def test_other_methods_are_refused(client: Client, receipt: Receipt) -> None:
    assert client.put("/verify").status_code == 405
    assert client.post(f"/verify/{receipt.number}").status_code == 405


def test_a_genuine_number_leads_its_donor_on(client: Client, receipt: Receipt) -> None:
    assert f"/receipts/{receipt.number}" in links(client.get(f"/verify/{receipt.number}"))
    assert "/receipts/919-2026-999999" not in links(client.get("/verify/919-2026-999999"))


def test_looking_changes_nothing(client: Client, session: scoped_session[PortalSession], receipt: Receipt) -> None:
    client.get(f"/verify/{receipt.number}")
    client.get(f"/receipts/{receipt.number}")
    assert session.scalars(select(Receipt.number)).all() == [receipt.number]
