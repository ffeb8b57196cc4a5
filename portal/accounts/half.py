"""Between password and code: the browser knows who said the right password, which opens nothing but the next page.

It lasts five minutes and ends with the password, with the account and with every change of rights.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import Response, session, url_for

from portal.accounts.factors import is_on
from portal.accounts.session import enter
from portal.db import db
from portal.people.models import Person
from portal.privacy import digest_of
from portal.web.access import local_path
from portal.web.pages import go_to

LASTS = timedelta(minutes=5)
HALF = "half"
LONGEST_ADDRESS = 1_000


def go_on(person: Person, wanted: str | None, *, at: datetime) -> Response:
    """After the right password (or a code that stands for it): to the second step, or in, if she has none."""
    if not is_on(person):
        enter(person, at=at)
        return go_to(local_path(wanted, url_for("me.index")))
    session.clear()
    # A cookie holds four thousand characters: an address that would burst it is left out.
    back = wanted if wanted and len(wanted) <= LONGEST_ADDRESS else None
    session[HALF] = {"person": person.id, "at": at.timestamp(), "password": _mark(person), "next": back}
    return go_to(url_for("accounts.second_step"))


def half_signed_in(*, at: datetime) -> Person | None:
    """Who gave the right password in this browser just now and still owes the code."""
    kept: dict[str, Any] | None = session.get(HALF)
    person = db.session.get(Person, int(kept["person"])) if kept else None
    if kept is None or person is None or not person.is_open or not is_on(person):
        return None
    age = at.timestamp() - float(kept["at"])
    signed_out_since = person.signed_out_at is not None and person.signed_out_at.timestamp() > float(kept["at"])
    still = age < LASTS.total_seconds() and not signed_out_since and kept["password"] == _mark(person)
    return person if still else None


def go_in(person: Person, *, at: datetime, otherwise: str = "") -> Response:
    """The code was right too: in, and to the page that was wanted."""
    wanted = local_path(session.get(HALF, {}).get("next"), otherwise or url_for("me.index"))
    enter(person, at=at)
    return go_to(wanted)


def _mark(person: Person) -> str:
    """By which another password is told from this one."""
    return digest_of(person.password_hash or "", purpose="half signed in")[:16]
