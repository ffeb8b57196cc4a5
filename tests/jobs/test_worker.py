"""The worker's loop: signs of life, daily work, patience with a database that is away."""

import logging
import os
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal import clock, logbook
from portal.db import db
from portal.jobs import worker as loop
from portal.jobs.actions import STOPPING, fail, forget_done
from portal.jobs.handlers import DAILY
from portal.jobs.heartbeat import Heartbeat, own_name, sign_of_life
from portal.jobs.models import Attempt, Job, Worker
from portal.jobs.queries import is_anything_due
from portal.jobs.tidying import REMEMBERED, TIDY
from portal.jobs.worker import Patience, work, work_one
from tests.jobs.conftest import AT, Work, job_now
from tests.pages import statements

LOOP = "the loop of a test"


@pytest.fixture(autouse=True)
def not_stopping() -> Iterator[None]:
    """No loop outlives its test, however the test ends."""
    STOPPING.clear()
    yield
    STOPPING.set()
    for thread in threading.enumerate():
        if thread.name == LOOP:
            thread.join(10)
    STOPPING.clear()


def gone() -> OperationalError:
    away = sqlite3.OperationalError("unable to open database file")
    away.sqlite_errorcode = 14
    return OperationalError("SELECT 1", None, away)


def in_thread(app: Flask) -> threading.Thread:
    """The worker's loop as it runs in its process."""

    def run() -> None:
        with app.app_context():
            work()

    thread = threading.Thread(target=run, name=LOOP)
    thread.start()
    return thread


def until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
        db.session.rollback()


def test_looking_for_work_writes_nothing(app: Flask, session: object) -> None:
    with statements(app) as seen:
        assert not is_anything_due(at=AT)
        assert not work_one()
    assert [sql for sql in seen if not sql.startswith("SELECT")] == []


def test_a_worker_says_that_it_lives_and_that_it_stopped(app: Flask, session: object) -> None:
    heartbeat = Heartbeat(app).start()
    until(lambda: db.session.get(Worker, own_name(), populate_existing=True))
    row = db.session.get_one(Worker, own_name(), populate_existing=True)
    assert row.stopped_at is None
    # On SQLite this session would hold the turn.
    db.session.rollback()
    heartbeat.stop()
    row = db.session.get_one(Worker, own_name(), populate_existing=True)
    assert row.stopped_at is not None


def test_a_worker_of_the_same_name_takes_the_row_over(session: object) -> None:
    sign_of_life("host-7", since=AT, stopped=True)
    sign_of_life("host-7", since=AT + timedelta(days=1))
    db.session.commit()
    row = db.session.get_one(Worker, "host-7")
    assert (row.started_at, row.stopped_at) == (AT + timedelta(days=1), None)


def test_the_loop_outlives_a_database_that_is_away(
    app: Flask, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = iter([gone(), gone(), gone()])

    def sometimes(**values: Any) -> bool:
        if error := next(failures, None):
            raise error
        return is_anything_due(**values)

    monkeypatch.setattr(loop, "is_anything_due", sometimes)
    monkeypatch.setattr(loop, "LONGEST_WAIT", 0.05)
    job_id = work.ask()
    with caplog.at_level(logging.INFO, logger="portal"):
        thread = in_thread(app)
        until(lambda: job_now(job_id).status == "done")
        STOPPING.set()
        # On SQLite this session would hold the turn that the loop needs to say good-bye.
        db.session.rollback()
        thread.join(10)
        assert not thread.is_alive()
    lines = [record for record in caplog.records if record.name == loop.__name__ and record.levelno > logging.INFO]
    said = [re.split(";| after", line.getMessage())[0] for line in lines]
    assert said == ["the database or the disk is away", "the database is back"]
    assert not any(line.exc_info for line in lines)


def test_how_it_ended_is_written_down_once_the_database_is_back(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: dict[str, Any]) -> None:
        raise RuntimeError

    failures = iter([gone(), gone()])

    def late(*args: Any, **values: Any) -> None:
        if error := next(failures, None):
            raise error
        fail(*args, **values)

    monkeypatch.setattr(loop, "fail", late)
    monkeypatch.setattr(loop, "LONGEST_WAIT", 0.01)
    work.deed = broken
    job_id = work.ask()
    with clock.frozen(AT):
        work_one(Patience())
    assert (job_now(job_id).status, job_now(job_id).attempts) == ("waiting", 1)


def test_patience_is_for_passing_faults_alone() -> None:
    with pytest.raises(ValueError, match="mistake"):
        Patience().wait(ValueError("a mistake"))


def test_daily_work_is_asked_once_a_day_by_however_many_workers(app: Flask, session: object) -> None:
    assert TIDY in DAILY
    for moment in (AT, AT, AT + timedelta(hours=9), AT + timedelta(days=1)):
        with clock.frozen(moment):
            loop._ask_for_daily()
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.name == TIDY)) == 2


def test_what_was_done_a_month_ago_is_forgotten_and_nothing_else(work: Work) -> None:
    old, recent, aside = work.ask(), work.ask(), work.ask()
    with clock.frozen(AT):
        while work_one():
            pass
    job_now(recent).finished_at = AT + timedelta(days=10)
    job_now(aside).status = "failed"
    db.session.commit()
    with clock.frozen(AT + REMEMBERED + timedelta(days=1)):
        loop._ask_for_daily()
        while work_one():
            pass
    assert db.session.get(Job, old, populate_existing=True) is None
    assert db.session.scalar(select(func.count()).select_from(Attempt).where(Attempt.job_id == old)) == 0
    assert job_now(recent).status == "done"
    assert job_now(aside).status == "failed"


def test_forgetting_goes_in_pieces(work: Work) -> None:
    for _ in range(5):
        work.ask()
    with clock.frozen(AT):
        while work_one():
            pass
    counts = [forget_done(before=AT + timedelta(days=99), most=2) for _ in range(4)]
    assert counts == [2, 2, 1, 0]


def test_a_job_carries_the_request_that_asked_for_it_into_its_log(
    app: Flask, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[tuple[str | None, int | None]] = []
    before = logbook.REQUEST.get(), logbook.JOB.get()
    work.deed = lambda payload: seen.append((logbook.REQUEST.get(), logbook.JOB.get()))
    with logbook.during(request_id="request-1234"):
        job_id = work.ask()
    with clock.frozen(AT):
        work_one()
    assert seen == [("request-1234", job_id)]
    assert (logbook.REQUEST.get(), logbook.JOB.get()) == before


def test_a_worker_beside_a_server_ends_with_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    read = os.read
    monkeypatch.setattr(os, "read", lambda _, size: read(reading, size))
    loop.stop_when_input_ends()
    assert not STOPPING.wait(0.05)
    os.close(writing)
    assert STOPPING.wait(5)
    os.close(reading)
