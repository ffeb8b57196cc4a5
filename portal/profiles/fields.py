"""Parts of forms that ask for what a personal file says; forms of several rooms are made of them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, SelectMultipleField

from portal.consents.models import Purpose
from portal.identity import Gender, Paper
from portal.profiles.agreeing import field_of
from portal.profiles.choices import PARTIES, RELATIONS, SERVICES, SKILLS, TIMES
from portal.profiles.details import Details, Protector
from portal.profiles.models import Topic
from portal.web.forms import Choice, Day, Line, Lines, PortalForm, as_typed, at_most, required
from portal.web.libs import _, _l
from portal.words import Words

LONGEST_NAME = 40
_BETWEEN_WORDS = re.compile(r"[、，,；;\s]+")


class Ticks(SelectMultipleField):
    """Some of a catalogue's words. What is not in it is left out: it goes into the line beside."""

    def __init__(self, label: Any = None, words: Sequence[Words] = (), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.words = words

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """What is kept, what it is called, and whether it is ticked."""
        ticked = set(self.data or ())
        return [(word.text, str(word), word.text in ticked) for word in self.words]

    def process_formdata(self, valuelist: list[str]) -> None:
        known = {word.text for word in self.words}
        self.data = [text for text in valuelist if text in known]

    def pre_validate(self, form: Any) -> None:
        """Nothing to refuse."""


class ChoiceParts(PortalForm):
    """What she can and likes to do, and when."""

    skills = Ticks(_l("会什么"), SKILLS)
    own_skills = Line(_l("别的本领，用顿号隔开"), [at_most(200)])
    services = Ticks(_l("想做什么"), SERVICES)
    own_services = Line(_l("别的服务，用顿号隔开"), [at_most(200)])
    times = Ticks(_l("什么时候有空"), TIMES)
    own_times = Line(_l("别的时间，用顿号隔开"), [at_most(200)])


class BasicParts(PortalForm):
    """Who she is."""

    gender = Choice(_l("性别"), [required(_l("请选性别。"))])
    born_on = Day(_l("出生日期"), [required(_l("请填写出生日期。"))], render_kw={"autocomplete": "bday"})
    area = Line(_l("居住的社区或村"), [required(_l("请填写住在哪个社区或村。")), at_most(60)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.gender.choices = [("", _("请选择")), *((one.value, str(one.label)) for one in Gender)]


class GuardianParts(PortalForm):
    """Who answers for somebody under age."""

    guardian_name = Line(_l("监护人姓名"), [at_most(LONGEST_NAME)])
    guardian_mobile = Line(_l("监护人手机"), [at_most(40)], render_kw=as_typed("off") | {"inputmode": "tel"})
    guardian_relation = Choice(_l("监护人是孩子的"), default="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guardian_relation.choices = [("", _("请选择")), *((one.text, str(one)) for one in RELATIONS)]


class SensitiveParts(PortalForm):
    """What nobody need say, each with a consent of its own."""

    id_kind = Choice(_l("证件类型"), default="")
    id_number = Line(_l("证件号码"), [at_most(60)], render_kw=as_typed(capitals=True))
    health = Lines(_l("身体有什么要照顾的"), [at_most(500)])
    ethnic = Line(_l("民族"), [at_most(20)])
    party = Choice(_l("政治面貌"), default="")
    agree_identity = BooleanField(_l("我同意登记证件号码"))
    agree_health = BooleanField(_l("我同意登记健康情况"))
    agree_ethnic = BooleanField(_l("我同意登记民族"))
    agree_party = BooleanField(_l("我同意登记政治面貌"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nothing = ("", _("不填"))
        self.id_kind.choices = [nothing, *((one.value, str(one.label)) for one in Paper)]
        self.party.choices = [nothing, *((one.text, str(one)) for one in PARTIES)]

    @property
    def agreed(self) -> list[Purpose]:
        """The consents that are ticked."""
        return [one for one in Purpose if (tick := self._fields.get(field_of(one))) is not None and tick.data]


def details_from(said: Mapping[str, Any], *, has_phone: bool = True) -> Details:
    """What such forms have said, by the names of their fields; what is missing was not asked."""
    return Details(
        gender=Gender(said["gender"]) if said.get("gender") else None,
        born_on=_day(said.get("born_on")),
        paper=Paper(said["id_kind"]) if said.get("id_kind") else None,
        number=said.get("id_number") or None,
        area=said.get("area") or None,
        health=said.get("health") or None,
        ethnic=said.get("ethnic") or None,
        party=said.get("party") or None,
        guardian=guardian_from(said),
        has_phone=has_phone,
        skills=tuple(words_from(said, "skills")),
        services=tuple(words_from(said, "services")),
        times=tuple(words_from(said, "times")),
    )


def guardian_from(said: Mapping[str, Any]) -> Protector | None:
    """The guardian, once all three are said."""
    parts = [said.get(f"guardian_{part}") or "" for part in ("name", "mobile", "relation")]
    return Protector(*parts) if all(parts) else None


def words_from(said: Mapping[str, Any], name: str) -> Iterable[str]:
    """Ticked words, then her own."""
    yield from said.get(name) or ()
    yield from filter(None, _BETWEEN_WORDS.split(said.get(f"own_{name}") or ""))


def ticked(chosen: Mapping[Topic, Sequence[str]]) -> dict[str, Any]:
    """What the fields of `ChoiceParts` show for words chosen earlier."""
    shown: dict[str, Any] = {}
    for name, topic, words in (
        ("skills", Topic.SKILL, SKILLS),
        ("services", Topic.SERVICE, SERVICES),
        ("times", Topic.TIME, TIMES),
    ):
        known = {word.text for word in words}
        shown[name] = [word for word in chosen[topic] if word in known]
        shown[f"own_{name}"] = "、".join(word for word in chosen[topic] if word not in known)
    return shown


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None
