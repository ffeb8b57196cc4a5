"""The one question all policies of all rooms come down to: does this person hold this role here, today?"""

from collections.abc import Iterable

from portal import clock
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope

READS_ALL = (Role.SUPERVISOR, Role.ADMIN)


def holds(person: Person, *roles: Role, on: Iterable[Scope] = ()) -> bool:
    """Whether the person holds one of the roles in one of these scopes, or in the whole alliance, today."""
    scopes = {ALLIANCE, *on}
    return any(grant.role in roles and grant.scope in scopes for grant in grants_today(person))


def holds_anywhere(person: Person, *roles: Role) -> bool:
    """Whether the person holds one of the roles in any scope at all."""
    return any(grant.role in roles for grant in grants_today(person))


def scopes_of(person: Person, *roles: Role, kind: str) -> frozenset[int] | None:
    """The ids of the scopes of one kind in which the person holds a role; None means all of them (alliance)."""
    held = [grant.scope for grant in grants_today(person) if grant.role in roles]
    if ALLIANCE in held:
        return None
    return frozenset(scope.id for scope in held if scope.kind == kind)


def grants_today(person: Person) -> list[Grant]:
    today = clock.today()
    return [grant for grant in person.grants if grant.counts_on(today)] if person.is_open else []
