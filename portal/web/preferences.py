"""Language and elder mode: two plain cookies that say nothing about the person."""

from collections.abc import Mapping

from flask import Blueprint, Flask, Response, make_response, redirect, request

from portal.web.access import local_path, public
from portal.web.security import without_token
from portal.words import LANGUAGES, SOURCE, speak

bp = Blueprint("preferences", __name__)
MODES = ("standard", "elder")
A_YEAR = 365 * 24 * 3600


def chosen(cookies: Mapping[str, str]) -> tuple[str, str]:
    """Language and mode that the cookies ask for; what is unknown means Chinese and standard."""
    lang, mode = cookies.get("lang"), cookies.get("mode")
    return lang if lang in LANGUAGES else SOURCE, mode if mode in MODES else "standard"


def language() -> str:
    return chosen(request.cookies)[0]


def mode() -> str:
    return chosen(request.cookies)[1]


@bp.post("/preferences")
@without_token
@public
def change() -> Response:
    """Remember a switch and go back to the page it was on. Guarded by the origin check alone."""
    response = make_response(redirect(local_path(request.form.get("next"), "/"), 303))
    for name, allowed in (("lang", LANGUAGES), ("mode", MODES)):
        if (value := request.form.get(name, "")) in allowed:
            response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return response


def init_app(app: Flask) -> None:
    """Call before whatever may answer with a page: it shall be in the reader's language."""
    app.register_blueprint(bp)
    app.before_request(lambda: speak(language()))
    # The thread serves others next, or nobody.
    app.teardown_request(lambda _: speak(SOURCE))
