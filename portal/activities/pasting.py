"""A published activity as plain text, for chat groups: they are where most volunteers read of it."""

from portal.activities.models import Activity
from portal.web.filters import as_time, until, weekday
from portal.words import SOURCE, _, spoken


def text_of(activity: Activity, address: str) -> str:
    """What is pasted; always in Chinese. `address` is the public page's."""
    with spoken(SOURCE):
        starts_at = activity.starts_at
        parts: dict[str, str | int] = {
            "name": activity.name,
            "month": starts_at.month,
            "day": starts_at.day,
            "weekday": weekday(starts_at),
            "start": as_time(starts_at),
            "end": until(starts_at, activity.ends_at),
            "place": activity.place,
            "team": activity.team.name,
            "content": activity.content.strip(),
            "address": address,
        }
        return "\n".join(part for part in _lines(parts) if part)


def _lines(parts: dict[str, str | int]) -> list[str]:
    """A part a line; the numbered list at the end is how people say in a group that they come (接龙)."""
    return [
        _("【%(name)s】", **parts),
        _("时间：%(month)s 月 %(day)s 日（%(weekday)s）%(start)s–%(end)s", **parts),
        _("地点：%(place)s", **parts),
        _("服务队：%(team)s", **parts),
        str(parts["content"]),
        _("详情：%(address)s", **parts),
        _("参加的请接龙："),
        "1. ",
    ]
