"""What comes next, on a team's page."""

from datetime import datetime

from sqlalchemy import bindparam, select

from portal.activities.models import Activity, Status
from portal.activities.queries import Coming
from portal.db import rows
from portal.orgs.models import Team
from portal.teams.parts import on_team_page

NEXT = 3

_COMING = (
    select(Activity.id, Activity.name, Activity.place, Activity.starts_at, Activity.ends_at)
    .where(
        Activity.team_id == bindparam("team"),
        Activity.status == Status.PUBLISHED.value,
        Activity.ends_at > bindparam("at"),
    )
    .order_by(Activity.starts_at, Activity.id)
    .limit(NEXT)
)


@on_team_page("upcoming")
def upcoming_of(team: Team, at: datetime) -> list[Coming]:
    """The next published activities of the team that are not over, the nearest first."""
    found = rows(_COMING, {"team": team.id, "at": at})
    return [Coming(one.id, one.name, one.place, one.starts_at, one.ends_at, team.name) for one in found]
