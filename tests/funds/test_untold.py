"""What a payment for a few people was for stays out of the public log, whenever it was booked."""

import pytest

from portal.db import db
from portal.funds import spending
from portal.ledger import leaves
from portal.ledger.actions import reverse
from portal.ledger.models import Entry
from portal.log.queries import written_of
from tests.giving import Giving
from tests.importing import AT

PURPOSE = "给失独的周家老两口修屋顶"


def paid(giving: Giving, voucher: str) -> Entry:
    giving.gift("王建国", 50_000)
    payment = spending.Payment(
        paid_on=AT.date(),
        purpose=PURPOSE,
        fen=10_000,
        voucher_no=voucher,
        handler=giving.cashier,
        approver=giving.accountant,
        beneficiaries=2,
    )
    spent = spending.record_spending(giving.fund, payment, by=giving.cashier, checked_by=giving.accountant, at=AT)
    return db.session.get_one(Entry, spent.entry_id)


def said(entry: Entry) -> str:
    leaf = written_of("entry", entry.id)
    assert leaf is not None and leaf.text is not None
    return leaf.text.decode()


def test_a_payment_for_two_people_does_not_say_what_for(giving: Giving) -> None:
    entry = paid(giving, "1")
    db.session.commit()
    assert spending.UNTOLD in said(entry)


def test_nor_does_one_from_before_and_its_reversal(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the books held the purpose itself: such an entry's memo is a commitment."""
    monkeypatch.setattr(spending, "FEWEST_TO_TELL", 1)
    entry = paid(giving, "2")
    monkeypatch.undo()
    assert entry.memo == PURPOSE
    reversal = reverse(entry, reason="付重了", by=giving.cashier, checked_by=giving.accountant, at=AT)
    db.session.commit()
    assert PURPOSE in reversal.memo
    for one in (entry, reversal):
        assert PURPOSE not in said(one) and '"memo":null' in said(one) and "untold_memo" in said(one)


def test_the_harm_without_it(giving: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "FEWEST_TO_TELL", 1)
    monkeypatch.setattr(leaves, "UNTOLD_MEMOS", [])
    entry = paid(giving, "3")
    db.session.commit()
    assert PURPOSE in said(entry)
