from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.orgs.models import Team
from portal.people.models import Person
from portal.public import shown
from portal.words import Words, _l


class Status(StrEnum):
    """How far an activity has come."""

    DRAFT = "draft"
    WAITING = "waiting"
    RETURNED = "returned"
    PUBLISHED = "published"
    CLOSED = "closed"

    @property
    def label(self) -> Words:
        return STATUS_NAMES[self]


STATUS_NAMES: dict[Status, Words] = {
    Status.DRAFT: _l("草稿"),
    Status.WAITING: _l("待审核"),
    Status.RETURNED: _l("已退回"),
    Status.PUBLISHED: _l("已发布"),
    Status.CLOSED: _l("已办结"),
}

OPEN_TO_CHANGE = (Status.DRAFT, Status.RETURNED)
"""While the leader may still write."""

SEEN_BY_ALL = (Status.PUBLISHED, Status.CLOSED)
"""What the public page shows."""


@shown
class Activity(Model):
    """One session of a team's service. `seq` counts its changes: whoever acts on it names the one they saw.

    `return_reason` stays until the activity is published, so that the second look knows what the first one asked for.
    """

    __tablename__ = "activities_activity"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("place <> ''", name="place_given"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint(f"status IN ({', '.join(repr(status.value) for status in Status)})", name="status_known"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> drafted_by_id", name="not_by_who_drafted"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> submitted_by_id", name="not_by_who_submitted"),
        CheckConstraint("status = 'draft' OR submitted_by_id IS NOT NULL", name="submitted_by_somebody"),
        CheckConstraint("status IN ('draft', 'waiting') OR decided_by_id IS NOT NULL", name="decided_by_somebody"),
        CheckConstraint("status <> 'returned' OR coalesce(return_reason, '') <> ''", name="returned_with_reason"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at_some_time"),
        Index("ix_activities_activity_coming", "status", "ends_at", "starts_at", "id"),
        Index("ix_activities_activity_of_team", "team_id", "status", "starts_at"),
        Index(
            "ix_activities_activity_on_the_way",
            "status",
            "drafted_by_id",
            sqlite_where=text("status IN ('draft', 'waiting', 'returned')"),
            postgresql_where=text("status IN ('draft', 'waiting', 'returned')"),
        ),
        # The public list, the newest first, is paged through in the index alone.
        Index(
            "ix_activities_activity_public",
            "starts_at",
            "id",
            "ends_at",
            "status",
            sqlite_where=text("status IN ('published', 'closed')"),
            postgresql_where=text("status IN ('published', 'closed')"),
        ),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"))
    name: Mapped[str]
    place: Mapped[str]
    content: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=Status.DRAFT.value)
    seq: Mapped[int] = mapped_column(default=0)
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    drafted_at: Mapped[datetime]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    submitted_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    team: Mapped[Team] = relationship()
    drafted_by: Mapped[Person] = relationship(foreign_keys=[drafted_by_id])
    submitted_by: Mapped[Person | None] = relationship(foreign_keys=[submitted_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def is_public(self) -> bool:
        return self.status in SEEN_BY_ALL

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def has_begun(self, day: date) -> bool:
        """Whether it is the day of the activity or later."""
        return self.starts_at.date() <= day

    def is_over(self, at: datetime) -> bool:
        return self.ends_at <= at
