"""What must always be true of rules."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.invariants import Found, invariant
from portal.problems import DomainError
from portal.rules.catalogue import RULES
from portal.rules.kinds import loaded, require_fit
from portal.rules.models import RuleValue


@invariant("rules.values are what their rules take")
def values_fit(session: Session) -> Found:
    """Each belongs to a rule of the catalogue, keeps to its bounds, and begins on the day it was set or later."""
    values = list(session.scalars(select(RuleValue).order_by(RuleValue.id)))
    return len(values), (sentence for value in values for sentence in _about(value))


def _about(value: RuleValue) -> Iterator[str]:
    if value.applies_from < value.set_at.date():
        yield f"{value.rule} {value.seq}: applies from {value.applies_from}, set on {value.set_at.date()}"
    rule = RULES.get(value.rule)
    if rule is None:
        yield f"{value.rule} {value.seq}: no such rule"
        return
    try:
        require_fit(rule, loaded(rule, value.value))
    except (DomainError, TypeError) as problem:
        yield f"{value.rule} {value.seq}: {problem}"
