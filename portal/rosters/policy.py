"""Who may bring rosters in and take them away."""

from portal.orgs.models import Team
from portal.people.models import Person, Role, Scope
from portal.people.policy import READS_ALL, holds, holds_anywhere, scopes_of
from portal.rosters.models import Roster

EXPORTS_TEAM = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN, Role.WORKER, *READS_ALL)


def can_import_anywhere(person: Person) -> bool:
    """Community workers, and who administers an organisation."""
    return holds_anywhere(person, Role.WORKER, Role.ORGANISATION_ADMIN)


def can_import_for_all(person: Person) -> bool:
    """Only a community worker brings lists of people of many organisations."""
    return holds_anywhere(person, Role.WORKER)


def can_import_for(person: Person, organisation_id: int | None) -> bool:
    if organisation_id is None:
        return can_import_for_all(person)
    return can_import_for_all(person) or holds(
        person, Role.ORGANISATION_ADMIN, on=[Scope("organisation", organisation_id)]
    )


def administers(person: Person) -> frozenset[int] | None:
    """The organisations for whose teams the person may bring lists; None: all."""
    return None if can_import_for_all(person) else scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation")


def can_see_roster(person: Person, roster: Roster) -> bool:
    """Who brought it, for as long as she may: it shows people unmasked as her file has them."""
    return roster.brought_by_id == person.id and can_import_for(person, roster.organisation_id)


def can_export_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *EXPORTS_TEAM)


def can_export_team(person: Person, team: Team) -> bool:
    return holds(person, *EXPORTS_TEAM, on=team.scopes) or can_import_for_all(person)


def can_export_organisation(person: Person, organisation_id: int | None) -> bool:
    """The volunteers of an organisation, or (None) of the alliance."""
    if can_import_for(person, organisation_id):
        return True
    on = [Scope("organisation", organisation_id)] if organisation_id is not None else []
    return holds(person, Role.ORGANISATION_ADMIN, *READS_ALL, on=on)


def can_export_in_full(person: Person, organisation_id: int | None) -> bool:
    """Numbers of papers and contacts leave only with who keeps the files of these people."""
    return can_import_for(person, organisation_id)
