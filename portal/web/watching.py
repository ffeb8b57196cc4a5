"""Each request gets a number, one line in the log and its place in the metrics."""

import logging
import re
import time
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, request

from portal import logbook
from portal.db import db
from portal.web import metrics

NO_ROUTE = "(none)"
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Call before anything else asks for a place before or after requests: then this is first and last."""
    app.before_request(_begin)
    app.after_request(_end)
    app.log_exception = _log_exception  # type: ignore[method-assign]


def request_number() -> str:
    """The number of this request, by which its lines in log and audit are found."""
    return str(g.get("request_id", ""))


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if re.fullmatch(r"[\w.-]{8,64}", given, re.ASCII) else uuid4().hex
    g.began = time.perf_counter(), time.thread_time()
    # Threads serve one request after the other: the next one sets its own.
    logbook.REQUEST.set(g.request_id)


def _end(response: Response) -> Response:
    if "began" not in g:
        # Refused before it began, for its host is not ours.
        return response
    response.headers["X-Request-Id"] = g.request_id
    began, cpu = g.began
    seconds, status = time.perf_counter() - began, response.status_code
    route = request.url_rule.rule if request.url_rule else NO_ROUTE
    metrics.request(route, request.method, status, seconds)
    metrics.connections(_lent_out())
    if log.isEnabledFor(logging.INFO):
        ms, cpu_ms = round(seconds * 1000, 1), round((time.thread_time() - cpu) * 1000, 1)
        about = {"method": request.method, "route": route, "status": status, "ms": ms, "cpu_ms": cpu_ms}
        log.info("request", extra={"about": about})
    return response


def _log_exception(exc_info: Any) -> None:
    """Flask's own words would hold the path as asked."""
    log.error("an error handler or the end of a request failed", exc_info=exc_info)


def _lent_out() -> int:
    checked_out = getattr(db.engine.pool, "checkedout", None)
    return int(checked_out()) if checked_out else 0
