from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.guards import append_only, declare, frozen, not_deleted, not_replaced, refusing
from portal.people.models import Person


class Merge(Model):
    """The entry `twin` became a part of the entry `into`, which is the same person's. `moved` says what went over.

    What it holds are ids and names of columns, nothing of the person. An undone one stays, with who undid it and why.
    """

    __tablename__ = "merging_merge"
    __table_args__ = (
        CheckConstraint("twin_id <> into_id", name="two_entries"),
        CheckConstraint("by_id NOT IN (twin_id, into_id)", name="not_ones_own"),
        CheckConstraint("reason <> ''", name="reason_given"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        CheckConstraint("(undone_at IS NULL) = (undo_reason IS NULL)", name="undone_for_a_reason"),
        Index(
            "uq_merging_merge_twin",
            "twin_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("ix_merging_merge_into", "into_id"),
    )

    id: Mapped[Id]
    twin_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    moved: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    undo_reason: Mapped[str | None]

    twin: Mapped[Person] = relationship(foreign_keys=[twin_id])
    into: Mapped[Person] = relationship(foreign_keys=[into_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])


class Apart(Model):
    """Two entries that look alike and are two people, as somebody found out: they are suggested no more."""

    __tablename__ = "merging_apart"
    __table_args__ = (CheckConstraint("one_id < other_id", name="in_order"),)

    one_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), primary_key=True, autoincrement=False)
    other_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), primary_key=True, autoincrement=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    at: Mapped[datetime]


_HELD = "people_person p WHERE p.id IN (SELECT twin_id FROM added UNION SELECT into_id FROM added)"
declare(
    refusing(
        "merging_merge_no_chain",
        "merging_merge",
        verb="INSERT",
        when="""EXISTS (SELECT 1 FROM merging_merge m WHERE m.undone_at IS NULL AND m.id <> NEW.id
    AND (m.twin_id = NEW.into_id OR m.into_id = NEW.twin_id))""",
        sentence="an entry that is merged itself takes no other, and one that has taken others is merged into none",
        # Two who merge A into B and B into A at the same moment: the second sees the first.
        first=f"PERFORM 1 FROM {_HELD} ORDER BY p.id FOR NO KEY UPDATE;",
    )
)
frozen("merging_merge", "id", "twin_id", "into_id", "by_id", "at", "reason")
not_replaced("merging_merge")
not_deleted("merging_merge")
append_only("merging_apart", keys=(("one_id", "other_id"),))
