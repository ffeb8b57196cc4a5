"""Controls: with one guard gone the harm is there, and the check finds it. What they do is rolled back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from portal.db import db
from portal.guards import GUARDS
from portal.invariants import run_all
from tests.ledger.books import Books, check, raw_entry, raw_line, raw_payment, run


@contextmanager
def without(*guards: str) -> Iterator[None]:
    """These triggers are gone until all is rolled back."""
    for name in guards:
        on = "" if db.engine.dialect.name == "sqlite" else f" ON {GUARDS[name].table}"
        if GUARDS[name].statement(db.engine.dialect.name):
            run(f"DROP TRIGGER {name}{on}")
    yield
    db.session.rollback()
    check()


def found(invariant: str) -> list[str]:
    """What the check says, the missing triggers aside."""
    return [problem for result in run_all(db.session(), prefix=invariant) for problem in result.problems]


@pytest.fixture
def posted(books: Books) -> Books:
    books.gift("100.00")
    books.spend("30.00")
    db.session.commit()
    return books


def unbalanced() -> None:
    raw_line(9, 1, debit=100)
    raw_line(9, 2, credit=99)
    raw_entry(9, 100, number="记-3")


def empty() -> None:
    raw_entry(9, 100, number="记-3")


def late_line() -> None:
    raw_line(1, 3, debit=100)


def lost_entry() -> None:
    run("DELETE FROM ledger_trace")
    run("DELETE FROM ledger_source")
    run("DELETE FROM ledger_entry WHERE id = 1")


LOST_ENTRY = ("ledger_entry_no_delete", "ledger_source_no_delete", "ledger_trace_no_delete")
HARM: dict[str, tuple[tuple[str, ...], Callable[[], object] | str, str]] = {
    "an unbalanced entry": (("ledger_entry_seal",), unbalanced, "ledger.entries balance"),
    "an empty entry": (("ledger_entry_seal",), empty, "ledger.entries balance"),
    "a late line": (("ledger_line_not_sealed",), late_line, "ledger.entries balance"),
    "a late line's sums": (("ledger_line_not_sealed",), late_line, "ledger.month balances"),
    "a changed amount": (
        ("ledger_line_no_update",),
        "UPDATE ledger_line SET debit_fen = 1 WHERE entry_id = 1 AND debit_fen > 0",
        "ledger.entries balance",
    ),
    "a changed amount's pool": (
        ("ledger_line_no_update",),
        "UPDATE ledger_line SET debit_fen = 1 WHERE entry_id = 1 AND debit_fen > 0",
        "ledger.pool balances",
    ),
    "a lost line": (
        ("ledger_line_no_delete",),
        "DELETE FROM ledger_line WHERE entry_id = 1 AND position = 1",
        "ledger.entries balance",
    ),
    "a lost entry": (LOST_ENTRY, lost_entry, "ledger.lines belong to entries"),
    "a gap in the numbers": (LOST_ENTRY, lost_entry, "ledger.voucher numbers"),
    "a changed total": (
        ("ledger_entry_no_update",),
        "UPDATE ledger_entry SET total_fen = 1 WHERE id = 1",
        "ledger.entries balance",
    ),
    "a pool moved to another host": (
        ("ledger_pool_frozen",),
        "UPDATE ledger_pool SET entity_id = (SELECT max(id) FROM ledger_entity) WHERE code = '919'",
        "ledger.lines in one legal entity",
    ),
    "an account of another kind": (
        ("ledger_account_frozen",),
        "UPDATE ledger_account SET kind = 'income' WHERE code = '1002'",
        "ledger.pool balances",
    ),
    "a lost balance": (
        ("ledger_balance_no_delete",),
        "DELETE FROM ledger_balance WHERE account_id = (SELECT id FROM ledger_account WHERE code = '1002')",
        "ledger.debit equals credit",
    ),
    "a pool that is not empty when it opens": (
        ("ledger_pool_opens_empty",),
        "INSERT INTO ledger_pool (id, entity_id, code, name, is_restricted, balance_fen, may_go_below_zero) "
        "SELECT 999, min(id), 'rich', 'rich', FALSE, 1, FALSE FROM ledger_entity",
        "ledger.pool balances",
    ),
}


@pytest.mark.parametrize("what", HARM)
def test_without_its_guard_there_is(posted: Books, what: str) -> None:
    guards, harm, invariant = HARM[what]
    assert not found(invariant)
    with without(*guards):
        if isinstance(harm, str):
            run(harm)
        else:
            harm()
        assert found(invariant)
        assert any(name in sentence for name in guards for sentence in found("database.triggers"))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_without_its_guard_a_replacement_empties_a_pool(posted: Books) -> None:
    with without("ledger_pool_no_replace", "ledger_pool_no_delete"):
        run("REPLACE INTO ledger_pool SELECT id, entity_id, code, name, is_restricted, 0, 0 FROM ledger_pool")
        assert found("ledger.pool balances")


def test_without_the_seal_a_payment_moves_no_pool(posted: Books) -> None:
    with without("ledger_entry_seal"):
        raw_payment(3, 1, posted.love.id)
        assert found("ledger.pool balances")
        assert found("ledger.month balances")


def test_a_reversal_that_takes_back_something_else_is_found(posted: Books) -> None:
    raw_line(3, 1, debit=1)
    raw_line(3, 2, credit=1)
    raw_entry(3, 1, reverses_id=1, reason="冒充")
    assert found("ledger.reversals mirror")
    db.session.rollback()


def test_money_moved_by_hand_in_a_pool_or_a_balance_is_found(posted: Books) -> None:
    for table, invariant in (("ledger_pool", "ledger.pool balances"), ("ledger_balance", "ledger.month balances")):
        column = "balance_fen" if table == "ledger_pool" else "debit_fen"
        run(f"UPDATE {table} SET {column} = {column} + 1")
        assert found(invariant)
        db.session.rollback()
