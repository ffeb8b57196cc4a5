"""The tests' own ground: commits are real, and yet no test sees what another has left."""

import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from sqlalchemy import Connection, create_engine, func, select, text
from sqlalchemy import Engine as Database
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.clock import CHINA
from portal.db import db, engine_options, watch
from portal.guards import differences
from portal.settings import Settings
from portal.web.throttle import Attempt, count_attempt
from tests import postgres
from tests.applications import Client, environment
from tests.engines import Engine, LeftOpen
from tests.network import NetworkIsClosed

AT = datetime(2026, 11, 21, 9, 0, tzinfo=CHINA)
OWNERS_AND_PETS = (
    "CREATE TABLE owner (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL)",
    "CREATE TABLE pet (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL, "
    "FOREIGN KEY (owner_id) REFERENCES owner (id) DEFERRABLE INITIALLY DEFERRED)",
    "INSERT INTO owner VALUES (1, '王芳')",
)


@pytest.fixture
def small(empty_engine: Engine, tmp_path: Path) -> Iterator[Database]:
    """A kept database with one owner and no pet, opened as the portal opens its own."""
    settings = Settings.from_environment(environment(empty_engine, tmp_path))
    database = create_engine(empty_engine.url, **engine_options(settings))
    watch(database)
    do(database, *OWNERS_AND_PETS)
    empty_engine.keep()
    yield database
    database.dispose()


def do(database: Database, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT name FROM owner ORDER BY id")))


def test_what_a_test_commits_is_gone_after_it(small: Database, empty_engine: Engine) -> None:
    do(small, "INSERT INTO pet VALUES (1, 1)", "UPDATE owner SET name = '李强'", "INSERT INTO owner VALUES (2, '赵敏')")
    empty_engine.restore()
    with small.connect() as connection:
        assert names(connection) == ["王芳"]
        assert connection.scalar(text("SELECT count(*) FROM pet")) == 0


def test_what_a_test_deletes_is_back_after_it(small: Database, empty_engine: Engine) -> None:
    do(small, "DELETE FROM owner")
    empty_engine.restore()
    with small.connect() as connection:
        assert names(connection) == ["王芳"]


def test_a_deferred_constraint_is_checked_at_commit(small: Database, empty_engine: Engine) -> None:
    with pytest.raises(IntegrityError), small.begin() as connection:
        connection.execute(text("INSERT INTO pet VALUES (1, 99)"))
        assert connection.scalar(text("SELECT count(*) FROM pet")) == 1
    with small.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM pet")) == 0


def test_a_refused_commit_leaves_no_lock_behind(small: Database, empty_engine: Engine) -> None:
    with pytest.raises(IntegrityError), small.begin() as connection:
        connection.execute(text("INSERT INTO pet VALUES (1, 99)"))
    do(small, "INSERT INTO pet VALUES (1, 1)")
    empty_engine.restore()


def test_a_transaction_left_open_is_found(small: Database, empty_engine: Engine) -> None:
    connection = small.connect()
    connection.execute(text("INSERT INTO pet VALUES (1, 1)"))
    with pytest.raises(LeftOpen):
        empty_engine.restore()
    connection.invalidate()
    connection.close()


def test_numbers_begin_where_they_began(app: Flask, engine: Engine) -> None:
    given = []
    for _ in range(2):
        with app.app_context():
            count_attempt("door", at=AT)
            db.session.commit()
            given.append(db.session.scalars(select(Attempt.id)).all())
        engine.restore()
    assert given[0] == given[1]


@pytest.mark.parametrize("_turn", [1, 2])
def test_two_tests_see_the_same_pristine_database(session: scoped_session[Session], _turn: int) -> None:
    assert session.scalar(select(func.count()).select_from(Attempt)) == 0
    count_attempt("door", at=AT)
    session.commit()


def test_migrations_leave_the_guards_that_the_code_declares(session: scoped_session[Session]) -> None:
    assert list(differences(session.connection())) == []


def test_a_request_sees_what_the_test_prepared(client: Client, session: scoped_session[Session]) -> None:
    count_attempt("door", at=AT)
    assert client.get("/healthz").status_code < 500
    assert not session.new


def test_postgresql_keeps_the_portal_an_ordinary_role(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            assert db.session.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) is False


def test_the_server_answers_no_network() -> None:
    if folder := postgres.folder_of_server():
        with postgres.connect(folder) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_another_machine_cannot_be_reached() -> None:
    with pytest.raises(NetworkIsClosed):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkIsClosed):
        socket.getaddrinfo("portal.example", 443)
