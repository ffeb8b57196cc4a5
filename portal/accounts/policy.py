from portal.people.models import Person, Role
from portal.people.policy import holds


def can_help_in(helper: Person, person: Person) -> bool:
    """Let somebody in again who lost telephone and recovery codes, or her password: the administrator, never herself."""
    return helper.id != person.id and holds(helper, Role.ADMIN)
