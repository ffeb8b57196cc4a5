"""How figures, times and names look in templates."""

from datetime import date, datetime

from flask import Flask

from portal import money
from portal.clock import in_china
from portal.privacy import mask_name
from portal.words import SOURCE, _, language

CHINESE_WEEKDAYS = "一二三四五六日"


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        yuan=money.yuan,
        money=as_money,
        capitals=money.capitals,
        hm=hours_and_minutes,
        date=as_date,
        time=as_time,
        until=until,
        datetime=as_datetime,
        weekday=weekday,
        count=count,
        code=code,
        masked=mask_name,
    )


def as_money(fen: int) -> str:
    """¥1,409.50; the sign stands before the ¥."""
    text = money.yuan(fen)
    return f"−¥{text[1:]}" if text.startswith("−") else f"¥{text}"


def hours_and_minutes(minutes: int) -> str:
    """200 → 3 小时 20 分."""
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("%(hours)s 小时 %(minutes)s 分", hours=f"{hours:,}", minutes=rest)
    return _("%(hours)s 小时", hours=f"{hours:,}") if hours else _("%(minutes)s 分钟", minutes=rest)


def as_date(day: date) -> str:
    return (in_china(day).date() if isinstance(day, datetime) else day).isoformat()


def as_time(moment: datetime) -> str:
    return in_china(moment).isoformat()[11:16]


def until(start: datetime, end: datetime) -> str:
    """When what began at `start` ends: 11:00, and on another day 11-23 11:00."""
    if in_china(start).date() == in_china(end).date():
        return as_time(end)
    return _("%(day)s %(time)s", day=as_date(end)[5:], time=as_time(end))


def as_datetime(moment: datetime) -> str:
    return f"{in_china(moment):%Y-%m-%d %H:%M}"


def weekday(day: date) -> str:
    """周日, in English Sun."""
    if language() == SOURCE:
        return "周" + CHINESE_WEEKDAYS[day.weekday()]
    return f"{day:%a}"


def count(number: int) -> str:
    return f"{number:,}"


def code(text: str) -> str:
    """A long code in groups of five, so that eyes and fingers keep their place."""
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))
