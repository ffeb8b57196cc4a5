from portal.people.models import Person, Role
from portal.people.policy import holds


def can_help_in(helper: Person, person: Person) -> bool:
    """Let in whoever lost telephone and recovery codes, or a password: the administrator, never for herself."""
    return helper.id != person.id and holds(helper, Role.ADMIN)
