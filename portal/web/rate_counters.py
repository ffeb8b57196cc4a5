"""Where rates are counted: in this process, in the database, or in Redis."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import text

from portal.db import Moment, db
from portal.settings import Settings

MOST_BUCKETS = 50_000
"""So many buckets a process keeps at most: some ten megabytes."""

log = logging.getLogger(__name__)


class Counter(Protocol):
    """Counts what is asked for in windows of time."""

    def add(self, bucket: str, *, within: timedelta, at: datetime) -> tuple[int, datetime]:
        """Count one more; gives how many there were in this window, and when it ends."""


class InMemory:
    """Each process for itself: nothing to set up, and a portal of two workers lets through up to twice as much."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[int, datetime]] = {}

    def add(self, bucket: str, *, within: timedelta, at: datetime) -> tuple[int, datetime]:
        with self._lock:
            count, ends_at = self._windows.get(bucket, (0, at))
            window = (count + 1, ends_at) if at < ends_at else (1, at + within)
            if bucket not in self._windows and len(self._windows) >= MOST_BUCKETS:
                self._make_room(at)
            self._windows[bucket] = window
            return window

    def _make_room(self, at: datetime) -> None:
        """Forget what is over; were that nothing, everything: better too lenient than without memory."""
        kept = {name: window for name, window in self._windows.items() if window[1] > at}
        self._windows = kept if len(kept) < MOST_BUCKETS else {}


_ADD = text(
    "INSERT INTO web_rate (bucket, began_at, ends_at, asked) VALUES (:bucket, :at, :ends_at, 1) "
    "ON CONFLICT (bucket) DO UPDATE SET "
    "asked = CASE WHEN web_rate.ends_at <= :at THEN 1 ELSE web_rate.asked + 1 END, "
    "began_at = CASE WHEN web_rate.ends_at <= :at THEN :at ELSE web_rate.began_at END, "
    "ends_at = CASE WHEN web_rate.ends_at <= :at THEN :ends_at ELSE web_rate.ends_at END "
    "RETURNING asked, ends_at"
).columns(ends_at=Moment())
_FORGET = text("DELETE FROM web_rate WHERE ends_at <= :at")


class InDatabase:
    """All processes together, at the price of a small write a counted request, in a transaction of its own."""

    def add(self, bucket: str, *, within: timedelta, at: datetime) -> tuple[int, datetime]:
        moments = {"at": _as_sent(at), "ends_at": _as_sent(at + within)}
        with db.engine.begin() as connection:
            count, ends_at = connection.execute(_ADD, {"bucket": bucket, **moments}).one()
            if count == 1:
                connection.execute(_FORGET, {"at": moments["at"]})
        return int(count), ends_at


def _as_sent(moment: datetime) -> Any:
    return Moment().process_bind_param(moment, db.engine.dialect)


# One step for Redis, so that a counter without an end can never be left behind.
_STEP = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class InRedis:
    """All processes and machines together. Redis away is no reason to answer nobody: `otherwise` counts then."""

    def __init__(self, step: Callable[[str, int], tuple[int, int]], otherwise: Counter) -> None:
        self._step, self._otherwise = step, otherwise

    def add(self, bucket: str, *, within: timedelta, at: datetime) -> tuple[int, datetime]:
        try:
            count, left = self._step(f"portal:rate:{bucket}", int(within.total_seconds() * 1000))
        except Exception:
            # Of a library that need not be installed, no kind of error can be named.
            log.warning("Redis does not answer; this process counts for itself")
            return self._otherwise.add(bucket, within=within, at=at)
        return count, at + timedelta(milliseconds=max(left, 0))


def redis_step(url: str) -> Callable[[str, int], tuple[int, int]]:
    """Counts a key for so many milliseconds; gives the count and the milliseconds left."""
    import redis

    client = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
    script: Any = client.register_script(_STEP)

    def step(key: str, milliseconds: int) -> tuple[int, int]:
        count, left = script(keys=[key], args=[milliseconds])
        return int(count), int(left)

    return step


def counter_of(settings: Settings) -> Counter:
    """What PORTAL_RATES names."""
    if settings.rates == "redis":
        return InRedis(redis_step(settings.redis_url), InMemory())
    return InDatabase() if settings.rates == "database" else InMemory()
