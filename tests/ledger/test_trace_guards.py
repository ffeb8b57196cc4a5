"""What the database refuses about sources and traces; with the guard off the harm is there, and the check finds it."""

import pytest

from portal.db import db
from tests.ledger.books import Books, check, refused, run
from tests.ledger.test_controls import found, without

TAKE = "INSERT INTO ledger_trace (entry_id, source_id, fen) VALUES (:entry, :source, :fen)"
SOURCE = (
    "INSERT INTO ledger_source (id, pool_id, entry_id, fen, rest_fen) "
    "SELECT 99, pool_id, 2, :fen, :rest FROM ledger_source WHERE id = 1"
)
BEFORE_LEAF = ("ledger_trace_before_leaf", "ledger_source_before_leaf")


@pytest.fixture
def posted(books: Books) -> Books:
    """A gift of 100 yuan, 30 of which were spent: source 1, entries 1 and 2. And a gift of 5, entry 3, source 2."""
    books.gift("100.00")
    books.spend("30.00")
    books.gift("5.00")
    db.session.commit()
    return books


REFUSED = {
    "more than there is": (TAKE, {"entry": 3, "source": 1, "fen": 7_001}, "rest_within|before_leaf"),
    "a trace after the leaf": (TAKE, {"entry": 3, "source": 1, "fen": 1}, "public log already"),
    "a source after the leaf": (SOURCE, {"fen": 1, "rest": 1}, "public log already"),
    "another amount": ("UPDATE ledger_trace SET fen = 1", {}, "append-only"),
    "a lost trace": ("DELETE FROM ledger_trace", {}, "append-only"),
    "a lost source": ("DELETE FROM ledger_source WHERE id = 2", {}, "append-only"),
    "a larger source": ("UPDATE ledger_source SET fen = 999 WHERE id = 2", {}, "never change"),
    "another gift's source": ("UPDATE ledger_source SET entry_id = 1 WHERE id = 2", {}, "never change"),
    "a rest above the whole": ("UPDATE ledger_source SET rest_fen = 501 WHERE id = 2", {}, "rest_within"),
    "a rest below zero": ("UPDATE ledger_source SET rest_fen = -1 WHERE id = 2", {}, "rest_within"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(posted: Books, what: str) -> None:
    statement, values, words = REFUSED[what]
    with refused(words):
        run(statement, **values)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR IGNORE"])
def test_sqlite_refuses_to_take_more_however_it_is_said(posted: Books, verb: str) -> None:
    with refused("append-only|rest_within|public log"):
        run(TAKE.replace("INSERT", verb), entry=2, source=1, fen=9_000)


def test_without_its_guard_more_is_taken_than_there_is_and_the_check_says_so(posted: Books) -> None:
    """The trigger gone, a second payment of the same money leaves no trace in the rest."""
    with without("ledger_trace_takes", *BEFORE_LEAF):
        run(TAKE, entry=3, source=1, fen=9_000)
        assert found("ledger.source rests")
        assert found("ledger.trace adds up")


def test_without_its_guard_a_trace_is_added_to_an_entry_of_the_log(posted: Books) -> None:
    with without(*BEFORE_LEAF):
        run(TAKE, entry=3, source=1, fen=100)
        assert found("ledger.trace adds up")
        assert found("ledger.trace computed anew")


def test_without_its_guard_a_trace_is_rewritten(posted: Books) -> None:
    with without("ledger_trace_no_update"):
        run("UPDATE ledger_trace SET fen = 1")
        assert found("ledger.source rests")
        assert found("ledger.trace computed anew")


def test_without_its_guard_a_gift_is_spent_in_anothers_name(posted: Books) -> None:
    """The sums still agree: only following all entries once more finds it."""
    with without("ledger_trace_no_update", "ledger_source_frozen"):
        run("UPDATE ledger_source SET fen = fen + 1, rest_fen = rest_fen + 1 WHERE id = 2")
        run("UPDATE ledger_source SET fen = fen - 1, rest_fen = rest_fen - 1 WHERE id = 1")
        assert not found("ledger.pools are their sources")
        assert found("ledger.trace computed anew")


def test_without_its_guard_a_source_opens_half_spent(posted: Books) -> None:
    with without("ledger_source_opens_whole", *BEFORE_LEAF):
        run(SOURCE, fen=100, rest=50)
        assert found("ledger.source rests")


def test_all_is_well_where_nothing_was_touched(posted: Books) -> None:
    check()
