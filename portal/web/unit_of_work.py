"""One unit of work a request: an answer below 400 commits, everything else rolls back.

What must outlive a rollback (failed log-ins, refused looks) waits in `apart` and is written after the end.
"""

import logging
from collections.abc import Callable

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy.exc import DBAPIError

from portal.db import db, throw_away
from portal.faults import fault_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.before_request(_begin)


def ends_first(app: Flask) -> None:
    """Call when all others have said what they do after a request: the last one is the first to be asked.

    So the answer to a commit that failed gets its headers and its line in the log as every other one.
    """
    app.after_request(_end)


def apart(write: Callable[[], None]) -> None:
    """Do `write` in a transaction of its own after this request's has ended, whichever way it ended."""
    g.setdefault("written_apart", []).append(write)


def _begin() -> None:
    db.session.info["read_only"] = request.method in SAFE


def roll_back() -> None:
    """End the transaction; a connection that cannot even do that is thrown away."""
    try:
        db.session.rollback()
    except DBAPIError:
        throw_away()


def _end(response: Response) -> Response:
    if request.method not in SAFE and response.status_code < 400:
        response = _committed(response)
    else:
        roll_back()
    for write in g.pop("written_apart", []):
        _write_apart(write)
    return response


def _committed(response: Response) -> Response:
    """The answer once its deed is kept; when it cannot be kept, the answer that an exception in the view would get."""
    try:
        db.session.commit()
    except Exception as error:
        roll_back()
        _forget_in_session()
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _forget_in_session() -> None:
    """The session as the browser has it: what did not happen leaves nothing there. Nobody is signed in unrecorded."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    before = app.session_interface.open_session(app, request) or {}
    session.clear()
    session.update(before)
    session.modified = False


def _write_apart(write: Callable[[], None]) -> None:
    db.session.info["read_only"] = False
    try:
        write()
        db.session.commit()
    except Exception as error:
        roll_back()
        if fault := fault_of(error):
            log.warning("a record apart was lost: %s", fault.value)
        else:
            log.exception("a record apart was lost")
