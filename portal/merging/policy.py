from portal.people.models import Person, Role
from portal.people.policy import holds


def can_merge(person: Person) -> bool:
    """Who knows the people: community workers, and the administrator."""
    return holds(person, Role.WORKER, Role.ADMIN)
