"""Language and elder mode: two plain cookies that say nothing about the person."""

from babel import Locale
from flask import Blueprint, Flask, Response, has_request_context, make_response, redirect, request

from portal.web.access import local_path, public
from portal.web.security import without_token

bp = Blueprint("preferences", __name__)
# Kept as objects: looking a locale up by its name costs more than the rest of the request's set-up.
LOCALES = {"zh": Locale("zh", "CN", script="Hans"), "en": Locale("en")}
MODES = ("standard", "elder")
A_YEAR = 365 * 24 * 3600


def language() -> str:
    wanted = request.cookies.get("lang")
    return wanted if wanted in LOCALES else "zh"


def mode() -> str:
    wanted = request.cookies.get("mode")
    return wanted if wanted in MODES else "standard"


def locale() -> Locale:
    """The reader's; at the command line Chinese."""
    return LOCALES[language()] if has_request_context() else LOCALES["zh"]


@bp.post("/preferences")
@without_token
@public
def change() -> Response:
    """Remember a switch and go back to the page it was on. Guarded by the origin check alone."""
    response = make_response(redirect(local_path(request.form.get("next"), "/"), 303))
    for name, allowed in (("lang", tuple(LOCALES)), ("mode", MODES)):
        if (value := request.form.get(name, "")) in allowed:
            response.set_cookie(name, value, max_age=A_YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
    return response


def init_app(app: Flask) -> None:
    app.register_blueprint(bp)
