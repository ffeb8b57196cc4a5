from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.orgs.models import Team
from portal.people.models import Person


class Badge(Model):
    """A person's card. Its token is made from data key, id and nonce, and kept nowhere; a new card has a new one."""

    __tablename__ = "badges_badge"
    __table_args__ = (
        CheckConstraint("length(number) = 8", name="number_has_eight_digits"),
        CheckConstraint("(pin_hash IS NULL) = (pin_set_at IS NULL)", name="pin_has_moment"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_somebody"),
        Index(
            "uq_badges_badge_live",
            "person_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"))
    number: Mapped[str] = mapped_column(unique=True)
    nonce: Mapped[str]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    pin_hash: Mapped[str | None]
    pin_set_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    team: Mapped[Team] = relationship()


class Kiosk(Model):
    """A browser that somebody who runs a team has given over to it: nobody is signed in there between two visits."""

    __tablename__ = "badges_kiosk"
    __table_args__ = (CheckConstraint("length(token_digest) = 64", name="token_digest_is_sha256"),)

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"), index=True)
    token_digest: Mapped[str] = mapped_column(unique=True)
    browser: Mapped[str]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), index=True)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship()
    opened_by: Mapped[Person] = relationship()

    LASTS: ClassVar[timedelta] = timedelta(hours=12)


class Visit(Model):
    """One time that a member acted by her badge, at a kiosk or at the device of a host who was signed in there.

    `sign_in_id` is the row of the sign-in that it was, as the audit names it; sign-ins are forgotten earlier.
    """

    __tablename__ = "badges_visit"
    __table_args__ = (CheckConstraint("(kiosk_id IS NULL) <> (host_id IS NULL)", name="somewhere"),)

    id: Mapped[Id]
    badge_id: Mapped[int] = mapped_column(ForeignKey("badges_badge.id"), index=True)
    sign_in_id: Mapped[int]
    kiosk_id: Mapped[int | None] = mapped_column(ForeignKey("badges_kiosk.id"))
    host_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    badge: Mapped[Badge] = relationship()

    LASTS: ClassVar[timedelta] = timedelta(minutes=10)
    IDLE: ClassVar[timedelta] = timedelta(minutes=5)
