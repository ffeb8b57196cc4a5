"""What is wrong with gifts, payments and confirmations is found, whatever it is, on both engines."""

import pytest

from portal.db import db
from portal.receipts.models import Receipt
from tests import harm
from tests.giving import Giving

GIFT, SPENDING, TALLY, RECEIPT = "funds_gift", "funds_spending", "funds_tally", "receipts_receipt"
POSTED, PAID, SUMS, NUMBERS, EACH, SAYS = (
    "funds.gifts are posted",
    "funds.spending is in the books",
    "funds.tallies",
    "receipts.numbers run without gaps",
    "receipts.each gift has one",
    "receipts.say what their gifts say",
)
PAYMENT = "SELECT entry_id FROM funds_spending"
HARM = {
    "a larger gift": (GIFT, "UPDATE funds_gift SET fen = fen + 1", POSTED),
    "a gift of another day": (GIFT, "UPDATE funds_gift SET received_on = '2020-01-01'", POSTED),
    "a gift of another entry": (GIFT, f"UPDATE funds_gift SET entry_id = ({PAYMENT}) WHERE fen = 20000", POSTED),
    "a gift not added up": (GIFT, "UPDATE funds_gift SET fen = fen + 1", SUMS),
    "a sum too high": (TALLY, "UPDATE funds_tally SET gifts = gifts + 1", SUMS),
    "a sum gone": (TALLY, "DELETE FROM funds_tally", SUMS),
    "a smaller payment": (SPENDING, "UPDATE funds_spending SET fen = fen - 1", PAID),
    "a payment of another day": (SPENDING, "UPDATE funds_spending SET paid_on = '2020-01-01'", PAID),
    "a payment gone": (SPENDING, "DELETE FROM funds_spending", PAID),
    "a number left out": (RECEIPT, "UPDATE receipts_receipt SET serial = 9 WHERE serial = 3", NUMBERS),
    "a confirmation gone": (RECEIPT, "DELETE FROM receipts_receipt WHERE serial = 3", EACH),
    "the last number gone": (RECEIPT, "DELETE FROM receipts_receipt WHERE serial = 3", NUMBERS),
    "a number of another form": (RECEIPT, "UPDATE receipts_receipt SET number = '919-2026-3' WHERE serial = 3", SAYS),
    "a number of another year": (RECEIPT, "UPDATE receipts_receipt SET year = 2025", SAYS),
    "another amount": (RECEIPT, "UPDATE receipts_receipt SET fen = fen + 1", SAYS),
    "another donor": (RECEIPT, "UPDATE receipts_receipt SET donor_name = '别人'", SAYS),
    "another day": (RECEIPT, "UPDATE receipts_receipt SET received_on = '2020-01-01'", SAYS),
}


@pytest.fixture
def some(giving: Giving) -> Giving:
    for fen in (20_000, 30_000, 40_000):
        giving.gift(fen=fen)
    giving.spend(10_000)
    return giving


@pytest.mark.parametrize("what", HARM)
def test_harm_is_found(some: Giving, what: str) -> None:
    table, statement, invariant = HARM[what]
    assert harm.found(invariant) == []
    with harm.done(table, statement):
        assert harm.found(invariant)


def test_numbers_beyond_six_digits_are_right(some: Giving) -> None:
    """The millionth confirmation has seven digits."""
    number = "'919-2026-' || (serial + 1000000)"
    with harm.done(RECEIPT, f"UPDATE receipts_receipt SET number = {number}, serial = serial + 1000000"):
        assert db.session.query(Receipt.number).order_by(Receipt.serial).first() == ("919-2026-1000001",)
        assert harm.found(SAYS) == []
