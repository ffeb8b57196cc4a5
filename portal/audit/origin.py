"""From where a deed comes: the way, the request's number, and the sign-in that knows address and browser."""

from enum import StrEnum
from typing import NamedTuple

from flask import g, has_request_context

from portal.logbook import JOB


class Via(StrEnum):
    """The way by which a deed came."""

    WEB = "web"
    KIOSK = "kiosk"
    COMMAND = "command"
    JOB = "job"


class Origin(NamedTuple):
    """`sign_in_id` is the row of the sign-in behind the request; None for visitors, commands and jobs."""

    request_id: str | None
    via: str
    sign_in_id: int | None


def signed_in_by(sign_in_id: int, *, via: Via = Via.WEB) -> None:
    """Whoever finds out who asks says so here once a request: its audit lines name the sign-in from then on."""
    g.audit_sign_in = (sign_in_id, via.value)


def origin() -> Origin:
    """Where what happens now comes from."""
    if not has_request_context():
        return Origin(None, (Via.COMMAND if JOB.get() is None else Via.JOB).value, None)
    sign_in_id, via = g.get("audit_sign_in", (None, Via.WEB.value))
    return Origin(g.get("request_id"), via, sign_in_id)
