"""A person's file, masked; and a look at parts of it as they are, which she sees at /me/looks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal import clock
from portal.audit import record_look
from portal.mydata.fields import Entry, Field, gender_of, in_full, masked
from portal.mydata.policy import can_delete_for, fields_in_full
from portal.mydata.queries import deletion_of, known_of, scopes_around
from portal.people.models import Person
from portal.problems import NotAllowed
from portal.profiles.queries import choices_of, documents_of, status_of


def file_of(person: Person, *, viewer: Person) -> dict[str, Any]:
    """What the page of a file shows."""
    known = known_of(person)
    return {
        "person": person,
        "stands": status_of(person),
        "gender": gender_of(known.profile),
        "area": known.profile.area if known.profile else None,
        "has_phone": known.profile.has_phone if known.profile else None,
        "entries": masked(known),
        "choices": [(topic.label, words) for topic, words in choices_of(person.id).items() if words],
        "documents": documents_of(person.id),
        "today": clock.today(),
        "is_self": viewer.id == person.id,
        "may_see": allowed_to(viewer, person),
        "may_delete": can_delete_for(viewer, person),
        "wish": deletion_of(person.id),
    }


def allowed_to(viewer: Person, person: Person) -> list[Field]:
    """What the viewer may see in full of somebody else; of herself she takes a copy instead."""
    return [] if viewer.id == person.id else fields_in_full(viewer, scopes_around(person))


def look(person: Person, fields: Sequence[Field], *, reason: str, by: Person, at: datetime) -> list[Entry]:
    """These parts as they are; she is told who, when, why and which. Raises NotAllowed for one that is not allowed."""
    if not fields or not set(fields) <= set(allowed_to(by, person)):
        raise NotAllowed
    seen = in_full(known_of(person), fields)
    names = [entry.field.value for entry in seen]
    record_look("mydata.file.looked_at", person, [person.id], by=by, at=at, reason=reason, fields=names)
    return seen
