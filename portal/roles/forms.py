from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField

from portal.people.models import Grant, Role, Scope
from portal.roles.actions import Days
from portal.roles.scopes import KIND_NAMES, Place
from portal.web.forms import Choice, Day, Line, PortalForm, at_most, required
from portal.web.libs import _, _l


class GiveForm(PortalForm):
    """A role for somebody who has been chosen already."""

    person = HiddenField()
    role = Choice(_l("身份"), [required(_l("请选一个身份。"))])
    place = Choice(_l("范围"), [required(_l("请选身份在哪里有效。"))])
    starts_on = Day(_l("从哪天开始"), [required(_l("请填写从哪天开始。"))])
    ends_on = Day(_l("到哪天为止"))
    reason = Line(_l("原因"), [required(_l("请写明原因，以后查得到。")), at_most(200)])

    def offer(self, roles: Sequence[Role], places: Sequence[Place]) -> "GiveForm":
        """Only what the giver may give at all; what else is sent is refused."""
        self.role.choices = [("", _("请选择")), *((role.value, str(role.label)) for role in roles)]
        self.place.choices = _with_kinds(places)
        return self

    @property
    def days(self) -> Days:
        assert self.starts_on.data is not None
        return Days(self.starts_on.data, self.ends_on.data)


class EndForm(PortalForm):
    """Why a grant ends, and when."""

    last_day = Day(_l("最后一天"))
    reason = Line(_l("原因"), [required(_l("请写明原因，以后查得到。")), at_most(200)])


class ReasonForm(PortalForm):
    """Why."""

    reason = Line(_l("原因"), [required(_l("请写明原因，以后查得到。")), at_most(200)])


class DeputyForm(PortalForm):
    """Who stands in for which of one's roles, from when until when."""

    grant = Choice(_l("哪个身份"), [required(_l("请选一个身份。"))])
    who = Line(_l("代班人的登录名或志愿者编号"), [required(_l("请填写代班人的登录名或志愿者编号。")), at_most(60)])
    starts_on = Day(_l("从哪天开始"), [required(_l("请填写从哪天开始。"))])
    ends_on = Day(_l("到哪天为止"), [required(_l("请填写到哪天为止。"))])
    reason = Line(_l("原因"), [required(_l("请写明原因，以后查得到。")), at_most(200)])

    def offer(self, own: Sequence[Grant], names: Mapping[Scope, str]) -> "DeputyForm":
        self.grant.choices = [(str(one.id), f"{Role(one.role).label} · {names[one.scope]}") for one in own]
        return self

    @property
    def days(self) -> Days:
        assert self.starts_on.data is not None
        return Days(self.starts_on.data, self.ends_on.data)


KEEP, END, PASS = "keep", "end", "pass"


class HandOverForm(PortalForm):
    """What becomes of each of somebody's roles. Made by `hand_over_form`, with two fields for each."""

    reason = Line(_l("原因"), [required(_l("请写明原因，以后查得到。")), at_most(200)])

    def fate(self, grant_id: int) -> tuple[str, str]:
        """What is to become of this role, and the successor as written."""
        return self[f"fate-{grant_id}"].data or KEEP, self[f"to-{grant_id}"].data or ""

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        for name, field in self._fields.items():
            number = name.removeprefix("fate-")
            if number != name and field.data == PASS and not self[f"to-{number}"].data:
                self[f"to-{number}"].errors = [_("请填写接任人的登录名或志愿者编号。")]
                is_valid = False
        return is_valid


def hand_over_form(grant_ids: Sequence[int], **given: Any) -> HandOverForm:
    """The form for these grants."""
    fields: dict[str, Any] = {}
    for number in grant_ids:
        fields[f"fate-{number}"] = Choice(_l("怎么办"), default=KEEP)
        fields[f"to-{number}"] = Line(_l("接任人的登录名或志愿者编号"), [at_most(60)])
    made: HandOverForm = type("HandOverForm", (HandOverForm,), fields)(**given)
    for number in grant_ids:
        made[f"fate-{number}"].choices = [(KEEP, _("保留")), (PASS, _("交给接任人")), (END, _("只结束，不接任"))]
    return made


def _with_kinds(places: Sequence[Place]) -> list[tuple[str, str]]:
    """Nothing is chosen beforehand: a role for the whole alliance is given by nobody's oversight."""
    named = [(place.value, f"{KIND_NAMES[place.scope.kind]} · {place.name}") for place in places if place.scope.id]
    whole = [(place.value, place.name) for place in places if not place.scope.id]
    return [("", _("请选择")), *whole, *named]
