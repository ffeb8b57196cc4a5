"""What activities hold of a person."""

from portal.holdings import Group, holds
from portal.words import _l

holds(
    "activities_activity",
    _l("活动"),
    Group.WORK,
    deeds=("drafted_by_id", "submitted_by_id", "decided_by_id"),
    why=_l("活动由谁办、谁同意，要查得清"),
)
