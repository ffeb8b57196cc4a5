from collections.abc import Callable
from functools import cache
from typing import Protocol

from portal.activities.models import Activity
from portal.hours.models import Claim
from portal.people.models import Person, Role, Scope
from portal.people.policy import READS_ALL, holds, holds_anywhere

DECIDES = (Role.ORGANISATION_ADMIN, Role.REVIEWER)


class Decidable(Protocol):
    """All of a claim that a decision on it hangs on."""

    @property
    def person_id(self) -> int: ...

    @property
    def entered_by_id(self) -> int: ...

    @property
    def scopes(self) -> tuple[Scope, Scope]: ...


def can_see_claim(person: Person, claim: Claim) -> bool:
    """Whose hours they are, who entered them, who leads the team or decides there, and those who read everything."""
    return is_ones_own(person, claim) or holds(person, Role.TEAM_LEADER, *DECIDES, *READS_ALL, on=claim.scopes)


def can_decide(person: Person, claim: Claim) -> bool:
    """The organisation's admin or reviewer: never on one's own hours, nor on what one entered for another."""
    return not is_ones_own(person, claim) and holds(person, *DECIDES, on=claim.scopes)


def decider(person: Person) -> Callable[[Decidable], bool]:
    """`can_decide` for a list of claims: what the person may is asked once a team."""
    decides = cache(lambda scopes: holds(person, *DECIDES, on=scopes))
    return lambda claim: not is_ones_own(person, claim) and decides(claim.scopes)


def seer(person: Person) -> Callable[[Claim], bool]:
    """`can_see_claim` in the same manner."""
    sees = cache(lambda scopes: holds(person, Role.TEAM_LEADER, *DECIDES, *READS_ALL, on=scopes))
    return lambda claim: is_ones_own(person, claim) or sees(claim.scopes)


def is_ones_own(person: Person, claim: Decidable) -> bool:
    return not {claim.person_id, claim.entered_by_id}.isdisjoint(person.selves)


def can_correct(person: Person, claim: Claim) -> bool:
    """Send a corrected claim in place of a returned one: whose hours they are, or who entered them."""
    return is_ones_own(person, claim)


def can_decide_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *DECIDES)


def can_open_queue(person: Person) -> bool:
    """Those who decide, and those who read everything."""
    return holds_anywhere(person, *DECIDES, *READS_ALL)


def can_enter_for_others(person: Person, activity: Activity) -> bool:
    """The team's leader, for members without a phone."""
    return holds(person, Role.TEAM_LEADER, on=activity.team.scopes)
