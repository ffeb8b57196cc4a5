from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Id, Model


class Notice(Model):
    """Something that one person was told. `kind` and `values` make its sentence when it is read.

    A person who wants no bell for this kind has it as read from the beginning. `for_digest`: it waits for the day's
    letter. `key`: told only once to a person.
    """

    __tablename__ = "notices_notice"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_notices_notice_person", "person_id", "id"),
        Index("ix_notices_notice_at", "at"),
        Index(
            "ix_notices_notice_for_digest",
            "person_id",
            sqlite_where=text("for_digest"),
            postgresql_where=text("for_digest"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str]
    values: Mapped[dict[str, Any]]
    url: Mapped[str]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    for_digest: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str | None]


class Preference(Model):
    """What a person chose for one kind and channel; where there is no row, the kind's own way holds."""

    __tablename__ = "notices_preference"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "channel"),
        CheckConstraint("channel IN ('bell', 'mail', 'sms')", name="channel_known"),
        CheckConstraint("way IN ('off', 'now', 'daily')", name="way_known"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str]
    channel: Mapped[str]
    way: Mapped[str]
