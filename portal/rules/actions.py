from datetime import date, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import record
from portal.clock import in_china
from portal.db import db
from portal.problems import ChangedMeanwhile, DomainError
from portal.rules.kinds import Rule, V, Value, loaded, require_fit, said, stored
from portal.rules.models import LONGEST_REASON, SHORTEST_REASON, RuleValue
from portal.rules.queries import coming, holding, values_of
from portal.words import SOURCE, _l, spoken

FURTHEST_AHEAD = timedelta(days=5 * 366)


def set_value(
    rule: Rule[V], value: V, *, applies_from: date, reason: str, seen: int, by: Actor, at: datetime
) -> RuleValue:
    """Let the rule say something else from a day on; what was planned for later than that day is thereby off.

    `seen` is how many values the page knew of. Raises DomainError (value, applies_from, reason), ChangedMeanwhile.
    """
    require_fit(rule, value)
    reason = _good_reason(reason)
    _require_day(applies_from, at=at)
    values = values_of(rule)
    if len(values) != seen:
        raise _changed(rule)
    was = _value_on(rule, values, applies_from)
    if was == value and not coming(values, applies_from):
        raise DomainError(_l("从那天起本来就是这样，不用再改。"), field="value")
    what = {"value": stored(value), "applies_from": applies_from, "reason": reason}
    who = {"set_by_id": by.id, "set_by_name": by.name, "set_at": at}
    set_ = _added(rule, RuleValue(rule=rule.key, seq=seen + 1, **what, **who))
    with spoken(SOURCE):
        about = {"was": said(rule, was), "now": said(rule, value), "applies_from": applies_from, "reason": reason}
    record("rules.value.set", set_, by=by, at=at, rule=rule.key, **about)
    return set_


def _added(rule: Rule[V], set_: RuleValue) -> RuleValue:
    """Of two who set it at once, the second finds her number taken. Raises ChangedMeanwhile."""
    db.session.add(set_)
    try:
        db.session.flush()
    except IntegrityError as twin:
        raise _changed(rule) from twin
    return set_


def _value_on(rule: Rule[V], values: list[RuleValue], day: date) -> Value:
    held = holding(values, day)
    return loaded(rule, held.value) if held else rule.default


def _good_reason(reason: str) -> str:
    plain = reason.strip()
    if not SHORTEST_REASON <= len(plain) <= LONGEST_REASON:
        raise DomainError(
            _l("请写明为什么改，%(least)d 到 %(most)d 个字。", least=SHORTEST_REASON, most=LONGEST_REASON),
            field="reason",
        )
    return plain


def _require_day(day: date, *, at: datetime) -> None:
    today = in_china(at).date()
    if day < today:
        raise DomainError(_l("过去的日子已经按当时的规则办了，只能从今天或以后的日子起改。"), field="applies_from")
    if day > today + FURTHEST_AHEAD:
        raise DomainError(_l("日期太远了，最多提前五年定下。"), field="applies_from")


def _changed(rule: Rule[V]) -> ChangedMeanwhile:
    return ChangedMeanwhile(_l("「%(rule)s」刚刚有人改过，请看看新的再决定。", rule=rule.words))
