"""What a person does with her own contacts. Every change goes to the audit, and by letter to the contacts she has."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit import record
from portal.contacts import codes
from portal.contacts.letters import tell
from portal.contacts.models import Contact
from portal.contacts.queries import contacts_of, same_contact
from portal.contacts.reading import Address
from portal.db import DETACHED, db
from portal.people.models import Person
from portal.problems import DomainError
from portal.words import _, _l

MOST = 6
"""Contacts of one person."""


class TakenByAnother(DomainError):
    """Somebody else signs in with this mobile or e-mail address."""


def add_contact(person: Person, address: Address, *, at: datetime) -> Contact:
    """A contact of hers that is still to be verified. Raises DomainError: she has it, or has enough of them."""
    if same_contact(person, address):
        raise DomainError(_l("这个联系方式您已经加过了。"), field="contact")
    own = contacts_of(person.id)
    if len(own) >= MOST:
        raise DomainError(_l("最多留 %(count)d 个联系方式，请先去掉一个。", count=MOST), field="contact")
    contact = Contact(
        person_id=person.id, kind=address.kind.value, value=address.value, digest=address.digest, added_at=at
    )
    try:
        with db.session.begin_nested():
            db.session.add(contact)
    except IntegrityError as twice:
        raise DomainError(_l("这个联系方式您已经加过了。"), field="contact") from twice
    record("contacts.contact.added", contact, by=person, at=at, contact=contact.kind)
    return contact


def verify_contact(contact: Contact, person: Person, *, at: datetime) -> bool:
    """The right code came back: it is hers. Whether she signs in with it now: yes, unless somebody else does."""
    # Told before it counts: the news goes to those that she had already.
    tell(person.id, _("您的账号加了一个新的联系方式 %(contact)s。", contact=contact.masked), at=at)
    codes.drop(contact)
    contact.verified_at = at
    db.session.flush()
    record("contacts.contact.verified", contact, by=person, at=at, contact=contact.kind)
    try:
        sign_in_with(contact, person, at=at)
    except TakenByAnother:
        return False
    return True


def sign_in_with(contact: Contact, person: Person, *, at: datetime) -> None:
    """From now on she may sign in with it. Raises TakenByAnother; DomainError before it is verified."""
    if contact.verified_at is None:
        raise DomainError(_l("请先用验证码证明这是您的。"))
    if contact.signs_in:
        return
    _take_from_closed_accounts(contact)
    try:
        with db.session.begin_nested():
            # The database keeps it unique: of two who ask at once, one is refused there.
            _set_signs_in(contact, True)
    except IntegrityError as taken:
        raise _taken() from taken
    record("contacts.contact.signs_in", contact, by=person, at=at, contact=contact.kind)


def stop_signing_in_with(contact: Contact, person: Person, *, at: datetime) -> None:
    """She signs in with it no more, so that somebody who shares it may; twice is as good as once."""
    if contact.signs_in:
        _set_signs_in(contact, False)
        record("contacts.contact.signs_in_no_more", contact, by=person, at=at, contact=contact.kind)


def remove_contact(contact: Contact, person: Person, *, at: datetime) -> None:
    """She is no longer reached there. The contact itself is told, and all others that she has."""
    record("contacts.contact.removed", contact, by=person, at=at, contact=contact.kind)
    if contact.verified_at is not None:
        tell(person.id, _("您的账号去掉了联系方式 %(contact)s。", contact=contact.masked), at=at)
    codes.drop(contact)
    db.session.execute(delete(Contact).where(Contact.id == contact.id))


def _take_from_closed_accounts(contact: Contact) -> None:
    """Nobody signs in there any more: whoever shares the mobile may."""
    closed = select(Person.id).where(Person.id == Contact.person_id, ~Person.is_open).exists()
    same = (Contact.kind == contact.kind, Contact.digest == contact.digest, Contact.signs_in)
    db.session.execute(update(Contact).where(*same, closed).values(signs_in=False), execution_options=DETACHED)


def _set_signs_in(contact: Contact, signs_in: bool) -> None:
    db.session.execute(update(Contact).where(Contact.id == contact.id).values(signs_in=signs_in))


def _taken() -> TakenByAnother:
    return TakenByAnother(_l("已经有人用它登录了。几个人共用时只有一个人能用它登录，其他人用登录名或志愿者编号。"))
