"""What everyone may see, and the one number that rises whenever any of it changes.

Public pages are kept for as long as this number stays the same (`portal.web.kept`). No action has to think of it: the
engine looks at each statement that is sent, by the ORM, by Core or as text, and a transaction that wrote into one of
the tables that are `shown` raises the number by itself, as its last statement before COMMIT. The row is hot, so it is
taken last and once a transaction; a sequence would not do, since its number is seen before the change is.

Only who goes round SQLAlchemy (COPY, a script of several statements) or lets a function of the database write has to
say so by `changed()`. What triggers write beside a shown table (tallies, balances) changes with it.
"""

import logging
import re
import threading
import time
from datetime import date
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import CheckConstraint, Connection, Engine, event, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model

log = logging.getLogger(__name__)
M = TypeVar("M", bound=type[Model])

Stamp = tuple[int, date]
"""The version and the day: what a public page depends on beside its address and its reader's choices."""

SHOWN: set[str] = set()
"""The tables of which public pages show something."""

_MARK = "something public changed"
_TARGET = r"(?:ONLY\s+)?(?:\"?\w+\"?\.)?\"?(\w+)"
_WRITES = re.compile(
    rf"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM|MERGE\s+INTO)\s+{_TARGET}",
    re.IGNORECASE,
)
_RAISE = "UPDATE public_version SET version = CASE WHEN version < :now THEN :now ELSE version + 1 END WHERE id = 1"
_READ = "SELECT version FROM public_version WHERE id = 1"
_DONE = (1, 2)
"""libpq's PGRES_COMMAND_OK and PGRES_TUPLES_OK."""

_PATIENCE = 3
"""Seconds to wait for a database that does not answer before the page is made without it."""


class PublicVersion(Model):
    """The single row. Without it nothing is kept, which is slow but never wrong."""

    __tablename__ = "public_version"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


def shown(model: M) -> M:
    """Say of a table, above its class, that public pages show something of it."""
    SHOWN.add(str(model.__tablename__))
    return model


def changed(connection: Connection) -> None:
    """Something public changes in this transaction."""
    connection.info[_MARK] = True


def watch(engine: Engine) -> None:
    """Let transactions of this engine raise the number. Call once for each engine."""
    event.listen(engine, "begin", _on_begin)
    event.listen(engine, "before_cursor_execute", _on_statement)
    event.listen(engine, "commit", _on_commit)


def microseconds() -> int:
    """The number is the time of the change, or one more than before where that is more.

    So a database that was made anew or taken from a copy never comes to a number that stood for another content.
    """
    return time.time_ns() // 1000


def _on_begin(connection: Connection) -> None:
    connection.info.pop(_MARK, None)


def _on_statement(connection: Connection, _: Any, statement: str, *__: Any) -> None:
    if writes_shown(statement):
        changed(connection)


def _on_commit(connection: Connection) -> None:
    """Runs before the driver's own commit, in the same transaction."""
    if connection.info.pop(_MARK, False):
        connection.execute(text(_RAISE), {"now": microseconds()})


def writes_shown(statement: str) -> bool:
    """Whether the SQL writes into a table that public pages show."""
    if statement.startswith("SELECT"):
        return False
    if found := _WRITES.match(statement):
        return found[1] in SHOWN
    return statement.lstrip()[:4].upper() == "WITH" and any(name in SHOWN for name in _WRITES.findall(statement))


class _Line:
    """One thread's connection, in autocommit. Another thread may close it, but not amid a read."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self._cursor = connection.cursor()
        self._lock = threading.Lock()

    def read(self) -> int | None:
        with self._lock:
            return self._ask()

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    def _ask(self) -> int | None:
        self._cursor.execute(_READ)
        # All rows: a statement that is not read to its end would hold SQLite's old state for as long.
        rows = self._cursor.fetchall()
        return rows[0][0] if rows else None


class _PreparedLine(_Line):
    """The same on PostgreSQL by libpq's own calls, which take a third of the cursor's time."""

    def __init__(self, connection: Any, error: type[Exception]) -> None:
        super().__init__(connection)
        self._error = error
        self._done(connection.pgconn.prepare(b"version", _READ.encode()))

    def _ask(self) -> int | None:
        value = self._done(self.connection.pgconn.exec_prepared(b"version", None)).get_value(0, 0)
        return None if value is None else int(value)

    def _done(self, result: Any) -> Any:
        """libpq does not raise: what it answers says whether it was done."""
        if result.status not in _DONE:
            raise self._error("the version could not be read")
        return result


class Versions:
    """Reads the number as it is now, on a connection of its own for each thread.

    That takes 3 µs on SQLite, on PostgreSQL 5 and the way there and back.

    Whoever puts another SQLite file in the place of the database must start the workers again: an open connection
    reads on in the old one.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self._own = threading.local()
        self._lines: WeakSet[_Line] = WeakSet()
        self._lock = threading.Lock()
        event.listen(engine, "engine_disposed", self._on_disposed)

    def now(self) -> int | None:
        """None when the database cannot say: it is away, or has no such table."""
        try:
            return self._read()
        except self._error:
            # It may only have been started again since.
            self._hang_up()
        try:
            return self._read()
        except self._error as error:
            log.warning("no public version: %s", type(error).__name__)
            self._hang_up()
            return None

    def _read(self) -> int | None:
        line: _Line = getattr(self._own, "line", None) or self._open()
        return line.read()

    def _open(self) -> _Line:
        line = self._own.line = self._connect()
        with self._lock:
            self._lines.add(line)
        return line

    def _connect(self) -> _Line:
        dialect = self._engine.dialect
        where, how = dialect.create_connect_args(self._engine.url)
        if dialect.name == "sqlite":
            options = dict(how, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            connection: Any = dialect.connect(*where, **options)
            connection.execute("PRAGMA query_only=ON")
            return _Line(connection)
        # A server that went away without a word would else be waited for by every thread, a quarter of an hour long.
        limits = {"connect_timeout": _PATIENCE, "tcp_user_timeout": _PATIENCE * 1000}
        connection = dialect.connect(*where, **dict(how, **limits, autocommit=True))
        return _PreparedLine(connection, self._error)

    def _hang_up(self) -> None:
        line: _Line | None = self._own.__dict__.pop("line", None)
        if line is not None:
            line.close()

    def _on_disposed(self, _: Engine) -> None:
        """Whoever lets go of all connections means these too, in every thread: SQLite's files may be moved then."""
        with self._lock:
            lines = list(self._lines)
        for line in lines:
            line.close()
