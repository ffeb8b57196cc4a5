"""One unit of work a request: an answer below 400 commits, everything else rolls back.

What must outlive a rollback (failed log-ins, refused looks) waits in `apart` and is written after the end.
"""

import logging
from collections.abc import Callable

from flask import Flask, Response, g, request

from portal.db import db

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def apart(write: Callable[[], None]) -> None:
    """Do `write` in a transaction of its own after this request's has ended, whichever way it ended."""
    g.setdefault("written_apart", []).append(write)


def _begin() -> None:
    db.session.info["read_only"] = request.method in SAFE


def _end(response: Response) -> Response:
    if request.method not in SAFE and response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    for write in g.pop("written_apart", []):
        _write_apart(write)
    return response


def _write_apart(write: Callable[[], None]) -> None:
    db.session.info["read_only"] = False
    try:
        write()
        db.session.commit()
    except Exception:
        db.session.rollback()
        log.exception("a record apart was lost")
