"""How much a team has served this year, on its page."""

from datetime import datetime

from sqlalchemy import bindparam, func, select

from portal.db import rows
from portal.hours.models import Claim, Status
from portal.orgs.models import Team
from portal.teams.parts import on_team_page

_SERVED = select(func.coalesce(func.sum(Claim.minutes), 0)).where(
    Claim.team_id == bindparam("team"), Claim.status == Status.APPROVED.value, Claim.served_on >= bindparam("from")
)


@on_team_page("minutes")
def minutes_of(team: Team, at: datetime) -> int:
    """Approved service of this calendar year, in minutes."""
    since = at.date().replace(month=1, day=1)
    return int(rows(_SERVED, {"team": team.id, "from": since}).scalar_one())
