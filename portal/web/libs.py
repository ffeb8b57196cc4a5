"""The untyped names of Flask's extensions, with types, in one place."""

from collections.abc import Callable
from typing import Any, cast

import flask_login
from flask import Request
from flask_login import LoginManager, UserMixin
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError, generate_csrf
from htmx_flask import Htmx

from portal.words import _, ngettext, pgettext
from portal.words import _l as _lazy

# Typed loosely: WTForms takes lazy texts wherever its stubs want a str.
_l = cast("Callable[..., Any]", _lazy)
current_user: Any = flask_login.current_user
login_user = cast("Callable[..., bool]", flask_login.login_user)
logout_user = cast("Callable[[], bool]", flask_login.logout_user)

__all__ = [
    "CSRFError",
    "CSRFProtect",
    "FlaskForm",
    "Htmx",
    "LoginManager",
    "UserMixin",
    "_",
    "_l",
    "current_user",
    "generate_csrf",
    "is_fragment",
    "login_user",
    "logout_user",
    "ngettext",
    "pgettext",
]


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a piece of the page: not for a restored history or a boosted link."""
    htmx = cast("Any", request).htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request
