import unicodedata
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import joinedload

from portal import rules
from portal.accounts.bell import Bell
from portal.accounts.models import Account, SignIn
from portal.audit import signed_in_by
from portal.chance import digest_of_token
from portal.contacts.queries import address_of, person_by_contact
from portal.db import db
from portal.people.models import Person
from portal.people.queries import people_called
from portal.rules.catalogue import SIGN_IN_DAYS

_NOT_SIGNED_OUT_SINCE = or_(Person.signed_out_at.is_(None), SignIn.at >= Person.signed_out_at)

# Made once, and all in one: every page of those who signed in begins with it, and nearly all ask what one may.
_SIGNED_IN = (
    select(Person, SignIn.id, Account, Bell.unread)
    .join(SignIn, SignIn.person_id == Person.id)
    .outerjoin(Account, Account.person_id == Person.id)
    .outerjoin(Bell, Bell.person_id == Person.id)
    .where(Person.id == bindparam("person"), Person.is_open)
    .where(SignIn.token_digest == bindparam("digest"), SignIn.at > bindparam("since"), SignIn.ended_at.is_(None))
    .where(_NOT_SIGNED_OUT_SINCE)
    .options(joinedload(Person.grants))
)


class SignedIn(NamedTuple):
    """Who is there, with all that was granted to her, her account, if there is a row of it, and her bell's number."""

    person: Person
    account: Account | None
    unread: int = 0


def oldest(at: datetime) -> datetime:
    """Since when one must have signed in to be in still."""
    return at - timedelta(days=rules.value(SIGN_IN_DAYS, on=at.date()))


def signed_in(person_id: int, token: str, *, at: datetime) -> SignedIn | None:
    """The person, if she has signed in with this token and neither she nor a change of rights has ended it since."""
    known = {"person": person_id, "digest": digest_of_token(token), "since": oldest(at)}
    found = db.session.execute(_SIGNED_IN, known).unique().one_or_none()
    if found is None:
        return None
    person, sign_in_id, account, unread = found
    signed_in_by(sign_in_id)
    return SignedIn(person, account, unread or 0)


def who_is_called(text: str) -> Person | None:
    """Whoever signs in by this name, volunteer number, mobile or e-mail, in this order.

    Each is asked for whatever the text looks like: how long it takes says nothing of who is known.
    """
    called, reached = people_called(text), person_by_contact(text)
    return next(iter(called), reached)


def spelling(text: str) -> str:
    """The one spelling of what somebody typed as her name here, however she wrote it: wrong guesses count together."""
    return address_of(text).value.lower() or unicodedata.normalize("NFKC", text).strip().lower()


def sign_ins_of(person: Person, *, at: datetime) -> list[SignIn]:
    """Where she is signed in just now, the latest first."""
    since = max(oldest(at), person.signed_out_at or oldest(at))
    still = (SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.at >= since)
    return list(db.session.scalars(select(SignIn).where(*still).order_by(SignIn.at.desc(), SignIn.id.desc())))


def sign_in_of(person: Person, sign_in_id: int) -> SignIn | None:
    """One of her own, ended or not."""
    return db.session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id))
