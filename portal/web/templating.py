"""What every template may use, whoever renders it."""

from typing import Any

from flask import Flask, g, get_flashed_messages, request

from portal import words
from portal.settings import Settings
from portal.web.access import is_public_page
from portal.web.libs import Htmx, generate_csrf
from portal.web.once import new_key
from portal.web.preferences import mode

SECTIONS = {
    "funds": "funds",
    "activities": "activities",
    "verify": "verify",
    "receipts": "verify",
    "me": "me",
    "hours": "me",
    "notices": "notices",
    "mailbox": "me",
    "imports": "me",
    "jobs": "me",
    "login": "me",
    "reset": "me",
    "badges": "me",
    "teams": "me",
    "find": "me",
    "numbers": "me",
}


def init_app(app: Flask, settings: Settings) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    Htmx(app)
    app.jinja_env.globals.update(csrf_token=generate_csrf, once_key=new_key, demo=not settings.is_production)
    app.context_processor(_of_this_request)


def _of_this_request() -> dict[str, Any]:
    wanted = words.language()
    return {
        "lang": wanted,
        "lang_tag": "zh-CN" if wanted == "zh" else "en",
        "mode": mode(),
        "here": request.full_path.rstrip("?") if request.method == "GET" else request.path,
        "section": SECTIONS.get(request.path.split("/")[1], "home" if request.path == "/" else ""),
        # None where nobody is known to be signed in: such a page shows no bell.
        "unread": None if is_public_page() else g.get("unread_notices"),
        # Reading flashes touches the session: a page that is the same for everyone must not.
        "flashes": [] if is_public_page() else get_flashed_messages(with_categories=True),
    }
