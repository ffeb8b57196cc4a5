"""The database's manners: who may write when, and what a failed commit leaves behind."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Integer, Select, bindparam, event, literal_column, select, text
from sqlalchemy.exc import DBAPIError

from portal.db import InTurn, db, dialect, let_go, made_once, reading, rows

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_a_get_request_cannot_write(app: Flask) -> None:
    with app.test_request_context("/login"):
        app.preprocess_request()
        with pytest.raises(DBAPIError):
            db.session.execute(text("INSERT INTO series_series (name, last) VALUES ('x', 1)"))
        db.session.rollback()


def test_a_statement_is_made_once_a_shape(app: Flask) -> None:
    made = []

    @made_once
    def asked(column: str, *, is_doubled: bool = False) -> Select[int]:
        made.append((column, is_doubled))
        return select(literal_column(column, Integer) * (2 if is_doubled else 1) + bindparam("more", type_=Integer))

    with app.app_context():
        assert asked("1") is asked("1")
        assert [rows(asked("1"), {"more": more}).scalar_one() for more in (1, 2)] == [2, 3]
        assert rows(asked("1", is_doubled=True), {"more": 1}).scalar_one() == 3
        assert dialect() == db.engine.dialect.name
    assert made == [("1", False), ("1", True)]


def test_rows_are_read_in_the_session_s_transaction(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("INSERT INTO series_series (name, last) VALUES ('x', 7)"))
        assert rows(text("SELECT last FROM series_series WHERE name = :name"), {"name": "x"}).scalar_one() == 7
        db.session.rollback()


def test_after_a_get_the_same_connection_writes_again(app: Flask) -> None:
    with app.app_context():
        with reading() as session:
            session.execute(text("SELECT 1"))
        db.session.execute(text("INSERT INTO series_series (name, last) VALUES ('x', 1)"))
        db.session.commit()


def test_all_that_a_page_reads_it_reads_in_one_transaction(app: Flask) -> None:
    begun: list[object] = []

    def on_begin(connection: object) -> None:
        begun.append(connection)

    with app.test_request_context("/login"):
        app.preprocess_request()
        event.listen(db.engine, "begin", on_begin)
        try:
            for _ in range(3):
                db.session.execute(text("SELECT 1"))
        finally:
            event.remove(db.engine, "begin", on_begin)
            db.session.rollback()
    assert len(begun) == 1


@only_sqlite
def test_a_reader_does_not_wait_for_a_writer(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("INSERT INTO series_series (name, last) VALUES ('x', 1)"))
        started = time.monotonic()
        with reading() as session:
            assert session.execute(text("SELECT count(*) FROM series_series")).scalar() == 0
        assert time.monotonic() - started < 1
        db.session.rollback()


def test_slow_work_after_let_go_holds_no_lock(app: Flask) -> None:
    with app.app_context():
        db.session.execute(text("SELECT 1"))
        let_go()
        other = threading.Thread(target=_write, args=(app, "other"))
        other.start()
        other.join(timeout=5)
        assert not other.is_alive()


def test_a_commit_that_fails_lets_the_next_writer_in(tmp_path: Path) -> None:
    file = tmp_path / "turns.db"
    first = sqlite3.connect(file, factory=InTurn, isolation_level=None, timeout=1)
    first.turn_file = tmp_path / "turn"
    first.executescript(
        "PRAGMA foreign_keys=ON; CREATE TABLE head (id INTEGER PRIMARY KEY);"
        "CREATE TABLE line (head INTEGER REFERENCES head DEFERRABLE INITIALLY DEFERRED);"
    )
    first.begin_in_turn()
    first.execute("INSERT INTO line VALUES (7)")
    with pytest.raises(sqlite3.IntegrityError):
        first.commit()
    assert not first.in_transaction
    second = sqlite3.connect(file, factory=InTurn, isolation_level=None, timeout=1)
    second.turn_file = tmp_path / "turn"
    second.begin_in_turn()
    second.rollback()


def test_without_the_explicit_rollback_the_lock_would_stay(tmp_path: Path) -> None:
    """The control: a plain connection keeps its transaction, and with it the lock, after a commit that failed."""
    plain = sqlite3.connect(tmp_path / "plain.db", isolation_level=None)
    plain.executescript(
        "PRAGMA foreign_keys=ON; CREATE TABLE head (id INTEGER PRIMARY KEY);"
        "CREATE TABLE line (head INTEGER REFERENCES head DEFERRABLE INITIALLY DEFERRED);"
    )
    plain.execute("BEGIN IMMEDIATE")
    plain.execute("INSERT INTO line VALUES (7)")
    with pytest.raises(sqlite3.IntegrityError):
        plain.commit()
    assert plain.in_transaction


def test_eight_writers_all_get_their_turn(app: Flask) -> None:
    threads = [threading.Thread(target=_write, args=(app, f"w{n}", 20)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with app.app_context():
        total = db.session.execute(text("SELECT sum(last) FROM series_series WHERE name LIKE 'w%'")).scalar()
    assert total == 160


def _write(app: Flask, name: str, times: int = 1) -> None:
    for _ in range(times):
        with app.app_context():
            db.session.execute(
                text(
                    "INSERT INTO series_series (name, last) VALUES (:name, 1) "
                    "ON CONFLICT (name) DO UPDATE SET last = series_series.last + 1"
                ),
                {"name": name},
            )
            db.session.commit()
