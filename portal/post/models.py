from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model
from portal.privacy import Sealed
from portal.words import Words, _l


class Channel(StrEnum):
    """How a letter travels."""

    MAIL = "mail"
    SMS = "sms"

    @property
    def label(self) -> Words:
        return CHANNEL_NAMES[self]


CHANNEL_NAMES: dict[Channel, Words] = {Channel.MAIL: _l("邮件"), Channel.SMS: _l("短信")}
STATES = ("waiting", "sent", "expired", "refused")


class Letter(Model):
    """One message to one address. Where it goes and what it says lie sealed.

    `attempts` counts the tries and is the fence: who began an older one marks nothing. `held_until` keeps a second
    worker from beginning meanwhile. `unsubscribe` is the address of a page that ends letters of this kind.
    """

    __tablename__ = "post_letter"
    __table_args__ = (
        CheckConstraint(f"channel IN ({', '.join(repr(channel.value) for channel in Channel)})", name="channel_known"),
        CheckConstraint(f"status IN ({', '.join(map(repr, STATES))})", name="status_known"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_moment"),
        Index("ix_post_letter_status_at", "status", "at"),
        Index("ix_post_letter_at", "at"),
    )

    id: Mapped[Id]
    channel: Mapped[str]
    to: Mapped[str] = mapped_column("sent_to", Sealed("post_letter.sent_to"))
    subject: Mapped[str] = mapped_column(Sealed("post_letter.subject"))
    text: Mapped[str] = mapped_column(Sealed("post_letter.text"))
    unsubscribe: Mapped[str | None] = mapped_column(Sealed("post_letter.unsubscribe"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"), index=True)
    status: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
