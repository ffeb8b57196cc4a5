"""Books from before sources were kept are traced once, to the same rows; what is broken off is gone on with."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db import db
from portal.guards import GUARDS
from portal.invariants import run_all
from portal.ledger import trace_replay
from portal.ledger.actions import reverse
from portal.ledger.models import EntryKind
from portal.ledger.patterns import transfer_lines
from portal.ledger.trace_replay import trace_existing
from portal.ledger.trace_writing import NotTraced
from tests.applications import application, migrate
from tests.engines import Engine
from tests.ledger.books import AT, Books, opened, run

Rows = tuple[list[Any], list[Any]]


@pytest.fixture
def old(empty_engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    """A portal on a database of this test's own, where traces may be thrown away: as if they had never been kept."""
    app = application(empty_engine, tmp_path / "old")
    migrate(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def history(books: Books) -> None:
    """Gifts, payments, a transfer, a payment taken back, a debt and what settled it."""
    for fen in ("100.00", "50.00", "9.19"):
        books.gift(fen)
    payment = books.spend("120.00")
    books.post(EntryKind.TRANSFER, transfer_lines(books.love, books.chairs, 2_000))
    people: dict[str, Any] = {"by": books.cashier, "checked_by": books.accountant}
    reverse(payment, reason="付错", at=AT, **people)
    books.spend("30.00")
    books.spend("5.00", books.chairs)
    books.spend("8.00", books.free)
    books.gift("20.00", books.free)
    db.session.commit()


def kept() -> Rows:
    """All sources and traces."""
    sources = db.session.execute(text("SELECT id, pool_id, entry_id, origin_id, fen, rest_fen FROM ledger_source"))
    traces = db.session.execute(text("SELECT entry_id, source_id, fen FROM ledger_trace"))
    rows = sorted(map(tuple, sources)), sorted(map(tuple, traces))
    db.session.commit()
    return rows


def forget() -> None:
    """Throw all of it away, and the guards that would not let it happen or be mended."""
    names = (
        "ledger_trace_no_delete",
        "ledger_source_no_delete",
        "ledger_trace_before_leaf",
        "ledger_source_before_leaf",
    )
    for name in names:
        on = "" if db.engine.dialect.name == "sqlite" else f" ON {GUARDS[name].table}"
        run(f"DROP TRIGGER {name}{on}")
    run("DELETE FROM ledger_trace")
    run("DELETE FROM ledger_source")
    db.session.commit()


def test_old_books_are_traced_to_the_rows_that_posting_would_have_written(old: Flask) -> None:
    books = opened()
    history(books)
    before = kept()
    forget()
    assert trace_existing() == 10
    assert kept() == before
    assert trace_existing() == 0
    wrong = [one for one in run_all(db.session(), prefix="ledger.") if not one.holds]
    assert not wrong


def test_what_was_broken_off_goes_on_where_it_stopped(old: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    history(opened())
    before = kept()
    forget()
    ways_after, calls = trace_replay.ways_after, iter(range(100))
    monkeypatch.setattr(trace_replay, "AT_ONCE", 3)
    monkeypatch.setattr(trace_replay, "ways_after", lambda *at: ways_after(*_unbroken(next(calls), at)))
    with pytest.raises(ConnectionError):
        trace_existing()
    db.session.rollback()
    assert 0 < len(kept()[0]) < len(before[0])
    trace_existing()
    assert kept() == before


def test_before_they_are_traced_nothing_is_paid_from_old_gifts(old: Flask) -> None:
    books = opened()
    books.gift("100.00")
    db.session.commit()
    forget()
    with pytest.raises(NotTraced, match="portal migrate"):
        books.spend("1.00")
    db.session.rollback()


def _unbroken(call: int, at: tuple[Any, ...]) -> tuple[Any, ...]:
    """The connection is lost once, at the third batch."""
    if call == 2:
        raise ConnectionError
    return at
