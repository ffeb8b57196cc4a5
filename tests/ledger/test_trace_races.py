"""Two payments at the same moment, by real processes: no fen of a gift is spent twice. And what happens unguarded."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db import db
from portal.invariants import run_all
from tests.applications import application, clean_environment, environment, migrate
from tests.engines import Engine
from tests.ledger.books import Books, opened, run

PAYER = """
import sys, time
from pathlib import Path
from portal import create_app, db as database
from portal.ledger import books as ledger_books, writing
from portal.ledger.trace_store import InDatabase

unguarded, barrier, me, pool_id = sys.argv[1] == "unguarded", Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])

def together(step):
    "Both are here, or the other one waits for a lock that I hold: then time goes on."
    (barrier / f"{step}-{me}").touch()
    end = time.monotonic() + 2
    while len(list(barrier.glob(f"{step}-*"))) < 2 and time.monotonic() < end:
        time.sleep(0.005)

if unguarded:
    # SQLite: a transaction that begins by reading, with no turn and no lock; PostgreSQL: no row is locked.
    database.InTurn.begin_in_turn = lambda self: self.execute("BEGIN")
    from sqlalchemy import Select
    Select.with_for_update = lambda self, **more: self
    from portal import log, series
    log.note = lambda kind, refs: None
    series.take = lambda name, count=1: 100 + int(me) * 10
    ledger_books._POOLS = ledger_books.select(*ledger_books._POOLS.selected_columns).where(
        ledger_books.Pool.id.in_(ledger_books.bindparam("ids", expanding=True)))
open_after = InDatabase.open_after
def read(self, *asked):
    found = open_after(self, *asked)
    together("read")
    return found
InDatabase.open_after = read

app = create_app()
with app.app_context():
    from portal.db import db
    from portal.ledger.actions import post
    from portal.ledger.models import EntryKind, Pool
    from portal.people.models import Person
    from portal.ledger.patterns import spending_lines
    from tests.ledger.books import AT, draft
    from portal.problems import DomainError
    together("begin")
    try:
        pool, person = db.session.get_one(Pool, pool_id), db.session.query(Person).order_by(Person.id).first()
        post(draft(EntryKind.SPENDING, spending_lines(pool, 7_000)), by=person, checked_by=None, at=AT)
        db.session.commit()
        print("paid")
    except DomainError as problem:
        db.session.rollback()
        print("refused", type(problem).__name__)
    except Exception as error:
        db.session.rollback()
        print("failed", type(error).__name__, error)
"""


@pytest.fixture
def apart(empty_engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    """A portal on a database of this test's own."""
    app = application(empty_engine, tmp_path / "apart")
    migrate(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def pay_twice(engine: Engine, folder: Path, books: Books, how: str) -> list[str]:
    """Two processes pay 70 yuan each of the same 100 at once; how each fared."""
    barrier = folder / how
    barrier.mkdir()
    script = folder / "payer.py"
    script.write_text(PAYER, encoding="utf-8")
    pool = str(books.love.id)
    db.session.commit()
    db.session.remove()
    variables = clean_environment() | environment(engine, folder / "apart") | {"PYTHONPATH": str(Path.cwd())}
    payers = [
        subprocess.Popen(
            [sys.executable, str(script), how, str(barrier), str(number), pool],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in (1, 2)
    ]
    return sorted(payer.communicate(timeout=60)[0].strip().partition(" ")[0] for payer in payers)


def test_of_two_processes_that_pay_the_same_gift_one_is_refused(
    apart: Flask, empty_engine: Engine, tmp_path: Path
) -> None:
    books = opened()
    books.gift("100.00")
    assert pay_twice(empty_engine, tmp_path, books, "guarded") == ["paid", "refused"]
    assert db.session.execute(text("SELECT rest_fen FROM ledger_source")).scalars().all() == [3_000]
    assert all(one.holds for one in run_all(db.session(), prefix="ledger."))
    db.session.commit()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_control_without_locks_and_checks_the_same_fen_is_spent_twice(
    apart: Flask, empty_engine: Engine, tmp_path: Path
) -> None:
    books = opened()
    books.gift("100.00")
    # The seal locks the pool's row by moving its balance.
    run("DROP TRIGGER ledger_entry_seal ON ledger_entry")
    for table, check in (("ledger_pool", "not_below_zero"), ("ledger_source", "rest_within")):
        db.session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{check}"))
    assert pay_twice(empty_engine, tmp_path, books, "unguarded") == ["paid", "paid"]
    assert db.session.execute(text("SELECT rest_fen FROM ledger_source WHERE fen > 0")).scalars().all() == [-4_000]
    assert [one.name for one in run_all(db.session(), prefix="ledger.pools are") if not one.holds]
    db.session.commit()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_control_without_begin_immediate_the_second_payment_fails_with_an_error(
    apart: Flask, empty_engine: Engine, tmp_path: Path
) -> None:
    """It read before it wrote, so SQLite says "locked" at once, and whoever pays is told no sentence."""
    books = opened()
    books.gift("100.00")
    assert pay_twice(empty_engine, tmp_path, books, "unguarded") == ["failed", "paid"]
