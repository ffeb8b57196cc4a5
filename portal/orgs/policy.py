from portal.orgs.models import Team
from portal.orgs.queries import is_member
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds

RUNS_TEAMS = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN, Role.REVIEWER)


def can_see_team(person: Person, team: Team) -> bool:
    """Its members, whoever runs it or its organisation, community workers, and those who read everything."""
    return holds(person, *RUNS_TEAMS, Role.WORKER, *READS_ALL, on=team.scopes) or is_member(person, team)


def can_see_names(person: Person, team: Team) -> bool:
    """Whoever runs the team or its organisation knows its people by name; others see them masked."""
    return holds(person, *RUNS_TEAMS, on=team.scopes)
