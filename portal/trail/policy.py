"""Who reads the audit trail."""

from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds


def can_read_trail(person: Person) -> bool:
    """Administrators and supervisors of the whole alliance: the lines name people and donors of every room."""
    return holds(person, *READS_ALL)


def can_see_sign_ins(person: Person) -> bool:
    """From which address and browser somebody signed in: administrators alone, and each such look leaves a trace."""
    return holds(person, Role.ADMIN)
