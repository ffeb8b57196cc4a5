"""Organisations as data; Chinese whatever the reader's language."""

from datetime import date
from typing import Any

from portal.activities.queries import Coming
from portal.orgs.models import KIND_NAMES
from portal.transparency.queries import Facts, History, ListLine, Project
from portal.web.exports import Cell


def line_cells(line: ListLine) -> tuple[Cell, ...]:
    unit = "是" if line.is_unit else "否"
    return line.name, KIND_NAMES[line.what].text, line.teams, unit, f"/organisations/{line.slug}"


def line_object(line: ListLine) -> dict[str, Any]:
    return {
        "slug": line.slug,
        "name": line.name,
        "kind": line.kind,
        "teams": line.teams,
        "is_member_unit": line.is_unit,
    }


def about_organisation(
    *, facts: Facts, coming: list[Coming], projects: list[Project], history: History, today: date, **_: Any
) -> dict[str, Any]:
    """Everything but the teams. Minutes are approved hours."""
    told = {name: getattr(facts, name) for name in Facts._fields if name not in ("id", "merged_into", "logo")}
    told["member_unit_since"] = told.pop("joined_on")
    term = history.term
    return {
        **told,
        "as_of": today,
        "stages": [{"stage": stage.value, "on": day} for stage, day in history.stages],
        "party": [{"coverage": how.value, "kind": what.value, "name": name} for how, what, name in history.branches],
        "term": {"number": term[0], "starts_on": term[1], "ends_on": term[2]} if term else None,
        "projects": [{"name": one.name, "times": one.times} for one in projects],
        "coming": [{"id": one.id, "name": one.name, "starts_at": one.starts_at, "team": one.team} for one in coming],
    }
