"""What the routes of teams share: whose team it is, and what its pages show."""

from typing import Any

from flask import request, url_for

from portal import clock
from portal.accounts.session import me
from portal.orgs.models import Team
from portal.orgs.policy import can_see_names, can_see_team
from portal.orgs.queries import team_by_slug
from portal.people.models import Person
from portal.people.queries import people_called
from portal.problems import DomainError
from portal.teams import policy
from portal.teams.parts import parts_of
from portal.teams.queries import card_of, count_waiting, leaders_of, list_members, membership_of
from portal.web.access import found, require
from portal.web.libs import _l
from portal.web.tables import read_listing


def seen_team(slug: str) -> Team:
    """The team, or 404 for whoever has nothing to do with it."""
    team = found(team_by_slug(slug))
    return found(team if can_see_team(me(), team) else None)


def my_team(slug: str) -> Team:
    """A team that I run."""
    team = seen_team(slug)
    require(policy.can_run(me(), team))
    return team


def team_page(team: Team) -> dict[str, Any]:
    """All that the team's page shows."""
    sees_names = can_see_names(me(), team)
    listing = read_listing(
        request.args, path=url_for("teams.team", slug=team.slug), sorts=("number", "name", "joined"), piece="members"
    )
    if not sees_names and listing.sort.endswith("name"):
        # The order of names says more of them than their masks.
        listing = read_listing({}, path=listing.path, sorts=("number",), piece="members")
    listing, members = list_members(team, listing, by_name=sees_names)
    leaders, runs = leaders_of(team), policy.can_run(me(), team)
    return {
        "team": team,
        "card": card_of(team),
        "listing": listing,
        "members": members,
        "leaders": leaders,
        "leads": {one.person_id: one for one in leaders},
        "parts": parts_of(team, at=clock.now()),
        "sees_names": sees_names,
        "runs": runs,
        "waiting": count_waiting(team) if runs else 0,
        "is_mine": membership_of(me().id, team.id) is not None,
        "me": me(),
    }


def manage_page(team: Team) -> dict[str, Any]:
    """The forms of those who run the team."""
    leaders = leaders_of(team)
    return {
        "team": team,
        "card": card_of(team),
        "leaders": leaders,
        "may_close": policy.can_close(me(), team),
        "may_name": can_name_deputy(team),
    }


def can_name_deputy(team: Team) -> bool:
    """The organisation's admin, or a leader who is no deputy herself."""
    deputies = {one.grant_id for one in leaders_of(team) if one.is_deputy}
    own = policy.own_leaderships(me(), team)
    return policy.can_close(me(), team) or any(one.id not in deputies for one in own)


def volunteer_called(number: str, name: str) -> Person:
    """The volunteer with this number and name. Raises DomainError: the same whichever of the two is wrong."""
    wanted = number.strip().upper()
    fits = (one for one in people_called(number) if one.volunteer_no == wanted and one.name == name.strip())
    person = next(fits, None)
    if person is None:
        raise DomainError(_l("没有找到：请核对志愿者编号和姓名，两个都要对。"), field="number")
    return person
