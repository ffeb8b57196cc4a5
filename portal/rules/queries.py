"""What holds on a day, from memory; and what was set, from the table.

All values that were ever set are few, so each process keeps them all, for as long as the public version stays the same:
a number that every change of a shown table raises, and that costs no statement to read (3 µs on SQLite, on PostgreSQL
5 and the way there and back). It is asked once a transaction: one deed lives by one set of rules, and a change counts
from the next request on, in every process.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal.db import db, reading
from portal.rules.catalogue import RULES
from portal.rules.kinds import Rule, V, loaded
from portal.rules.models import RuleValue

_ALL = select(RuleValue.rule, RuleValue.applies_from, RuleValue.value).order_by(RuleValue.rule, RuleValue.seq)
_OF_ONE = select(RuleValue).where(RuleValue.rule == bindparam("rule")).order_by(RuleValue.seq)
_EVERY = select(RuleValue).order_by(RuleValue.rule, RuleValue.seq)
_HERE = "portal_rules"


class Dated(NamedTuple):
    """A value as it was set, and from which day on."""

    applies_from: date
    value: Any


Book = Mapping[str, Sequence[Dated]]
"""What was set, by rule, in the order in which it was set."""


def value(rule: Rule[V], *, on: date) -> V:
    """What the rule says on that day: what was set last of all that applies by then, else its default.

    What this transaction itself has set counts from the next one on.
    """
    for set_ in reversed(_book().get(rule.key, ())):
        if set_.applies_from <= on:
            return loaded(rule, set_.value)
    return rule.default


def rule_called(key: str) -> Rule[Any] | None:
    return RULES.get(key)


# ── what was set ────────────────────────────────────────────────────────────────────────────────────
def values_of(rule: Rule[Any]) -> list[RuleValue]:
    """All that the rule was ever set to, the first one first."""
    return list(db.session.scalars(_OF_ONE, {"rule": rule.key}))


def every_value() -> list[RuleValue]:
    """All rules' values, in the order of rules and of setting."""
    return list(db.session.scalars(_EVERY))


def holding(values: Sequence[RuleValue], on: date) -> RuleValue | None:
    """Which of one rule's values holds on that day; None means the default."""
    return next((set_ for set_ in reversed(values) if set_.applies_from <= on), None)


def coming(values: Sequence[RuleValue], after: date) -> list[RuleValue]:
    """What will hold one day after this one, the next first. What is set later takes the place of what it precedes."""
    left: list[RuleValue] = []
    for set_ in values:
        left = [one for one in left if one.applies_from < set_.applies_from] + [set_]
    return [one for one in left if one.applies_from > after]


# ── memory ──────────────────────────────────────────────────────────────────────────────────────────
def _book() -> Book:
    session = db.session()
    transaction = session.get_transaction()
    asked = session.info.get(_HERE)
    if transaction is not None and asked is not None and asked[0] is transaction:
        book: Book = asked[1]
        return book
    book = _book_of_now()
    if transaction is not None:
        session.info[_HERE] = (transaction, book)
    return book


def _book_of_now() -> Book:
    """The process's own book, if nothing public has changed since it was read. Two threads may both read it anew."""
    version = current_app.extensions["portal_versions"].now()
    kept = current_app.extensions.get(_HERE)
    if kept is not None and version is not None and kept[0] == version:
        book: Book = kept[1]
        return book
    # Read after the number, in a transaction begun after it: the book is never older than the number says.
    with reading() as session:
        book = _read(session)
    current_app.extensions[_HERE] = (version, book)
    return book


def _read(session: Session) -> Book:
    book: dict[str, list[Dated]] = {}
    for rule, applies_from, set_ in session.execute(_ALL):
        book.setdefault(rule, []).append(Dated(applies_from, set_))
    return book
