"""Until somebody has set the portal up, every page leads to where that is done; afterwards nobody is asked any more.

An empty portal asks its database at each request. Once it is set up, each process remembers that until it ends.
"""

from flask import Flask, Response, abort, current_app, request, url_for

from portal.administration.queries import is_over
from portal.web.pages import go_to

OPEN = frozenset({"static", "preferences.change", "watchers.alive", "watchers.ready", "watchers.figures"})
"""What an empty portal answers as ever: the look of its pages, and those who watch it."""

PAGES = "set_up"
"""The blueprint of the first day."""


class FirstDay:
    """What this process knows of it."""

    def __init__(self) -> None:
        self.is_over = False

    def look(self) -> bool:
        """Whether it is over; from then on for ever."""
        self.is_over = self.is_over or is_over()
        return self.is_over


def init_app(app: Flask) -> None:
    app.extensions["portal_first_day"] = FirstDay()
    app.before_request(_lead_there)


def _lead_there() -> Response | None:
    day: FirstDay = current_app.extensions["portal_first_day"]
    is_its_own = request.blueprint == PAGES
    if day.is_over:
        return abort(404) if is_its_own else None
    if request.endpoint in OPEN:
        return None
    if day.look():
        return abort(404) if is_its_own else None
    return None if is_its_own else go_to(url_for("set_up.index"))
