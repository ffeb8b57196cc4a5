from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.people.models import Person
from portal.privacy import Sealed


class Reset(Model):
    """Somebody has forgotten a password, or says so.

    `asked` is what was typed, sealed; whose it is, a job finds out later, so that known and unknown take the same time.
    The code belongs to the browser that asked: it holds a nonce, this table its digest. A printed code was `issued_by`
    an administrator and belongs to no browser until somebody brings it.
    """

    __tablename__ = "resets_reset"
    __table_args__ = (
        CheckConstraint("nonce_digest IS NULL OR length(nonce_digest) = 64", name="nonce_digest_is_sha256"),
        CheckConstraint("code_digest IS NULL OR length(code_digest) = 64", name="code_digest_is_sha256"),
        CheckConstraint("code_digest IS NULL OR person_id IS NOT NULL", name="code_is_somebodys"),
        CheckConstraint("proven_at IS NULL OR code_digest IS NOT NULL", name="proven_by_code"),
        CheckConstraint("used_at IS NULL OR proven_at IS NOT NULL", name="proven_before_use"),
        CheckConstraint("issued_by_id IS NULL OR issued_by_id <> person_id", name="not_issued_to_oneself"),
    )

    id: Mapped[Id]
    nonce_digest: Mapped[str | None] = mapped_column(unique=True)
    asked: Mapped[str | None] = mapped_column(Sealed("resets_reset.asked"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"), index=True)
    code_digest: Mapped[str | None] = mapped_column(index=True)
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    proven_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])

    GOOD_FOR: ClassVar[timedelta] = timedelta(minutes=10)
    PRINTED_GOOD_FOR: ClassVar[timedelta] = timedelta(days=7)
    TRIES: ClassVar[int] = 5
