"""Raw SQL against the books, on both engines: the database itself refuses, and afterwards all still holds."""

from typing import Any

import pytest
from sqlalchemy import text

from portal.db import db
from portal.ledger.actions import reverse
from tests.ledger.books import AT, UNTRACED, Books, check, raw_entry, raw_line, raw_payment, refused, run

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

LENIENT = ["INSERT OR IGNORE", "INSERT OR FAIL", "INSERT OR REPLACE", "INSERT OR ROLLBACK"]
"""SQLite lets the outer statement overrule a CHECK that fails inside a trigger."""

NEW = 900
"""The id of an entry that is not there yet."""


@pytest.fixture
def posted(books: Books) -> Books:
    """¥100 given, ¥30 paid, the payment reversed: entries 1, 2 and 3, with keys on the first two."""
    books.gift("100.00", key="gift")
    payment = books.spend("30.00", key="payment")
    reverse(payment, reason="付错", by=books.cashier, checked_by=books.accountant, at=AT)
    db.session.commit()
    return books


CHANGES = {
    "an entry's words": "UPDATE ledger_entry SET memo = 'x' WHERE id = 1",
    "an entry's total": "UPDATE ledger_entry SET total_fen = 1 WHERE id = 1",
    "an entry's stamp": "UPDATE ledger_entry SET tx = 1 WHERE id = 1",
    "an entry away": "DELETE FROM ledger_entry WHERE id = 3",
    "a line's amount": "UPDATE ledger_line SET debit_fen = 1 WHERE entry_id = 1 AND position = 1",
    "a line's pool": "UPDATE ledger_line SET pool_id = NULL WHERE entry_id = 1",
    "a line to another entry": "UPDATE ledger_line SET entry_id = 2, position = 9 WHERE entry_id = 1 AND debit_fen > 0",
    "a line out of every entry": "UPDATE ledger_line SET entry_id = 901 WHERE entry_id = 1 AND position = 1",
    "two lines against each other": "UPDATE ledger_line SET position = 3 - position WHERE entry_id = 1",
    "a line away": "DELETE FROM ledger_line WHERE entry_id = 1 AND position = 1",
    "all lines away": "DELETE FROM ledger_line",
    "a pool's host": "UPDATE ledger_pool SET entity_id = (SELECT max(id) FROM ledger_entity) WHERE code = '919'",
    "a pool's restriction": "UPDATE ledger_pool SET is_restricted = FALSE WHERE code = '919'",
    "a restricted pool's floor": "UPDATE ledger_pool SET may_go_below_zero = TRUE WHERE code = '919'",
    "a restricted pool below zero": "UPDATE ledger_pool SET balance_fen = -1 WHERE code = '919'",
    "an unused pool away": "DELETE FROM ledger_pool WHERE code = '919/chairs'",
    "an account's kind": "UPDATE ledger_account SET kind = 'income' WHERE code = '1002'",
    "an unused account away": "DELETE FROM ledger_account WHERE code = '5401'",
    "a balance away": "DELETE FROM ledger_balance",
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_changes(posted: Books, what: str) -> None:
    with refused():
        run(CHANGES[what])


@only_postgresql
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_line", "ledger_pool", "ledger_account", "ledger_balance"])
def test_no_table_is_truncated(posted: Books, table: str) -> None:
    with refused("no truncate"):
        run(f"TRUNCATE {table} CASCADE")


# ── replacement ─────────────────────────────────────────────────────────────────────────────────────
ENTRY_KEYS: dict[str, dict[str, Any]] = {
    "id": {"id": 1},
    "number": {"number": "记-1"},
    "idempotency_key": {"idempotency_key": "gift", "fingerprint": "x"},
    "reverses_id": {"reverses_id": 2, "reason": "再冲"},
}
TARGETS = {
    "id": "id",
    "number": "entity_id, number_year, number",
    "idempotency_key": "idempotency_key",
    "reverses_id": "reverses_id",
}


def _with_lines(key: str) -> dict[str, Any]:
    """Columns of an entry that collides in one key only, with balanced lines where the id is a new one."""
    if key != "id":
        raw_line(NEW, 1, debit=500)
        raw_line(NEW, 2, credit=500)
    return {"id": NEW, "number": "记-900", **ENTRY_KEYS[key], "total": 500}


@only_sqlite
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL"])
@pytest.mark.parametrize("key", ENTRY_KEYS)
def test_no_entry_is_replaced_through_any_key(posted: Books, key: str, verb: str) -> None:
    with refused("no replace"):
        raw_entry(verb=verb, **_with_lines(key))


@only_sqlite
def test_no_entry_is_replaced_by_a_connection_without_recursive_triggers(posted: Books) -> None:
    db.session.rollback()
    raw = db.session.connection().connection.driver_connection
    raw.execute("PRAGMA recursive_triggers = OFF")  # type: ignore[union-attr] # it is open
    try:
        for key in ENTRY_KEYS:
            with refused("no replace"):
                raw_entry(verb="REPLACE", **_with_lines(key))
    finally:
        raw.execute("PRAGMA recursive_triggers = ON")  # type: ignore[union-attr]


@pytest.mark.parametrize("key", ENTRY_KEYS)
def test_no_entry_is_changed_by_an_upsert(posted: Books, key: str) -> None:
    with refused():
        raw_entry(end=f"ON CONFLICT ({TARGETS[key]}) DO UPDATE SET memo = 'x'", **_with_lines(key))


@only_sqlite
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "INSERT OR IGNORE"])
def test_no_line_is_replaced(posted: Books, verb: str) -> None:
    with refused():
        run(f"{verb} INTO ledger_line SELECT * FROM ledger_line WHERE entry_id = 1 AND position = 1")


@only_sqlite
def test_a_line_has_no_hidden_key_to_be_replaced_by(posted: Books) -> None:
    with refused("no column named rowid|no such column"):
        run(
            "INSERT OR REPLACE INTO ledger_line (rowid, entry_id, position, account_id, debit_fen, credit_fen) "
            "VALUES (1, 900, 1, 1, 1, 0)"
        )


@only_sqlite
@pytest.mark.parametrize(
    "columns",
    [("id, code", "id, 'new'"), ("id, code", "999, code")],
)
def test_no_pool_is_replaced_by_an_empty_one(posted: Books, columns: tuple[str, str]) -> None:
    into, chosen = columns
    rest = "entity_id, name, is_restricted, balance_fen, may_go_below_zero"
    with refused("no replace"):
        run(
            f"REPLACE INTO ledger_pool ({into}, {rest}) SELECT {chosen}, entity_id, name, is_restricted, 0, 0 "
            "FROM ledger_pool WHERE code = '919'"
        )


# ── wrong entries ───────────────────────────────────────────────────────────────────────────────────
def test_an_empty_entry_is_refused(posted: Books) -> None:
    with refused("ledger_entry_seal"):
        raw_entry(NEW, 100)


def test_an_unbalanced_entry_is_refused(posted: Books) -> None:
    with refused("ledger_entry_seal"):
        raw_line(NEW, 1, debit=100)
        raw_line(NEW, 2, credit=99)
        raw_entry(NEW, 100)


@only_sqlite
@pytest.mark.parametrize("verb", LENIENT)
def test_an_unbalanced_entry_is_refused_to_a_lenient_insert(posted: Books, verb: str) -> None:
    with refused("ledger_entry_seal"):
        raw_line(NEW, 1, debit=100)
        raw_line(NEW, 2, credit=99)
        raw_entry(NEW, 100, verb=verb)


@pytest.mark.parametrize("total", [99, 101, 0, -100, 100.6])
def test_a_total_other_than_the_sum_of_debits_is_refused(posted: Books, total: float) -> None:
    with refused():
        raw_line(NEW, 1, debit=100)
        raw_line(NEW, 2, credit=100)
        raw_entry(NEW, total)


@pytest.mark.parametrize(("debit", "credit"), [(0, 0), (1, 1), (-1, 0), (0, -1), (0.5, 0), ("ten", 0)], ids=str)
def test_a_line_has_one_whole_positive_amount(posted: Books, debit: object, credit: object) -> None:
    if db.engine.dialect.name == "postgresql" and debit == 0.5:
        debit = 0.4  # a bigint column takes it for 0
    with refused():
        raw_line(NEW, 1, debit=debit, credit=credit)


def test_an_entry_in_the_pool_of_another_host_is_refused(posted: Books) -> None:
    with refused("ledger_entry_seal"):
        raw_line(NEW, 1, debit=100, pool=posted.foreign.id)
        raw_line(NEW, 2, credit=100)
        raw_entry(NEW, 100)


def test_a_number_of_another_year_is_refused(posted: Books) -> None:
    with refused("ledger_entry_seal"):
        raw_line(NEW, 1, debit=100)
        raw_line(NEW, 2, credit=100)
        raw_entry(NEW, 100, on="2025-12-31")


def test_an_entry_checked_by_its_maker_is_refused(posted: Books) -> None:
    with refused("two_people"):
        raw_line(NEW, 1, debit=100)
        raw_line(NEW, 2, credit=100)
        raw_entry(NEW, 100, checked_by_id=posted.cashier.id, checked_by_name="出纳甲", made_by_id=posted.cashier.id)


def test_a_line_without_an_entry_is_refused_at_the_commit(posted: Books) -> None:
    with refused():
        raw_line(NEW, 1, debit=100)


def test_after_a_refused_commit_the_next_one_works(posted: Books) -> None:
    with refused():
        raw_line(NEW, 1, debit=100)
    posted.gift("1.00")
    db.session.commit()
    check()


# ── sealed entries ──────────────────────────────────────────────────────────────────────────────────
def test_a_line_into_an_entry_sealed_long_ago_is_refused(posted: Books) -> None:
    with refused("sealed"):
        raw_line(1, 3, debit=100)


def test_a_line_into_an_entry_sealed_in_the_same_transaction_is_refused(posted: Books) -> None:
    with refused("sealed"):
        posted.gift("5.00")
        raw_line(4, 3, debit=100)


def test_a_balanced_pair_of_lines_into_a_sealed_entry_is_refused(posted: Books) -> None:
    with refused("sealed"):
        run(
            "INSERT INTO ledger_line (entry_id, position, account_id, debit_fen, credit_fen) "
            "SELECT entry_id, position + 2, account_id, debit_fen, credit_fen FROM ledger_line WHERE entry_id = 1"
        )


@only_postgresql
def test_lines_and_their_entry_in_one_statement_are_refused_if_the_entry_is_there(posted: Books) -> None:
    with refused():
        run(
            "WITH late AS (INSERT INTO ledger_line (entry_id, position, account_id, debit_fen, credit_fen) "
            "VALUES (1, 8, 1, 1, 0), (1, 9, 1, 0, 1) RETURNING 1) SELECT * FROM late"
        )


@only_postgresql
def test_a_stamp_given_by_hand_is_overwritten(posted: Books) -> None:
    run(
        "INSERT INTO ledger_line (entry_id, position, tx, account_id, debit_fen, credit_fen) "
        "VALUES (900, 1, 7, 1, 1, 0)"
    )
    assert db.session.scalar(text("SELECT tx FROM ledger_line WHERE entry_id = 900")) == db.session.scalar(
        text("SELECT pg_current_xact_id()::text::bigint")
    )


@only_postgresql
def test_a_temporary_table_does_not_stand_in_for_the_books(posted: Books) -> None:
    with refused("sealed"):
        run("CREATE TEMP TABLE ledger_entry (id bigint) ON COMMIT DROP")
        run(
            "INSERT INTO public.ledger_line (entry_id, position, account_id, debit_fen, credit_fen) "
            "VALUES (1, 8, 1, 1, 0)"
        )


# ── pools ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_payment_by_hand_beyond_the_balance_is_refused(posted: Books) -> None:
    with refused("ck_ledger_pool_not_below_zero"):
        raw_payment(NEW, 10_001, posted.love.id)


@only_sqlite
@pytest.mark.parametrize("verb", LENIENT)
def test_a_payment_beyond_the_balance_is_refused_to_a_lenient_insert(posted: Books, verb: str) -> None:
    with refused("ck_ledger_pool_not_below_zero"):
        raw_payment(NEW, 10_001, posted.love.id, verb=verb)


def test_a_payment_by_hand_within_the_balance_moves_the_pool(posted: Books) -> None:
    raw_payment(4, 10_000, posted.love.id, number="记-4")
    db.session.commit()
    db.session.refresh(posted.love)
    assert posted.love.balance_fen == 0
    check(but=UNTRACED)


def test_a_pool_opens_empty(posted: Books) -> None:
    with refused("opens_empty"):
        run(
            "INSERT INTO ledger_pool (id, entity_id, code, name, is_restricted, balance_fen, may_go_below_zero) "
            "SELECT 999, id, 'rich', 'rich', FALSE, 1, FALSE FROM ledger_entity ORDER BY id LIMIT 1"
        )


def test_restricted_money_cannot_be_allowed_below_zero(posted: Books) -> None:
    with refused("restricted_stays_above"):
        run(
            "INSERT INTO ledger_pool (id, entity_id, code, name, is_restricted, may_go_below_zero) "
            "SELECT 999, id, 'debt', 'debt', TRUE, TRUE FROM ledger_entity ORDER BY id LIMIT 1"
        )
