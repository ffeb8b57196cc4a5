"""Who runs a team, who lends people, and who may belong to one."""

from portal.orgs.models import Organisation, Team
from portal.people.models import Grant, Person, Role, Scope
from portal.people.policy import grants_today, holds, holds_anywhere, scopes_of

RUNS = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN)


def can_run(person: Person, team: Team) -> bool:
    """Its leader and deputies, and its organisation's admin."""
    return holds(person, *RUNS, on=team.scopes)


def can_run_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *RUNS)


def can_close(person: Person, team: Team) -> bool:
    """Close and open it again, name its leaders: the organisation's admin."""
    return runs_organisation(person, team.organisation_id)


def runs_organisation(person: Person, organisation_id: int) -> bool:
    return holds(person, Role.ORGANISATION_ADMIN, on=[Scope("organisation", organisation_id)])


def own_organisations(person: Person) -> frozenset[int]:
    """Those that the person runs as 组织管理员: there she makes teams, and lends and borrows people."""
    return scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation") or frozenset()


def can_add_team(person: Person, organisation: Organisation) -> bool:
    return runs_organisation(person, organisation.id)


def own_leaderships(person: Person, team: Team) -> list[Grant]:
    """The grants by which she leads the team; whoever stands in for a leader on holiday has none of her own."""
    leads = (one for one in grants_today(person) if one.role == Role.TEAM_LEADER and one.deputy_of_id is None)
    return [one for one in leads if one.scope == team.scopes[0]]
