"""What must be true of what is sealed, and of what was deleted; asked by `portal check`."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.invariants import Found, invariant
from portal.mydata.deleting import NAMELESS
from portal.mydata.models import Deletion, Kept
from portal.people.models import Person
from portal.profiles.held import SENSITIVE
from portal.profiles.models import Profile
from portal.resealing import count_sealed, sealed_columns, unreadable

SAMPLE = 500
"""Texts of each column that are opened from either end: a key that is missing shows at once."""


@invariant("privacy.sealed texts can be read")
def sealed_texts_open(session: Session) -> Found:
    """Of a large table a sample. How many there are is counted."""
    columns = list(sealed_columns())
    count = sum(count_sealed(column)[0] for column in columns)
    return count, (one for column in columns for one in unreadable(column, most=SAMPLE))


@invariant("privacy.sealed under an old key")
def under_old_keys(session: Session) -> Found:
    """No fault: as many texts as `portal keys rotate` has still to do before an old key may go."""
    return sum(count_sealed(column)[1] for column in sealed_columns()), ()


@invariant("mydata.deleted people are gone")
def deleted_people_are_gone(session: Session) -> Found:
    """Whoever had her data deleted signs in no more, and her file says nothing."""
    found = list(session.scalars(select(Deletion).where(Deletion.done_at.is_not(None)).order_by(Deletion.id)))
    return len(found), (sentence for wish in found for sentence in _about(session, wish))


def _about(session: Session, wish: Deletion) -> Iterator[str]:
    person = session.get_one(Person, wish.person_id)
    if person.is_open or person.login or person.password_hash:
        yield f"person {person.id} can still sign in"
    profile = session.get(Profile, person.id)
    if profile is not None and any(getattr(profile, name) is not None for name in SENSITIVE):
        yield f"person {person.id}: the file still says something"
    waits = select(Kept.id).where(Kept.person_id == person.id, Kept.erased_at.is_(None), Kept.until.is_not(None))
    if wish.name is None and session.scalar(waits.limit(1)) is not None:
        yield f"person {person.id}: the name is gone before its day"
    if wish.name is None and person.name != NAMELESS:
        yield f"person {person.id} is still named"
