from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.contacts.queries import contacts_of
from portal.db import db
from portal.mydata.fields import Known
from portal.mydata.models import Copy, Correction, Deletion, Kept
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person, Scope
from portal.profiles.queries import profile_of

LARGEST = 2**63 - 1
"""No row has a higher number."""


def person_by_id(person_id: int) -> Person | None:
    return db.session.get(Person, person_id) if person_id <= LARGEST else None


def known_of(person: Person) -> Known:
    return Known(profile_of(person.id), contacts_of(person.id))


def scopes_around(person: Person) -> list[Scope]:
    """The teams that she belongs to now and their organisations."""
    hers = select(Team.id, Team.organisation_id).join(Membership, Membership.team_id == Team.id)
    now = (Membership.person_id == person.id, belongs(clock.today()))
    found = db.session.execute(hers.where(*now))
    return [scope for team, house in found for scope in (Scope("team", team), Scope("organisation", house))]


def copies_of(person: Person) -> Sequence[Copy]:
    """Hers that are still there or being made, the newest first."""
    hers = select(Copy).where(Copy.person_id == person.id, Copy.gone_at.is_(None))
    return db.session.scalars(hers.order_by(Copy.id.desc())).all()


def copy_of(person: Person, copy_id: int) -> Copy | None:
    """One of her own."""
    if copy_id > LARGEST:
        return None
    return db.session.scalar(select(Copy).where(Copy.id == copy_id, Copy.person_id == person.id))


def corrections_of(person: Person) -> Sequence[Correction]:
    hers = select(Correction).where(Correction.person_id.in_(person.selves))
    return db.session.scalars(hers.order_by(Correction.id.desc())).all()


def corrections_open() -> Sequence[Correction]:
    """What waits for the office, the most pressing first."""
    waiting = select(Correction).where(Correction.answered_at.is_(None)).options(joinedload(Correction.person))
    return db.session.scalars(waiting.order_by(Correction.due_on, Correction.id)).all()


def correction_by_id(correction_id: int) -> Correction | None:
    return db.session.get(Correction, correction_id) if correction_id <= LARGEST else None


def deletion_of(person_id: int) -> Deletion | None:
    """Her wish that counts: it waits, or it was carried out."""
    counts = (Deletion.person_id == person_id, Deletion.withdrawn_at.is_(None))
    return db.session.scalar(select(Deletion).where(*counts))


def kept_of(person_id: int) -> Sequence[Kept]:
    return db.session.scalars(select(Kept).where(Kept.person_id == person_id).order_by(Kept.until, Kept.id)).all()
