"""How often something expensive or guessable may be asked for: by address, and by account where there is one.

A route says what kind of thing it is (`@rated(EXPORTS)`); the kinds are below, in one place. Each bucket holds so many
requests a span and begins anew when the span is over, whatever came meanwhile: nobody is ever locked out for longer.
Pages that are kept for everyone are answered before and never counted. Where the counts lie, PORTAL_RATES says: in this
process, in the database, or in Redis. When Redis is away, each process counts for itself.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request, session

from portal import clock
from portal.settings import Settings
from portal.web.access import is_public_page
from portal.web.addresses import visitors_network
from portal.web.errors import answer
from portal.web.libs import ngettext
from portal.web.rate_counters import Counter, counter_of

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rate:
    """So many requests `within` a span, from one address and from one account.

    `only` narrows it to requests that send one of these parameters in the address, `least_bytes` to bodies as long.
    """

    kind: str
    an_address: int
    an_account: int
    within: timedelta
    only: tuple[str, ...] = ()
    least_bytes: int = 0


MINUTES = timedelta(minutes=1)
# One address may be a whole community hall or a telephone company: its share is a multiple of a person's.
GUESSES = Rate("guesses", an_address=300, an_account=60, within=10 * MINUTES)
"""Sign-in, genuineness, look-up codes. Behind it stand the counts of wrong guesses (`throttle`), which are stricter."""
EXPORTS = Rate("exports", an_address=120, an_account=30, within=10 * MINUTES)
"""Whole tables as files."""
SEARCHES = Rate("searches", an_address=600, an_account=200, within=5 * MINUTES, only=("q", "min", "max"))
"""Lists, when something is looked for in them."""
FINDING = Rate("finding", an_address=3_000, an_account=900, within=5 * MINUTES, only=("q",))
"""The box that looks up while somebody types."""
DOCUMENTS = Rate("documents", an_address=240, an_account=60, within=10 * MINUTES)
"""PDFs, half a second of a processor each."""
LOOKS = Rate("looks", an_address=300, an_account=30, within=10 * MINUTES)
"""Somebody's data in full: who needs more than three a minute copies them."""
UPLOADS = Rate("uploads", an_address=240, an_account=60, within=10 * MINUTES, least_bytes=16 * 1024)
"""Tables and photos that are taken apart. A form without one is no upload: a hall full of people logs hours with it."""


def rated(rate: Rate) -> Callable[[View], View]:
    """Mark a view. Put it next to the function, below `@public` and the like."""

    def mark(view: View) -> View:
        setattr(view, "rate", rate)  # noqa: B010 - a function has no such attribute to mypy
        return view

    return mark


def init_app(app: Flask, settings: Settings) -> None:
    """Call after the origin check and before anything that asks the database."""
    app.extensions["portal_rates"] = counter_of(settings)
    app.before_request(_refuse_too_many)


def _refuse_too_many() -> Response | None:
    rate: Rate | None = getattr(current_app.view_functions.get(request.endpoint or ""), "rate", None)
    if rate is None or not _counts(rate):
        return None
    counter: Counter = current_app.extensions["portal_rates"]
    now = clock.now()
    waits = [_wait(counter, bucket, most, rate.within, now) for bucket, most in _buckets(rate)]
    return _too_many(max(waits)) if any(waits) else None


def _counts(rate: Rate) -> bool:
    if rate.only and not any(request.args.get(name) for name in rate.only):
        return False
    # Whoever does not say how long it is has it counted.
    return request.content_length is None or request.content_length >= rate.least_bytes


def _buckets(rate: Rate) -> list[tuple[str, int]]:
    """Names that say nothing of anybody: an address is kept as the digest that this portal's key makes of it."""
    buckets = [(f"{rate.kind}:{_hidden(visitors_network())}", rate.an_address)]
    # The session of a public page is never touched: it must be the same for everyone.
    if not is_public_page() and (person := session.get("_user_id")):
        buckets.append((f"{rate.kind}:person:{person}", rate.an_account))
    return buckets


def _hidden(address: str) -> str:
    key = str(current_app.secret_key).encode()[:64]
    return hashlib.blake2b(address.encode(), key=key, digest_size=12, person=b"portal rates").hexdigest()


def _wait(counter: Counter, bucket: str, most: int, within: timedelta, now: datetime) -> int:
    """Seconds until the bucket begins anew; 0 while it has room."""
    count, ends_at = counter.add(bucket, within=within, at=now)
    return max(1, math.ceil((ends_at - now).total_seconds())) if count > most else 0


def _too_many(seconds: int) -> Response:
    minutes = max(1, math.ceil(seconds / 60))
    sentence = ngettext(
        "您在短时间里要得太多了，请 %(num)d 分钟后再试。", "您在短时间里要得太多了，请 %(num)d 分钟后再试。", minutes
    )
    response = answer(429, sentence)
    response.headers["Retry-After"] = str(seconds)
    return response
