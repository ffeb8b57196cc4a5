"""Whose a mobile or an e-mail address is, and what a person has said of how she can be reached."""

from sqlalchemy import ColumnElement, select

from portal.contacts.models import Contact, ContactCode, Kind
from portal.contacts.reading import Address, read_address
from portal.db import db
from portal.people.models import Person
from portal.problems import DomainError

NOWHERE = Address(Kind.MOBILE, "")
"""What makes no sense is looked up all the same: it takes the same statement."""


def person_by_contact(text: str) -> Person | None:
    """Who signs in with this mobile or e-mail address; closed accounts too. Always one statement."""
    return db.session.scalar(
        select(Person).join(Contact, Contact.person_id == Person.id).where(*_is(address_of(text)), Contact.signs_in)
    )


def address_of(text: str) -> Address:
    """What the text names, NOWHERE if nothing."""
    try:
        return read_address(text)
    except DomainError:
        return NOWHERE


def contacts_of(person_id: int) -> list[Contact]:
    """In the order in which they were added."""
    return list(db.session.scalars(select(Contact).where(Contact.person_id == person_id).order_by(Contact.id)))


def contact_of(person: Person, contact_id: int) -> Contact | None:
    """One of her own."""
    return db.session.scalar(select(Contact).where(Contact.id == contact_id, Contact.person_id == person.id))


def same_contact(person: Person, address: Address) -> Contact | None:
    """Her own contact with this address."""
    return db.session.scalar(select(Contact).where(Contact.person_id == person.id, *_is(address)))


def code_under_way(contact: Contact) -> ContactCode | None:
    return db.session.get(ContactCode, contact.id)


def _is(address: Address) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Contact.kind == address.kind.value, Contact.digest == address.digest
