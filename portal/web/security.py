"""Headers, hosts and origins: what every answer carries and what every request must show."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, request

from portal.settings import Settings
from portal.web.access import is_public_page
from portal.web.addresses import split_address
from portal.web.libs import CSRFProtect
from portal.web.unit_of_work import SAFE

csrf = CSRFProtect()

View = TypeVar("View", bound=Callable[..., Any])


def without_token(view: View) -> View:
    """For forms on public pages, which hold no token: the origin check alone guards them. Put it outermost."""
    exempted: View = csrf.exempt(view)
    return exempted


def from_anywhere(view: View) -> View:
    """For a POST that other programs send, such as a mail program: what its address holds must itself be the proof.

    Put it outermost. The view may not ask who is signed in.
    """
    exempted: View = csrf.exempt(view)
    setattr(exempted, "is_from_anywhere", True)  # noqa: B010 - a function has no such attribute to mypy
    return exempted


CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
)
LARGEST_FORM = 2 * 1024 * 1024
"""Bytes of all that was typed: a long list, row by row, is a tenth of that."""
A_YEAR = 365 * 24 * 3600
HSTS = f"max-age={A_YEAR}; includeSubDomains"


def init_app(app: Flask, settings: Settings) -> None:
    is_https = settings.base_url.startswith("https")
    app.config.update(
        # With this prefix a browser takes the cookie from this host alone, over HTTPS, for the whole site.
        SESSION_COOKIE_NAME="__Host-session" if is_https else "session",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=settings.upload_limit + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=20_000,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TRUSTED_HOSTS=list(settings.hosts) or None,
    )
    app.before_request(_limit_form)
    # Before CSRFProtect: the origin is asked of every unsafe request, also of those without a session.
    app.before_request(_refuse_other_sites)
    csrf.init_app(app)
    app.after_request(partial(_add_headers, is_https))


def _limit_form() -> None:
    """Only an upload may be as large as uploads may: what was typed is taken into memory as a whole."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = LARGEST_FORM


def _refuse_other_sites() -> None:
    if request.method in SAFE or _is_from_anywhere():
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        origin = request.headers.get("Origin") or request.headers.get("Referer")
        allowed = split_address(origin).netloc == request.host
    if not allowed:
        abort(403)


def _is_from_anywhere() -> bool:
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), "is_from_anywhere", False))


def _add_headers(is_https: bool, response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
    if is_https or request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    if not is_public_page():
        response.headers["Cache-Control"] = "no-store"
    else:
        # Language and mode come by cookie: whoever keeps a public page must ask before showing it to another.
        response.headers.setdefault("Cache-Control", "no-cache")
    return response
