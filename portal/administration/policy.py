"""Who sees the alliance's rules, and who sets them."""

from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds


def can_see_rules(person: Person) -> bool:
    """Administrators and supervisors of the whole alliance."""
    return holds(person, *READS_ALL)


def can_set_rules(person: Person) -> bool:
    """Administrators. A supervisor reads everything and changes nothing."""
    return holds(person, Role.ADMIN)
