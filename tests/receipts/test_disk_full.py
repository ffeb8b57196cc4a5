"""The disk is full in the middle of a list: nothing by halves, a plain sentence, and it goes on when there is room.

SQLite is told how many pages it may have, and says SQLITE_FULL itself. PostgreSQL is made to raise its own disk_full
(53100) from the insert that would need the room: below it everything is as on the day.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, event, text

from portal import clock
from portal.cli import lists as commands
from portal.db import db
from portal.jobs.worker import work_one
from portal.lists import reader
from portal.lists.models import DonationImport, ImportRow
from portal.people.models import Person
from portal.receipts import booking
from tests.applications import Client
from tests.giving import Giving
from tests.importing import AT, THREE, check, confirmed, count, gifts_and_receipts, many, upload
from tests.lists.long import unread
from tests.pages import words

ROWS = 1_500
LATER = AT + timedelta(minutes=10)
FULL = "服务器的磁盘满了"


@contextmanager
def full_after(rows: int, table: str, *, pages: int) -> Iterator[None]:
    """From now on there is room for so many pages more (SQLite), or for so many rows of this table (PostgreSQL)."""
    db.session.rollback()
    is_sqlite = db.engine.dialect.name == "sqlite"
    with _few_pages(pages) if is_sqlite else _no_more(rows, table):
        yield


@contextmanager
def _few_pages(more: int) -> Iterator[None]:
    with db.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + more

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(db.engine, "connect", limit)
    db.engine.dispose()
    try:
        yield
    finally:
        db.session.rollback()
        event.remove(db.engine, "connect", limit)
        db.engine.dispose()


@contextmanager
def _no_more(rows: int, table: str) -> Iterator[None]:
    with db.engine.begin() as connection:
        _make_full(connection, rows, table)
    try:
        yield
    finally:
        db.session.rollback()
        with db.engine.begin() as connection:
            connection.execute(text("DROP FUNCTION disk_full() CASCADE"))


def _make_full(connection: Connection, rows: int, table: str) -> None:
    connection.execute(
        text(
            "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF (SELECT count(*) FROM {table}) >= {rows} THEN RAISE EXCEPTION USING ERRCODE = 'disk_full', "
            "MESSAGE = 'could not extend file: No space left on device'; END IF; RETURN NULL; END $$"
        )
    )
    connection.execute(
        text(f"CREATE TRIGGER disk_full AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION disk_full()")
    )


def now(import_id: int) -> DonationImport:
    return db.session.get_one(DonationImport, import_id, populate_existing=True)


def test_booking_stops_at_a_whole_chunk_says_so_and_goes_on_by_itself(
    giving: Giving, accountant: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = booking.book_chunk
    monkeypatch.setattr(booking, "book_chunk", lambda id, *, at: chunk(id, at=at, size=100))
    import_id = confirmed(giving, *many(ROWS)).id
    with full_after(600, "funds_gift", pages=150):
        with clock.frozen(AT):
            assert work_one()
        booked = now(import_id).booked
        assert 0 < booked < ROWS
        assert gifts_and_receipts() == (booked, booked)
        page = accountant.get(f"/imports/{import_id}/progress", headers={"HX-Request": "true"})
        assert FULL in words(page)
        assert "稍后会自动接着来" in words(page)
        assert "every 1s" in page.text
    check()
    with clock.frozen(LATER):
        assert work_one()
    assert (now(import_id).status, gifts_and_receipts()) == ("booked", (ROWS, ROWS))
    check()


def test_reading_stops_says_so_and_starts_over_by_itself(
    giving: Giving, cashier: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CHUNK", 100)
    import_id = unread(giving, *many(3_000)).id
    with full_after(700, "lists_row", pages=30):
        with clock.frozen(AT):
            assert work_one()
        assert (now(import_id).status, now(import_id).rows) == ("reading", count(ImportRow))
        assert count(ImportRow) < 3_000
        page = cashier.get(f"/imports/{import_id}")
        assert FULL in words(page)
        assert "稍后会自动接着来" in words(page)
    check()
    with clock.frozen(LATER):
        assert work_one()
    assert (now(import_id).status, now(import_id).accepted, count(ImportRow)) == ("preview", 3_000, 3_000)
    check()


def test_the_command_says_so_in_a_sentence_and_goes_on_when_called_again(
    app: Flask, giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    accountant_id = giving.accountant.id
    monkeypatch.setattr(import_module("portal.cli.application"), "application", lambda: app)
    monkeypatch.setattr(commands, "person_called", lambda _: db.session.get_one(Person, accountant_id))
    import_id = confirmed(giving, *many(ROWS)).id
    arguments = [str(import_id), "--as", "accountant"]
    with full_after(600, "funds_gift", pages=150):
        stopped = CliRunner().invoke(commands.confirm, arguments)
        assert (stopped.exit_code, FULL in stopped.output) == (1, True)
        assert "Traceback" not in stopped.output
        gifts, receipts = gifts_and_receipts()
        assert gifts == receipts == now(import_id).booked < ROWS
    done = CliRunner().invoke(commands.confirm, arguments)
    assert done.exit_code == 0, done.output
    assert gifts_and_receipts() == (ROWS, ROWS)
    check()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_file_that_does_not_fit_leaves_nothing_behind(
    app: Flask, giving: Giving, cashier: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = app.extensions["portal_settings"].files
    before = set(folder.rglob("*"))

    def no_space(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        answer = upload(cashier, giving, b"\n".join([b"x" * 100] * 4_000), name="大.csv")
    assert (answer.status_code, FULL in words(answer)) == (503, True)
    assert {path for path in folder.rglob("*") if path.is_file()} <= before
    assert count(DonationImport) == 0
    assert upload(cashier, giving, b"\n".join(row.encode() for row in THREE)).status_code in (303, 422)
