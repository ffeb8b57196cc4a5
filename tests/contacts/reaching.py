"""What tests of contacts and forgotten passwords do: read the letters, and prove contacts."""

import re
from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.contacts.actions import add_contact, verify_contact
from portal.contacts.models import Contact, ContactCode
from portal.contacts.reading import read_address
from portal.db import db
from portal.people.models import Person
from portal.post import Letter

MOBILE = "13800138000"
MAILBOX = "xiaoman@example.org"
NOON = datetime(2026, 11, 22, 12, tzinfo=clock.CHINA)


def letters(to: str = "") -> list[Letter]:
    """All letters, or those to one address, the oldest first."""
    db.session.rollback()
    found = db.session.scalars(select(Letter).order_by(Letter.id))
    return [letter for letter in found if not to or letter.to == to]


def code_in(letter: Letter) -> str:
    found = re.search(r"\d{6}", letter.text)
    assert found is not None, letter.text
    return found[0]


def last_code(to: str = "") -> str:
    return code_in(letters(to)[-1])


def wrong_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def contact(person: Person, text: str, *, at: datetime = NOON) -> Contact:
    """A contact of hers that is verified; she signs in with it unless somebody else does."""
    added = add_contact(person, read_address(text), at=at)
    verify_contact(added, person, at=at)
    return added


def codes_digest(added: Contact) -> str:
    row = db.session.get(ContactCode, added.id)
    assert row is not None
    return row.digest
