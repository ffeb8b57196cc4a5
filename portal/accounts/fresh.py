"""Dangerous acts ask once more who is there: a browser left open, or a copied cookie, is not enough for them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec, cast

from flask import Response, current_app, request, session, url_for
from werkzeug.exceptions import HTTPException

from portal import clock
from portal.web.access import local_path
from portal.web.addresses import split_address
from portal.web.pages import go_to
from portal.web.unit_of_work import SAFE

P = ParamSpec("P")

LASTS = timedelta(minutes=10)
PROVED_AT = "proved_at"
"""Where the session keeps when its owner last gave her password or a code."""


def freshly(view: Callable[P, Response]) -> Callable[P, Response]:
    """For pages and forms of dangerous acts: the password, or a code where there is a second step, is asked for anew
    unless it was given in the last ten minutes. Afterwards she is back on the page of the act; what she typed is not.

    Put it on the page as well as on its form, so that nobody fills a form in vain.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
        if is_fresh(at=clock.now()):
            return view(*args, **kwargs)
        return go_to(url_for("accounts.confirm", next=_page_of_the_act()))

    return guarded


def is_fresh(*, at: datetime) -> bool:
    """Whether this browser's owner has proved in the last ten minutes that it is she."""
    proved_at = session.get(PROVED_AT)
    return proved_at is not None and at.timestamp() - float(proved_at) < LASTS.total_seconds()


def proved(*, at: datetime) -> None:
    """She has just given her password or a code."""
    session[PROVED_AT] = at.timestamp()


def _page_of_the_act() -> str:
    """The page itself, that of a form at the same address, or the page the form was on."""
    if request.method in SAFE:
        return request.full_path.rstrip("?")
    came_from = split_address(request.headers.get("HX-Current-URL") or request.headers.get("Referer"))
    pages = [request.path, local_path(came_from.path, "/") if came_from.netloc == request.host else "/"]
    return next((path for path in pages if _is_page(path)), url_for("accounts.account"))


def _is_page(path: str) -> bool:
    """Whether the path can be opened by a link, and is more than the front page."""
    try:
        endpoint, _ = current_app.url_map.bind(request.host).match(path, method="GET")
    except HTTPException:
        return False
    return cast("str", endpoint) != "home.index"
