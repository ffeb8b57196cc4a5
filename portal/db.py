"""The database: one engine, one session, the same rules on SQLite and PostgreSQL.

SQLite writers take turns: `BEGIN IMMEDIATE` behind a file lock, since a deferred transaction that reads and then
writes fails "locked" at once, and eight writers without turns starve each other.
"""

import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, ParamSpec, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    CursorResult,
    Date,
    DateTime,
    Engine,
    Executable,
    Integer,
    MetaData,
    Row,
    event,
    text,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from portal.clock import in_china
from portal.settings import Settings

TURN_DEADLINE = 30.0
"""Seconds a SQLite writer waits for its turn before it says the database is busy."""

P = ParamSpec("P")
R = TypeVar("R")
BigInt = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment with its offset: stored as UTC, given back on Haining's clock."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        utc = in_china(value).astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return in_china(value.replace(tzinfo=UTC) if value.tzinfo is None else value)


class Base(DeclarativeBase):
    """What all tables share: names of constraints fixed before the first migration, and types."""

    # A whole registry, not `metadata` and `type_annotation_map`: Flask-SQLAlchemy copies the class and would have two.
    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_N_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={int: BigInt, datetime: Moment, date: Date, dict[str, Any]: JSON},
    )


Id = Annotated[int, mapped_column(BigInt, primary_key=True)]


class PortalSession(FlaskSession):
    """A session that a GET request may only read with.

    `info["read_only"]` is set by the unit of work; everything outside a GET may write.
    """

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any) -> Engine | Connection:
        engine = super().get_bind(mapper=mapper, clause=clause, bind=bind, **kwargs)
        return _for_reading(engine) if self.info.get("read_only") else engine


@lru_cache(maxsize=8)
def _for_reading(engine: Engine) -> Engine:
    """The same engine each time: to a session another object is another database, with a transaction of its own."""
    return engine.execution_options(portal_read_only=True, postgresql_readonly=True)


db = SQLAlchemy(model_class=Base, session_options={"class_": PortalSession})

if TYPE_CHECKING:

    class Model(Base):
        """Every table derives from this."""

        __abstract__ = True
else:
    Model = db.Model


# ── statements of quick pages ───────────────────────────────────────────────────────────────────────
def made_once(build: Callable[P, R]) -> Callable[P, R]:
    """For a function that makes a statement of what is hashable, with a bindparam for each value that varies.

    Made once for each kind of database: to make a statement takes longer than to find its rows (0.5 ms of 0.7).
    """
    made = lru_cache(256)(lambda _, shape, more: build(*shape, **dict(more)))

    @wraps(build)
    def of(*shape: P.args, **more: P.kwargs) -> R:
        return made(dialect(), shape, tuple(more.items()))

    return of


def rows(statement: Executable, values: Mapping[str, Any] | None = None) -> CursorResult[*tuple[Any, ...]]:
    """What a statement finds, columns only, in the session's transaction and without flushing it first.

    The session itself would make ready for objects: twice the time of a quick statement.
    """
    return db.session.connection().execute(statement, values)


def streamed(statement: Executable, values: Mapping[str, Any] | None = None) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows, read when the request itself has ended: on a connection of their own, a thousand at a time."""
    engine = cast("Engine", db.session.get_bind())

    def read() -> Iterator[Row[*tuple[Any, ...]]]:
        with engine.connect() as connection:
            yield from connection.execution_options(yield_per=1_000).execute(statement, values)

    return read()


DETACHED: Mapping[str, Any] = {"synchronize_session": False}
"""Options of an UPDATE or DELETE that no object in memory has to follow."""


def dialect() -> str:
    """`sqlite` or `postgresql`."""
    return db.session.get_bind().dialect.name


class InTurn(sqlite3.Connection):
    """A SQLite connection whose writers queue at a lock file beside the database."""

    turn: IO[str] | None = None
    turn_file: Path | None = None

    def begin_in_turn(self) -> None:
        """Wait for the turn, then take the write lock at once."""
        self._take_turn()
        try:
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave_turn()
            raise

    def commit(self) -> None:
        """A deferred foreign key that fails at COMMIT leaves SQLite's transaction open: end it by hand."""
        try:
            super().commit()
        except BaseException:
            super().rollback()
            raise
        finally:
            self._leave_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._leave_turn()

    def close(self) -> None:
        self._leave_turn()
        super().close()

    def _take_turn(self) -> None:
        """Stand next in line, then wait for the turn: whoever had it just now must first come behind those who wait.

        Without the line a long job that lets go for a moment would take its next turn before a waiter wakes up.
        """
        if self.turn is not None or self.turn_file is None:
            return
        deadline = time.monotonic() + TURN_DEADLINE
        with _locked(self.turn_file.with_suffix(".next"), deadline):
            self.turn = _locked(self.turn_file, deadline)

    def _leave_turn(self) -> None:
        if self.turn is not None:
            self.turn.close()
            self.turn = None


def _locked(file: Path, deadline: float) -> IO[str]:
    """The file, open and locked; closing it lets go. Raises OperationalError when the time is over."""
    lock = file.open("a")
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                lock.close()
                raise sqlite3.OperationalError("database is locked: no turn to write") from None
            time.sleep(0.002)
        else:
            return lock


def engine_options(settings: Settings) -> dict[str, Any]:
    """Arguments for create_engine by the kind of database."""
    # Names and amounts do not belong into logs, and parameters of a failed statement would go there.
    common = {"hide_parameters": True}
    if settings.is_sqlite:
        return common | {"connect_args": {"factory": InTurn, "timeout": TURN_DEADLINE, "check_same_thread": False}}
    # A server that went away without a word is found out soon: nobody waits minutes for a connection.
    manners = {"connect_timeout": 5, "tcp_user_timeout": 30_000}
    return common | {"connect_args": manners, "pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}


def watch(engine: Engine) -> None:
    """Give every connection of this engine the portal's manners. Call once for each engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)


def _on_sqlite_connect(connection: InTurn, _: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # Without it INSERT OR REPLACE deletes rows behind the back of delete triggers.
        "recursive_triggers=ON",
        # What a statement with triggers may have to take back is kept aside: on disk it costs more than the rows.
        "temp_store=MEMORY",
        # Each of eight threads keeps its own: four times as much saves reading what the system has in memory anyway.
        "cache_size=-512",
        f"busy_timeout={int(TURN_DEADLINE * 1000)}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    connection.turn_file = Path(f"{file}.turn") if file else None


def _on_sqlite_begin(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, InTurn)
    if connection.get_execution_options().get("portal_read_only"):
        raw.execute("PRAGMA query_only=ON")
        raw.execute("BEGIN")
    else:
        raw.execute("PRAGMA query_only=OFF")
        raw.begin_in_turn()


@contextmanager
def reading() -> Iterator[FlaskSession]:
    """A session of its own that only reads and takes no turn: for jobs and streams that must not hold the lock."""
    session = PortalSession(db, info={"read_only": True})
    try:
        yield session
    finally:
        session.close()


def analyze() -> None:
    """Let the database look at its tables again, so that its planner knows how large they are. Commits.

    SQLite looks at a thousand rows an index, as PostgreSQL looks at a sample: seconds, not minutes.
    """
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("PRAGMA analysis_limit=1000"))
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def let_go() -> None:
    """End the transaction so far, so that slow work (hashing, parsing) holds no lock. Nothing may be pending."""
    assert not db.session.new and not db.session.dirty
    db.session.rollback()


@contextmanager
def committed() -> Iterator[None]:
    """One transaction of a job or command: kept at the end of the block, or taken back where it fails."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def throw_away() -> None:
    """End the transaction and close its connection, whatever state they are in: the next one begins afresh."""
    db.session().invalidate()
