from portal.people.models import Person
from portal.profiles.models import LEADS_TO, Status


def is_volunteer(status: Status | None) -> bool:
    """Whether she belongs to the volunteers, whether or not she serves just now."""
    return status in (Status.APPROVED, Status.ACTIVE, Status.PAUSED)


def may_become(status: Status | None, to: Status) -> bool:
    """Whether she may take this step by herself."""
    return status is not None and to in LEADS_TO[status]


def may_write(person: Person, status: Status | None) -> bool:
    """Her own file, once there is one or may be: whoever applied, and volunteers of earlier days."""
    return status is not None and status is not Status.LEFT and person.is_open
