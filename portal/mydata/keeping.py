"""What is kept of a person, by heading, in plain words: how much, why, and what becomes of it when she leaves."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple, cast

from portal import rules
from portal.holdings import HOLDINGS, Group, Holding, Then
from portal.mydata.rows import count_of
from portal.people.models import Person
from portal.rules.catalogue import RULES
from portal.rules.kinds import Kind, Rule, said
from portal.words import _


class Line(NamedTuple):
    """One table as she reads it."""

    holding: Holding
    rows: int
    then: str


class Heading(NamedTuple):
    """A heading with what lies under it."""

    words: str
    lines: list[Line]


def kept_by_heading(person: Person, *, on: date) -> list[Heading]:
    """All that there is of her; what holds nothing is left out."""
    found: dict[Group, list[Line]] = {group: [] for group in Group}
    for holding in personal():
        if count := count_of(holding, person.selves):
            found[holding.group].append(Line(holding, count, then_of(holding, on=on)))
    return [Heading(str(group.label), lines) for group, lines in found.items() if lines]


def personal() -> Iterator[Holding]:
    """The holdings that say something of a person."""
    return (holding for holding in HOLDINGS.values() if holding.is_hers or holding.deeds)


def then_of(holding: Holding, *, on: date) -> str:
    """What becomes of it when she has her data deleted, in one sentence."""
    if holding.then is Then.DELETED:
        return _("马上删除")
    if holding.then is Then.EMPTIED and not holding.rule:
        return _("内容马上清空")
    if (rule := rule_of(holding)) is None:
        return _("记录留着")
    time = said(rule, rules.value(rule, on=on))
    return _("留 %(time)s，到期删除", time=time) if holding.goes else _("留 %(time)s，到期删除姓名", time=time)


def rule_of(holding: Holding) -> Rule[int] | None:
    """The rule by which it stays."""
    return cast("Rule[int]", RULES[holding.rule]) if holding.rule else None


def until(holding: Holding, *, on: date) -> date | None:
    """The day on which what stays of it is due, when she leaves on this day."""
    if (rule := rule_of(holding)) is None:
        return None
    number = rules.value(rule, on=on)
    if rule.kind is Kind.YEARS:
        return _years_after(on, number)
    return date.fromordinal(on.toordinal() + number)


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
