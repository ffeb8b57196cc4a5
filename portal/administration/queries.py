import re
import unicodedata
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from portal.administration.models import SetUp
from portal.administration.plans import Plan
from portal.chance import digest_of_token
from portal.db import db, rows
from portal.people.models import Person

_IS_OVER = select(exists().where(SetUp.done_at.is_not(None)) | exists(select(Person.id)))
_OPENS = select(SetUp.id).where(
    SetUp.token_digest == bindparam("digest"), SetUp.token_until > bindparam("at"), SetUp.done_at.is_(None)
)


def is_over() -> bool:
    """Whether the first day is over: somebody finished it, or people are here already, such as those of a demo."""
    return bool(rows(_IS_OVER).scalar_one())


def digest_of(token: str) -> str:
    """What is kept of a token, however it was typed."""
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", token)).upper()
    return digest_of_token(plain)


def opens(digest: str, *, at: datetime) -> bool:
    """Whether this is the token that counts now."""
    return rows(_OPENS, {"digest": digest, "at": at}).first() is not None


def plan_so_far() -> Plan:
    """What was filled in so far."""
    draft = db.session.scalar(select(SetUp.draft))
    return Plan.of(draft or {})
