"""The bulk form of opening files: the same rows as one by one. One audit line stands for a whole batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many
from portal.problems import DomainError
from portal.profiles.actions import values_of, words_of
from portal.profiles.details import Details, checked
from portal.profiles.models import Choice, Profile, Status


class Opening(NamedTuple):
    """Whose file, and what it says."""

    person: Actor
    details: Details


def open_files(openings: Sequence[Opening], *, status: Status, by: Actor | None, at: datetime) -> None:
    """Begin the files of people who have none. Raises DomainError, in its row, for details that make no sense."""
    if not openings:
        return
    profiles, choices = [], []
    for row, (person, given) in enumerate(openings, 1):
        try:
            details = checked(given, today=at.date())
        except DomainError as problem:
            raise in_row(row, problem) from problem
        profiles.append({"person_id": person.id, **values_of(details)})
        choices += [{"person_id": person.id, "topic": topic.value, "word": word} for topic, word in words_of(details)]
    moments = {"status_at": at, "created_at": at, "updated_at": at}
    entered_by_id = by.id if by else None
    common = {"status": status.value, "status_reason": None, "entered_by_id": entered_by_id, **moments}
    insert_many(Profile, profiles, common=common)
    if choices:
        insert_many(Choice, choices)
    record("profiles.profiles.opened", None, by=by, at=at, count=len(openings), status=status.value)
