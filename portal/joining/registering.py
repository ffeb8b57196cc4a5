"""A form that is filled in becomes a person with an account, and her application."""

from datetime import datetime

from portal.chance import new_digits
from portal.consents.models import Purpose
from portal.contacts.actions import add_contact, verify_contact
from portal.db import db
from portal.joining.actions import FIRST_LOGIN, apply
from portal.joining.drafts import HalfDone, take
from portal.joining.models import Application
from portal.joining.wishes import NOWHERE, Wish, read_wish, wish_invited
from portal.people.actions import add_person
from portal.people.models import Person
from portal.people.queries import person_by_login
from portal.problems import DomainError
from portal.profiles.agreeing import asked_for, still_shown
from portal.words import _l


def register(half: HalfDone, password_hash: str, *, agreed_version: int | None, at: datetime) -> tuple[Person, bool]:
    """The person, and whether she signs in with the address that she proved (else somebody else does).

    Raises ChangedMeanwhile when the same form was sent already, DomainError.
    """
    address = half.address
    if address is None or not half.is_proved:
        raise DomainError(_l("请先验证手机号或邮箱。"), field="contact")
    take(half)
    person = add_person(half.name, by=None, at=at)
    person.login, person.password_hash = _first_login(), password_hash
    db.session.flush()
    contact = add_contact(person, address, at=at)
    signs_in = verify_contact(contact, person, at=at)
    _apply(half, person, agreed_version, at=at)
    return person, signs_in


def apply_with(half: HalfDone, person: Person, *, agreed_version: int | None, at: datetime) -> Application:
    """The application of somebody who has an account. Raises ChangedMeanwhile, AppliedAlready, DomainError."""
    take(half)
    return _apply(half, person, agreed_version, at=at)


def wish_of(half: HalfDone) -> Wish:
    """What was wished for, as far as it is still there; with the link by which she came, while that is good."""
    try:
        wish = read_wish(half.said.get("wish"))
    except DomainError:
        return NOWHERE
    invited = wish_invited(half.said.get("invite") or "")
    return invited if wish.team is not None and invited.text == wish.text else wish


def _apply(half: HalfDone, person: Person, agreed_version: int | None, *, at: datetime) -> Application:
    details = half.details
    agreed = {purpose for purpose in asked_for(details) if still_shown(purpose, _version(half, purpose))}
    if still_shown(Purpose.JOIN, agreed_version):
        agreed.add(Purpose.JOIN)
    guardian_agreed = half.guardian_agreed
    return apply(person, details, agreed=agreed, by=person, at=at, wish=wish_of(half), guardian_agreed=guardian_agreed)


def _version(half: HalfDone, purpose: Purpose) -> int | None:
    """The version of the text beside which this was ticked."""
    said = half.said.get("agreed", {}).get(purpose.value)
    return int(said) if said else None


def _first_login() -> str:
    """申请编号: what she signs in by until she has a volunteer number, should somebody else sign in with her mobile."""
    while person_by_login(login := FIRST_LOGIN + new_digits(8)) is not None:
        continue
    return login
