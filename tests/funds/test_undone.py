"""A payment that was taken back stays in the public list, is marked there, and counts in no sum."""

from datetime import timedelta

from portal.db import db
from portal.funds.queries import latest_spending, public_fund, spending_found
from portal.funds.spending import Payment, record_spending
from portal.ledger.actions import reverse
from portal.ledger.models import Entry
from portal.web.tables import Listing
from tests.applications import Client
from tests.giving import Giving
from tests.importing import AT


def test_a_payment_taken_back_is_marked_and_not_counted(giving: Giving, client: Client) -> None:
    giving.gift("王建国", 50_000)
    for number, fen in enumerate((10_000, 7_000), 1):
        payment = Payment(
            paid_on=AT.date() - timedelta(days=number),
            purpose="绘本",
            fen=fen,
            voucher_no=str(number),
            handler=giving.cashier,
            approver=giving.accountant,
        )
        spent = record_spending(giving.fund, payment, by=giving.cashier, checked_by=giving.accountant, at=AT)
    entry = db.session.get_one(Entry, spent.entry_id)
    reverse(entry, reason="付重了", by=giving.cashier, checked_by=giving.accountant, at=AT)
    db.session.commit()
    fund = public_fund(giving.fund.slug)
    assert fund is not None
    found = spending_found(fund, Listing(path="/x", sort="-date"))
    assert found.fen == 10_000
    assert [(paid.fen, paid.is_undone) for paid in found.rows] == [(10_000, False), (7_000, True)]
    assert [paid.is_undone for paid in latest_spending(fund, 5)] == [False, True]
    assert "已冲销" in client.get(f"/funds/{fund.slug}/spending").text
    rows = client.get(f"/funds/{fund.slug}/spending.json").get_json()["spending"]
    assert [row["is_undone"] for row in rows] == [False, True]
