"""Certificates and insurances of a volunteer: adding one, ending one."""

from datetime import date, datetime
from typing import NamedTuple

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.models import Document, Proof
from portal.profiles.queries import documents_of
from portal.words import _l

MOST = 30
"""Documents of one person that count."""


class Writing(NamedTuple):
    """What stands on it. `until`: None when it holds for good."""

    kind: Proof
    name: str
    number: str | None = None
    since: date | None = None
    until: date | None = None


def add_document(person: Person, writing: Writing, *, by: Actor, at: datetime) -> Document:
    """Raises DomainError: days that make no sense, an insurance without an end, too many."""
    if writing.since and writing.until and writing.until < writing.since:
        raise DomainError(_l("到期的日子比开始的日子早，请再看一遍。"), field="valid_until")
    if writing.kind is Proof.INSURANCE and writing.until is None:
        raise DomainError(_l("保险请写明保到哪天。"), field="valid_until")
    if len(documents_of(person.id)) >= MOST:
        raise DomainError(_l("最多登记 %(most)d 份，请先去掉用不上的。", most=MOST))
    document = Document(
        person_id=person.id,
        kind=writing.kind.value,
        name=writing.name,
        number=writing.number or None,
        valid_from=writing.since,
        valid_until=writing.until,
        added_by_id=by.id,
        added_at=at,
    )
    db.session.add(document)
    db.session.flush()
    record("profiles.document.added", document, by=by, at=at, person=person.id)
    return document


def end_document(document: Document, *, by: Actor, at: datetime) -> None:
    """It counts no more; twice is as good as once."""
    if document.ended_at is None:
        document.ended_at = at
        db.session.flush()
        record("profiles.document.ended", document, by=by, at=at, person=document.person_id)
