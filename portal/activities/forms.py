from typing import Any

from wtforms import HiddenField

from portal.activities.actions import Plan
from portal.activities.models import Activity
from portal.orgs.models import Team
from portal.web.forms import Choice, Clock, Day, Line, Lines, OnceKey, PortalForm, at_most, moment, required
from portal.web.libs import _l


class ActivityForm(PortalForm):
    """What a leader writes. `end_day` is for activities that end on another day than they begin."""

    name = Line(_l("活动名称"), [required(_l("请给活动起个名字。")), at_most(60)])
    place = Line(_l("地点"), [required(_l("请写明在哪里集合。")), at_most(80)])
    day = Day(_l("日期"), [required(_l("请填写日期。"))])
    start = Clock(_l("开始"), [required(_l("请填写开始时间。"))])
    end = Clock(_l("结束"), [required(_l("请填写结束时间。"))])
    end_day = Day(_l("结束日期"))
    content = Lines(_l("做什么"), [required(_l("请写明做什么、要带什么、有什么风险。")), at_most(2000)])

    def plan(self) -> Plan:
        """The plan of a valid form."""
        return Plan(
            name=str(self.name.data),
            place=str(self.place.data),
            content=str(self.content.data),
            starts_at=moment(self.day.data, self.start.data),
            ends_at=moment(self.end_day.data or self.day.data, self.end.data),
        )


class NewActivityForm(ActivityForm):
    """A new activity belongs to one of the teams that its writer leads."""

    team = Choice(_l("服务队"), coerce=int)
    key = OnceKey()

    def offer(self, teams: list[Team]) -> "NewActivityForm":
        """Let the person choose among these teams."""
        self.team.choices = [(team.id, team.name) for team in teams]
        return self

    def content_sent(self) -> dict[str, Any]:
        """What tells this form from another one with the same key."""
        return {name: value for name, value in self.data.items() if name != "key"}


class EditActivityForm(ActivityForm):
    """`seq` names the version that the writer saw."""

    seq = HiddenField()

    @classmethod
    def of(cls, activity: Activity) -> "EditActivityForm":
        """The form as the activity stands."""
        ends_later = activity.ends_at.date() != activity.starts_at.date()
        return cls(
            formdata=None,
            obj=activity,
            day=activity.starts_at.date(),
            start=activity.starts_at.time(),
            end=activity.ends_at.time(),
            end_day=activity.ends_at.date() if ends_later else None,
        )


class SeenForm(PortalForm):
    """A button below an activity. `seq` names the version that was on the page."""

    seq = HiddenField()

    @property
    def seen(self) -> int:
        """The version's number; -1, which none has, when it makes no sense."""
        return seen(self.seq.data)


class ReturnForm(SeenForm):
    reason = Lines(_l("退回原因"), [required(_l("请写明退回的原因，队长会看到。")), at_most(500)])

    @property
    def words(self) -> str:
        return self.reason.data or ""


def seen(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
