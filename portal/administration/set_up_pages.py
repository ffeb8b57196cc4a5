"""What the pages of the first day show: the steps, how far one has come, and what keys and mail are like."""

import os
from typing import Any, NamedTuple

from flask import url_for

from portal.administration.plans import Plan
from portal.settings import current_settings
from portal.words import Words, _l

KEYS = ("PORTAL_SECRET_KEY", "PORTAL_DATA_KEY", "PORTAL_LOG_KEY")


class Step(NamedTuple):
    """A page of the first day. `kind` is the line macro's: "" passed, "heart here", "ahead"."""

    name: str
    title: Words
    kind: str
    url: str


STEPS: tuple[tuple[str, Words], ...] = (
    ("alliance", _l("联盟")),
    ("funds", _l("基金")),
    ("keys", _l("密钥与邮件")),
    ("administrator", _l("管理员")),
)


def steps(here: str, plan: Plan) -> list[Step]:
    """The line of the pages, on which one is."""
    passed = {"alliance": bool(plan.alliance_name), "funds": bool(plan.funds), "keys": bool(plan.funds)}
    return [
        Step(name, title, _kind(name, here, passed.get(name, False)), url_for(f"set_up.{name}"))
        for name, title in STEPS
    ]


def next_step(plan: Plan) -> str:
    """Where whoever comes back goes on."""
    if not plan.alliance_name:
        return url_for("set_up.alliance")
    return url_for("set_up.keys" if plan.funds else "set_up.funds")


def keys_page() -> dict[str, Any]:
    """Whether keys and mail come from the settings."""
    settings = current_settings()
    return {
        "keys": [(name, name in os.environ) for name in KEYS],
        "instance": settings.instance,
        "has_mail": bool(settings.mail_url),
        "base_url": settings.base_url,
    }


def _kind(name: str, here: str, is_passed: bool) -> str:
    if name == here:
        return "heart here"
    return "" if is_passed else "ahead"
