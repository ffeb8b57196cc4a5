"""The time in Haining, and the working days the law counts in.

All of the portal asks this module for the time; tests stop it with `frozen`.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
QUARTER = 15 * 60

_stopped: ContextVar[datetime | None] = ContextVar("stopped_clock", default=None)

# 国务院办公厅关于 2026 年部分节假日安排的通知: days off that fall on weekdays, and weekends worked instead (调休).
_DAYS_OFF = frozenset(
    date(2026, month, day)
    for month, days in {
        1: (1, 2),
        2: (16, 17, 18, 19, 20, 23),
        4: (6,),
        5: (1, 4, 5),
        6: (19,),
        9: (25,),
        10: (1, 2, 5, 6, 7),
    }.items()
    for day in days
)
_WEEKENDS_WORKED = frozenset(
    {date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)}
)


def now() -> datetime:
    """This moment, with the offset of Asia/Shanghai."""
    return _stopped.get() or datetime.now(CHINA)


def today() -> date:
    """The calendar day in Haining."""
    stopped = _stopped.get()
    return stopped.date() if stopped else _day_at(int(time.time() // QUARTER))


@lru_cache(1)
def _day_at(quarter: int) -> date:
    """Every page asks for the day; it changes with a quarter of an hour at most, for such are all offsets from UTC."""
    return datetime.fromtimestamp(quarter * QUARTER, CHINA).date()


def in_china(moment: datetime) -> datetime:
    """The same moment on Haining's clock; a time without an offset is taken as Haining's already."""
    return moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment.astimezone(CHINA)


def is_working_day(day: date) -> bool:
    """Whether offices work that day, by the State Council's calendar with its 调休."""
    if day in _WEEKENDS_WORKED:
        return True
    return day.weekday() < 5 and day not in _DAYS_OFF


@lru_cache(maxsize=1_000)
def working_days_after(day: date, count: int) -> date:
    """The day on which the `count`-th working day after `day` falls."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


@contextmanager
def frozen(moment: datetime) -> Iterator[datetime]:
    """Stop the clock at a moment, for tests and for demo data that must lie in the past."""
    token = _stopped.set(in_china(moment))
    try:
        yield in_china(moment)
    finally:
        _stopped.reset(token)
