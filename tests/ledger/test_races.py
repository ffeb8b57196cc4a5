"""Two at once, with real connections: the books stay right. Only PostgreSQL has two writers, so controls run there."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.db import db
from portal.guards import GUARDS
from portal.invariants import run_all
from portal.ledger.actions import post
from portal.ledger.drafts import PoolWouldGoBelowZero
from portal.ledger.models import EntryKind
from portal.ledger.patterns import Lines, gift_lines, spending_lines
from tests.applications import application, migrate
from tests.engines import Engine
from tests.ledger.books import AT, UNTRACED, Books, check, draft, opened, raw_entry, raw_line, raw_payment, run

only_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

PATIENCE = 20.0
A_WHILE = 0.3
"""Seconds after which the other one is surely waiting."""


@dataclass
class Other:
    """Somebody else with a connection of their own. `error` is how it ended for them."""

    app: Flask
    do: Callable[["Other"], object]
    error: BaseException | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        with self.app.app_context():
            try:
                self.do(self)
                db.session.commit()
            except BaseException as error:
                self.error = error
                db.session.rollback()

    def pause(self) -> None:
        """Say that the first half is done, and wait for the word."""
        self.reached.set()
        assert self.go_on.wait(PATIENCE)


@contextmanager
def beside(app: Flask, do: Callable[[Other], object]) -> Iterator[Other]:
    """Somebody else works at the same time; at the end they have finished."""
    other = Other(app, do)
    thread = threading.Thread(target=other.work, daemon=True)
    thread.start()
    try:
        yield other
    finally:
        other.go_on.set()
        thread.join(PATIENCE)
    assert not thread.is_alive()


def at_once(app: Flask, tasks: list[Callable[[], object]]) -> list[BaseException | None]:
    """All tasks begin together, a connection each; gives how each ended."""
    start = threading.Barrier(len(tasks))

    def begin(task: Callable[[], object]) -> Callable[[Other], object]:
        return lambda _: (start.wait(PATIENCE), task())

    others = [Other(app, begin(task)) for task in tasks]
    threads = [threading.Thread(target=other.work, daemon=True) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return [other.error for other in others]


@dataclass(frozen=True)
class Somebody:
    """Whoever acts in another thread: a person of one session is no person of another."""

    id: int
    name: str


def posting(books: Books, kind: EntryKind, lines: Lines, *, key: str | None = None) -> Callable[[], object]:
    by = Somebody(books.cashier.id, books.cashier.name)
    return lambda: post(draft(kind, lines, key=key), by=by, checked_by=None, at=AT)


# ── by the actions ──────────────────────────────────────────────────────────────────────────────────
def test_of_two_payments_at_once_the_pool_affords_one(app: Flask, books: Books) -> None:
    books.gift("100.00")
    db.session.commit()
    payments = [posting(books, EntryKind.SPENDING, spending_lines(books.love, 7_000)) for _ in range(2)]
    db.session.commit()
    errors = at_once(app, payments)
    assert [type(error) for error in errors if error] == [PoolWouldGoBelowZero]
    assert db.session.scalar(text("SELECT balance_fen FROM ledger_pool WHERE code = '919'")) == 3_000
    check()


def test_the_same_key_eight_times_at_once_is_posted_once(app: Flask, books: Books) -> None:
    gifts = [posting(books, EntryKind.GIFT, gift_lines(books.love, 500), key="gift:1") for _ in range(8)]
    db.session.commit()
    assert at_once(app, gifts) == [None] * 8
    assert db.session.scalar(text("SELECT count(*) FROM ledger_entry")) == 1
    check()


def test_many_postings_at_once_in_many_pools_end_and_number_without_gaps(app: Flask, books: Books) -> None:
    there, back = gift_lines(books.love, 100), gift_lines(books.chairs, 100)
    gifts = [posting(books, EntryKind.GIFT, lines) for lines in (there + back, back + there) * 4]
    db.session.commit()
    assert at_once(app, gifts) == [None] * 8
    assert db.session.scalar(text("SELECT balance_fen FROM ledger_pool WHERE code = '919'")) == 800
    check()


# ── by hand ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_second_transaction_cannot_add_a_line_during_the_seal(app: Flask, books: Books) -> None:
    def add_line(other: Other) -> None:
        raw_line(1, 3, debit=100)
        other.pause()

    db.session.commit()
    raw_line(1, 1, debit=100)
    raw_line(1, 2, credit=100)
    raw_entry(1, 100)
    with beside(app, add_line) as other:
        other.reached.wait(A_WHILE)  # on SQLite the other waits for its turn
        db.session.commit()
    assert isinstance(other.error, DBAPIError)
    check()


@only_postgresql
def test_a_second_transaction_cannot_lay_a_line_ready_before_the_seal(app: Flask, books: Books) -> None:
    def add_line(other: Other) -> None:
        raw_line(1, 3, debit=100)
        other.pause()

    db.session.commit()
    with beside(app, add_line) as other:
        assert other.reached.wait(PATIENCE)
        raw_line(1, 1, debit=100)
        raw_line(1, 2, credit=100)
        raw_entry(1, 100)
        db.session.commit()
    assert isinstance(other.error, DBAPIError)
    check()


def test_of_two_payments_by_hand_the_pool_affords_one(app: Flask, books: Books) -> None:
    books.gift("100.00")
    love = books.love.id
    db.session.commit()
    raw_payment(2, 7_000, love)
    with beside(app, lambda _: raw_payment(3, 7_000, love)) as other:
        other.reached.wait(A_WHILE)
        db.session.commit()
    assert isinstance(other.error, DBAPIError)
    check(but=UNTRACED)


# ── controls: without the guard the harm is there ───────────────────────────────────────────────────
@pytest.fixture
def unguarded(empty_engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    """A portal on a database of this test's own, where guards may fall."""
    app = application(empty_engine, tmp_path / "unguarded")
    migrate(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def problems(name: str) -> list[str]:
    return [problem for result in run_all(db.session(), prefix=name) for problem in result.problems]


@only_postgresql
def test_control_without_stamps_the_second_transaction_unbalances_the_entry(unguarded: Flask) -> None:
    opened()
    for table in ("ledger_entry", "ledger_line"):
        assert f"{table}_stamp" in GUARDS
        run(f"DROP TRIGGER {table}_stamp ON {table}")
    db.session.commit()

    def add_line(other: Other) -> None:
        raw_line(1, 3, debit=100)
        other.pause()

    raw_line(1, 1, debit=100)
    raw_line(1, 2, credit=100)
    raw_entry(1, 100)
    with beside(unguarded, add_line) as other:
        assert other.reached.wait(PATIENCE)
        db.session.commit()
    assert other.error is None
    assert problems("ledger.entries") == ["entry 1: total 100 分, but 3 lines with debit 200 and credit 100 分"]


@only_postgresql
def test_control_without_the_check_both_payments_go_through(unguarded: Flask) -> None:
    books = opened()
    books.gift("100.00")
    run("ALTER TABLE ledger_pool DROP CONSTRAINT ck_ledger_pool_not_below_zero")
    love = books.love.id
    db.session.commit()
    raw_payment(2, 7_000, love)
    with beside(unguarded, lambda _: raw_payment(3, 7_000, love)) as other:
        other.reached.wait(A_WHILE)
        db.session.commit()
    assert other.error is None
    assert problems("ledger.pools above") == ["pool 919 is at -4000 分"]
