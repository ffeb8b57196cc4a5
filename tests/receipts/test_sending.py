"""Look-up codes: sent again to the donor's own proved contact only, guessed by nobody, written nowhere."""

import logging
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditLine
from portal.clock import CHINA
from portal.contacts.models import Contact
from portal.contacts.reading import read_address
from portal.db import db
from portal.people.models import Person
from portal.post.models import Letter
from portal.receipts.codes import ALPHABET, LENGTH, code_of
from portal.receipts.donors import keep_receipt
from portal.receipts.models import Receipt
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving
from tests.pages import words

AT = datetime(2026, 11, 21, 9, tzinfo=CHINA)


@pytest.fixture
def donor(receipt: Receipt) -> Person:
    keeper = person("王建国")
    keep_receipt(receipt, by=keeper, at=AT)
    db.session.commit()
    return keeper


def contact(of: Person, text: str, *, proved: bool = True) -> None:
    address = read_address(text)
    one = Contact(person_id=of.id, kind=address.kind.value, value=text, digest=address.digest, added_at=AT)
    one.verified_at = AT if proved else None
    db.session.add(one)
    db.session.commit()


def test_the_code_goes_to_her_own_proved_mobile_and_stands_on_no_page(
    client: Client, donor: Person, receipt: Receipt
) -> None:
    contact(donor, "wang@donor.example")
    contact(donor, "13800138000")
    client.sign_in(donor)
    answer = client.post(f"/receipts/{receipt.number}/code")
    (letter,) = db.session.scalars(select(Letter))
    assert (letter.to, letter.channel, letter.person_id) == ("13800138000", "sms", donor.id)
    assert code_of(receipt) in letter.text
    assert letter.expires_at is not None
    page = client.get(answer.headers["Location"])
    assert "138****8000" in words(page)
    assert code_of(receipt) not in page.text
    assert code_of(receipt) not in str([line.detail for line in db.session.scalars(select(AuditLine))])


def test_what_is_not_proved_gets_nothing(client: Client, donor: Person, receipt: Receipt) -> None:
    contact(donor, "13800138000", proved=False)
    answer = client.sign_in(donor).post(f"/receipts/{receipt.number}/code")
    assert "还没有验证过手机或邮箱" in words(client.get(answer.headers["Location"]))
    assert db.session.scalar(select(Letter.id)) is None


def test_it_is_sent_three_times_a_day_at_most(client: Client, donor: Person, receipt: Receipt) -> None:
    contact(donor, "13800138000")
    client.sign_in(donor)
    for _ in range(5):
        client.post(f"/receipts/{receipt.number}/code")
    assert len(db.session.scalars(select(Letter)).all()) == 3


def test_nobody_else_has_it_sent_or_learns_whether_there_is_a_contact(
    app: Flask, client: Client, giving: Giving, donor: Person, receipt: Receipt
) -> None:
    contact(donor, "13800138000")
    address = f"/receipts/{receipt.number}/code"
    for stranger in (person("路人"), giving.cashier, giving.accountant):
        answer = client.sign_in(stranger).post(address)
        assert answer.status_code == 403
        assert "138" not in answer.text
    assert new_client(app).post(address).headers["Location"].startswith("/login")
    assert db.session.scalar(select(Letter.id)) is None


def test_guessing_in_bulk_is_slowed_and_opens_nothing(app: Flask, receipt: Receipt) -> None:
    guesser, statuses = new_client(app), set()
    for number in range(40):
        guess = ALPHABET[number % 32] * LENGTH
        statuses.add(guesser.post(f"/receipts/{receipt.number}", data={"code": guess}).status_code)
    assert statuses == {422}
    last = guesser.post(f"/receipts/{receipt.number}", data={"code": "0" * LENGTH})
    assert "尝试次数太多" in words(last)
    assert guesser.get(f"/receipts/{receipt.number}/pdf").status_code == 303
    assert guesser.post(f"/receipts/{receipt.number}", data={"code": code_of(receipt)}).status_code == 303


def test_the_code_is_in_no_address_header_or_log(
    client: Client, receipt: Receipt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    code = code_of(receipt)
    opened = client.post(f"/receipts/{receipt.number}", data={"code": code})
    shown = client.get(opened.headers["Location"])
    for answer in (opened, shown):
        assert code not in str(answer.headers)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert code not in shown.text
    assert code not in caplog.text


def test_walking_the_numbers_gives_nothing_but_genuine_void_unknown(app: Flask, giving: Giving) -> None:
    ones = [giving.gift(f"捐赠人{number}", 1_000 + number) for number in range(3)]
    giving.void(ones[1])
    walker = new_client(app)
    for number in range(1, 6):
        for address in (f"/receipts/919-2026-{number:06d}", f"/verify/919-2026-{number:06d}"):
            text = walker.get(address).text
            assert not [one for one in ones if one.donor_name in text or f"{one.fen / 100:.2f}" in text]
    for address in ("/summaries/919-2026-H000001", "/state-receipts", "/receipt-changes/1"):
        assert walker.get(address).status_code in (302, 404)
