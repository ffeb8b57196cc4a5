"""Codes of six digits that prove a contact: sent seldom, tried five times, good for ten minutes."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from portal.chance import new_digits
from portal.contacts.letters import send_code
from portal.contacts.models import Contact, ContactCode
from portal.db import DETACHED, db
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.web.throttle import Guesses, TooManyAttempts
from portal.words import _, _l

TRIES = 5
GOOD_FOR = timedelta(minutes=10)
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
AN_ADDRESS = 20
"""Codes that may be asked for from one network address in an hour."""

A_CONTACT = 5
"""Codes that go to one contact in an hour, whoever asks: nobody's telephone is rung all night."""


class WrongCode(DomainError):
    """Not the code, no longer the code, or tried too often: the same sentence for all."""


def new_code() -> str:
    """Of six digits."""
    return new_digits(6)


def same(digest: str | None, other: str) -> bool:
    """Whether two digests are one; takes the same time when there is none."""
    return hmac.compare_digest(digest or "0" * 64, other)


def require_seldom(contact: Contact, purpose: str, *, at: datetime) -> None:
    """Raise TooManyAttempts when a code for this went there a minute ago, or five in an hour; else count this one."""
    # Of two that ask at once, the second waits here and then finds the first one counted.
    db.session.execute(select(Contact.id).where(Contact.id == contact.id).with_for_update())
    just_now = Guesses({f"{purpose}-code-to:{contact.digest}": 1}, within=A_MINUTE)
    in_the_hour = Guesses({f"code-to:{contact.digest}": A_CONTACT}, within=AN_HOUR)
    try:
        just_now.check(at=at)
    except TooManyAttempts:
        raise TooManyAttempts(_l("验证码刚发出，请过一分钟再要。")) from None
    try:
        in_the_hour.check(at=at)
    except TooManyAttempts:
        raise TooManyAttempts(_l("这个号码一小时里已经要了 5 次验证码，请过一小时再试。")) from None
    for counted in (in_the_hour, just_now):
        counted.count_here(at=at)


def require_patience(address: str, *, at: datetime) -> None:
    """Raise TooManyAttempts when somebody at this network address asked twenty times in an hour; else count this."""
    asked = Guesses({f"codes-from:{address}": AN_ADDRESS}, within=AN_HOUR)
    asked.check(at=at)
    asked.count_here(at=at)


def send(contact: Contact, *, address: str, at: datetime) -> None:
    """Send another code; the one before is worth nothing any more. Raises TooManyAttempts."""
    require_seldom(contact, "contact", at=at)
    require_patience(address, at=at)
    code = new_code()
    drop(contact)
    db.session.add(
        ContactCode(contact_id=contact.id, digest=_digest(contact, code), sent_at=at, expires_at=at + GOOD_FOR)
    )
    db.session.flush()
    send_code(contact, code, _("验证这个联系方式"), at=at, expires_at=at + GOOD_FOR)


def spend_try(contact: Contact, code: str, *, at: datetime) -> bool:
    """Spend one of five tries and tell whether it was the code. Keep that, whatever comes of the request: commit."""
    left = update(ContactCode).where(ContactCode.contact_id == contact.id, ContactCode.tries < TRIES)
    live = left.where(ContactCode.expires_at > at).values(tries=ContactCode.tries + 1)
    digest = db.session.scalar(live.returning(ContactCode.digest), execution_options=DETACHED)
    return same(digest, _digest(contact, code))


def drop(contact: Contact) -> None:
    """No code is under way any more."""
    gone = delete(ContactCode).where(ContactCode.contact_id == contact.id)
    db.session.execute(gone, execution_options=DETACHED)


def wrong() -> WrongCode:
    return WrongCode(_l("验证码不对，或者过期了。输错 5 次要重新要一个。"), field="code")


def _digest(contact: Contact, code: str) -> str:
    return digest_of(f"{contact.id}:{code}", purpose="contact code")
