"""What machines ask: alive, ready, figures."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import clock, migrating
from portal.db import db
from portal.documents.line import Standing
from portal.jobs import enqueue
from portal.jobs.heartbeat import sign_of_life
from portal.operations import health
from portal.operations.watchers import is_local
from portal.web import metrics
from tests.applications import Client
from tests.pages import statements
from tests.volunteers import MONDAY

AWAY = {"X-Forwarded-For": "192.0.2.7"}


@pytest.fixture
def working(session: object) -> Iterator[None]:
    """A worker that gave a sign of life on MONDAY, which it is."""
    with clock.frozen(MONDAY):
        sign_of_life("host-1", since=MONDAY)
        db.session.commit()
        yield


def parts_of(client: Client) -> dict[str, Any]:
    return dict(client.get("/readyz").get_json()["parts"])


# ── alive ───────────────────────────────────────────────────────────────────────────────────────────
def test_alive_asks_nothing_of_the_database(app: Flask, client: Client) -> None:
    with statements(app) as seen:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.text, seen) == (200, "ok\n", [])
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


# ── ready ───────────────────────────────────────────────────────────────────────────────────────────
def test_ready_names_each_part(client: Client, working: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
    assert {name: part["ok"] for name, part in parts_of(client).items()} == {
        "database": True,
        "tables": True,
        "disk": True,
        "worker": True,
    }


def test_without_a_worker_for_a_minute_it_is_not_ready(client: Client, working: None) -> None:
    with clock.frozen(MONDAY + timedelta(seconds=61)):
        assert client.get("/readyz").status_code == 503
        assert [name for name, part in parts_of(client).items() if not part["ok"]] == ["worker"]


def test_tables_of_another_version_are_not_ready(
    client: Client, working: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "newest", lambda: "99991231_later")
    assert not parts_of(client)["tables"]["ok"]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_disk_that_is_nearly_full_is_not_ready(
    client: Client, working: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1 << 40, 1 << 40, 1 << 20))
    assert parts_of(client)["disk"] == {"ok": False, "free_mb": 1, "problem": "full"}


def test_a_disk_that_cannot_be_written_is_not_ready(
    client: Client, working: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert parts_of(client)["disk"]["problem"] == "read_only"


def test_a_database_that_is_away_is_asked_once(client: Client, working: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def away() -> None:
        asked.append(1)
        raise OperationalError("SELECT 1", None, Exception("away"))

    monkeypatch.setattr(health, "_database", away)
    assert client.get("/readyz").status_code == 503
    assert len(asked) == 1
    assert parts_of(client)["worker"] == {"ok": False, "problem": "database"}


def test_others_learn_only_whether_it_is_ready(client: Client, working: None) -> None:
    assert client.get("/readyz", headers=AWAY).get_json() == {"status": "ready"}
    elsewhere = client.get("/readyz", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.get_json() == {"status": "ready"}


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.8.8", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.0.2.7", {}, 404),
        ("::ffff:192.0.2.7", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", AWAY, 404),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 404),
        ("127.0.0.1", {"X-Real-IP": "192.0.2.7"}, 404),
        ("127.0.0.1", {"X-Forwarded-For": ""}, 404),
    ],
)
def test_figures_are_for_this_machine_alone(client: Client, address: str, headers: dict[str, str], status: int) -> None:
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status


def test_a_proxy_that_is_believed_does_not_become_this_machine(app: Flask) -> None:
    from werkzeug.middleware.proxy_fix import ProxyFix

    seen: list[bool] = []

    def inner(environ: dict[str, Any], _: Any) -> list[bytes]:
        seen.append(is_local(app.request_class(environ)))
        return []

    ProxyFix(inner)({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, lambda *_: print)
    assert seen == [False]


def test_requests_are_counted_by_rule_never_by_address(client: Client) -> None:
    for address in ("/verify/919-2026-000123", "/funds/wang-jianguo?q=%E7%8E%8B", "/nothing/wang-jianguo"):
        client.get(address)
    client.open("/funds", method="BREW")
    text = client.get("/metrics").text
    assert 'route="/verify/<number>",status="2xx"' in text
    assert 'portal_request_seconds_count{method="other",route="(none)",status="4xx"}' in text
    assert "wang" not in text
    assert "000123" not in text


def test_jobs_are_counted_by_state_and_the_oldest_told(client: Client, working: None) -> None:
    enqueue("test.bake", {}, at=MONDAY - timedelta(minutes=3))
    enqueue("test.bake", {}, at=MONDAY + timedelta(minutes=3))
    text = client.get("/metrics").text
    assert 'portal_jobs{state="waiting"} 2.0' in text
    assert "portal_jobs_oldest_seconds 180.0" in text
    assert "portal_job_workers 1.0" in text
    assert "portal_database_up 1.0" in text


def test_documents_that_wait_are_told_where_a_service_draws_them(
    client: Client, working: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "portal_documents" not in client.get("/metrics").text
    monkeypatch.setattr("portal.operations.figures.standing", lambda: Standing(3, 2, 100, [1, 2]))
    text = client.get("/metrics").text
    assert ("portal_documents_waiting 3.0" in text, "portal_documents_drawing 2.0" in text) == (True, True)


def test_figures_come_without_a_database_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", None, Exception("away"))

    monkeypatch.setattr("portal.operations.figures.count_by_state", away)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "portal_database_up 0.0" in answer.text
    assert "portal_process_resident_bytes" in answer.text


def test_kept_pages_are_counted_by_their_keeper(client: Client) -> None:
    metrics.kept("not_modified")
    assert 'portal_kept_pages_total{hit="not_modified"}' in client.get("/metrics").text


def test_no_figure_needs_an_account(client: Client) -> None:
    assert "Set-Cookie" not in client.get("/metrics").headers


def test_the_folder_of_a_dead_server_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.cli.serving import METRICS, metrics_folder

    (tmp_path / "counter_1.db").write_bytes(b"old")
    for mine in ("notes.txt", "portal.db"):
        (tmp_path / mine).write_text("mine")
    monkeypatch.setenv(METRICS, str(tmp_path))
    with metrics_folder():
        assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.txt", "portal.db"]
    monkeypatch.delenv(METRICS)
    with metrics_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0
    assert not folder.exists()
    assert METRICS not in os.environ
