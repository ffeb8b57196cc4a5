"""What the pages of rules show."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from portal.clock import in_china
from portal.rules.catalogue import RULES
from portal.rules.kinds import Group, Rule, loaded, said
from portal.rules.models import RuleValue
from portal.rules.queries import coming, every_value, holding


class Change(NamedTuple):
    """A value as people read it. `stands`: "now", "next", "past" or "never", which was off before it began."""

    value: str
    applies_from: date
    who: str
    at: Any
    reason: str
    stands: str


class RuleLine(NamedTuple):
    """A rule on a day. `since` is None for the default, which always held."""

    rule: Rule[Any]
    now: Any
    value: str
    since: date | None
    next: Change | None


def rule_lines(today: date) -> Mapping[Group, list[RuleLine]]:
    """All rules, under their headings."""
    values: dict[str, list[RuleValue]] = {}
    for one in every_value():
        values.setdefault(one.rule, []).append(one)
    lines = [line_of(rule, values.get(rule.key, []), today) for rule in RULES.values()]
    return {group: [line for line in lines if line.rule.group is group] for group in Group}


def line_of(rule: Rule[Any], values: Sequence[RuleValue], today: date) -> RuleLine:
    """How one rule stands."""
    held = holding(values, today)
    now = loaded(rule, held.value) if held else rule.default
    ahead = [_change(rule, one, "next") for one in coming(values, today)]
    return RuleLine(rule, now, said(rule, now), held.applies_from if held else None, ahead[0] if ahead else None)


def history(rule: Rule[Any], values: Sequence[RuleValue], today: date) -> list[Change]:
    """All that was set, the latest first."""
    held, ahead = holding(values, today), coming(values, today)
    stands = {held.id: "now"} if held else {}
    stands |= {one.id: "next" for one in ahead}
    return [_change(rule, one, stands.get(one.id) or _past(one, values)) for one in reversed(values)]


def _past(value: RuleValue, values: Sequence[RuleValue]) -> str:
    """Whether it ever held: what was set after it, for the same day or an earlier one, came before it."""
    later = [one for one in values if one.seq > value.seq]
    is_off = any(one.applies_from <= value.applies_from and one.set_at.date() < value.applies_from for one in later)
    return "never" if is_off else "past"


def _change(rule: Rule[Any], value: RuleValue, stands: str) -> Change:
    what = said(rule, loaded(rule, value.value))
    return Change(what, value.applies_from, value.set_by_name, value.set_at, value.reason, stands)


def file_rows(values: Sequence[RuleValue]) -> Iterator[tuple[str | int | None, ...]]:
    """Every value that was ever set, for a spreadsheet; the rules' defaults come first."""
    for rule in RULES.values():
        yield rule.key, str(rule.words), said(rule, rule.default), None, str(rule.source), None, None, None
    for one in values:
        if about := RULES.get(one.rule):
            value, since = said(about, loaded(about, one.value)), one.applies_from.isoformat()
            at = in_china(one.set_at).isoformat(timespec="seconds")
            yield about.key, str(about.words), value, since, str(about.source), one.set_by_name, at, one.reason
