from datetime import date
from typing import Any

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.administration import policy
from portal.administration.forms import RuleForm
from portal.administration.pages import file_rows, history, line_of, rule_lines
from portal.problems import ChangedMeanwhile, DomainError
from portal.rules.actions import set_value
from portal.rules.kinds import Rule, read
from portal.rules.queries import every_value, rule_called, values_of
from portal.web.access import found, require
from portal.web.exports import csv_file
from portal.web.libs import _
from portal.web.pages import done, page, refused
from portal.words import SOURCE, spoken

bp = Blueprint("administration", __name__)

HEAD = ("规则", "名称", "规定", "从哪天起", "依据", "谁定的", "什么时候", "为什么")


@bp.get("/settings")
def index() -> Response:
    """Every rule: what it says today, since when, by what right, and what comes next."""
    require(policy.can_see_rules(me()))
    return page("administration/index.html", groups=rule_lines(clock.today()))


@bp.get("/settings.csv")
def export() -> Response:
    """The same with its whole history, for the record: Chinese whatever the reader's language."""
    require(policy.can_see_rules(me()))
    with spoken(SOURCE):
        return csv_file("settings", HEAD, list(file_rows(every_value())))


@bp.get("/settings/<rule>")
def show(rule: str) -> Response:
    """One rule and its history."""
    require(policy.can_see_rules(me()))
    return page("administration/show.html", can_set=policy.can_set_rules(me()), **_rule_page(_rule(rule)))


@bp.get("/settings/<rule>/change")
def change(rule: str) -> Response:
    require(policy.can_set_rules(me()))
    return _form(_rule(rule))


@bp.post("/settings/<rule>/change")
def set_rule(rule: str) -> Response:
    require(policy.can_set_rules(me()))
    return _set(_rule(rule))


@freshly
def _form(rule: Rule[Any]) -> Response:
    values, today = values_of(rule), clock.today()
    line = line_of(rule, values, today)
    form = RuleForm.of(rule, line.now, seen=len(values), today=today)
    return page("administration/change.html", form=form, line=line)


@freshly
def _set(rule: Rule[Any]) -> Response:
    form = RuleForm.for_rule(rule)
    if not form.validate():
        return _refused(rule, form)
    day: date = form.applies_from.data  # type: ignore[assignment] # the form insists on it
    reason, seen = form.reason.data or "", form.seen_count
    try:
        value = read(rule, form.value.data or "")
        set_value(rule, value, applies_from=day, reason=reason, seen=seen, by=me(), at=clock.now())
    except DomainError as problem:
        return _refused(rule, form, problem)
    said = _("记下了，从 %(day)s 起照新的办。", day=day.isoformat())
    return done(go=url_for(".show", rule=rule.key), say=said)


def _refused(rule: Rule[Any], form: RuleForm, problem: DomainError | None = None) -> Response:
    values = values_of(rule)
    if isinstance(problem, ChangedMeanwhile):
        # The page now shows what somebody else has set: whoever sends the form again knows of it.
        form.seen.data = str(len(values))
    return refused("administration/change.html", form, problem, line=line_of(rule, values, clock.today()))


def _rule(key: str) -> Rule[Any]:
    return found(rule_called(key))


def _rule_page(rule: Rule[Any]) -> dict[str, Any]:
    values, today = values_of(rule), clock.today()
    return {"line": line_of(rule, values, today), "history": history(rule, values, today)}
