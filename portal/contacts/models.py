from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.people.models import Person
from portal.privacy import Sealed, mask_address
from portal.words import Words, _l


class Kind(StrEnum):
    """How somebody can be reached."""

    MOBILE = "mobile"
    EMAIL = "email"

    @property
    def label(self) -> Words:
        return KIND_NAMES[self]


KIND_NAMES: dict[Kind, Words] = {Kind.MOBILE: _l("手机"), Kind.EMAIL: _l("邮箱")}


class Contact(Model):
    """A mobile or an e-mail address of a person. Several people may share one; at most one of them signs in with it."""

    __tablename__ = "contacts_contact"
    __table_args__ = (
        CheckConstraint("kind IN ('mobile', 'email')", name="kind_known"),
        CheckConstraint("length(digest) = 64", name="digest_is_sha256"),
        CheckConstraint("NOT signs_in OR verified_at IS NOT NULL", name="verified_to_sign_in"),
        UniqueConstraint("person_id", "kind", "digest"),
        Index(
            "uq_contacts_contact_signs_in",
            "kind",
            "digest",
            unique=True,
            sqlite_where=text("signs_in"),
            postgresql_where=text("signs_in"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(Sealed("contacts_contact.value"))
    digest: Mapped[str] = mapped_column(index=True)
    signs_in: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def masked(self) -> str:
        return mask_address(self.value)


class ContactCode(Model):
    """The one code under way to a contact, by its digest. Sending another one takes its place."""

    __tablename__ = "contacts_contact_code"
    __table_args__ = (CheckConstraint("length(digest) = 64", name="digest_is_sha256"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts_contact.id"), primary_key=True, autoincrement=False)
    digest: Mapped[str]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
