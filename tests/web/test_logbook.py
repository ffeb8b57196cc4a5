"""The log: what happened and where, and never what anybody typed."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from portal import clock, logbook
from portal.accounts import proofs
from portal.db import db
from portal.jobs import enqueue
from portal.people.models import Person
from portal.settings import Settings, SettingsError
from tests.applications import Client, application
from tests.conftest import new_client
from tests.engines import Engine
from tests.pages import is_valid, words

NAME = "王建国-wangjianguo"


class Log:
    """What was logged, as production writes it."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


def listening(kind: str, *, shows_messages: bool) -> Iterator[Log]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logbook.formatter(kind, shows_messages=shows_messages))
    logger = logging.getLogger("portal")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield Log(stream)
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.fixture
def production() -> Iterator[Log]:
    yield from listening("json", shows_messages=False)


@pytest.fixture
def development() -> Iterator[Log]:
    yield from listening("text", shows_messages=True)


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing in crashes with what was typed in its message."""

    def crash(login: str) -> None:
        raise RuntimeError(f"cannot read {login}")

    monkeypatch.setattr(proofs, "who_is_called", crash)


@pytest.fixture
def refused_by_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signing in runs into a unique key of the database, whose message quotes the row."""

    def twice(login: str) -> None:
        for _ in range(2):
            db.session.add(Person(name=login, login=login, password_hash="x", created_at=clock.now()))
            db.session.flush()

    monkeypatch.setattr(proofs, "who_is_called", twice)


def sign_in(client: Client, **headers: str) -> Any:
    return client.post("/login", data={"login": NAME, "password": "geheim-7"}, headers=headers)


# ── requests ────────────────────────────────────────────────────────────────────────────────────────
def test_a_request_is_one_line_with_its_rule_and_no_address(production: Log, client: Client) -> None:
    client.get(f"/verify/919-2026-000123?q={NAME}", headers={"User-Agent": NAME, "Referer": f"/x?{NAME}"})
    [line] = production.lines
    assert line.items() >= {"message": "request", "method": "GET", "route": "/verify/<number>", "status": 200}.items()
    assert line.keys() == {
        "time", "level", "logger", "message", "request_id", "method", "route", "status", "ms", "cpu_ms",
    }  # fmt: skip
    for secret in (NAME, "wangjianguo", "000123", "127.0.0.1"):
        assert secret not in production.text


def test_what_leads_nowhere_is_not_repeated(production: Log, client: Client) -> None:
    client.get(f"/nothing/{NAME}")
    assert production.lines[0]["route"] == "(none)"
    assert "wangjianguo" not in production.text


@pytest.fixture
def behind_a_proxy(engine: Engine, app: Flask) -> Flask:
    settings: Settings = app.extensions["portal_settings"]
    return application(engine, settings.instance, PORTAL_PROXIES="1")


def test_only_a_proxy_gives_a_request_its_number(production: Log, client: Client) -> None:
    """Else a visitor's lines in the audit would stand among somebody else's."""
    given = client.get("/login", headers={"X-Request-Id": "from-a-visitor"}).headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_the_number_of_a_request_goes_back_and_is_never_other_than_plain(
    production: Log, behind_a_proxy: Flask
) -> None:
    client = new_client(behind_a_proxy)
    assert client.get("/login", headers={"X-Request-Id": "from-proxy-1"}).headers["X-Request-Id"] == "from-proxy-1"
    for forged in ("x", "a b c d e f g h", '"},{"level":"x', "x" * 65, NAME):
        given = client.get("/login", headers={"X-Request-Id": forged.encode().decode("latin-1")})
        assert given.headers["X-Request-Id"] not in (forged, "")
    assert production.lines[0]["request_id"] == "from-proxy-1"


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.usefixtures("crashing")
def test_a_name_typed_into_a_form_that_crashes_is_not_in_the_log(production: Log, client: Client) -> None:
    answer = sign_in(client)
    assert answer.status_code == 500
    assert "wangjianguo" not in production.text
    assert "geheim" not in production.text
    crash = next(line for line in production.lines if line["level"] == "error")
    assert crash["error"] == "RuntimeError"
    assert "portal/accounts/routes.py" in crash["trace"]
    assert crash["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.usefixtures("refused_by_database")
def test_what_the_database_quotes_is_not_in_the_log(production: Log, client: Client) -> None:
    assert sign_in(client).status_code == 500
    assert "wangjianguo" not in production.text
    crash = next(line for line in production.lines if line["level"] == "error")
    assert "UniqueViolation 23505" in crash["error"] or "SQLITE_CONSTRAINT_UNIQUE" in crash["error"]


@pytest.mark.usefixtures("refused_by_database")
def test_not_even_in_development_are_rows_quoted(development: Log, client: Client) -> None:
    assert sign_in(client).status_code == 500
    assert "wangjianguo" not in development.text
    assert "unique" in development.text.lower()


@pytest.mark.usefixtures("refused_by_database")
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_without_the_mask_the_row_would_be_quoted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logbook, "without_values", lambda message: message)
    for log in listening("text", shows_messages=True):
        sign_in(client)
        assert "wangjianguo" in log.text


@pytest.mark.usefixtures("crashing")
def test_the_page_of_a_crash_shows_the_number_to_give_to_the_administrator(client: Client) -> None:
    answer = sign_in(client)
    assert is_valid(answer)
    assert f"请告诉管理员这个编号： {answer.headers['X-Request-Id']}" in words(answer)
    piece = sign_in(client, **{"HX-Request": "true"})
    assert piece.headers["X-Request-Id"] in piece.text


def test_causes_are_told_and_a_circle_ends(production: Log) -> None:
    first, second = ValueError(NAME), KeyError(NAME)
    first.__cause__, second.__cause__ = second, first
    logging.getLogger("portal").error("both", exc_info=first)
    assert "KeyError" in production.lines[0]["trace"]
    assert "wangjianguo" not in production.text


def test_a_line_stays_one_line(production: Log) -> None:
    logging.getLogger("portal").warning("a\nb\u2028c")
    assert len(production.text.splitlines()[0]) and json.loads(production.text)["message"] == "a\nb\u2028c"


# ── settings ────────────────────────────────────────────────────────────────────────────────────────
def test_the_kind_of_log_is_a_setting(tmp_path: Any, app: Flask) -> None:
    assert Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path)}).log == "text"
    assert Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), "PORTAL_LOG": "json"}).log == "json"
    names = ("PORTAL_SECRET_KEY", "PORTAL_DATA_KEY", "PORTAL_LOG_KEY")
    keys = dict.fromkeys(names, "k" * 32) | {"PORTAL_BASE_URL": "https://portal.example"}
    produced = Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), "PORTAL_ENV": "production", **keys})
    assert produced.log == "json"
    with pytest.raises(SettingsError, match="PORTAL_LOG"):
        Settings.from_environment({"PORTAL_INSTANCE": str(tmp_path), "PORTAL_LOG": "xml"})


def test_jobs_that_requests_ask_for_carry_their_number(behind_a_proxy: Flask) -> None:
    headers = {"X-Request-Id": "from-proxy-1", "Sec-Fetch-Site": "same-origin"}
    with behind_a_proxy.test_request_context("/", method="POST", headers=headers):
        behind_a_proxy.preprocess_request()
        assert enqueue("test.bake", {}, at=clock.now()).request_id == "from-proxy-1"
        db.session.rollback()
