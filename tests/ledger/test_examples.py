"""Worked examples in yuan, each ending with the check."""

from datetime import date

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditLine
from portal.db import db
from portal.ledger import accounts
from portal.ledger.actions import open_account, open_books, open_pool, reverse
from portal.ledger.drafts import CannotReverse, LineDraft, PoolWouldGoBelowZero, UnknownAccount
from portal.ledger.models import Account, Entry, EntryKind
from portal.ledger.patterns import fee_lines, interest_lines, opening_lines, transfer_lines
from portal.money import parse_yuan, yuan
from portal.problems import AlreadyDone, DomainError
from tests.ledger.books import AT, Books, check


def test_a_gift_raises_the_pool_by_its_amount(books: Books) -> None:
    entry = books.gift("1,409.50")
    db.session.commit()
    assert yuan(books.love.balance_fen) == "1,409.50"
    assert (entry.number, entry.number_year, entry.total_fen) == ("记-1", 2026, 140_950)
    assert [(line.account.code, line.debit_fen, line.credit_fen) for line in entry.lines] == [
        (accounts.BANK, 140_950, 0),
        (accounts.RESTRICTED_GIFTS, 0, 140_950),
    ]
    assert (entry.made_by_name, entry.checked_by_name) == ("出纳甲", "会计乙")
    check()


def test_a_pool_is_spent_down_to_its_last_fen_and_no_further(books: Books) -> None:
    books.gift("100.00")
    books.spend("99.99")
    books.spend("0.01")
    assert books.love.balance_fen == 0
    with pytest.raises(PoolWouldGoBelowZero, match="919爱心基金"):
        books.spend("0.01")
    db.session.commit()
    check()


def test_a_refused_payment_leaves_no_gap_in_the_numbers(books: Books) -> None:
    books.gift("10.00")
    with pytest.raises(PoolWouldGoBelowZero):
        books.spend("10.01")
    assert books.spend("10.00").number == "记-2"
    db.session.commit()
    check()


def test_an_unrestricted_pool_goes_below_zero_where_it_may(books: Books) -> None:
    books.spend("25.00", books.free)
    db.session.commit()
    assert yuan(books.free.balance_fen) == "−25.00"
    check()


def test_opening_interest_fee_and_transfer_move_pools_as_they_say(books: Books) -> None:
    books.post(EntryKind.OPENING, opening_lines(books.love, parse_yuan("5,000")))
    books.post(EntryKind.INTEREST, interest_lines(books.love, parse_yuan("3.21")))
    books.post(EntryKind.FEE, fee_lines(books.love, parse_yuan("0.60")))
    books.post(EntryKind.TRANSFER, transfer_lines(books.love, books.chairs, parse_yuan("1,000")))
    db.session.commit()
    assert (yuan(books.love.balance_fen), yuan(books.chairs.balance_fen)) == ("4,002.61", "1,000.00")
    check()


def test_money_owed_is_not_the_pools_own(books: Books) -> None:
    custody = (
        LineDraft(accounts.CUSTODY_ASSET, debit_fen=20_000, pool_id=books.love.id),
        LineDraft(accounts.CUSTODY_LIABILITY, credit_fen=20_000, pool_id=books.love.id),
    )
    books.post(EntryKind.CUSTODY, custody)
    db.session.commit()
    assert books.love.balance_fen == 0
    check()


def test_a_year_has_numbers_of_its_own_and_so_has_a_host(books: Books) -> None:
    numbers = [
        books.gift("1").number,
        books.gift("1", on=date(2025, 12, 31)).number,
        books.gift("1", books.foreign).number,
        books.gift("1").number,
    ]
    db.session.commit()
    assert numbers == ["记-1", "记-1", "记-1", "记-2"]
    check()


def test_a_reversal_takes_an_entry_back_and_says_why(books: Books) -> None:
    gift = books.gift("200.00")
    reversal = reverse(gift, reason="转账被退回", by=books.cashier, checked_by=books.accountant, at=AT)
    db.session.commit()
    assert books.love.balance_fen == 0
    assert (reversal.reverses_id, reversal.reason, reversal.kind) == (gift.id, "转账被退回", "reversal")
    assert gift.reversed_by is reversal
    line = db.session.scalars(select(AuditLine).where(AuditLine.action == "ledger.entry.reversed")).one()
    assert (line.subject_id, line.detail["reverses"]) == (reversal.id, gift.id)
    check()


def test_an_entry_is_reversed_once_only(books: Books) -> None:
    gift = books.gift("200.00")
    people = {"by": books.cashier, "checked_by": books.accountant}
    reversal = reverse(gift, reason="记错", at=AT, **people)
    for entry in (gift, reversal):
        with pytest.raises(CannotReverse):
            reverse(entry, reason="再来", at=AT, **people)
    db.session.commit()
    check()


def test_a_reversal_without_a_reason_is_refused(books: Books) -> None:
    gift = books.gift("200.00")
    with pytest.raises(DomainError, match="原因"):
        reverse(gift, reason="  ", by=books.cashier, checked_by=books.accountant, at=AT)


def test_a_bounced_gift_that_was_spent_needs_a_cover_in_the_same_entry(books: Books) -> None:
    gift = books.gift("100.00")
    books.spend("80.00")
    people = {"by": books.cashier, "checked_by": books.accountant}
    with pytest.raises(PoolWouldGoBelowZero):
        reverse(gift, reason="支票退票", at=AT, **people)
    claim = (
        LineDraft(accounts.OTHER_RECEIVABLE, debit_fen=8_000, pool_id=books.love.id),
        LineDraft(accounts.OTHER_INCOME, credit_fen=8_000, pool_id=books.love.id),
    )
    reverse(gift, reason="支票退票", at=AT, also=claim, **people)
    db.session.commit()
    assert books.love.balance_fen == 0
    check()


def test_a_closing_entry_is_reversed_in_month_thirteen_too(books: Books) -> None:
    books.gift("100.00")
    closing = books.post(
        EntryKind.CLOSING,
        (
            LineDraft(accounts.RESTRICTED_GIFTS, debit_fen=10_000, pool_id=books.love.id),
            LineDraft(accounts.RESTRICTED_NET_ASSETS, credit_fen=10_000, pool_id=books.love.id),
        ),
        on=date(2026, 12, 31),
    )
    back = reverse(closing, reason="结转有误", by=books.cashier, checked_by=None, at=AT)
    db.session.commit()
    assert back.kind == "closing"
    check()


def test_opening_the_books_again_changes_nothing(books: Books) -> None:
    before = db.session.scalar(select(func.count(Account.id)))
    assert open_books() == 0
    assert db.session.scalar(select(func.count(Account.id))) == before == len(accounts.CHART)


def test_a_sub_account_is_of_its_parents_kind(books: Books) -> None:
    account = open_account("1002 01", "银行存款—甲银行", by=books.accountant, at=AT)
    assert (account.kind, account.normal_side) == ("asset", "debit")
    books.post(EntryKind.GIFT, (LineDraft("1002 01", 500), LineDraft("4901", 0, 500, books.free.id)))
    with pytest.raises(UnknownAccount):
        open_account("8888 01", "没有上级", by=books.accountant, at=AT)
    with pytest.raises(UnknownAccount):
        open_account("8888", "一级科目", by=books.accountant, at=AT)
    with pytest.raises(AlreadyDone):
        open_account("1002 01", "又一个", by=books.accountant, at=AT)


def test_a_code_belongs_to_one_pool(books: Books) -> None:
    with pytest.raises(AlreadyDone, match="919"):
        open_pool(books.host, "919", "另一个", is_restricted=True, by=None, at=AT)


def test_posting_refreshes_a_pool_that_the_session_holds(books: Books) -> None:
    assert books.love.balance_fen == 0
    books.gift("7.00")
    assert books.love.balance_fen == 700
    assert db.session.get_one(Entry, 1).entity is books.host
