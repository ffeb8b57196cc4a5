from portal.orgs.models import Team
from portal.orgs.queries import is_member
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds


def can_see_team(person: Person, team: Team) -> bool:
    """Its members, whoever runs it or its organisation, and those who read everything."""
    runs = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN, Role.REVIEWER, Role.WORKER, *READS_ALL)
    return holds(person, *runs, on=team.scopes) or is_member(person, team)
