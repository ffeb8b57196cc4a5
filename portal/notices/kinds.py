"""The kinds of notices, as the rooms declare them, and what is sent of each unless a person chose otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.people.models import Person, Role
from portal.people.policy import holds_anywhere
from portal.web.filters import as_money, hours_and_minutes
from portal.words import Words, _, _l


class Way(StrEnum):
    """Whether, and how soon, something is told by a channel."""

    OFF = "off"
    NOW = "now"
    DAILY = "daily"


class Channel(StrEnum):
    """Where a notice reaches somebody."""

    BELL = "bell"
    SMS = "sms"
    MAIL = "mail"

    @property
    def label(self) -> Words:
        return CHANNEL_NAMES[self]


CHANNEL_NAMES: Mapping[Channel, Words] = {
    Channel.BELL: _l("门户里"),
    Channel.MAIL: _l("邮件"),
    Channel.SMS: _l("短信"),
}
WAYS: Mapping[Channel, Mapping[Way, Words]] = {
    Channel.BELL: {Way.NOW: _l("提醒我"), Way.OFF: _l("不提醒")},
    Channel.MAIL: {Way.NOW: _l("马上发"), Way.DAILY: _l("每天合成一封"), Way.OFF: _l("不要")},
    Channel.SMS: {Way.NOW: _l("马上发"), Way.OFF: _l("不要")},
}

SHOWN = {"minutes": hours_and_minutes, "fen": as_money}
"""Values of these names are kept as plain numbers and read as people read them."""

KINDS: dict[str, "Kind"] = {}


@dataclass(frozen=True)
class Kind:
    """One kind. `words` is what it is called; `detail` the sentence, with the values of each notice in it, and `many`
    the sentence of a notice whose value `count` is more than one."""

    name: str
    words: Words
    detail: Words
    mail: Way = Way.OFF
    sms: Way = Way.OFF
    is_needed: bool = False
    many: Words | None = None
    roles: tuple[Role, ...] = ()

    def usual(self, channel: Channel) -> Way:
        """What holds for whoever has chosen nothing."""
        return {Channel.BELL: Way.NOW, Channel.MAIL: self.mail, Channel.SMS: self.sms}[channel]

    def sentence(self, values: Mapping[str, Any]) -> str:
        """The notice in the reader's language. What an older version wrote may lack a value: then only its name."""
        sentence = self.many if self.many and values.get("count", 1) != 1 else self.detail
        try:
            return _(sentence.text) % {name: _shown(name, value) for name, value in values.items()}
        except (KeyError, TypeError, ValueError):
            return str(self.words)


def kind(
    name: str,
    *,
    words: Words,
    detail: Words,
    many: Words | None = None,
    mail: Way = Way.OFF,
    sms: Way = Way.OFF,
    is_needed: bool = False,
    roles: tuple[Role, ...] = (),
) -> Kind:
    """Declare a kind. `is_needed`: nobody can switch it off (what keeps an account safe). `roles`: only who holds
    one of them is ever told, so only she is asked how.
    """
    KINDS[name] = Kind(name, words, detail, mail, sms, is_needed, many, roles)
    return KINDS[name]


def kinds_for(person: Person) -> list[Kind]:
    """What this person may be told of, and decides about."""
    free = (one for one in KINDS.values() if not one.is_needed)
    return [one for one in free if not one.roles or holds_anywhere(person, *one.roles)]


def sentence_of(name: str, values: Mapping[str, Any]) -> str:
    """What a kept notice says, also when its kind is no longer declared."""
    known = KINDS.get(name)
    return known.sentence(values) if known else _("一条通知")


def title_of(name: str) -> str:
    """What its kind is called."""
    known = KINDS.get(name)
    return str(known.words) if known else _("通知")


def _shown(name: str, value: Any) -> Any:
    show = SHOWN.get(name)
    return show(value) if show else value
