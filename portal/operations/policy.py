"""Who looks after the system."""

from portal.people.models import Person, Role
from portal.people.policy import holds


def can_operate(person: Person) -> bool:
    """An administrator of the whole alliance sees the background work and may have it tried again or given up."""
    return holds(person, Role.ADMIN)
