"""What is refused with a sentence before any of it reaches the database, and what happens once."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

import portal.ledger.books
from portal.db import db
from portal.ledger.actions import post, post_many
from portal.ledger.drafts import (
    BadAmount,
    CannotReverse,
    EmptyEntry,
    EntryDraft,
    LineDraft,
    NoMemo,
    OtherEntity,
    PoolWouldGoBelowZero,
    SelfChecked,
    Unbalanced,
    UnknownAccount,
    UnknownPool,
)
from portal.ledger.models import Entry, EntryKind
from portal.ledger.patterns import gift_lines, spending_lines
from portal.problems import AlreadyDone
from tests.ledger.books import AT, DAY, Books, check, draft


class Stranger:
    """Somebody of whom there is no record."""

    id, name = 999, "无名"


ONE_SIDED = LineDraft("1002", debit_fen=100)
OTHER_SIDE = LineDraft("4901", credit_fen=100)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ((), EmptyEntry),
        ((ONE_SIDED,), Unbalanced),
        ((ONE_SIDED, LineDraft("4901", credit_fen=99)), Unbalanced),
        ((LineDraft("1002"), LineDraft("4901")), BadAmount),
        ((LineDraft("1002", 100, 100),), BadAmount),
        ((LineDraft("1002", -100), LineDraft("4901", 0, -100)), BadAmount),
        ((LineDraft("1002", 0.5), LineDraft("4901", 0, 0.5)), BadAmount),  # type: ignore[arg-type] # the point
        ((LineDraft("1002", True), LineDraft("4901", 0, True)), BadAmount),
        ((ONE_SIDED, LineDraft("9999", credit_fen=100, pool_id=1)), UnknownAccount),
        ((ONE_SIDED, LineDraft("4901", credit_fen=100, pool_id=999)), UnknownPool),
        ((ONE_SIDED, OTHER_SIDE), OtherEntity),
    ],
)
def test_a_wrong_entry_is_refused_with_a_sentence(
    books: Books, lines: tuple[LineDraft, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        books.post(EntryKind.GIFT, lines)
    db.session.commit()
    assert db.session.scalar(select(func.count(Entry.id))) == 0


def test_an_entry_needs_a_memo(books: Books) -> None:
    wrong = replace(draft(EntryKind.GIFT, gift_lines(books.love, 100)), memo=" ")
    with pytest.raises(NoMemo):
        post(wrong, by=books.cashier, checked_by=None, at=AT)


def test_an_entry_lies_in_one_legal_entity(books: Books) -> None:
    with pytest.raises(OtherEntity):
        books.post(
            EntryKind.GIFT, (LineDraft("1002", 100, 0, books.love.id), LineDraft("4901", 0, 100, books.foreign.id))
        )
    wrong = replace(draft(EntryKind.GIFT, gift_lines(books.love, 100)), entity_id=books.other_host.id)
    with pytest.raises(OtherEntity):
        post(wrong, by=books.cashier, checked_by=None, at=AT)


def test_an_entry_without_pools_names_its_legal_entity(books: Books) -> None:
    plain = EntryDraft(DAY, EntryKind.INTEREST, "利息", (ONE_SIDED, OTHER_SIDE), entity_id=books.host.id)
    assert post(plain, by=books.cashier, checked_by=None, at=AT).entity_id == books.host.id
    db.session.commit()
    check()


def test_nobody_checks_an_entry_of_their_own(books: Books) -> None:
    with pytest.raises(SelfChecked):
        post(draft(EntryKind.GIFT, gift_lines(books.love, 100)), by=books.cashier, checked_by=books.cashier, at=AT)


def test_the_same_key_with_the_same_content_gives_the_first_entry(books: Books) -> None:
    first = books.gift("10.00", key="gift:1")
    db.session.commit()
    assert books.gift("10.00", key="gift:1") is first
    assert books.love.balance_fen == 1_000
    db.session.commit()
    check()


@pytest.mark.parametrize("other", [{"yuan": "10.01"}, {"yuan": "10.00", "on": DAY.replace(day=1)}])
def test_the_same_key_with_other_content_is_refused(books: Books, other: dict[str, object]) -> None:
    books.gift("10.00", key="gift:1")
    with pytest.raises(AlreadyDone):
        books.gift(key="gift:1", **other)  # type: ignore[arg-type]
    db.session.commit()
    assert books.love.balance_fen == 1_000
    check()


def test_a_run_answers_each_draft_and_says_which_are_new(books: Books) -> None:
    one, two = (draft(EntryKind.GIFT, gift_lines(books.love, fen), key=f"k{fen}") for fen in (100, 200))
    keyless = draft(EntryKind.GIFT, gift_lines(books.love, 300))
    people = {"by": books.cashier, "checked_by": books.accountant}
    post_many([one], at=AT, **people)
    posted = post_many([keyless, one, two, two, keyless], at=AT, **people)
    db.session.commit()
    assert [entry.number for entry in posted] == ["记-2", "记-1", "记-3", "记-3", "记-4"]
    assert [entry.is_new for entry in posted] == [True, False, True, False, True]
    assert books.love.balance_fen == 100 + 200 + 300 + 300
    check()


def test_a_run_with_one_key_for_two_contents_is_refused_whole(books: Books) -> None:
    drafts = [draft(EntryKind.GIFT, gift_lines(books.love, fen), key="same") for fen in (100, 200)]
    with pytest.raises(AlreadyDone):
        post_many(drafts, by=books.cashier, checked_by=None, at=AT)
    db.session.commit()
    assert books.love.balance_fen == 0


def test_a_run_pays_only_out_of_what_came_before(books: Books) -> None:
    gift = draft(EntryKind.GIFT, gift_lines(books.love, 100))
    payment = draft(EntryKind.SPENDING, spending_lines(books.love, 100))
    with pytest.raises(PoolWouldGoBelowZero):
        post_many([payment, gift], by=books.cashier, checked_by=None, at=AT)
    assert len(post_many([gift, payment], by=books.cashier, checked_by=None, at=AT)) == 2
    assert post_many([], by=books.cashier, checked_by=None, at=AT) == []
    db.session.commit()
    check()


def test_where_the_database_has_the_last_word_its_refusal_is_told_in_the_same_sentence(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = portal.ledger.books._locked_pools

    def rosy(ids: set[int]) -> dict[int, portal.ledger.books._Pool]:
        return {id: replace(pool, balance_fen=1_000) for id, pool in read(ids).items()}

    monkeypatch.setattr(portal.ledger.books, "_locked_pools", rosy)
    with pytest.raises(PoolWouldGoBelowZero):
        books.spend("10.00")
    db.session.rollback()
    check()


def test_what_else_the_database_refuses_is_no_matter_of_a_pool(books: Books) -> None:
    with pytest.raises(IntegrityError):
        post(draft(EntryKind.GIFT, gift_lines(books.love, 100)), by=Stranger(), checked_by=None, at=AT)
        db.session.commit()
    db.session.rollback()
    check()


def test_a_run_cannot_reverse_one_entry_twice(books: Books) -> None:
    gift = books.gift("1.00")
    back = replace(draft(EntryKind.REVERSAL, spending_lines(books.love, 100)), reverses_id=gift.id, reason="退回")
    with pytest.raises(CannotReverse):
        post_many([back, back], by=books.cashier, checked_by=None, at=AT)
