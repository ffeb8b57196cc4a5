"""The bulk form of an activity's way from draft to publication, and to its end: the same rows as step by step.

One audit line stands for a whole batch, instead of one for each step of each activity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.activities.actions import Plan, check_over, check_plan, columns_of, refuse_own
from portal.activities.models import Activity, Status
from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many
from portal.problems import DomainError


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An activity and who moved it when: drafted and submitted by one person, published by another, perhaps closed."""

    team_id: int
    plan: Plan
    drafted_by: Actor
    drafted_at: datetime
    submitted_at: datetime
    decided_by: Actor
    decided_at: datetime
    closed_at: datetime | None = None


def publish_many(ways: Sequence[Way], *, by: Actor | None, at: datetime) -> list[int]:
    """Write activities as they stand at the end of their ways; gives their ids, ascending.

    Raises DomainError for the first with wrong times, published by who drafted it, or closed before its end.
    """
    rows = list(_rows(ways))
    if not rows:
        return []
    ids = sorted(row.id for row in insert_many(Activity, rows, returning=(Activity.id,)))
    closed = sum(way.closed_at is not None for way in ways)
    teams = sorted({way.team_id for way in ways})
    scope = {"first": ids[0], "last": ids[-1], "teams": teams}
    record("activities.activities.published", None, by=by, at=at, count=len(ids), closed=closed, **scope)
    return ids


def _rows(ways: Sequence[Way]) -> Iterator[dict[str, Any]]:
    for row, way in enumerate(ways, 1):
        try:
            check_plan(way.plan, at=way.drafted_at)
            refuse_own(way.drafted_by.id, by=way.decided_by)
            if way.closed_at is not None:
                check_over(way.plan.ends_at, at=way.closed_at)
        except DomainError as problem:
            raise in_row(row, problem) from problem
        yield _row(way)


def _row(way: Way) -> dict[str, Any]:
    # Each step counts one: submitted, published, closed.
    status, seq = (Status.PUBLISHED, 2) if way.closed_at is None else (Status.CLOSED, 3)
    return columns_of(way.plan) | {
        "team_id": way.team_id,
        "status": status.value,
        "seq": seq,
        "drafted_by_id": way.drafted_by.id,
        "drafted_at": way.drafted_at,
        "submitted_by_id": way.drafted_by.id,
        "submitted_at": way.submitted_at,
        "decided_by_id": way.decided_by.id,
        "decided_at": way.decided_at,
        "closed_at": way.closed_at,
    }
