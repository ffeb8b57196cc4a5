"""The log: one line an event, JSON for machines or text for eyes, on stderr.

It never holds what a person typed: no bodies, no queries, no paths as asked, no addresses of visitors. In production an
exception shows its kind and where it happened, not its message, since messages quote what they stumbled over.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from portal.clock import CHINA
from portal.settings import Settings

REQUEST: ContextVar[str | None] = ContextVar("request_id", default=None)
JOB: ContextVar[int | None] = ContextVar("job_id", default=None)

# Made once: json.dumps makes another encoder for each line.
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode

# Values stand in these parts of PostgreSQL's messages; they may have several lines.
_DETAIL = re.compile(r"\n(?:DETAIL|CONTEXT|HINT):.*?(?=\n\[SQL|\Z)", re.DOTALL)


@contextmanager
def during(*, request_id: str | None, job_id: int | None = None) -> Iterator[None]:
    """Lines written inside carry these numbers."""
    request, job = REQUEST.set(request_id), JOB.set(job_id)
    try:
        yield
    finally:
        REQUEST.reset(request)
        JOB.reset(job)


def of(settings: Settings) -> None:
    """Begin this process's log as the settings want it."""
    configure(settings.log, shows_messages=not settings.is_production)


def configure(kind: str, *, shows_messages: bool) -> None:
    """Send all log lines of this process to stderr as `kind`; `shows_messages` is for development alone."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(kind, shows_messages=shows_messages))
    # What no line shows need not be found out for each: see "Optimization" in Python's logging manual.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("portal").setLevel(logging.INFO)
    sys.excepthook = _note_end


def formatter(kind: str, *, shows_messages: bool) -> logging.Formatter:
    return AsJson(shows_messages) if kind == "json" else AsText(shows_messages)


def for_server(kind: str) -> dict[str, Any]:
    """The same manner for granian's own lines, as its `log_dictconfig`."""
    return {
        "formatters": {"portal": {"()": "portal.logbook.formatter", "kind": kind, "shows_messages": False}},
        "handlers": {"portal": {"class": "logging.StreamHandler", "formatter": "portal", "stream": "ext://sys.stderr"}},
        "loggers": {"_granian": {"handlers": ["portal"], "level": "INFO", "propagate": False}},
    }


class AsJson(logging.Formatter):
    """A JSON object a line: time, level, logger, message, request_id, job_id, what the line is about, error."""

    def __init__(self, shows_messages: bool = False) -> None:
        super().__init__()
        self.shows_messages = shows_messages

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_numbers(),
            **getattr(record, "about", {}),
        }
        if error := _error(record):
            line["error"] = told(error, shows_message=self.shows_messages)
            line["trace"] = trace(error, shows_messages=self.shows_messages)
        return _encode(line)


class AsText(logging.Formatter):
    """A line for eyes: 09:30:00 info request GET /funds/<slug> 200 12.1 ms."""

    def __init__(self, shows_messages: bool = False) -> None:
        super().__init__()
        self.shows_messages = shows_messages

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, CHINA)
        about = " ".join(f"{name}={value}" for name, value in getattr(record, "about", {}).items())
        numbers = " ".join(f"{name}={value}" for name, value in _numbers().items())
        words = (f"{at:%H:%M:%S}", record.levelname.lower(), record.getMessage(), about, numbers)
        line = " ".join(word for word in words if word)
        if error := _error(record):
            line += "\n" + trace(error, shows_messages=self.shows_messages)
        return line


def told(error: BaseException, *, shows_message: bool = False) -> str:
    """The kind of an exception with what says no value: SQLSTATE and constraint; its message only when asked for."""
    cause = getattr(error, "orig", None) or error
    diagnosis = getattr(cause, "diag", None)
    parts = [f"{type(cause).__module__}.{type(cause).__qualname__}".removeprefix("builtins.")]
    for name in ("sqlstate", "sqlite_errorname"):
        if value := getattr(cause, name, None):
            parts.append(str(value))
    for name in ("constraint_name", "table_name"):
        if value := getattr(diagnosis, name, None):
            parts.append(str(value))
    return " ".join(parts) + (f": {without_values(str(error))}" if shows_message else "")


def without_values(message: str) -> str:
    """A message without the part in which PostgreSQL quotes the row it refused."""
    return _DETAIL.sub("", message)


def trace(error: BaseException, *, shows_messages: bool = False) -> str:
    """Where an exception came from, its causes first, each with its kind."""
    chain = list(_chain(error))
    parts = [
        "".join(traceback.format_tb(one.__traceback__)) + told(one, shows_message=shows_messages)
        for one in reversed(chain)
    ]
    return "\n\n".join(parts)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _error(record: logging.LogRecord) -> BaseException | None:
    # The pool tells of each dead connection with a traceback; the request or job that met it says what matters.
    if record.name.startswith("sqlalchemy.pool"):
        return None
    return record.exc_info[1] if record.exc_info else None


def _numbers() -> dict[str, Any]:
    request, job = REQUEST.get(), JOB.get()
    return ({"request_id": request} if request else {}) | ({"job_id": job} if job else {})


def _note_end(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """What ends the process is told in the same manner."""
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("portal").critical("the process ends", exc_info=error)
