from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError

from portal.actor import Actor
from portal.audit import record
from portal.consents.models import Consent, Purpose
from portal.consents.queries import current_consent
from portal.consents.texts import text_of
from portal.db import db
from portal.files.models import StoredFile
from portal.people.models import Person
from portal.problems import DomainError
from portal.words import _l

Ending = Callable[[Person, Actor, datetime], None]
_ENDINGS: dict[Purpose, list[Ending]] = {}


class Guardian(NamedTuple):
    """Who agrees for somebody under age, and what she is to her."""

    name: str
    relation: str


def when_withdrawn(purpose: Purpose) -> Callable[[Ending], Ending]:
    """Mark what must end when the consent does: rooms above forget what rested on it, in the same transaction."""

    def register(ending: Ending) -> Ending:
        _ENDINGS.setdefault(purpose, []).append(ending)
        return ending

    return register


def give(
    person: Person,
    purpose: Purpose,
    *,
    by: Actor,
    at: datetime,
    paper: StoredFile | None = None,
    guardian: Guardian | None = None,
) -> Consent:
    """Agree to today's text; who agreed already keeps that. On somebody's behalf only with her signed paper.

    Raises DomainError.
    """
    if by.id != person.id and paper is None:
        raise DomainError(_l("替别人办理，要拍下本人签字的同意书。"), field="photo")
    if (there := current_consent(person.id, purpose)) is not None:
        return there
    consent = Consent(
        person_id=person.id,
        purpose=purpose.value,
        version=text_of(purpose).version,
        given_at=at,
        given_by_id=by.id,
        paper_id=paper.id if paper else None,
        guardian=guardian.name if guardian else None,
        guardian_relation=guardian.relation if guardian else None,
    )
    try:
        with db.session.begin_nested():
            db.session.add(consent)
    except IntegrityError:
        # Asked for twice at the same moment: the other one stands.
        return current_consent(person.id, purpose) or consent
    on_paper = {"paper": paper.id} if paper else {}
    record("consents.consent.given", consent, by=by, at=at, person=person.id, purpose=purpose.value, **on_paper)
    return consent


def withdraw(person: Person, purpose: Purpose, *, by: Actor, at: datetime) -> None:
    """From now on it holds no more, and what rested on it ends. Raises DomainError when there is none."""
    consent = current_consent(person.id, purpose)
    if consent is None:
        raise DomainError(_l("这一项没有同意过，或者已经撤回了。"))
    consent.withdrawn_at, consent.withdrawn_by_id = at, by.id
    db.session.flush()
    record("consents.consent.withdrawn", consent, by=by, at=at, person=person.id, purpose=purpose.value)
    for ending in _ENDINGS.get(purpose, ()):
        ending(person, by, at)
