from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import record
from portal.consents.actions import when_withdrawn
from portal.consents.models import Purpose
from portal.db import db
from portal.notices import tell
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.details import Details, checked, digest_of_paper
from portal.profiles.models import LEADS_TO, Choice, Move, Profile, Status, Topic
from portal.profiles.queries import profile_of
from portal.profiles.telling import CHANGED
from portal.words import _l


class PaperTaken(DomainError):
    """Another volunteer's file has the same paper."""


class WrongState(DomainError):
    """From where she stands, this step does not lead on."""


def open_file(
    person: Person, details: Details, *, status: Status, by: Actor, at: datetime, is_entered: bool = False
) -> Profile:
    """Begin a person's file. `is_entered`: by somebody else, for her. Raises DomainError, PaperTaken."""
    details = checked(details, today=at.date())
    profile = Profile(
        person_id=person.id,
        status=status.value,
        status_at=at,
        created_at=at,
        updated_at=at,
        entered_by_id=by.id if is_entered else None,
        **values_of(details),
    )
    with _unless_taken():
        db.session.add(profile)
    _choose(person.id, details)
    record("profiles.profile.opened", profile, by=by, at=at, person=person.id, status=status.value)
    return profile


def change_file(profile: Profile, details: Details, *, by: Actor, at: datetime) -> list[str]:
    """Write the details anew; gives the names of what changed. Raises DomainError, PaperTaken."""
    values = values_of(checked(details, today=at.date()))
    changed = [name for name, value in values.items() if getattr(profile, name) != value]
    with _unless_taken():
        for name in changed:
            setattr(profile, name, values[name])
        profile.updated_at = at
    _choose(profile.person_id, details)
    # Which, never what: the audit is read by people who may not see the file.
    record("profiles.profile.changed", profile, by=by, at=at, person=profile.person_id, fields=changed)
    if by.id != profile.person_id and changed:
        tell([profile.person_id], CHANGED, at=at, url="/me/profile", name=by.name)
    return changed


def move(profile: Profile, to: Status, *, by: Actor | None, at: datetime, reason: str | None = None) -> None:
    """Let her stand elsewhere. Raises WrongState, PaperTaken (an approved one must be nobody's twin)."""
    before = profile.state
    if to not in LEADS_TO[before]:
        raise WrongState(_l("现在是「%(now)s」，不能改成「%(then)s」。", now=before.label, then=to.label))
    step = {"was": before.value, "status": to.value, "at": at, "by_id": by.id if by else None, "reason": reason}
    with _unless_taken():
        profile.status, profile.status_at, profile.status_reason = to.value, at, reason
        db.session.add(Move(person_id=profile.person_id, **step))
    states = {"was_status": before.value, "status": to.value}
    record("profiles.profile.moved", profile, by=by, at=at, person=profile.person_id, **states)


def begin_to_serve(people: Collection[int], *, by: Actor | None, at: datetime) -> None:
    """Whoever of these (their ids) was approved is 在册 from now on: she belongs to a team."""
    approved = select(Profile).where(Profile.person_id.in_(people), Profile.status == Status.APPROVED.value)
    for profile in db.session.scalars(approved.order_by(Profile.person_id)).all():
        move(profile, Status.ACTIVE, by=by, at=at)


def forget_fields(profile: Profile, *names: str, by: Actor, at: datetime) -> None:
    """Empty parts of the file; those that are empty already are left out."""
    held = [name for name in names if getattr(profile, name) is not None]
    for name in held:
        setattr(profile, name, None)
    if held:
        profile.updated_at = at
        db.session.flush()
        record("profiles.profile.forgotten", profile, by=by, at=at, person=profile.person_id, fields=held)


def values_of(details: Details) -> dict[str, Any]:
    """The columns of checked details."""
    guardian, born_on = details.guardian, details.born_on
    return {
        "gender": details.gender.value if details.gender else None,
        "born_on": born_on.isoformat() if born_on else None,
        "birth_year": born_on.year if born_on else None,
        "id_kind": details.paper.value if details.paper else None,
        "id_number": details.number,
        "id_digest": digest_of_paper(details.paper, details.number) if details.paper and details.number else None,
        "area": details.area,
        "address": details.address,
        "health": details.health,
        "ethnic": details.ethnic,
        "party": details.party,
        "guardian_name": guardian.name if guardian else None,
        "guardian_mobile": guardian.mobile if guardian else None,
        "guardian_relation": guardian.relation if guardian else None,
        "has_phone": details.has_phone,
    }


def words_of(details: Details) -> Iterable[tuple[Topic, str]]:
    """The words chosen, each with its topic."""
    for topic, words in (
        (Topic.SKILL, details.skills),
        (Topic.SERVICE, details.services),
        (Topic.TIME, details.times),
    ):
        yield from ((topic, word) for word in words)


def _choose(person_id: int, details: Details) -> None:
    db.session.execute(delete(Choice).where(Choice.person_id == person_id))
    db.session.add_all(Choice(person_id=person_id, topic=topic.value, word=word) for topic, word in words_of(details))
    db.session.flush()


@contextmanager
def _unless_taken() -> Iterator[None]:
    """What is written in the block is written at its end, or not at all. Raises PaperTaken."""
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as twice:
        raise PaperTaken(
            _l("另一位志愿者的档案里是同一个证件号码，请核对是不是同一个人。"), field="id_number"
        ) from twice


def _forgets(purpose: Purpose, *names: str) -> None:
    """A withdrawn consent empties what rested on it."""

    @when_withdrawn(purpose)
    def forget(person: Person, by: Actor, at: datetime) -> None:
        if (profile := profile_of(person.id)) is not None:
            forget_fields(profile, *names, by=by, at=at)


_forgets(Purpose.IDENTITY, "id_kind", "id_number", "id_digest")
_forgets(Purpose.HEALTH, "health")
_forgets(Purpose.ETHNIC, "ethnic")
_forgets(Purpose.PARTY, "party")
