from portal.orgs.models import Organisation, Team
from portal.orgs.queries import is_member
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds, holds_anywhere

RUNS_TEAMS = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN, Role.REVIEWER)


def can_see_team(person: Person, team: Team) -> bool:
    """Its members, whoever runs it or its organisation, community workers, and those who read everything."""
    return holds(person, *RUNS_TEAMS, Role.WORKER, *READS_ALL, on=team.scopes) or is_member(person, team)


def can_see_names(person: Person, team: Team) -> bool:
    """Whoever runs the team or its organisation knows its people by name; others see them masked."""
    return holds(person, *RUNS_TEAMS, on=team.scopes)


# ── the registry of organisations ───────────────────────────────────────────────────────────────────
STAFF = (Role.WORKER, Role.ADMIN)
"""Who keeps the registry for the whole alliance."""


def can_keep_registry(person: Person) -> bool:
    """Register organisations, change what they are, merge and close them, keep the roll of member units."""
    return holds(person, *STAFF)


def can_see_registry(person: Person) -> bool:
    """Those who keep it or read everything; whoever runs an organisation sees hers there."""
    return holds(person, *STAFF, *READS_ALL) or holds_anywhere(person, Role.ORGANISATION_ADMIN)


def can_see_organisation(person: Person, organisation: Organisation) -> bool:
    """Its page in the registry, with histories and papers."""
    return holds(person, Role.ORGANISATION_ADMIN, *STAFF, *READS_ALL, on=[organisation.scope])


def runs_organisation(person: Person, organisation: Organisation) -> bool:
    """Write its public page, logo and contact, and read who the contact is: its own administrators and staff."""
    return holds(person, Role.ORGANISATION_ADMIN, *STAFF, on=[organisation.scope])


def can_see_units(person: Person) -> bool:
    """The roll of member units: those who keep it or read everything."""
    return holds(person, *STAFF, *READS_ALL)
