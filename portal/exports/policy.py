from portal.exports.models import Export
from portal.people.models import Person
from portal.people.policy import READS_ALL, holds


def can_see_all_exports(person: Person) -> bool:
    """Whoever answers for the portal, and whoever supervises it."""
    return holds(person, *READS_ALL)


def can_see_export(person: Person, export: Export) -> bool:
    return export.person_id == person.id or can_see_all_exports(person)


def can_mark_deleted(person: Person, export: Export) -> bool:
    """Only who has the file knows that it is gone."""
    return export.person_id == person.id
