import hashlib
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model


class SignIn(Model):
    """A browser in which a person has signed in, until she signs out or ends it from elsewhere.

    The browser holds a token, this table only its digest: whoever reads the table cannot sign in with it.
    """

    __tablename__ = "accounts_sign_in"
    __table_args__ = (CheckConstraint("length(token_digest) = 64", name="token_digest_is_sha256"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str]
    browser: Mapped[str]
    ended_at: Mapped[datetime | None]

    LASTS: ClassVar[timedelta] = timedelta(days=90)
    """After that one signs in anew: long enough for whom passwords are hard, short enough for a phone that was lost."""

    @staticmethod
    def digest(token: str) -> str:
        """What is kept of a token. It is as long as chance can make it, so one round is enough."""
        return hashlib.sha256(token.encode()).hexdigest()
