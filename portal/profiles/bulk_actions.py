"""The bulk form of opening files: the same rows as one by one. One audit line stands for a whole batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, select

from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many, pieces
from portal.db import DETACHED, db
from portal.notices import tell
from portal.problems import DomainError
from portal.profiles.actions import values_of, words_of
from portal.profiles.details import Details, checked
from portal.profiles.models import Choice, Profile, Status, Topic
from portal.profiles.telling import CHANGED


class Opening(NamedTuple):
    """Whose file, and what it says."""

    person: Actor
    details: Details


class Changing(NamedTuple):
    """What is new in whose file: columns of it, and words that replace hers of a topic. `values` were checked."""

    person_id: int
    values: Mapping[str, Any]
    chosen: Mapping[Topic, Sequence[str]]


def open_files(openings: Sequence[Opening], *, status: Status, by: Actor | None, at: datetime) -> None:
    """Begin the files of people who have none. Raises DomainError, in its row, for details that make no sense."""
    if not openings:
        return
    profiles, choices = [], []
    for row, (person, given) in enumerate(openings, 1):
        try:
            details = checked(given, today=at.date(), needs_guardian=status is not Status.APPLIED)
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


def change_files(changing: Sequence[Changing], *, by: Actor, at: datetime) -> None:
    """Write what is new in people's files, and tell them; whoever has no file gets one, for she is active."""
    changing = [one for one in changing if one.values or one.chosen]
    if not changing:
        return
    ids = [one.person_id for one in changing]
    files = {profile.person_id: profile for some in pieces(ids) for profile in db.session.scalars(_of(some))}
    for person_id, values, _ in changing:
        profile = files.get(person_id) or _begun(person_id, by=by, at=at)
        for name, value in values.items():
            setattr(profile, name, value)
        profile.updated_at = at
    db.session.flush()
    _choose(changing)
    fields = sorted({name for one in changing for name in (*one.values, *(topic.value for topic in one.chosen))})
    record("profiles.profiles.changed", None, by=by, at=at, count=len(ids), people=ids, fields=fields)
    tell(ids, CHANGED, at=at, but=by, url="/me/profile", name=by.name)


def _of(people: Sequence[int]) -> Select[Profile]:
    return select(Profile).where(Profile.person_id.in_(people))


def _begun(person_id: int, *, by: Actor, at: datetime) -> Profile:
    profile = Profile(person_id=person_id, status=Status.ACTIVE.value, status_at=at, created_at=at, entered_by_id=by.id)
    db.session.add(profile)
    return profile


def _choose(changing: Sequence[Changing]) -> None:
    for topic in Topic:
        some = [one for one in changing if topic in one.chosen]
        for part in pieces([one.person_id for one in some]):
            gone = delete(Choice).where(Choice.topic == topic.value, Choice.person_id.in_(part))
            db.session.execute(gone, execution_options=DETACHED)
        words = [
            {"person_id": one.person_id, "topic": topic.value, "word": word}
            for one in some
            for word in one.chosen[topic]
        ]
        if words:
            insert_many(Choice, words)
