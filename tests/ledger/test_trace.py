"""Which gift paid for what: worked examples in yuan, each ending with the check."""

import hashlib
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from portal.db import db
from portal.ledger import accounts
from portal.ledger.actions import post, post_many, reverse
from portal.ledger.drafts import PAYS_FROM, EntryDraft, LineDraft
from portal.ledger.leaves import entries
from portal.ledger.models import Entry, EntryKind, Source, Trace
from portal.ledger.patterns import fee_lines, gift_lines, interest_lines, spending_lines, transfer_lines
from portal.ledger.trace import rest_of, rows_for_leaf
from portal.ledger.trace_writing import GiftSpent
from portal.log import canonical
from portal.money import parse_yuan, yuan
from tests.ledger.books import AT, DAY, Books, check, draft


def paid(entry: Entry) -> list[tuple[str, str]]:
    """Which entries' money an entry took, in yuan."""
    return [(number, yuan(fen)) for _, number, fen in rows_for_leaf(entry.id)]


def take_back(entry: Entry, books: Books, *also: LineDraft) -> Entry:
    return reverse(entry, reason="退回", by=books.cashier, checked_by=books.accountant, at=AT, also=also)


def done() -> None:
    db.session.commit()
    check()


# ── first in, first out ─────────────────────────────────────────────────────────────────────────────
def test_a_payment_takes_the_oldest_gifts_first_and_says_how_much_of_each(books: Books) -> None:
    first, second = books.gift("100.00"), books.gift("50.00")
    payment = books.spend("120.00")
    assert paid(payment) == [("记-1", "100.00"), ("记-2", "20.00")]
    assert (rest_of(first.id), rest_of(second.id)) == (0, 3_000)
    done()


def test_a_restricted_gift_of_fifty_million_spent_in_six_places_traces_to_exactly_six_lines(books: Books) -> None:
    gift = books.gift("50,000,000.00", books.chairs)
    books.gift("1.00", books.chairs)
    books.gift("9.19")
    payments = [books.spend("8,333,333.33", books.chairs) for _ in range(5)] + [
        books.spend("8,333,333.35", books.chairs)
    ]
    lines = db.session.scalars(select(Trace).join(Source).where(Source.entry_id == gift.id)).all()
    assert [(line.entry_id, line.fen) for line in lines] == [(one.id, one.total_fen) for one in payments]
    assert len(lines) == 6
    assert rest_of(gift.id) == 0
    done()


def test_one_run_of_drafts_may_pay_from_what_it_brought_itself(books: Books) -> None:
    run = [draft(EntryKind.GIFT, gift_lines(books.love, fen)) for fen in (100, 200)]
    run.insert(1, draft(EntryKind.SPENDING, spending_lines(books.love, 70)))
    run.append(draft(EntryKind.SPENDING, spending_lines(books.love, 130)))
    posted = post_many(run, by=books.cashier, checked_by=None, at=AT)
    db.session.commit()
    assert rows_for_leaf(posted[1].id) == [[2026, "记-1", 70]]
    assert rows_for_leaf(posted[3].id) == [[2026, "记-1", 30], [2026, "记-3", 100]]
    check()


def test_thousands_of_gifts_are_read_on_page_by_page(books: Books) -> None:
    run = [draft(EntryKind.GIFT, gift_lines(books.love, 1)) for _ in range(3_000)]
    post_many(run, by=books.cashier, checked_by=None, at=AT)
    payment = books.post(EntryKind.SPENDING, spending_lines(books.love, 2_500))
    assert [number for _, number, fen in rows_for_leaf(payment.id) if fen == 1] == [f"记-{n}" for n in range(1, 2_501)]
    done()


def test_interest_and_custody_money_are_no_gifts_but_pay_all_the_same(books: Books) -> None:
    interest = books.post(EntryKind.INTEREST, interest_lines(books.love, parse_yuan("3.21")))
    custody = (
        LineDraft(accounts.CUSTODY_ASSET, debit_fen=20_000, pool_id=books.love.id),
        LineDraft(accounts.CUSTODY_LIABILITY, credit_fen=20_000, pool_id=books.love.id),
    )
    books.post(EntryKind.CUSTODY, custody)
    assert paid(books.spend("3.00")) == [(interest.number, "3.00")]
    done()


# ── fees and transfers ──────────────────────────────────────────────────────────────────────────────
def test_a_fee_consumes_its_own_gift_even_behind_older_ones(books: Books) -> None:
    books.gift("100.00")
    gift = books.gift("50.00")
    fee = EntryDraft(
        on=DAY, kind=EntryKind.FEE, memo="手续费", lines=fee_lines(books.love, 30), source=PAYS_FROM, source_id=gift.id
    )
    entry = post(fee, by=books.cashier, checked_by=books.accountant, at=AT)
    assert paid(entry) == [(gift.number, "0.30")]
    assert rest_of(gift.id) == 4_970
    done()


def test_a_fee_larger_than_what_is_left_of_its_gift_goes_on_with_the_oldest(books: Books) -> None:
    books.gift("1.00")
    gift = books.gift("0.20")
    fee = EntryDraft(
        on=DAY, kind=EntryKind.FEE, memo="手续费", lines=fee_lines(books.love, 30), source=PAYS_FROM, source_id=gift.id
    )
    entry = post(fee, by=books.cashier, checked_by=books.accountant, at=AT)
    assert paid(entry) == [("记-1", "0.10"), ("记-2", "0.20")]
    done()


def test_a_transfer_carries_the_origins_over(books: Books) -> None:
    books.gift("100.00")
    books.gift("50.00")
    move = books.post(EntryKind.TRANSFER, transfer_lines(books.love, books.chairs, parse_yuan("120")))
    there = books.spend("110.00", books.chairs)
    assert paid(move) == [("记-1", "100.00"), ("记-2", "20.00")]
    assert paid(there) == [("记-1", "100.00"), ("记-2", "10.00")]
    done()


def test_money_moved_there_and_back_still_knows_its_gift(books: Books) -> None:
    gift = books.gift("100.00")
    books.post(EntryKind.TRANSFER, transfer_lines(books.love, books.chairs, 6_000))
    books.post(EntryKind.TRANSFER, transfer_lines(books.chairs, books.love, 6_000))
    assert paid(books.spend("100.00")) == [(gift.number, "40.00"), (gift.number, "60.00")]
    done()


# ── what is taken back ──────────────────────────────────────────────────────────────────────────────
def test_a_payment_taken_back_gives_the_same_gifts_their_money_again(books: Books) -> None:
    books.gift("100.00")
    books.gift("50.00")
    back = take_back(books.spend("120.00"), books)
    assert paid(back) == [("记-1", "−100.00"), ("记-2", "−20.00")]
    assert paid(books.spend("10.00")) == [("记-1", "10.00")]
    done()


def test_a_gift_taken_back_takes_from_itself_and_not_from_older_ones(books: Books) -> None:
    books.gift("100.00")
    gift = books.gift("50.00")
    assert paid(take_back(gift, books)) == [(gift.number, "50.00")]
    done()


def test_a_gift_that_was_spent_is_not_taken_back_from_what_others_gave(books: Books) -> None:
    gift = books.gift("100.00")
    books.gift("500.00")
    books.spend("60.00")
    with pytest.raises(GiftSpent, match=r"60\.00") as refusal:
        take_back(gift, books)
    assert refusal.value.lacking_fen == 6_000
    assert gift.reversed_by is None
    assert books.spend("1.00").number == "记-4"
    done()


def test_what_was_spent_of_it_is_covered_in_the_same_entry(books: Books) -> None:
    gift = books.gift("100.00")
    books.gift("500.00", books.chairs)
    books.spend("60.00")
    cover = transfer_lines(books.chairs, books.love, 6_000)
    back = take_back(gift, books, *cover)
    assert paid(back) == [("记-1", "40.00"), ("记-2", "60.00")]
    assert rest_of(gift.id) == 0
    done()


def test_a_transfer_taken_back_gives_back_there_and_takes_here(books: Books) -> None:
    gift = books.gift("100.00")
    move = books.post(EntryKind.TRANSFER, transfer_lines(books.love, books.chairs, 6_000))
    take_back(move, books)
    assert rest_of(gift.id) == 10_000
    assert paid(books.spend("100.00")) == [(gift.number, "100.00")]
    done()


# ── pools that may go below zero ────────────────────────────────────────────────────────────────────
def test_what_no_source_covers_is_a_debt_that_the_next_income_settles_first(books: Books) -> None:
    books.gift("10.00", books.free)
    ahead = books.spend("35.00", books.free)
    assert paid(ahead) == [("记-1", "10.00")]
    gift = books.gift("100.00", books.free)
    assert paid(gift) == [(ahead.number, "−25.00"), (gift.number, "25.00")]
    assert rest_of(gift.id) == 7_500
    done()


def test_a_payment_in_advance_taken_back_strikes_its_debt(books: Books) -> None:
    ahead = books.spend("35.00", books.free)
    books.gift("10.00", books.free)
    take_back(ahead, books)
    assert yuan(books.free.balance_fen) == "10.00"
    assert paid(books.spend("10.00", books.free))
    done()


def test_an_income_taken_back_opens_the_debt_again_that_it_settled(books: Books) -> None:
    books.spend("35.00", books.free)
    gift = books.gift("100.00", books.free)
    take_back(gift, books)
    assert yuan(books.free.balance_fen) == "−35.00"
    later = books.gift("50.00", books.free)
    assert rest_of(later.id) == 1_500
    done()


# ── in the log ──────────────────────────────────────────────────────────────────────────────────────
def test_a_leaf_holds_the_hash_of_its_trace_and_null_where_there_is_none(books: Books) -> None:
    gift, payment = books.gift("100.00"), books.spend("20.00")
    leaves = {body.ref: body.public for body in entries(db.session(), [gift.id, payment.id])}
    text = canonical.dumps([[2026, gift.number, 2_000]])
    assert leaves[gift.id]["trace"] is None
    assert leaves[payment.id]["trace"] == hashlib.sha256(text).hexdigest()
    assert canonical.dumps(rows_for_leaf(payment.id)) == text
    done()


def test_leaves_of_many_entries_ask_for_their_traces_once(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [books.gift("1.00").id for _ in range(5)] + [books.spend("1.50").id for _ in range(3)]
    asked = count()
    session = db.session()
    execute = session.execute

    def counting(*args: Any, **more: Any) -> Any:
        next(asked)
        return execute(*args, **more)

    monkeypatch.setattr(session, "execute", counting)
    bodies: Iterator[Any] = entries(session, ids)
    assert len(list(bodies)) == 8
    assert next(asked) == 3
