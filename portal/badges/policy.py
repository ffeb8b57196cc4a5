from portal.orgs.models import Team
from portal.people.models import Person, Role
from portal.people.policy import holds, holds_anywhere

HANDS_OUT = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN)


def can_hand_out(person: Person, team: Team) -> bool:
    """Cards and PINs for its members, one's own device for their visits: its leader, its organisation's admin."""
    return holds(person, *HANDS_OUT, on=team.scopes)


def can_hand_out_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *HANDS_OUT)
