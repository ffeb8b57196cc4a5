import unicodedata
from typing import Any

from flask import request
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField

from portal.activities.models import Activity
from portal.hours.actions import Service, Ticket
from portal.hours.models import LONGEST, Claim
from portal.people.models import Person
from portal.web.forms import (
    Choice,
    Clock,
    Day,
    Line,
    Lines,
    NumberInput,
    OnceKey,
    PortalForm,
    at_most,
    moment,
    number_in,
    refuse,
    required,
)
from portal.web.libs import _, _l


class Whole(IntegerField):
    """A whole number from 0 on, in any digits; nothing written means 0."""

    widget = NumberInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        text = unicodedata.normalize("NFKC", valuelist[0]).strip() if valuelist else ""
        self.raw_data = [text[:20]]
        if text and not (text.isascii() and text.isdigit() and len(text) <= 4):
            self.data = None
            raise ValueError(_("请填整数。"))
        self.data = int(text or 0)


class ServiceForm(PortalForm):
    """When, how long, where. `hours` and `minutes` together are the service time."""

    day = Day(_l("服务日期"), [required(_l("请填写服务日期。"))])
    start = Clock(_l("几点开始"), [required(_l("请填写开始时间。"))])
    hours = Whole(_l("小时"))
    minutes = Whole(_l("分钟"))
    place = Line(_l("服务地点"), [required(_l("请填写服务地点。")), at_most(80)])
    content = Lines(_l("做了什么"), [at_most(500)])
    photo = FileField(_l("纸质签到表的照片"), render_kw={"accept": "image/jpeg,image/png,image/webp"})
    key = OnceKey()

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if self.hours.errors or self.minutes.errors or 1 <= self.total <= LONGEST:
            return is_valid
        self.hours.errors = [
            _("一次服务最多 24 小时。") if self.total > LONGEST else _("请填写服务了多久，比如 3 小时 20 分。")
        ]
        return False

    @property
    def total(self) -> int:
        """The service time in minutes."""
        return int(self.hours.data or 0) * 60 + int(self.minutes.data or 0)

    def service(self) -> Service:
        """What a valid form says."""
        return Service(
            starts_at=moment(self.day.data, self.start.data),
            minutes=self.total,
            place=str(self.place.data),
            content=self.content.data or "",
        )

    def content_sent(self) -> dict[str, Any]:
        """What tells this form from another one with the same key."""
        return {name: value for name, value in self.data.items() if name not in ("key", "photo")}


class NewClaimForm(ServiceForm):
    """Hours of one's own."""

    @classmethod
    def for_activity(cls, activity: Activity) -> "NewClaimForm":
        """Filled in as if the volunteer was there from the beginning to the end."""
        return cls(formdata=None, **_as_planned(activity))


class MemberClaimForm(ServiceForm):
    """Hours of a member of the leader's team who cannot enter them herself."""

    person = Choice(_l("队员"), coerce=lambda value: number(value))
    consent = BooleanField(
        _l("本人同意由我代记，签过字的同意书在队里"), [required(_l("代别人记时长，要有本人签字的同意书。"))]
    )

    @classmethod
    def for_activity(cls, activity: Activity) -> "MemberClaimForm":
        return cls(formdata=None, **_as_planned(activity))

    def offer(self, members: list[Person]) -> "MemberClaimForm":
        """Let the leader choose among these people; nobody is chosen beforehand."""
        self.person.choices = [("", _("请选择")), *((member.id, _named(member)) for member in members)]
        return self

    def validate_person(self, field: Any) -> None:
        if field.data < 1:
            refuse(_l("请选是替哪位队员记。"))


class CorrectionForm(ServiceForm):
    """A returned claim, to be sent again. `seq` names the state that was seen."""

    seq = HiddenField()

    @classmethod
    def of(cls, claim: Claim) -> "CorrectionForm":
        """The form as the claim stands."""
        hours, minutes = divmod(claim.minutes, 60)
        return cls(
            formdata=None,
            day=claim.served_on,
            start=claim.starts_at.time(),
            hours=hours,
            minutes=minutes,
            place=claim.place,
            content=claim.content,
            seq=claim.seq,
        )

    @property
    def seen(self) -> int:
        return number(self.seq.data)


class DecisionForm(PortalForm):
    """One claim's or the ticked claims' fate. `back` is the address of the queue as it was filtered."""

    seq = HiddenField()
    back = HiddenField()

    @property
    def seen(self) -> int:
        return number(self.seq.data)

    @property
    def tickets(self) -> list[Ticket]:
        """What was ticked: `claims=12:0`, once a row. What makes no sense is a row that nobody knows."""
        pairs = (value.partition(":") for value in request.form.getlist("claims"))
        return [Ticket(number(claim_id), number(seq)) for claim_id, _colon, seq in pairs]


class ReturnForm(DecisionForm):
    reason = Lines(_l("退回原因"), [required(_l("请写明退回的原因，志愿者会看到。")), at_most(500)])

    @property
    def words(self) -> str:
        return self.reason.data or ""


def number(text: Any) -> int:
    """A number that a page has sent; -1, which nothing has, when it makes no sense."""
    known = number_in(text)
    return -1 if known is None else known


def _as_planned(activity: Activity) -> dict[str, Any]:
    hours, minutes = divmod(activity.minutes, 60)
    return {
        "day": activity.starts_at.date(),
        "start": activity.starts_at.time(),
        "hours": hours,
        "minutes": minutes,
        "place": activity.place,
    }


def _named(member: Person) -> str:
    return f"{member.name} {member.volunteer_no}" if member.volunteer_no else member.name
