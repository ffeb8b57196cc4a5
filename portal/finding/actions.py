from datetime import datetime

from portal.audit import record_look
from portal.finding.queries import Found, person_with
from portal.people.models import Person


def find_by_number(number: str, *, by: Person, at: datetime) -> Found:
    """Whose whole number this is, of those whom the searcher knows; whoever is found sees that she was.

    The number itself is kept nowhere.
    """
    found = person_with(number, by)
    if found.hits:
        record_look("finding.number.looked_up", by, [hit.id for hit in found.hits], by=by, at=at)
    return found
