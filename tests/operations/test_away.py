"""A database that goes away under the running portal: a plain 503, then everything as before, by itself."""

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.db import db
from portal.jobs import enqueue
from portal.jobs.models import Job, Worker
from portal.jobs.tidying import TIDY
from tests import postgres
from tests.applications import application, migrate
from tests.engines import Postgresql
from tests.live import Live, free_port, running
from tests.required import left_out

PAGE = "/verify/919-2026-000001"
WITHIN = 60.0


@pytest.fixture
def cluster() -> Iterator[postgres.Server]:
    """A PostgreSQL of this test's own."""
    server = postgres.start()
    if server is None:
        left_out("PostgreSQL")
    assert server is not None
    yield server
    server.stop()


@pytest.fixture
def portal_app(cluster: postgres.Server, tmp_path: Path) -> Flask:
    """The portal's tables in that PostgreSQL, as this process reaches them."""
    engine = Postgresql(str(cluster.folder), "away")
    engine.create()
    app = application(engine, tmp_path / "own")
    migrate(app)
    return app


@pytest.fixture
def live(portal_app: Flask, tmp_path: Path) -> Iterator[Live]:
    instance, port = tmp_path / "instance", free_port()
    instance.mkdir()
    command = [sys.executable, "-m", "portal", "serve", "--port", str(port), "--workers", "1", "--renderers", "1"]
    with running(command, instance, port, database=portal_app.config["SQLALCHEMY_DATABASE_URI"]) as live:
        yield live


def ask(live: Live, path: str) -> tuple[int, str, str]:
    """Status, body and Retry-After of one answer."""
    connection = http.client.HTTPConnection(live.url.removeprefix("http://"), timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, answer.headers.get("Retry-After", "")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, "too long"
        time.sleep(0.1)


def test_a_database_that_goes_away_is_said_plainly_and_found_again(
    cluster: postgres.Server, portal_app: Flask, live: Live
) -> None:
    wait_until(lambda: ask(live, "/readyz")[0] == 200)
    up = ask(live, PAGE)[0]
    # Nobody is there yet: every page leads to the first day's.
    assert up == 303
    workers = worker_names(portal_app)

    cluster.kill()
    status, body, retry_after = ask(live, PAGE)
    assert (status, retry_after) == (503, "30")
    assert "数据库暂时连不上" in body
    assert [ask(live, PAGE)[0] for _ in range(20)] == [503] * 20
    assert ask(live, "/healthz")[0] == 200
    status, body, _ = ask(live, "/readyz")
    assert (status, json.loads(body)["parts"]["database"]["problem"]) == (503, "away")
    assert "portal_database_up 0.0" in ask(live, "/metrics")[1]
    wait_until(lambda: "waiting for it" in live.log)

    cluster.start_again()
    assert ask(live, PAGE)[0] == up
    wait_until(lambda: ask(live, "/readyz")[0] == 200)
    with portal_app.app_context():
        db.engine.dispose()
        job_id = enqueue(TIDY, {}, at=clock.now()).id
        db.session.commit()
        wait_until(lambda: is_done(job_id))
    assert worker_names(portal_app) == workers
    assert live.log.count("waiting for it") == 1
    assert "Traceback" not in live.log
    assert "File " not in live.log


def is_done(job_id: int) -> bool:
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True).status == "done"


def worker_names(app: Flask) -> list[str]:
    with app.app_context():
        return [worker.name for worker in db.session.query(Worker).order_by(Worker.started_at)]
