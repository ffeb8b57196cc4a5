from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.consents.models import Consent, Purpose
from portal.db import db


def consents_of(person_id: int) -> list[Consent]:
    """All that a person ever agreed to, the newest first."""
    hers = select(Consent).where(Consent.person_id == person_id).options(joinedload(Consent.given_by))
    return list(db.session.scalars(hers.order_by(Consent.id.desc())))


def current_consent(person_id: int, purpose: Purpose) -> Consent | None:
    """What holds now of one purpose."""
    holds = (Consent.person_id == person_id, Consent.purpose == purpose.value, Consent.withdrawn_at.is_(None))
    return db.session.scalar(select(Consent).where(*holds))


def purposes_agreed(person_id: int) -> frozenset[Purpose]:
    """What a person agrees to now."""
    holds = (Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    return frozenset(map(Purpose, db.session.scalars(select(Consent.purpose).where(*holds))))
