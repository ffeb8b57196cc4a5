"""Looking up who has asked for another password, and where a code can reach her."""

from datetime import datetime

from sqlalchemy import select

from portal.accounts.queries import who_is_called
from portal.contacts.models import Contact, Kind
from portal.contacts.queries import address_of, contacts_of
from portal.contacts.reading import Address
from portal.db import db
from portal.people.models import Person
from portal.privacy import digest_of as _digest
from portal.resets.models import Reset


def reset_by_nonce(nonce: str | None) -> Reset | None:
    """What this browser has asked for last."""
    return db.session.scalar(select(Reset).where(Reset.nonce_digest == _digest(nonce or "", purpose="reset nonce")))


def proven(nonce: str | None, *, at: datetime) -> Reset | None:
    """What this browser may choose another password by, just now."""
    reset = reset_by_nonce(nonce)
    if reset is None or reset.used_at is not None or reset.person is None or not reset.person.is_open:
        return None
    is_good = reset.proven_at is not None and at - reset.proven_at < Reset.GOOD_FOR and at < reset.expires_at
    return reset if is_good else None


def asked_for(who: str) -> tuple[Person, Contact] | None:
    """The open account that a login, volunteer number, mobile or e-mail address names, and where to send a code."""
    typed = address_of(who)
    person = who_is_called(who) or _only_one_at(typed)
    if person is None or not person.is_open:
        return None
    known = [contact for contact in contacts_of(person.id) if contact.verified_at is not None]
    # The one that was typed; else a mobile before a mailbox, for elders have those at hand.
    known.sort(key=lambda contact: (contact.digest != typed.digest, contact.kind != Kind.MOBILE, contact.id))
    return (person, known[0]) if known else None


def _only_one_at(address: Address) -> Person | None:
    """Whose contact it is, if it is verified for one person alone, though she does not sign in with it."""
    is_there = (Contact.kind == address.kind.value, Contact.digest == address.digest, Contact.verified_at.is_not(None))
    found = db.session.scalars(select(Person).join(Contact, Contact.person_id == Person.id).where(*is_there).limit(2))
    people = found.all()
    return people[0] if len(people) == 1 else None


def printed_by_code(code: str, *, at: datetime) -> Reset | None:
    """The printed code's row, as long as nobody has brought it and it has not expired."""
    is_it = (Reset.code_digest == digest_of_printed(code), Reset.issued_by_id.is_not(None))
    return db.session.scalar(
        select(Reset).where(*is_it, Reset.proven_at.is_(None), Reset.expires_at > at).with_for_update()
    )


def digest_of_code(reset_id: int, code: str) -> str:
    """A code of six digits belongs to one asking."""
    return _digest(f"{reset_id}:{code}", purpose="reset code")


def digest_of_printed(code: str) -> str:
    return _digest(code.upper(), purpose="printed reset code")
