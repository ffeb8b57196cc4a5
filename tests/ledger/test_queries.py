from datetime import date

import pytest

from portal.db import db
from portal.ledger.accounts import RESTRICTED_GIFTS, RESTRICTED_NET_ASSETS
from portal.ledger.actions import reverse
from portal.ledger.drafts import LineDraft
from portal.ledger.models import EntryKind
from portal.ledger.patterns import transfer_lines
from portal.ledger.queries import (
    Month,
    Year,
    entries_of,
    months,
    pool_accounts,
    pool_with_code,
    pools_under,
    trial_balance,
    year_totals,
)
from tests.ledger.books import AT, Books, check


@pytest.fixture
def two_years(books: Books) -> Books:
    """2025: ¥500 given in November. 2026: ¥300 given and ¥200 paid in January, ¥50 given for chairs in March."""
    books.gift("500.00", on=date(2025, 11, 3))
    books.gift("300.00", on=date(2026, 1, 5))
    books.spend("200.00", on=date(2026, 1, 20))
    books.gift("50.00", books.chairs, on=date(2026, 3, 1))
    db.session.commit()
    return books


def test_months_run_without_gaps(two_years: Books) -> None:
    assert months([two_years.love.id, two_years.chairs.id]) == [
        Month(2025, 11, 50_000, 0),
        Month(2025, 12, 0, 0),
        Month(2026, 1, 30_000, 20_000),
        Month(2026, 2, 0, 0),
        Month(2026, 3, 5_000, 0),
    ]


def test_months_begin_and_end_where_asked(two_years: Books) -> None:
    shown = months([two_years.love.id], since=date(2025, 12, 31), until=date(2026, 2, 1))
    assert shown == [Month(2025, 12, 0, 0), Month(2026, 1, 30_000, 20_000), Month(2026, 2, 0, 0)]
    assert months([two_years.free.id]) == []
    assert months([two_years.free.id], since=date(2026, 1, 1), until=date(2026, 1, 1)) == [Month(2026, 1, 0, 0)]


def test_years_are_summed(two_years: Books) -> None:
    assert year_totals([two_years.love.id]) == [Year(2025, 50_000, 0), Year(2026, 30_000, 20_000)]


def test_a_reversal_is_taken_off_its_month(two_years: Books) -> None:
    gift = two_years.gift("10.00", on=date(2026, 2, 1))
    reverse(gift, reason="退回", by=two_years.cashier, checked_by=None, at=AT)
    shown = {(month.year, month.month): month.income_fen for month in months([two_years.love.id])}
    assert (shown[2026, 2], shown[2026, 3]) == (1_000, -1_000)


def test_a_transfer_is_nobodys_income(two_years: Books) -> None:
    two_years.post(EntryKind.TRANSFER, transfer_lines(two_years.love, two_years.chairs, 100))
    both = months([two_years.love.id, two_years.chairs.id])
    assert both[-1] == Month(2026, 3, 5_000, 0)


def test_closing_a_year_hides_none_of_its_income(two_years: Books) -> None:
    two_years.post(
        EntryKind.CLOSING,
        (
            LineDraft(RESTRICTED_GIFTS, debit_fen=50_000, pool_id=two_years.love.id),
            LineDraft(RESTRICTED_NET_ASSETS, credit_fen=50_000, pool_id=two_years.love.id),
        ),
        on=date(2025, 12, 31),
    )
    db.session.commit()
    assert year_totals([two_years.love.id])[0] == Year(2025, 50_000, 0)
    before = trial_balance(two_years.host.id, first="2025-01", last="2025-12")
    after = trial_balance(two_years.host.id, first="2025-01", last="2025-13")
    assert {row.code: row.closing_fen for row in before} == {"1002": 50_000, "4101 02": -50_000}
    assert {row.code: row.closing_fen for row in after} == {"1002": 50_000, "4101 02": 0, "3102": -50_000}
    check()


def test_the_trial_balance_carries_forward_and_comes_out_even(two_years: Books) -> None:
    rows = {row.code: row for row in trial_balance(two_years.host.id, first="2026-01", last="2026-03")}
    bank = rows["1002"]
    assert (bank.opening_fen, bank.debit_fen, bank.credit_fen, bank.closing_fen) == (50_000, 35_000, 20_000, 65_000)
    assert sum(row.closing_fen for row in rows.values()) == 0
    assert sum(row.debit_fen - row.credit_fen for row in rows.values()) == 0
    assert trial_balance(two_years.other_host.id, first="2026-01", last="2026-12") == []


def test_a_pools_accounts_add_up_to_its_balance(two_years: Books) -> None:
    (bank,) = (row for row in pool_accounts(two_years.love) if row.code == "1002")
    assert bank.closing_fen == two_years.love.balance_fen == 60_000


def test_pools_are_found_by_code_with_those_inside(two_years: Books) -> None:
    assert pool_with_code("919") is two_years.love
    assert pool_with_code("none") is None
    assert pools_under("919") == [two_years.love, two_years.chairs]


def test_entries_of_a_pool_come_newest_first_by_the_page(two_years: Books) -> None:
    first = entries_of(two_years.love.id, limit=2)
    assert [entry.total_fen for entry in first] == [20_000, 30_000]
    second = entries_of(two_years.love.id, limit=2, before_id=first[-1].id)
    assert [entry.total_fen for entry in second] == [50_000]
    assert second[0].lines[0].account.name == "银行存款"
