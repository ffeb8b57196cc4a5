"""Kinds of values: how one is read from what a person typed, how it is said, what it must keep to."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any, Generic, TypeVar, cast

from portal.money import LARGEST_FEN, parse_yuan
from portal.problems import DomainError
from portal.web.filters import as_money, hours_and_minutes
from portal.words import Words, _, _l, ngettext

Value = int | str | tuple[int, ...]
V = TypeVar("V", bound=Value)


class Kind(StrEnum):
    """What a value is. The last two are lists, each number larger than the one before."""

    MINUTES = "minutes"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"
    PEOPLE = "people"
    PERCENT = "percent"
    CHOICE = "choice"
    HOURS = "hours"
    AMOUNTS = "amounts"

    @property
    def is_list(self) -> bool:
        return self in (Kind.HOURS, Kind.AMOUNTS)


class Group(StrEnum):
    """Under which heading a rule stands, in this order."""

    SERVICE = "service"
    ACCOUNTS = "accounts"
    SPENDING = "spending"
    DISCLOSURE = "disclosure"
    CAMPAIGNS = "campaigns"
    RETENTION = "retention"

    @property
    def label(self) -> Words:
        return GROUP_NAMES[self]


GROUP_NAMES: dict[Group, Words] = {
    Group.SERVICE: _l("活动与时长"),
    Group.ACCOUNTS: _l("登录与账号"),
    Group.SPENDING: _l("管委会与用款"),
    Group.DISCLOSURE: _l("信息公开"),
    Group.CAMPAIGNS: _l("募捐"),
    Group.RETENTION: _l("保存多久"),
}

_UNITS: dict[Kind, Callable[[int], str]] = {
    Kind.MINUTES: lambda number: hours_and_minutes(number),
    Kind.DAYS: lambda number: ngettext("%(num)d 天", "%(num)d 天", number),
    Kind.WORKING_DAYS: lambda number: ngettext("%(num)d 个工作日", "%(num)d 个工作日", number),
    Kind.MONTHS: lambda number: ngettext("%(num)d 个月", "%(num)d 个月", number),
    Kind.YEARS: lambda number: ngettext("%(num)d 年", "%(num)d 年", number),
    Kind.PEOPLE: lambda number: ngettext("%(num)d 人", "%(num)d 人", number),
    Kind.PERCENT: lambda number: f"{number}%",
    Kind.HOURS: lambda number: hours_and_minutes(number * 60),
    Kind.AMOUNTS: as_money,
}
ASKED: dict[Kind, Words] = {
    Kind.MINUTES: _l("改成（分钟）"),
    Kind.DAYS: _l("改成（天）"),
    Kind.WORKING_DAYS: _l("改成（工作日）"),
    Kind.MONTHS: _l("改成（个月）"),
    Kind.YEARS: _l("改成（年）"),
    Kind.PEOPLE: _l("改成（人）"),
    Kind.PERCENT: _l("改成（百分之几）"),
    Kind.CHOICE: _l("改成"),
    Kind.HOURS: _l("改成（小时，从小到大）"),
    Kind.AMOUNTS: _l("改成（元，从小到大）"),
}
"""What the field for a new value is called."""


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[V]):
    """One rule. `least` and `most` bound each number; a list holds as many numbers as its default.

    Days, minutes and so on as `kind` says, amounts in 分, a choice as one of the keys of `choices`. `is_used`: whether
    code asks for it already.
    """

    key: str
    group: Group
    words: Words
    kind: Kind
    default: V
    source: Words
    hint: Words
    least: int = 0
    most: int = LARGEST_FEN
    is_odd: bool = False
    choices: Mapping[str, Words] = field(default_factory=dict)
    is_used: bool = True


# ── from and to the table ───────────────────────────────────────────────────────────────────────────
def stored(value: Value) -> Any:
    """The value as JSON."""
    return list(value) if isinstance(value, tuple) else value


def loaded(rule: Rule[V], value: Any) -> V:
    """The value from JSON."""
    return cast("V", tuple(value) if rule.kind.is_list else value)


# ── in words ────────────────────────────────────────────────────────────────────────────────────────
def said(rule: Rule[Any], value: Value) -> str:
    """The value with its unit, in the reader's language."""
    if isinstance(value, str):
        return str(rule.choices.get(value, value))
    numbers = value if isinstance(value, tuple) else (value,)
    if rule.kind is Kind.HOURS:
        return _("%(hours)s 小时", hours=_("、").join(f"{number:,}" for number in numbers))
    return _("、").join(_UNITS[rule.kind](number) for number in numbers)


def typed(rule: Rule[Any], value: Value) -> str:
    """The value as a person would type it."""
    if isinstance(value, tuple):
        return "、".join(_plain(rule.kind, number) for number in value)
    return str(value)


def _plain(kind: Kind, number: int) -> str:
    return f"{number // 100}.{number % 100:02}".removesuffix(".00") if kind is Kind.AMOUNTS else str(number)


# ── from a person ───────────────────────────────────────────────────────────────────────────────────
def read(rule: Rule[V], text: str) -> V:
    """The value that the text names. Raises DomainError (value)."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if rule.kind is Kind.CHOICE:
        value: Any = plain
    elif rule.kind.is_list:
        value = tuple(_number(rule.kind, part) for part in re.split(r"[、,;\s]+", plain) if part)
    else:
        value = _number(rule.kind, plain)
    require_fit(rule, value)
    return cast("V", value)


def _number(kind: Kind, text: str) -> int:
    if kind is Kind.AMOUNTS:
        return _amount(text)
    bare = text.removesuffix("%").strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 9):
        raise DomainError(_l("「%(text)s」不是整数。", text=text[:20]), field="value")
    return int(bare)


def _amount(text: str) -> int:
    try:
        return parse_yuan(text)
    except DomainError as problem:
        raise DomainError(problem.sentence, field="value") from problem


def require_fit(rule: Rule[Any], value: Any) -> None:
    """Raise DomainError (value) for one that the rule does not take."""
    if rule.kind is Kind.CHOICE:
        if value not in rule.choices:
            raise DomainError(_l("请从列表里选一项。"), field="value")
        return
    numbers = value if isinstance(value, tuple) else (value,)
    if rule.kind.is_list:
        _require_steps(rule, numbers)
    for number in numbers:
        _require_number(rule, number)


def _require_steps(rule: Rule[Any], numbers: tuple[int, ...]) -> None:
    if len(numbers) != len(rule.default):
        raise DomainError(_l("要写 %(count)d 个数，用顿号隔开。", count=len(rule.default)), field="value")
    if any(after <= before for before, after in pairwise(numbers)):
        raise DomainError(_l("后一个数要比前一个大。"), field="value")


def _require_number(rule: Rule[Any], number: Any) -> None:
    if not isinstance(number, int) or isinstance(number, bool):
        raise DomainError(_l("「%(text)s」不是整数。", text=str(number)[:20]), field="value")
    if not rule.least <= number <= rule.most:
        one = _UNITS[rule.kind]
        raise DomainError(
            _l("要在 %(least)s 到 %(most)s 之间。", least=one(rule.least), most=one(rule.most)), field="value"
        )
    if rule.is_odd and number % 2 == 0:
        raise DomainError(_l("要是单数。"), field="value")
