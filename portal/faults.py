"""What goes wrong below the portal for a while and mends by itself: a database away or busy, a disk full or read-only.

Whoever meets an exception asks `fault_of` whether it is one of these: pages then say so plainly, jobs wait and try
again. Everything else is a mistake in the program and is treated as one.
"""

import errno
import sqlite3
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from portal.words import Words, _l


class Fault(StrEnum):
    """A passing fault. Its value stands in logs and in the history of jobs."""

    BUSY = "busy"
    AWAY = "away"
    FULL = "full"
    READ_ONLY = "read_only"

    @property
    def sentence(self) -> Words:
        """What people are told."""
        return _SENTENCES[self]

    @property
    def retry_after(self) -> int:
        """Seconds after which another try is worth while."""
        return {Fault.BUSY: 5, Fault.AWAY: 30}.get(self, 300)


_SENTENCES: Mapping[Fault, Words] = {
    Fault.BUSY: _l("系统正忙，请稍等片刻再试。"),
    Fault.AWAY: _l("数据库暂时连不上，系统会自己恢复，请过一分钟再试。"),
    Fault.FULL: _l("服务器的磁盘满了，暂时存不进去。请稍后再试，或者告诉管理员。"),
    Fault.READ_ONLY: _l("系统暂时只能看、不能存。请稍后再试，或者告诉管理员。"),
}

# Primary result codes, https://sqlite.org/rescode.html
_SQLITE: Mapping[int, Fault] = {
    5: Fault.BUSY,
    6: Fault.BUSY,
    8: Fault.READ_ONLY,
    10: Fault.AWAY,
    13: Fault.FULL,
    14: Fault.AWAY,
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html; two characters stand for a class.
_POSTGRESQL: Mapping[str, Fault] = {
    "08": Fault.AWAY,
    "25006": Fault.READ_ONLY,
    "40001": Fault.BUSY,
    "40P01": Fault.BUSY,
    "53100": Fault.FULL,
    "53": Fault.BUSY,
    "55P03": Fault.BUSY,
    "57014": Fault.BUSY,
    "57P": Fault.AWAY,
}

_ERRNOS: Mapping[int, Fault] = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EROFS: Fault.READ_ONLY,
}


def fault_of(error: BaseException | None) -> Fault | None:
    """The passing fault behind an exception, or None when it is something else."""
    if isinstance(error, NoConnectionFree):
        return Fault.BUSY
    if isinstance(error, DBAPIError):
        return _of_driver(error.orig) or (Fault.AWAY if error.connection_invalidated else None)
    return _of_driver(error)


def _of_driver(error: BaseException | None) -> Fault | None:
    if isinstance(error, sqlite3.Error):
        return _of_sqlite(error)
    if isinstance(error, OSError) and error.errno is not None:
        return _ERRNOS.get(error.errno)
    # psycopg is asked by its manners: an installation on SQLite never loads it.
    if error is not None and type(error).__module__.startswith("psycopg"):
        return _of_postgresql(error)
    return None


def _of_sqlite(error: sqlite3.Error) -> Fault | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    # Our own word for a turn that did not come.
    return Fault.BUSY if str(error).startswith("database is locked") else None


def _of_postgresql(error: BaseException) -> Fault | None:
    state = getattr(error, "sqlstate", None)
    if state:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:3]) or _POSTGRESQL.get(state[:2])
    # Without a state the server was not reached, or went away in the middle.
    names = {kind.__name__ for kind in type(error).__mro__}
    return Fault.AWAY if names & {"OperationalError", "InterfaceError"} else None
