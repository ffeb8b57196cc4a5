from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.guards import frozen, not_deleted, not_replaced
from portal.people.models import Person


class Export(Model):
    """One file of personal data that somebody took away. `count` is how many people are in it.

    Nothing of it changes but that its exporter says when she deleted the file (`deleted_at`).
    """

    __tablename__ = "exports_export"
    __table_args__ = (
        CheckConstraint("what <> ''", name="what_given"),
        CheckConstraint("purpose <> ''", name="purpose_given"),
        CheckConstraint("count >= 0", name="count_not_negative"),
        Index("ix_exports_export_person", "person_id", "id"),
        Index(
            "ix_exports_export_expires",
            "expires_on",
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    what: Mapped[str]
    purpose: Mapped[str]
    count: Mapped[int]
    at: Mapped[datetime]
    expires_on: Mapped[date]
    deleted_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


frozen("exports_export", "id", "person_id", "what", "purpose", "count", "at", "expires_on")
not_replaced("exports_export")
not_deleted("exports_export")
