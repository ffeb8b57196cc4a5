"""Each request gets a number, one line in the log and its place in the metrics."""

import logging
import re
import time
from functools import partial
from secrets import token_hex
from typing import Any

from flask import Flask, Response, g, request

from portal import logbook
from portal.db import db
from portal.settings import Settings
from portal.web import metrics

NO_ROUTE = "(none)"
_PLAIN = re.compile(r"[\w.-]{8,64}", re.ASCII)
log = logging.getLogger(__name__)


def init_app(app: Flask, settings: Settings) -> None:
    """Call before anything else asks for a place before or after requests: then this is first and last."""
    app.before_request(partial(_begin, believes=settings.proxies > 0))
    app.after_request(_end)
    app.log_exception = _log_exception  # type: ignore[method-assign]


def request_number() -> str:
    """The number of this request, by which its lines in log and audit are found."""
    return str(g.get("request_id", ""))


def _begin(*, believes: bool) -> None:
    """A number that comes with the request counts only from a proxy: else a visitor gave hers somebody else's."""
    given = request.environ.get("HTTP_X_REQUEST_ID", "") if believes else ""
    number = given if given and _PLAIN.fullmatch(given) else token_hex(16)
    g.request_id, g.began = number, (time.perf_counter(), time.thread_time())
    # Threads serve one request after the other: the next one sets its own.
    logbook.REQUEST.set(number)


def _end(response: Response) -> Response:
    began, cpu = g.get("began", (None, 0.0))
    if began is None:
        # Refused before it began, for its host is not ours.
        return response
    response.headers["X-Request-Id"] = g.request_id
    seconds, status, asked = time.perf_counter() - began, response.status_code, request.url_rule
    route, method = asked.rule if asked else NO_ROUTE, request.method
    metrics.request(route, method, status, seconds)
    metrics.connections(_lent_out())
    if log.isEnabledFor(logging.INFO):
        ms, cpu_ms = round(seconds * 1000, 1), round((time.thread_time() - cpu) * 1000, 1)
        about = {"method": method, "route": route, "status": status, "ms": ms, "cpu_ms": cpu_ms}
        log.info("request", extra={"about": about})
    return response


def _log_exception(exc_info: Any) -> None:
    """Flask's own words would hold the path as asked."""
    log.error("an error handler or the end of a request failed", exc_info=exc_info)


def _lent_out() -> int:
    checked_out = getattr(db.engine.pool, "checkedout", None)
    return int(checked_out()) if checked_out else 0
