"""Activities on their whole way at once: the same rows as step by step."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal.activities.actions import close_activity, draft_activity, publish_activity, submit_activity
from portal.activities.bulk_actions import Way, publish_many
from portal.activities.models import Activity
from portal.db import db
from portal.orgs.models import Team
from portal.problems import DomainError
from tests.bulk import same_rows
from tests.volunteers import MONDAY, SUNDAY, Cast, lines, plan

DRAFTED = SUNDAY - timedelta(days=10)


def ways(cast: Cast) -> list[Way]:
    first = Way(
        team_id=cast.team.id,
        plan=plan(),
        drafted_by=cast.leader,
        drafted_at=DRAFTED,
        submitted_at=DRAFTED + timedelta(hours=1),
        decided_by=cast.lead,
        decided_at=DRAFTED + timedelta(days=1),
        closed_at=MONDAY,
    )
    ahead = plan("巡河", starts_at=SUNDAY + timedelta(days=7))
    return [first, replace(first, plan=ahead, decided_by=cast.reviewer, closed_at=None)]


def test_many_activities_go_their_way_as_step_by_step(cast: Cast) -> None:
    def single() -> None:
        for way in ways(cast):
            team = db.session.get_one(Team, way.team_id)
            activity = draft_activity(team, way.plan, by=way.drafted_by, at=way.drafted_at)
            submit_activity(activity, seen=0, by=way.drafted_by, at=way.submitted_at)
            publish_activity(activity, seen=1, by=way.decided_by, at=way.decided_at)
            if way.closed_at:
                close_activity(activity, seen=2, by=way.drafted_by, at=way.closed_at)

    def bulk() -> None:
        publish_many(ways(cast), by=None, at=MONDAY)

    same_rows(single, bulk, Activity)


def test_one_audit_line_stands_for_a_batch(cast: Cast) -> None:
    ids = publish_many(ways(cast), by=None, at=MONDAY)
    db.session.flush()
    assert ids == sorted(db.session.scalars(select(Activity.id)))
    assert lines("activities.activities.published") == 1


def wrong_ways(cast: Cast) -> Iterator[tuple[Way, str]]:
    good = ways(cast)[0]
    yield replace(good, plan=replace(good.plan, ends_at=good.plan.starts_at)), "结束要晚于开始"
    yield replace(good, drafted_at=SUNDAY + timedelta(days=100)), "最多往前 90 天"
    yield replace(good, decided_by=cast.leader), "要由别人审核"
    yield replace(good, closed_at=SUNDAY), "还没有结束"


def test_one_wrong_way_is_named_and_nothing_is_published(cast: Cast) -> None:
    for wrong, sentence in wrong_ways(cast):
        with pytest.raises(DomainError, match=rf"^第 3 条：.*{sentence}"):
            publish_many([*ways(cast), wrong], by=None, at=MONDAY)
    assert publish_many([], by=None, at=MONDAY) == []
    assert db.session.scalar(select(func.count(Activity.id))) == 0
