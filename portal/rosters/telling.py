"""What people are told of rosters: the importer that hers is in, and whoever was found in another organisation."""

from datetime import datetime

from portal.notices import Way, kind, tell
from portal.people.models import Role
from portal.rosters.models import Roster
from portal.words import _l

ROSTER_BOOKED = kind(
    "rosters.booked",
    words=_l("名册登记完毕"),
    detail=_l("您导入的志愿者名册登记完了，共 %(rows)s 行。"),
    roles=(Role.WORKER, Role.ORGANISATION_ADMIN),
)
ADDED_TO_TEAM = kind(
    "rosters.added_to_team",
    words=_l("被加进服务队"),
    detail=_l("%(name)s按名册把您加进了「%(team)s」。不是您的意思，请告诉队长或社工。"),
    mail=Way.NOW,
)


def tell_booked(roster: Roster, *, at: datetime) -> None:
    """The roster is in."""
    tell([roster.brought_by_id], ROSTER_BOOKED, at=at, url=f"/rosters/{roster.id}", rows=roster.rows)
