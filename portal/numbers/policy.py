from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds, holds_anywhere, scopes_of

COUNTS_ALL = (Role.WORKER, Role.COUNCIL, *READS_ALL)
KNOWS_ALL = (Role.WORKER, *READS_ALL)


def can_see_numbers(person: Person) -> bool:
    """Community workers, the council and those who read everything; an organisation's administrator hers."""
    return holds(person, *COUNTS_ALL) or holds_anywhere(person, Role.ORGANISATION_ADMIN)


def can_see_people(person: Person) -> bool:
    """The lists with names. The council decides by figures and sees none."""
    return holds(person, *KNOWS_ALL) or holds_anywhere(person, Role.ORGANISATION_ADMIN)


def organisations_counted(person: Person) -> frozenset[int] | None:
    """The ids of the organisations whose members she sees counted; None: all, and the whole alliance."""
    return None if holds(person, *COUNTS_ALL) else _hers(person)


def organisations_known(person: Person) -> frozenset[int] | None:
    """Those of whose members she sees the names."""
    return None if holds(person, *KNOWS_ALL) else _hers(person)


def _hers(person: Person) -> frozenset[int]:
    return scopes_of(person, Role.ORGANISATION_ADMIN, kind="organisation") or frozenset()
