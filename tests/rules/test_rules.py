"""Rules: what holds on a day, who may not change the past, what two at once come to, and that code reads them."""

import ast
import threading
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, scoped_session

from portal import clock, resources, rules
from portal.audit.models import AuditLine
from portal.db import db
from portal.hours.actions import approve_claim, undo_decision
from portal.hours.stars import way_to_stars
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.rules import catalogue
from portal.rules.actions import set_value
from portal.rules.catalogue import APPROVAL_FEN, COUNCIL_LEAST, GIVING_LINK, RULES, STAR_HOURS, UNDO_MINUTES
from portal.rules.kinds import Kind, Rule, loaded, read, require_fit, said, stored, typed
from portal.rules.models import RuleValue
from portal.rules.queries import coming, holding, values_of
from portal.trail.details import in_full
from tests import factories
from tests import harm as harmed
from tests.pages import statements
from tests.volunteers import MONDAY, Cast, at_once, claimed, published

Tables = scoped_session[Session]
TODAY = MONDAY.date()
WHY = "管委会 11 月 16 日决议"


@pytest.fixture
def admin(session: Tables) -> Person:
    with clock.frozen(MONDAY):
        return factories.person("秦长风")


def set_to(rule: Rule[Any], value: Any, by: Person, *, on: date = TODAY, seen: int | None = None) -> RuleValue:
    known = len(values_of(rule)) if seen is None else seen
    set_ = set_value(rule, value, applies_from=on, reason=WHY, seen=known, by=by, at=MONDAY)
    db.session.commit()
    return set_


# ── the catalogue ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_each_rule_has_words_a_source_and_a_default_that_it_takes(rule: Rule[Any]) -> None:
    require_fit(rule, rule.default)
    assert all(str(words) for words in (rule.words, rule.source, rule.hint, rule.group.label))
    assert said(rule, rule.default)
    assert read(rule, typed(rule, rule.default)) == rule.default
    assert loaded(rule, stored(rule.default)) == rule.default


def test_what_is_said_to_be_used_is_used_and_nothing_else() -> None:
    code = resources().templates.parent / "portal"
    names = {name: rule for name, rule in vars(catalogue).items() if isinstance(rule, Rule)}
    used = {name for file in code.rglob("*.py") if file.parent.name != "rules" for name in _names(file)}
    assert {name for name, rule in names.items() if rule.is_used} == {
        name for name, rule in names.items() if used & {name, rule.key}
    }


def _names(file: Path) -> set[str]:
    """What a file names, by the rule's own name or by its key."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    keys = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return keys | {node.id for node in nodes if isinstance(node, ast.Name)}


@pytest.mark.parametrize(
    ("rule", "text_", "value"),
    [
        (UNDO_MINUTES, " ２０ ", 20),
        (UNDO_MINUTES, "0", 0),
        (STAR_HOURS, "50、100，200, 400 800", (50, 100, 200, 400, 800)),
        (APPROVAL_FEN, "3000、¥20000.50", (300_000, 2_000_050)),
        (GIVING_LINK, "never", "never"),
        (catalogue.SPENT_PERCENT, "75%", 75),
    ],
)
def test_a_value_is_read_as_people_write_it(rule: Rule[Any], text_: str, value: Any) -> None:
    assert read(rule, text_) == value


@pytest.mark.parametrize(
    ("rule", "nonsense"),
    [
        *(
            (UNDO_MINUTES, text_)
            for text_ in ("", "-1", "1441", "1.5", "十五", "1e3", "9" * 400, "٣", "0x10", "15\x00")
        ),
        *((STAR_HOURS, text_) for text_ in ("", "100", "100、300、600、1000", "1、2、3、4、5、6", "5、4、3、2、1")),
        *((STAR_HOURS, text_) for text_ in ("100、100、300、600、1000", "0、1、2、3、4", "a、b、c、d、e")),
        *((APPROVAL_FEN, text_) for text_ in ("5000", "0、1", "1、-5", "1.001、2", "1、" + "9" * 30)),
        *((GIVING_LINK, text_) for text_ in ("", "always", "filed\u202e", "Never")),
        *((COUNCIL_LEAST, text_) for text_ in ("4", "1", "33")),
        (catalogue.ADMINISTRATION_PERCENT, "11"),
        (catalogue.RECORD_DAYS, "11"),
    ],
)
def test_nonsense_and_what_the_law_forbids_get_a_sentence_beside_the_field(rule: Rule[Any], nonsense: str) -> None:
    with pytest.raises(DomainError) as problem:
        read(rule, nonsense)
    assert problem.value.field == "value"


# ── what holds ──────────────────────────────────────────────────────────────────────────────────────
def test_a_rule_says_its_default_until_it_is_set_and_the_new_value_from_its_day_on(admin: Person) -> None:
    set_to(UNDO_MINUTES, 30, admin, on=TODAY + timedelta(days=3))
    said_on = [rules.value(UNDO_MINUTES, on=TODAY + timedelta(days=days)) for days in (-400, 0, 2, 3, 4000)]
    assert said_on == [15, 15, 15, 30, 30]


def test_what_is_planned_is_taken_back_by_setting_again_from_an_earlier_day(admin: Person) -> None:
    set_to(UNDO_MINUTES, 30, admin, on=TODAY + timedelta(days=3))
    set_to(UNDO_MINUTES, 15, admin, on=TODAY + timedelta(days=1))
    assert {rules.value(UNDO_MINUTES, on=TODAY + timedelta(days=days)) for days in range(9)} == {15}
    values = values_of(UNDO_MINUTES)
    assert [one.value for one in coming(values, TODAY)] == [15]
    assert holding(values, TODAY) is None


def test_two_plans_follow_each_other(admin: Person) -> None:
    for days, minutes in ((3, 30), (6, 60)):
        set_to(UNDO_MINUTES, minutes, admin, on=TODAY + timedelta(days=days))
    assert [rules.value(UNDO_MINUTES, on=TODAY + timedelta(days=days)) for days in (2, 3, 5, 6)] == [15, 30, 30, 60]
    assert [one.value for one in coming(values_of(UNDO_MINUTES), TODAY)] == [30, 60]


@given(plans=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5)), max_size=8))
def test_days_that_are_past_never_change_and_the_last_word_counts(plans: list[tuple[int, int]]) -> None:
    values: list[RuleValue] = []
    for set_on, (ahead, minutes) in enumerate(plans):
        day = TODAY + timedelta(days=set_on)
        before = [_held(values, TODAY + timedelta(days=n)) for n in range(set_on)]
        values.append(RuleValue(value=minutes, applies_from=day + timedelta(days=ahead)))
        assert [_held(values, TODAY + timedelta(days=n)) for n in range(set_on)] == before
        assert _held(values, date(2099, 1, 1)) == minutes
        told = {one.applies_from: one.value for one in coming(values, day)}
        assert all(_held(values, on) == value for on, value in told.items())


def _held(values: list[RuleValue], on: date) -> Any:
    held = holding(values, on)
    return held.value if held else None


# ── setting ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"applies_from": TODAY - timedelta(days=1)}, "applies_from"),
        ({"applies_from": date(2050, 1, 1)}, "applies_from"),
        ({"reason": "因为"}, "reason"),
        ({"reason": "    \n     "}, "reason"),
        ({"reason": "长" * 301}, "reason"),
        ({"value": 15}, "value"),
        ({"value": 1441}, "value"),
        ({"value": True}, "value"),
        ({"seen": 1}, None),
        ({"seen": -1}, None),
    ],
)
def test_a_change_that_may_not_be_leaves_nothing(admin: Person, change: dict[str, Any], field: str | None) -> None:
    told: dict[str, Any] = {"value": 20, "applies_from": TODAY, "reason": WHY, "seen": 0, **change}
    with pytest.raises(DomainError) as problem:
        set_value(UNDO_MINUTES, told.pop("value"), **told, by=admin, at=MONDAY)
    assert problem.value.field == field
    assert values_of(UNDO_MINUTES) == []


def test_a_change_leaves_a_line_that_says_what_was_and_what_is(admin: Person, session: Tables) -> None:
    set_to(STAR_HOURS, (50, 100, 200, 400, 800), admin)
    line = session.query(AuditLine).filter_by(action="rules.value.set").one()
    assert (line.actor_name, line.detail["rule"]) == ("秦长风", "hours.star_hours")
    assert in_full(line.detail) == (
        "规则：星级的时长；原来：100、300、600、1,000、1,500 小时；"
        f"现在：50、100、200、400、800 小时；从哪天起：2026-11-16；原因：{WHY}"
    )


def test_of_two_who_set_at_once_one_is_told(app: Flask, admin: Person) -> None:
    db.session.commit()
    admin_id = admin.id

    def change(minutes: int) -> str:
        with app.app_context():
            by = db.session.get_one(Person, admin_id)
            try:
                set_value(UNDO_MINUTES, minutes, applies_from=TODAY, reason=WHY, seen=0, by=by, at=MONDAY)
                db.session.commit()
            except ChangedMeanwhile:
                db.session.rollback()
                return "told"
            return "set"

    assert sorted(at_once(app, [lambda: change(20), lambda: change(30)])) == ["set", "told"]
    assert len(values_of(UNDO_MINUTES)) == 1


# ── the database keeps it ───────────────────────────────────────────────────────────────────────────
FORGED = {"set_by_name": "x", "set_at": MONDAY, "applies_from": date(2020, 1, 1), "reason": "改一改历史"}


@pytest.mark.parametrize(
    "harm",
    [
        lambda: update(RuleValue).values(value=999),
        lambda: update(RuleValue).values(applies_from=date(2020, 1, 1)),
        lambda: delete(RuleValue),
        lambda: insert(RuleValue).values(rule="hours.undo_minutes", seq=1, value=9, set_by_id=1, **FORGED),
    ],
)
def test_the_database_refuses_to_change_what_was_set(admin: Person, session: Tables, harm: Any) -> None:
    set_to(UNDO_MINUTES, 20, admin)
    with pytest.raises(DBAPIError):
        session.execute(harm())
    session.rollback()
    assert [one.value for one in values_of(UNDO_MINUTES)] == [20]


@pytest.mark.parametrize(
    ("harm", "said_"),
    [
        ("SET applies_from = '2020-01-01'", "applies from 2020-01-01"),
        ("SET value = '9999'", "hours.undo_minutes 1"),
        ("SET value = '\"often\"'", "hours.undo_minutes 1"),
        ("SET rule = 'hours.no_such'", "no such rule"),
    ],
)
def test_without_the_guard_history_can_be_rewritten_and_the_check_finds_it(
    admin: Person, harm: str, said_: str
) -> None:
    set_to(UNDO_MINUTES, 20, admin)
    with harmed.done("rules_value", f"UPDATE rules_value {harm}"):
        assert [said_ in sentence for sentence in harmed.found("rules.")] == [True]
    assert harmed.found("rules.") == []


# ── memory ──────────────────────────────────────────────────────────────────────────────────────────
def test_asking_takes_no_statement_once_the_rules_are_known(app: Flask, admin: Person) -> None:
    set_to(UNDO_MINUTES, 20, admin)
    rules.value(UNDO_MINUTES, on=TODAY)
    with statements(app) as seen:
        for _ in range(100):
            assert rules.value(UNDO_MINUTES, on=TODAY) == 20
    assert seen == []


def test_another_process_sees_a_change_at_its_next_request(app: Flask, admin: Person) -> None:
    """Each thread here asks with a session of its own; the second application has a memory of its own."""
    assert rules.value(UNDO_MINUTES, on=TODAY) == 15
    set_to(UNDO_MINUTES, 20, admin)
    found = []

    def ask() -> None:
        with app.app_context():
            found.append(rules.value(UNDO_MINUTES, on=TODAY))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [20]


def test_one_deed_lives_by_one_set_of_rules(app: Flask, admin: Person, session: Tables) -> None:
    """Even when somebody changes a rule in the middle of it."""
    session.execute(text("SELECT 1"))
    assert rules.value(UNDO_MINUTES, on=TODAY) == 15
    app.extensions["portal_rules"] = (-1, {})
    assert rules.value(UNDO_MINUTES, on=TODAY) == 15
    session.commit()
    assert rules.value(UNDO_MINUTES, on=TODAY) == 15


def test_what_was_not_committed_is_known_to_nobody(admin: Person, session: Tables) -> None:
    set_value(UNDO_MINUTES, 20, applies_from=TODAY, reason=WHY, seen=0, by=admin, at=MONDAY)
    session.rollback()
    assert rules.value(UNDO_MINUTES, on=TODAY) == 15


def test_without_a_public_version_the_rules_are_read_each_time(app: Flask, admin: Person, session: Tables) -> None:
    set_to(UNDO_MINUTES, 20, admin)
    session.execute(text("DELETE FROM public_version"))
    session.commit()
    assert app.extensions["portal_versions"].now() is None
    assert rules.value(UNDO_MINUTES, on=TODAY) == 20


# ── code lives by them ──────────────────────────────────────────────────────────────────────────────
def test_stars_are_as_far_as_the_rule_says(app: Flask, admin: Person) -> None:
    set_to(STAR_HOURS, (10, 20, 30, 40, 50), admin)
    with clock.frozen(MONDAY), app.test_request_context():
        assert [str(stop.title) for stop in way_to_stars(25 * 60)] == ["一星", "二星", "您在这里", "三星"]


def test_a_decision_is_taken_back_for_as_long_as_the_rule_says(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast))
    set_to(UNDO_MINUTES, 60, cast.supervisor)
    approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    undo_decision(claim, seen=1, by=cast.lead, at=MONDAY + timedelta(minutes=59))
    approve_claim(claim, seen=2, by=cast.lead, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        undo_decision(claim, seen=3, by=cast.lead, at=MONDAY + timedelta(minutes=61))


def test_a_kind_that_is_a_list_is_stored_as_one() -> None:
    assert [kind for kind in Kind if kind.is_list] == [Kind.HOURS, Kind.AMOUNTS]
