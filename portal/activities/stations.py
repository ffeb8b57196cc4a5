"""The line of an activity: 草稿 → 待审核 → 已发布 → 已结束, and the line of its day."""

from dataclasses import dataclass
from datetime import date, datetime

from portal import rules
from portal.activities.models import Activity, Status
from portal.clock import working_days_after, working_days_between
from portal.people.models import Person
from portal.rules.catalogue import RECORD_DAYS
from portal.words import Words, _, _l

WAY = (Status.DRAFT, Status.WAITING, Status.PUBLISHED, Status.CLOSED)


@dataclass(frozen=True)
class Station:
    """One stop. `kind` is the line macro's: "" passed, "heart here", "ahead"."""

    title: Words | str
    kind: str = ""
    note: str = ""
    amount: str = ""
    url: str = ""


def way_of(activity: Activity) -> list[Station]:
    """How far it has come, who moved it and when."""
    is_returned = activity.state is Status.RETURNED
    here = WAY.index(Status.DRAFT if is_returned else activity.state)
    drafted, submitted, decided = (
        _who(activity.drafted_by, activity.drafted_at),
        _who(activity.submitted_by, activity.submitted_at),
        _who(activity.decided_by, activity.decided_at),
    )
    notes = (decided if is_returned else drafted, submitted, decided, _who(None, activity.closed_at))
    return [
        Station(_title(status, activity), _kind(index, here), notes[index] if index <= here else "")
        for index, status in enumerate(WAY)
    ]


def day_of(activity: Activity, today: date) -> list[Station]:
    """What the public page draws: begin, end, and until when hours are recorded."""
    begins, ends, last = activity.starts_at, activity.ends_at, recorded_by(activity)
    count = working_days_between(ends.date(), last)
    stops = (
        (begins.date(), _("%(time)s 开始", time=f"{begins:%H:%M}"), activity.place),
        (ends.date(), _("%(time)s 结束", time=f"{ends:%H:%M}"), _day(ends) if ends.date() != begins.date() else ""),
        (last, _("记时长"), _("%(day)s前，%(count)s 个工作日内", day=_day(last), count=count)),
    )
    return [Station(title, _passed(day, today), note) for day, title, note in stops]


def recorded_by(activity: Activity) -> date:
    """The last day on which hours are recorded in time; later ones are late entries (补录)."""
    return last_day_after(activity.ends_at.date())


def last_day_after(day: date) -> date:
    """So many working days after that day, by the rule that held on it (志愿服务记录与证明出具办法)."""
    return working_days_after(day, rules.value(RECORD_DAYS, on=day))


def _title(status: Status, activity: Activity) -> Words:
    was_returned = status is Status.DRAFT and activity.state is Status.RETURNED
    return _l("已退回") if was_returned else status.label


def _passed(day: date, today: date) -> str:
    if day == today:
        return "heart"
    return "" if day < today else "ahead"


def _kind(index: int, here: int) -> str:
    if index == here:
        return "heart here"
    return "" if index < here else "ahead"


def _who(person: Person | None, at: datetime | None) -> str:
    return f"{person.name if person else ''} {at:%m-%d %H:%M}".strip() if at else ""


def _day(day: date) -> str:
    return _("%(month)d 月 %(day)d 日", month=day.month, day=day.day)
