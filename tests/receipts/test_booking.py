"""Booking a confirmed list in chunks: exactly once, whatever happens on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock, series
from portal.clock import CHINA
from portal.db import db
from portal.funds.models import Gift
from portal.jobs.actions import LEASE, lease
from portal.jobs.models import Job
from portal.jobs.worker import work_one
from portal.lists.models import DonationImport
from portal.receipts import booking
from portal.receipts.booking import NotConfirmed
from portal.receipts.models import Receipt
from tests.applications import environment
from tests.engines import Engine
from tests.giving import Giving, opened
from tests.importing import AT, THREE, check, confirmed, gifts_and_receipts, handed, many
from tests.volunteers import at_once

MANY = 1_234


@pytest.fixture
def chunks_of_100(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, so that a short list has many."""
    chunk = booking.book_chunk
    monkeypatch.setattr(booking, "book_chunk", lambda id, *, at: chunk(id, at=at, size=100))


def serials() -> list[int]:
    return list(db.session.scalars(select(Receipt.serial).order_by(Receipt.id)))


def again(imported: DonationImport) -> DonationImport:
    return db.session.get_one(DonationImport, imported.id, populate_existing=True)


# ── chunks ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_list_is_booked_in_chunks_and_says_how_far_it_is(giving: Giving) -> None:
    imported = confirmed(giving, *many(MANY))
    seen: list[tuple[int, int]] = []
    booking.book(imported.id, progress=lambda done, all: seen.append((done, all)))
    assert seen == [(500, MANY), (1_000, MANY), (MANY, MANY)]
    assert (again(imported).status, gifts_and_receipts()) == ("booked", (MANY, MANY))
    check()


def test_a_list_of_whole_chunks_ends_too(giving: Giving, chunks_of_100: None) -> None:
    imported = confirmed(giving, *many(200))
    booking.book(imported.id)
    assert (again(imported).status, gifts_and_receipts()) == ("booked", (200, 200))


def test_receipts_follow_the_lists_order(giving: Giving, chunks_of_100: None) -> None:
    imported = confirmed(giving, *many(250))
    booking.book(imported.id)
    pairs = select(Receipt.serial, Gift.row_no).join(Gift).order_by(Receipt.serial)
    assert [(serial, row) for serial, row in db.session.execute(pairs)] == [(n, n + 1) for n in range(1, 251)]


def test_between_two_chunks_others_may_write(giving: Giving, chunks_of_100: None) -> None:
    imported = confirmed(giving, *many(250))

    def elsewhere(done: int, _: int) -> None:
        if done == 100:
            giving.gift("李秀英", 5_000)

    booking.book(imported.id, progress=elsewhere)
    assert gifts_and_receipts() == (251, 251)
    assert serials() == list(range(1, 252))
    check()


def test_while_a_list_is_booked_others_get_their_turn(giving: Giving, app: Flask, chunks_of_100: None) -> None:
    imported_id = confirmed(giving, *many(2_000)).id
    turns: list[int] = []

    def write() -> None:
        with app.app_context():
            while db.session.get_one(DonationImport, imported_id, populate_existing=True).status != "booked":
                turns.append(series.take("test:turn"))
                db.session.commit()

    def work() -> None:
        with app.app_context():
            booking.book(imported_id)

    at_once(app, [work, write], at=AT)
    assert len(turns) >= 20
    assert turns == list(range(1, len(turns) + 1))


def test_booking_a_booked_list_again_changes_nothing(giving: Giving) -> None:
    imported = confirmed(giving, *THREE)
    booking.book(imported.id)
    booking.book(imported.id)
    assert gifts_and_receipts() == (3, 3)


def test_a_list_that_nobody_confirmed_is_not_booked(giving: Giving) -> None:
    imported = handed(giving, *THREE)
    with pytest.raises(NotConfirmed):
        booking.book(imported.id)
    assert gifts_and_receipts() == (0, 0)


def test_both_halves_in_one_go(giving: Giving) -> None:
    imported = booking.confirm_and_book(handed(giving, *THREE), by=giving.accountant, at=AT)
    assert (imported.status, gifts_and_receipts()) == ("booked", (3, 3))


def test_numbers_are_of_the_year_of_issue(giving: Giving) -> None:
    imported = confirmed(giving, *THREE)
    with clock.frozen(datetime(2027, 1, 1, 0, 0, 1, tzinfo=CHINA)):
        booking.book(imported.id)
    assert set(db.session.scalars(select(Receipt.number))) == {f"919-2027-00000{n}" for n in (1, 2, 3)}


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────────
def crashing_in(monkeypatch: pytest.MonkeyPatch, name: str, at_call: int) -> None:
    """The action `name` of booking fails at its nth call, after it has done its work."""
    real, calls = getattr(booking, name), iter(range(1, 1_000))

    def crash(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        if next(calls) == at_call:
            raise RuntimeError("as asked")
        return result

    monkeypatch.setattr(booking, name, crash)


@pytest.mark.parametrize("name", ["book_gifts", "issue_many"])
def test_a_crash_inside_a_chunk_loses_that_chunk_alone(
    giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    imported = confirmed(giving, *many(450))
    with monkeypatch.context() as patch:
        crashing_in(patch, name, 3)
        with pytest.raises(RuntimeError):
            booking.book(imported.id)
    assert (again(imported).booked, gifts_and_receipts()) == (200, (200, 200))
    assert db.session.scalar(select(Receipt.serial).order_by(Receipt.serial.desc())) == 200
    check()
    booking.book(imported.id)
    assert (again(imported).status, gifts_and_receipts()) == ("booked", (450, 450))
    assert serials() == list(range(1, 451))
    check()


def test_the_job_goes_on_where_it_stopped(giving: Giving, chunks_of_100: None, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = confirmed(giving, *many(250))
    with monkeypatch.context() as patch, clock.frozen(AT):
        crashing_in(patch, "issue_many", 2)
        assert work_one()
    job = db.session.scalars(select(Job)).one()
    assert (job.status, again(imported).booked) == ("waiting", 100)
    assert (job.last_error or "").startswith("RuntimeError")
    with clock.frozen(AT + timedelta(minutes=1)):
        assert work_one()
        assert not work_one()
    assert (again(imported).status, gifts_and_receipts()) == ("booked", (250, 250))
    check()


def test_the_job_keeps_its_lease_with_every_chunk(giving: Giving, chunks_of_100: None) -> None:
    imported = confirmed(giving, *many(120))
    job = db.session.scalars(select(Job)).one()
    assert lease(at=AT)
    db.session.commit()
    later = AT + timedelta(minutes=30)
    with clock.frozen(later):
        booking.book(imported.id, job_id=job.id)
    assert db.session.get_one(Job, job.id, populate_existing=True).leased_until == later + LEASE


def test_two_workers_on_one_list_book_each_row_once(giving: Giving, app: Flask, chunks_of_100: None) -> None:
    imported_id = confirmed(giving, *many(450)).id

    def work() -> None:
        with app.app_context():
            booking.book(imported_id)

    at_once(app, [work, work], at=AT)
    assert gifts_and_receipts() == (450, 450)
    assert serials() == list(range(1, 451))
    check()


WORKER = """
import sys
from portal import create_app
from portal.rooms import tables
from portal.receipts import booking
tables()
with create_app().app_context():
    booking.book(int(sys.argv[1]), progress=lambda done, all: print(done, flush=True))
"""


@pytest.fixture
def worker_environment(engine: Engine, tmp_path: Any) -> Iterator[dict[str, str]]:
    yield {"PATH": os.environ["PATH"], **environment(engine, tmp_path)}


def test_a_killed_worker_leaves_whole_chunks(giving: Giving, worker_environment: dict[str, str]) -> None:
    count = 4_000
    imported_id = confirmed(giving, *many(count)).id
    db.session.remove()
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(imported_id)], env=worker_environment, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert [worker.stdout.readline().strip() for _ in range(3)] == ["500", "1000", "1500"]
    time.sleep(0.03)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait(timeout=30)
    worker.stdout.close()
    booked = db.session.get_one(DonationImport, imported_id).booked
    assert 1_500 <= booked < count
    assert booked % booking.CHUNK == 0
    assert gifts_and_receipts() == (booked, booked)
    check()
    booking.book(imported_id)
    assert gifts_and_receipts() == (count, count)
    assert serials() == list(range(1, count + 1))
    check()


# ── numbers ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_rolled_back_issue_leaves_no_gap(giving: Giving) -> None:
    giving.gift("王建国", 100)
    assert series.take("receipt:919:2026", 5) == 2
    db.session.rollback()
    assert giving.gift("李秀英", 100).serial == 2


def test_each_fund_and_year_has_numbers_of_its_own(giving: Giving) -> None:
    other = opened("gongyi", "公益公积金")
    first, second = giving.gift("王建国", 100), other.gift("王建国", 100)
    assert (first.number, second.number) == ("919-2026-000001", "gongyi-2026-000001")
