"""Login is the default; what is open says so."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, make_response, redirect, request, url_for

from portal.problems import NotAllowed
from portal.web.addresses import split_address
from portal.web.libs import current_user, is_fragment

P = ParamSpec("P")
R = TypeVar("R")
Found = TypeVar("Found")


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Open to everyone, and the same for everyone: the page knows neither session nor person."""
    return _marked(view, "is_public")


def kept(*reads: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Public, and kept until something public changes (`portal.web.kept`).

    `reads` are the parameters of the address that the view reads, by `args.get`; an empty one means the same as none.
    Whatever else comes with the request, the view never sees. It may depend on the day, not on the hour.
    """

    def mark(view: Callable[P, R]) -> Callable[P, R]:
        marked = public(view)
        setattr(marked, "kept_names", frozenset(reads))  # noqa: B010 - a function has no such attribute to mypy
        return marked

    return mark


def kept_names(view: Any) -> frozenset[str] | None:
    """The parameters that a kept view reads; None for any other view."""
    names: frozenset[str] | None = getattr(view, "kept_names", None)
    return names


def without_account(view: Callable[P, R]) -> Callable[P, R]:
    """Open to people without an account, but theirs alone: it may use the session and is never kept."""
    return _marked(view, "needs_no_account")


def is_public_page() -> bool:
    """Whether this request's page is the same for everyone."""
    return bool(getattr(_view(), "is_public", False)) or request.endpoint in (None, "static")


def needs_account() -> bool:
    """Whether this request's page is only for people who signed in."""
    return not is_public_page() and not getattr(_view(), "needs_no_account", False)


def require(allowed: bool) -> None:
    """Raise NotAllowed (403) unless the policy said yes. Ask it about things the person may see at all."""
    if not allowed:
        raise NotAllowed


def found(thing: Found | None) -> Found:
    """The thing, or 404: a stranger does not learn whether it exists."""
    if thing is None:
        abort(404)
    return thing


def local_path(address: str | None, otherwise: str) -> str:
    """The address if it stays on this site, else `otherwise`: no open redirect."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    if any(ord(character) < 32 for character in address) or "\\" in address:
        return otherwise
    return address


def init_app(app: Flask) -> None:
    app.before_request(_ask_for_login)


def login_answer() -> Response:
    """Send to the login page and back; htmx is told by header, for it would swap the page into a piece."""
    if not is_fragment(request):
        wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
        return make_response(redirect(url_for("accounts.login", next=wanted or None)))
    came_from = split_address(request.headers.get("HX-Current-URL"))
    wanted = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url_for("accounts.login", next=local_path(wanted, "/me"))
    return response


def _ask_for_login() -> Response | None:
    return login_answer() if needs_account() and not current_user.is_authenticated else None


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _marked(view: Callable[P, R], mark: str) -> Callable[P, R]:
    @wraps(view)
    def marked(*args: P.args, **kwargs: P.kwargs) -> R:
        return view(*args, **kwargs)

    setattr(marked, mark, True)
    return marked
