from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import SignIn
from portal.db import db
from portal.people.models import Person

# Made once, and all in one: every page of those who signed in begins with it, and nearly all ask what one may.
_SIGNED_IN = (
    select(Person)
    .join(SignIn, SignIn.person_id == Person.id)
    .where(Person.id == bindparam("person"), Person.is_open)
    .where(SignIn.token_digest == bindparam("digest"), SignIn.at > bindparam("since"), SignIn.ended_at.is_(None))
    .options(joinedload(Person.grants))
)


def person_signed_in(person_id: int, token: str, *, at: datetime) -> Person | None:
    """The person with all that was granted to her, if she has signed in with this token and not ended it since."""
    known = {"person": person_id, "digest": SignIn.digest(token), "since": at - SignIn.LASTS}
    return db.session.scalars(_SIGNED_IN, known).unique().one_or_none()


def sign_ins_of(person: Person, *, at: datetime) -> list[SignIn]:
    """Where she is signed in just now, the latest first."""
    still = (SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.at > at - SignIn.LASTS)
    return list(db.session.scalars(select(SignIn).where(*still).order_by(SignIn.at.desc(), SignIn.id.desc())))


def sign_in_of(person: Person, sign_in_id: int) -> SignIn | None:
    """One of her own, ended or not."""
    return db.session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id))
