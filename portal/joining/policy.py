from portal.joining.models import Application, State
from portal.orgs.models import Organisation, Team
from portal.orgs.policy import RUNS_TEAMS
from portal.people.models import Person, Role, Scope
from portal.people.policy import holds, holds_anywhere, scopes_of

DECIDES = (Role.ORGANISATION_ADMIN, Role.REVIEWER)
"""Within their own organisation."""

DECIDES_ALL = (Role.WORKER, Role.ADMIN)
ENTERS = (Role.TEAM_LEADER, *DECIDES)


def can_open_applications(person: Person) -> bool:
    return holds_anywhere(person, *DECIDES) or holds(person, *DECIDES_ALL, Role.SUPERVISOR)


def can_decide_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *DECIDES) or holds(person, *DECIDES_ALL)


def sees_everywhere(person: Person) -> bool:
    """Whether she sees the applications to every organisation, and those to none."""
    return holds(person, *DECIDES_ALL, Role.SUPERVISOR)


def organisations_decided_by(person: Person) -> frozenset[int] | None:
    """The organisations whose applications this person decides on; None means all, and those to none."""
    if holds(person, *DECIDES_ALL):
        return None
    return scopes_of(person, *DECIDES, kind="organisation")


def can_decide(person: Person, application: Application) -> bool:
    """Those of the organisation that she wishes to join; the community's workers decide on all. Nobody on her own."""
    if application.person_id in person.selves:
        return False
    return decides_for(person, application.wish_organisation_id)


def decides_for(person: Person, organisation_id: int | None) -> bool:
    decided = organisations_decided_by(person)
    return decided is None or organisation_id in decided


def can_see_application(person: Person, application: Application) -> bool:
    """Whoever decides, whoever entered it and still enters people, herself, and whoever reads everything."""
    entered = application.applied_by_id in person.selves and can_enter(person)
    is_theirs = application.person_id in person.selves or entered
    return is_theirs or can_decide(person, application) or sees_everywhere(person)


def can_add_paper(person: Person, application: Application) -> bool:
    """The guardian's signed form is brought to whoever decides, or to the leader who entered the child."""
    waits = application.state is State.WAITING and application.person_id not in person.selves
    entered = application.applied_by_id == person.id and holds_anywhere(person, *ENTERS)
    return waits and (entered or can_decide(person, application))


def can_enter(person: Person) -> bool:
    """Whether she may enter volunteers without a phone somewhere."""
    return holds_anywhere(person, *ENTERS) or holds(person, *DECIDES_ALL)


def can_enter_into(person: Person, team: Team | None, organisation: Organisation | None) -> bool:
    """Into her own team, one of her organisation, her organisation, or (workers) anywhere and nowhere."""
    if holds(person, *DECIDES_ALL):
        return True
    if team is not None:
        return holds(person, *ENTERS, on=team.scopes)
    return organisation is not None and holds(person, *DECIDES, on=[organisation.scope])


def takes_into(person: Person, team: Team) -> bool:
    """Whether what she approves makes a member of the team at once."""
    return holds(person, *RUNS_TEAMS, on=team.scopes)


def can_change_standing(person: Person, of: Person, organisations: frozenset[int]) -> bool:
    """Let somebody pause, come back or leave: community workers, and the admin of all the organisations she is in.

    `organisations` are those of her teams. It ends her service everywhere, so one of several may not do it alone.
    """
    if of.id in person.selves:
        return False
    if holds(person, *DECIDES_ALL):
        return True
    return bool(organisations) and all(
        holds(person, Role.ORGANISATION_ADMIN, on=[Scope("organisation", one)]) for one in organisations
    )
