from datetime import datetime

from portal.actor import Actor
from portal.contacts.models import Contact
from portal.contacts.reading import read_address
from portal.db import db
from tests.factories import BEGINNING


def reached_at(person: Actor, text: str, *, at: datetime | None = BEGINNING) -> Contact:
    """The person has a contact, proved to be hers at that moment (None: not yet)."""
    address = read_address(text)
    contact = Contact(
        person_id=person.id,
        kind=address.kind.value,
        value=address.value,
        digest=address.digest,
        added_at=BEGINNING,
        verified_at=at,
    )
    db.session.add(contact)
    db.session.flush()
    return contact
