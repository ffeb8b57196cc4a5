"""What becomes of an activity is told to whoever drafted or submitted it."""

from datetime import datetime
from typing import Any

from portal.activities.models import Activity
from portal.activities.policy import DRAFTS
from portal.actor import Actor
from portal.notices import Kind, Way, kind, tell
from portal.words import _l

PUBLISHED = kind(
    "activities.published",
    words=_l("活动发布"),
    detail=_l("「%(activity)s」发布了，大家都看得到。"),
    roles=DRAFTS,
)
RETURNED = kind(
    "activities.returned",
    words=_l("活动退回"),
    detail=_l("「%(activity)s」被退回：%(reason)s"),
    mail=Way.NOW,
    roles=DRAFTS,
)


def tell_of(activity: Activity, what: Kind, *, by: Actor, at: datetime, **values: Any) -> None:
    """Tell its authors, but not whoever did it. What came back leads to where it is mended."""
    authors = {activity.drafted_by_id, activity.submitted_by_id} - {None, by.id}
    people = sorted(person_id for person_id in authors if person_id is not None)
    url = f"/activities/{activity.id}" if activity.is_public else f"/activities/{activity.id}/review"
    tell(people, what, at=at, url=url, activity=activity.name, **values)
