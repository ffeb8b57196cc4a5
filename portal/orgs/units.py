"""成员单位 (whoever belongs to the alliance) and merges: what was one organisation under two names."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.guards import append_only, frozen, not_deleted, not_replaced
from portal.orgs.models import Organisation
from portal.people.models import Person
from portal.privacy import Sealed
from portal.public import shown


@shown
class MemberUnit(Model):
    """An organisation belongs to the alliance from a day on, until another. `commitment`: what it promised to give."""

    __tablename__ = "orgs_member_unit"
    __table_args__ = (
        CheckConstraint("left_on >= joined_on", name="left_after_joining"),
        Index("ix_orgs_member_unit_organisation_id", "organisation_id"),
        Index(
            "uq_orgs_member_unit_current",
            "organisation_id",
            unique=True,
            sqlite_where=text("left_on IS NULL"),
            postgresql_where=text("left_on IS NULL"),
        ),
    )

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"))
    joined_on: Mapped[date]
    left_on: Mapped[date | None]
    representative: Mapped[str | None] = mapped_column(Sealed("orgs_member_unit.representative"))
    representative_phone: Mapped[str | None] = mapped_column(Sealed("orgs_member_unit.representative_phone"))
    commitment: Mapped[str | None]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    added_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship()


class Moved(StrEnum):
    """What a merge did to one row. GRANTED: it made the row; UNIT_ENDED: it ended the row on the day of the merge."""

    TEAM = "team"
    GRANTED = "granted"
    UNIT = "unit"
    UNIT_ENDED = "unit_ended"
    EARLIER = "earlier"


class Merge(Model):
    """The second entry of an organisation becomes part of the first. Undone, it stays as what was."""

    __tablename__ = "orgs_merge"
    __table_args__ = (
        CheckConstraint("kept_id <> gone_id", name="two_entries"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        Index("ix_orgs_merge_kept_id", "kept_id"),
        Index(
            "uq_orgs_merge_gone",
            "gone_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    kept_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"))
    gone_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"))
    reason: Mapped[str]
    was_closed_on: Mapped[date | None]
    was_closed_reason: Mapped[str | None]
    merged_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    merged_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    undone_at: Mapped[datetime | None]

    kept: Mapped[Organisation] = relationship(foreign_keys=[kept_id])
    gone: Mapped[Organisation] = relationship(foreign_keys=[gone_id])
    merged_by: Mapped[Person] = relationship(foreign_keys=[merged_by_id])
    moves: Mapped[list["MergeMove"]] = relationship(order_by="MergeMove.id", viewonly=True)


class MergeMove(Model):
    """One row that a merge changed, so that it can be put back exactly."""

    __tablename__ = "orgs_merge_move"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(one.value) for one in Moved)})", name="kind_known"),
        Index("ix_orgs_merge_move_merge_id", "merge_id"),
    )

    id: Mapped[Id]
    merge_id: Mapped[int] = mapped_column(ForeignKey("orgs_merge.id"))
    kind: Mapped[str]
    record_id: Mapped[int]

    @property
    def deed(self) -> Moved:
        return Moved(self.kind)


not_deleted("orgs_member_unit")
not_replaced("orgs_member_unit")
frozen(
    "orgs_merge",
    *("id", "kept_id", "gone_id", "reason", "was_closed_on", "was_closed_reason", "merged_by_id", "merged_at"),
)
not_deleted("orgs_merge")
not_replaced("orgs_merge")
append_only("orgs_merge_move")
