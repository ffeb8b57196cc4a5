from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from portal.db import db
from portal.identity import Gender, Paper
from portal.people.models import Person
from portal.profiles.details import Details, Protector, digest_of_paper
from portal.profiles.models import Choice, Document, Move, Profile, Proof, Status, Topic


def profile_of(person_id: int) -> Profile | None:
    return db.session.get(Profile, person_id)


def status_of(person: Person) -> Status | None:
    """Where she stands as a volunteer; None for whoever is none. A number without a file means active."""
    if (profile := profile_of(person.id)) is not None:
        return profile.state
    return Status.ACTIVE if person.volunteer_no else None


def choices_of(person_id: int) -> dict[Topic, list[str]]:
    """The words she chose, by topic."""
    hers = select(Choice.topic, Choice.word).where(Choice.person_id == person_id).order_by(Choice.topic, Choice.word)
    chosen: dict[Topic, list[str]] = {topic: [] for topic in Topic}
    for topic, word in db.session.execute(hers):
        chosen[Topic(topic)].append(word)
    return chosen


def documents_of(person_id: int) -> Sequence[Document]:
    """Her certificates and insurances that count, the one that runs out first before the others."""
    hers = select(Document).where(Document.person_id == person_id, Document.ended_at.is_(None))
    return db.session.scalars(hers.order_by(Document.valid_until.is_(None), Document.valid_until, Document.id)).all()


def is_insured(person_id: int, *, on: date) -> bool:
    """Whether one of her insurances holds on that day."""
    holds = (Document.person_id == person_id, Document.kind == Proof.INSURANCE.value, Document.ended_at.is_(None))
    days = (Document.valid_from.is_(None) | (Document.valid_from <= on), Document.valid_until >= on)
    return db.session.scalar(select(Document.id).where(*holds, *days).limit(1)) is not None


def people_with_paper(paper: Paper, number: str) -> list[int]:
    """Whoever has this paper in her file, applicants too: the ids. `number` in the form that `read_paper` gives."""
    same = select(Profile.person_id).where(Profile.id_digest == digest_of_paper(paper, number))
    return list(db.session.scalars(same.order_by(Profile.person_id)))


def moves_of(person_id: int) -> Sequence[Move]:
    """How she came to stand where she stands, the latest first."""
    hers = select(Move).where(Move.person_id == person_id).options(joinedload(Move.by))
    return db.session.scalars(hers.order_by(Move.id.desc())).all()


def document_of(person_id: int, document_id: int) -> Document | None:
    """One of hers that counts still."""
    hers = (Document.id == document_id, Document.person_id == person_id, Document.ended_at.is_(None))
    return db.session.scalar(select(Document).where(*hers))


def not_called_on() -> Select[int]:
    """The ids of those who are not asked to serve just now: whoever paused, left or is not a volunteer yet."""
    return select(Profile.person_id).where(Profile.status.not_in((Status.APPROVED.value, Status.ACTIVE.value)))


def details_of(profile: Profile) -> Details:
    """The file as it can be written anew, with the words she chose."""
    chosen = choices_of(profile.person_id)
    held = (profile.guardian_name, profile.guardian_mobile, profile.guardian_relation)
    return Details(
        gender=Gender(profile.gender) if profile.gender else None,
        born_on=profile.birthday,
        paper=profile.paper,
        number=profile.id_number,
        area=profile.area,
        address=profile.address,
        health=profile.health,
        ethnic=profile.ethnic,
        party=profile.party,
        guardian=Protector(*(part or "" for part in held)) if all(held) else None,
        has_phone=profile.has_phone,
        skills=tuple(chosen[Topic.SKILL]),
        services=tuple(chosen[Topic.SERVICE]),
        times=tuple(chosen[Topic.TIME]),
    )
