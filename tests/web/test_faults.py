"""A database or disk at fault: said plainly, never a 500, nothing kept by halves, and over by itself."""

import errno
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from flask import Flask, has_request_context
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from portal.accounts import proofs
from portal.audit.models import AuditLine
from portal.clock import now
from portal.db import PortalSession, db
from portal.faults import Fault, fault_of
from portal.people.actions import add_person
from portal.people.models import Person
from tests.applications import Client, application
from tests.engines import Engine
from tests.pages import is_valid, words

SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def of_sqlite(code: int, message: str = "") -> OperationalError:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return OperationalError("SELECT 1", None, error)


def of_postgresql(kind: str, *, wrapped: type[DBAPIError] = OperationalError) -> DBAPIError:
    return wrapped("SELECT 1", None, getattr(psycopg.errors, kind)())


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (of_sqlite(5), Fault.BUSY),
        (of_sqlite(8), Fault.READ_ONLY),
        (of_sqlite(8 | 4 << 8), Fault.READ_ONLY),
        (of_sqlite(10 | 3 << 8), Fault.AWAY),
        (of_sqlite(13), Fault.FULL),
        (of_sqlite(14), Fault.AWAY),
        (of_sqlite(1, "no such table: people_person"), None),
        (sqlite3.OperationalError("database is locked: no turn to write"), Fault.BUSY),
        (sqlite3.OperationalError("no such table"), None),
        (of_postgresql("AdminShutdown"), Fault.AWAY),
        (of_postgresql("CannotConnectNow"), Fault.AWAY),
        (of_postgresql("ConnectionFailure"), Fault.AWAY),
        (of_postgresql("DiskFull"), Fault.FULL),
        (of_postgresql("TooManyConnections"), Fault.BUSY),
        (of_postgresql("DeadlockDetected"), Fault.BUSY),
        (of_postgresql("ReadOnlySqlTransaction", wrapped=InternalError), Fault.READ_ONLY),
        (of_postgresql("UndefinedTable"), None),
        (OperationalError("", None, psycopg.OperationalError("connection refused")), Fault.AWAY),
        (NoConnectionFree(), Fault.BUSY),
        (OSError(errno.ENOSPC, "full"), Fault.FULL),
        (OSError(errno.EROFS, "read-only"), Fault.READ_ONLY),
        (FileNotFoundError(errno.ENOENT, "no such file"), None),
        (ValueError(), None),
        (None, None),
    ],
)
def test_a_fault_is_known_by_its_code(error: BaseException | None, fault: Fault | None) -> None:
    assert fault_of(error) is fault


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def xiaoman(session: object) -> Person:
    return add_person("周小满", login="xiaoman", password="lan-hua-kai-le", by=None, at=now())


@pytest.mark.parametrize(
    ("error", "sentence", "seconds"),
    [
        (of_sqlite(5), "系统正忙，请稍等片刻再试", "5"),
        (of_sqlite(14), "数据库暂时连不上，系统会自己恢复，请过一分钟再试", "30"),
        (of_postgresql("DiskFull"), "服务器的磁盘满了，暂时存不进去", "300"),
        (OSError(errno.ENOSPC, "full"), "服务器的磁盘满了，暂时存不进去", "300"),
        (of_sqlite(8), "系统暂时只能看、不能存", "300"),
    ],
)
def test_each_cause_has_its_sentence(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str, seconds: str
) -> None:
    def broken(_: str) -> None:
        raise error

    monkeypatch.setattr(proofs, "who_is_called", broken)
    answer = client.post("/login", data={"login": "x", "password": "geheim-7"})
    assert answer.status_code == 503
    assert is_valid(answer)
    assert sentence in words(answer)
    assert "按浏览器的返回键" in words(answer)
    assert answer.headers["Retry-After"] == seconds
    assert "geheim" not in answer.text


def test_a_page_that_writes_where_it_only_reads_is_our_mistake(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes() -> None:
        db.session.execute(text("DELETE FROM web_once WHERE 1 = 0"))

    writes.needs_no_account = True  # type: ignore[attr-defined]

    monkeypatch.setitem(app.view_functions, "accounts.login", writes)
    assert client.get("/login").status_code == 500


@pytest.mark.parametrize("way", ["/me", "/hours", "/login"])
def test_a_person_who_cannot_be_loaded_is_no_500(
    client: Client, xiaoman: Person, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def away(_: int, token: str, *, at: datetime) -> None:
        raise of_sqlite(14)

    client.sign_in(xiaoman)
    monkeypatch.setattr("portal.accounts.session.signed_in", away)
    answer = client.get(way)
    assert answer.status_code == 503
    assert is_valid(answer)
    assert "再试一次" in words(answer)
    posted = client.post("/hours/new", data={"note": "扫街三小时"})
    assert posted.status_code == 503
    assert 'name="note" value="扫街三小时"' in posted.text
    assert is_valid(posted)
    piece = client.get(way, headers={"HX-Request": "true"})
    assert (piece.status_code, piece.headers["HX-Retarget"]) == (503, "#say")
    monkeypatch.undo()
    assert client.get("/me").status_code == 200


def test_what_was_typed_is_sent_again_by_one_button(strict_client: Client, xiaoman: Person) -> None:
    """The page that keeps the fields holds a token that is taken once the database is back."""
    strict_client.sign_in(xiaoman)

    def token(page: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found[1]

    first = token(strict_client.get("/me").text)
    with full_disk():
        kept = strict_client.post("/logout", data={"csrf_token": first, "why": "下班了"})
    assert kept.status_code == 503
    assert 'name="why" value="下班了"' in kept.text
    assert strict_client.post("/logout", data={"csrf_token": token(kept.text)}).status_code == 303


# ── what could not be kept ──────────────────────────────────────────────────────────────────────────
@contextmanager
def full_disk() -> Iterator[None]:
    """No request's deed can be committed."""

    def refuse(_: object) -> None:
        if has_request_context():
            raise of_sqlite(13)

    event.listen(PortalSession, "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(PortalSession, "before_commit", refuse)


def test_a_login_that_could_not_be_recorded_is_none(client: Client, xiaoman: Person) -> None:
    with full_disk():
        answer = client.post("/login", data={"login": "xiaoman", "password": "lan-hua-kai-le"})
    assert answer.status_code == 503
    assert "Set-Cookie" not in answer.headers
    assert client.get("/me").status_code == 302
    db.session.rollback()
    signed_in = select(func.count()).select_from(AuditLine).where(AuditLine.action == "accounts.signed_in")
    assert db.session.scalar(signed_in) == 0


@SQLITE
def test_a_full_database_refuses_plainly_and_takes_again_when_there_is_room(
    app: Flask, client: Client, xiaoman: Person
) -> None:
    """A real SQLite that may not grow: SQLITE_FULL comes where a full disk would make it come."""
    data = {"login": "xiaoman", "password": "lan-hua-kai-le"}
    db.session.commit()
    pages = db.session.scalar(text("PRAGMA page_count"))
    db.session.rollback()

    def limit(most: int) -> None:
        def small(connection: sqlite3.Connection, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count={most}")

        with app.app_context():
            db.engine.dispose()
            event.listen(db.engine, "connect", small)
            limits.append(small)

    limits: list[Callable[..., None]] = []
    limit(int(pages or 0))
    try:
        seen = [client.post("/login", data=data | {"next": "/me"}).status_code]
        while seen[-1] == 303 and len(seen) < 200:
            seen.append(client.post("/login", data=data | {"next": "/me"}).status_code)
        assert set(seen) == {303, 503}
        answer = client.post("/login", data=data)
        assert "服务器的磁盘满了" in words(answer)
        assert client.get("/verify").status_code == 200
    finally:
        with app.app_context():
            event.remove(db.engine, "connect", limits[0])
            db.engine.dispose()
    assert client.post("/login", data=data).status_code == 303


@SQLITE
def test_a_database_file_that_is_missing_is_away_and_then_back(
    app: Flask, client: Client, xiaoman: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        file = db.engine.url.database
        db.engine.dispose()
    folder = Path(str(file)).parent
    hidden = folder.with_name(f"{folder.name}-unmounted")
    folder.rename(hidden)
    try:
        answer = client.post("/login", data={"login": "xiaoman", "password": "lan-hua-kai-le"})
        assert answer.status_code == 503
    finally:
        hidden.rename(folder)
    assert client.post("/login", data={"login": "xiaoman", "password": "lan-hua-kai-le"}).status_code == 303


def test_a_database_that_only_reads_is_said_so(app: Flask, client: Client, xiaoman: Person, engine: Engine) -> None:
    """A real one: SQLite's file opened for reading, PostgreSQL's sessions told to write nothing."""
    other = application(engine, app.extensions["portal_settings"].instance, DATABASE_URL=read_only(engine))
    db.session.commit()
    reader = other.test_client()
    assert isinstance(reader, Client)
    answer = reader.post("/login", data={"login": "xiaoman", "password": "lan-hua-kai-le"})
    with other.app_context():
        db.engine.dispose()
    assert answer.status_code == 503
    assert "系统暂时只能看、不能存" in words(answer)
    assert reader.get("/verify").status_code == 200


def read_only(engine: Engine) -> str:
    if engine.name == "sqlite":
        return engine.url.replace("sqlite:///", "sqlite:///file:") + "?mode=ro&uri=true"
    return f"{engine.url}&options=-cdefault_transaction_read_only%3Don"
