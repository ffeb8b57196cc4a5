from flask import Blueprint, Response

from portal.accounts.session import me
from portal.orgs.policy import can_see_names, can_see_team
from portal.orgs.queries import members_of, team_by_slug
from portal.web.access import found
from portal.web.pages import page

bp = Blueprint("orgs", __name__)


@bp.get("/teams/<slug>")
def team(slug: str) -> Response:
    team = found(team_by_slug(slug))
    found(team if can_see_team(me(), team) else None)
    return page("orgs/team.html", team=team, members=members_of(team), me=me(), sees_names=can_see_names(me(), team))
