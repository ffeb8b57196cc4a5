from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import BigInt, Id, Model
from portal.privacy import Sealed


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


class Account(Model):
    """A person's second step: when it was first asked of her, and since when she has one. No row: neither.

    `last_counter` is the half minute of the latest code that was taken: it and all before it are used up.
    """

    __tablename__ = "accounts_account"
    __table_args__ = (
        CheckConstraint("(secret IS NULL) = (since IS NULL)", name="secret_since"),
        CheckConstraint("(secret IS NULL) = (last_counter IS NULL)", name="secret_has_counter"),
    )

    person_id: Mapped[int] = mapped_column(BigInt, ForeignKey("people_person.id"), primary_key=True)
    asked_at: Mapped[datetime | None]
    since: Mapped[datetime | None]
    last_counter: Mapped[int | None]
    # Each page of hers begins with this row: the secret is unsealed only where a code is asked.
    secret: Mapped[str | None] = mapped_column(Sealed("accounts_account.secret"), deferred=True)


class RecoveryCode(Model):
    """One of ten codes on paper, for the day the telephone is lost. Only its digest is kept, and it opens once."""

    __tablename__ = "accounts_recovery_code"
    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest_is_sha256"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
