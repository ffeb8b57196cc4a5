from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from portal import rules
from portal.activities.models import OPEN_TO_CHANGE, Activity, Status
from portal.activities.telling import PUBLISHED, RETURNED, tell_of
from portal.actor import Actor
from portal.audit import changes, record
from portal.clock import in_china
from portal.db import DETACHED, db
from portal.orgs.models import Team
from portal.orgs.registering import require_open as require_open_house
from portal.problems import ChangedMeanwhile, DomainError
from portal.rules.catalogue import AHEAD_DAYS, BACK_DAYS
from portal.teams.admitting import require_open
from portal.words import _l

LONGEST = timedelta(hours=24)


@dataclass(frozen=True)
class Plan:
    """What a leader writes about an activity. Times are Haining's."""

    name: str
    place: str
    content: str
    starts_at: datetime
    ends_at: datetime


def draft_activity(team: Team, plan: Plan, *, by: Actor, at: datetime) -> Activity:
    """Write an activity down; nobody but the team's leaders sees it yet. Raises DomainError (times), TeamClosed."""
    check_plan(plan, at=at)
    require_open(team)
    require_open_house(team.organisation)
    activity = Activity(team=team, drafted_by_id=by.id, drafted_at=at, **columns_of(plan))
    db.session.add(activity)
    db.session.flush()
    record("activities.activity.drafted", activity, by=by, at=at, **columns_of(plan))
    return activity


def edit_activity(activity: Activity, plan: Plan, *, seen: int, by: Actor, at: datetime) -> None:
    """Write it anew while it is a draft or was returned. Raises DomainError (times), ChangedMeanwhile."""
    check_plan(plan, at=at)
    after = columns_of(plan)
    before = {name: getattr(activity, name) for name in after}
    _change(activity, seen, OPEN_TO_CHANGE, **after)
    record("activities.activity.edited", activity, by=by, at=at, **changes(before, after))


def submit_activity(activity: Activity, *, seen: int, by: Actor, at: datetime) -> None:
    """Hand it to the organisation's reviewers. Raises ChangedMeanwhile."""
    _change(
        activity,
        seen,
        OPEN_TO_CHANGE,
        status=Status.WAITING.value,
        submitted_by_id=by.id,
        submitted_at=at,
        decided_by_id=None,
        decided_at=None,
    )
    record("activities.activity.submitted", activity, by=by, at=at)


def publish_activity(activity: Activity, *, seen: int, by: Actor, at: datetime) -> None:
    """Show it to everybody. Raises DomainError (one's own), ChangedMeanwhile."""
    refuse_own(activity.drafted_by_id, activity.submitted_by_id, by=by)
    require_open_house(activity.team.organisation)
    decided = {"decided_by_id": by.id, "decided_at": at, "return_reason": None}
    _change(activity, seen, (Status.WAITING,), status=Status.PUBLISHED.value, **decided)
    record("activities.activity.published", activity, by=by, at=at)
    tell_of(activity, PUBLISHED, by=by, at=at)


def return_activity(activity: Activity, reason: str, *, seen: int, by: Actor, at: datetime) -> None:
    """Give it back to its leader with a reason. Raises DomainError (one's own, no reason), ChangedMeanwhile."""
    refuse_own(activity.drafted_by_id, activity.submitted_by_id, by=by)
    if not reason.strip():
        raise DomainError(_l("请写明退回的原因，队长会看到。"), field="reason")
    decided = {"decided_by_id": by.id, "decided_at": at, "return_reason": reason}
    _change(activity, seen, (Status.WAITING,), status=Status.RETURNED.value, **decided)
    record("activities.activity.returned", activity, by=by, at=at, reason=reason)
    tell_of(activity, RETURNED, by=by, at=at, reason=reason.strip())


def close_activity(activity: Activity, *, seen: int, by: Actor, at: datetime) -> None:
    """Say that it took place and is over. Raises DomainError (too early), ChangedMeanwhile."""
    check_over(activity.ends_at, at=at)
    _change(activity, seen, (Status.PUBLISHED,), status=Status.CLOSED.value, closed_at=at)
    record("activities.activity.closed", activity, by=by, at=at)


def _change(activity: Activity, seen: int, sources: tuple[Status, ...], **values: Any) -> None:
    """One conditional UPDATE: of two people who act on the same state, the second finds it changed."""
    changed = db.session.execute(
        update(Activity)
        .where(Activity.id == activity.id, Activity.seq == seen, Activity.status.in_([s.value for s in sources]))
        .values(seq=Activity.seq + 1, **values)
        .returning(Activity.id),
        execution_options=DETACHED,
    ).scalar_one_or_none()
    db.session.refresh(activity)
    if changed is None:
        raise ChangedMeanwhile(
            _l(
                "「%(name)s」刚刚有了变化，现在是「%(status)s」。请看过以后再处理。",
                name=activity.name,
                status=activity.state.label,
            )
        )


def refuse_own(*wrote: int | None, by: Actor) -> None:
    """Nobody decides on what they drafted or submitted: `wrote` are the ids of who did. Raises DomainError."""
    if by.id in wrote:
        raise DomainError(_l("自己起草或提交的活动，要由别人审核。"))


def check_over(ends_at: datetime, *, at: datetime) -> None:
    """Only what is over is closed. Raises DomainError."""
    if ends_at > at:
        raise DomainError(_l("活动还没有结束，不能现在就办结。"))


def check_plan(plan: Plan, *, at: datetime) -> None:
    """Whether it may be written down like this. Raises DomainError (times)."""
    if plan.ends_at <= plan.starts_at:
        raise DomainError(_l("结束要晚于开始；第二天才结束的，请填结束日期。"), field="end")
    if plan.ends_at - plan.starts_at > LONGEST:
        raise DomainError(_l("一次活动最长 24 小时，更长的请分成几次。"), field="end")
    ahead, back = rules.value(AHEAD_DAYS, on=at.date()), rules.value(BACK_DAYS, on=at.date())
    if plan.starts_at > at + timedelta(days=ahead):
        raise DomainError(_l("日期太远了，最多提前 %(days)d 天。", days=ahead), field="day")
    if plan.starts_at < at - timedelta(days=back):
        raise DomainError(_l("日期太早了，补登最多往前 %(days)d 天。", days=back), field="day")


def columns_of(plan: Plan) -> dict[str, Any]:
    """The plan as the activity's columns."""
    return {
        "name": plan.name,
        "place": plan.place,
        "content": plan.content,
        "starts_at": in_china(plan.starts_at),
        "ends_at": in_china(plan.ends_at),
    }
