from portal.activities.models import OPEN_TO_CHANGE, Activity
from portal.orgs.models import Team
from portal.orgs.policy import can_see_team
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds, holds_anywhere

DRAFTS = (Role.TEAM_LEADER, Role.ORGANISATION_ADMIN)
DECIDES = (Role.ORGANISATION_ADMIN, Role.REVIEWER)


def can_draft_for(person: Person, team: Team) -> bool:
    """The team's leader, or whoever runs its organisation."""
    return holds(person, *DRAFTS, on=team.scopes)


def can_draft_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *DRAFTS)


def is_known_to(person: Person, activity: Activity) -> bool:
    """Whether an unpublished activity exists for this person at all; for strangers it does not."""
    return can_see_team(person, activity.team)


def can_read_draft(person: Person, activity: Activity) -> bool:
    """Who writes it, who decides on it, and those who read everything. Other members wait for the public page."""
    return holds(person, *DRAFTS, *DECIDES, *READS_ALL, on=activity.team.scopes)


def can_edit(person: Person, activity: Activity) -> bool:
    return activity.status in OPEN_TO_CHANGE and can_draft_for(person, activity.team)


def can_decide(person: Person, activity: Activity) -> bool:
    """Publish or return it: the organisation's admin or reviewer, never who drafted or submitted it."""
    is_own = person.id in (activity.drafted_by_id, activity.submitted_by_id)
    return not is_own and holds(person, *DECIDES, on=activity.team.scopes)


def can_decide_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *DECIDES, *READS_ALL)


def can_close(person: Person, activity: Activity) -> bool:
    return holds(person, *DRAFTS, *DECIDES, on=activity.team.scopes)
