from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.files.models import StoredFile
from portal.guards import frozen, not_deleted, not_replaced
from portal.people.models import Person
from portal.privacy import Sealed
from portal.words import Words, _l


class Copy(Model):
    """A copy of all that is kept of a person, made for her alone. It lies sealed beside the uploads until `expires_at`.

    `place` is 128 bits of chance, the name of its file; None before it is made and after it is gone. `size` in bytes.
    """

    __tablename__ = "mydata_copy"
    __table_args__ = (
        CheckConstraint("(ready_at IS NULL) = (size IS NULL)", name="ready_has_size"),
        CheckConstraint("place IS NULL OR ready_at IS NOT NULL", name="place_when_ready"),
        CheckConstraint("gone_at IS NULL OR place IS NULL", name="gone_has_no_place"),
        Index("ix_mydata_copy_person", "person_id", "id"),
        Index(
            "ix_mydata_copy_expires",
            "expires_at",
            sqlite_where=text("gone_at IS NULL"),
            postgresql_where=text("gone_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    place: Mapped[str | None]
    size: Mapped[int | None]


class Mistake(StrEnum):
    """What she cannot change herself, because papers or records of others rest on it."""

    NAME = "name"
    PAPER = "paper"
    BIRTH = "birth"
    HOURS = "hours"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return MISTAKE_NAMES[self]


MISTAKE_NAMES: dict[Mistake, Words] = {
    Mistake.NAME: _l("姓名"),
    Mistake.PAPER: _l("证件号码"),
    Mistake.BIRTH: _l("性别或出生日期"),
    Mistake.HOURS: _l("已审核的服务时长"),
    Mistake.OTHER: _l("其他"),
}


class Correction(Model):
    """She asks the office to put something right (个人信息保护法 §46). `wanted` is emptied when the answer is old."""

    __tablename__ = "mydata_correction"
    __table_args__ = (
        CheckConstraint(f"mistake IN ({', '.join(repr(one.value) for one in Mistake)})", name="mistake_known"),
        CheckConstraint("outcome IN ('done', 'refused')", name="outcome_known"),
        CheckConstraint("(outcome IS NULL) = (answered_at IS NULL)", name="answered_with_outcome"),
        CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name="answered_by_somebody"),
        CheckConstraint("answered_by_id IS NULL OR answered_by_id <> person_id", name="not_by_herself"),
        Index(
            "uq_mydata_correction_open",
            "person_id",
            "mistake",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_mydata_correction_due", "answered_at", "due_on"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), index=True)
    mistake: Mapped[str]
    wanted: Mapped[str | None] = mapped_column(Sealed("mydata_correction.wanted"))
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    outcome: Mapped[str | None]
    answer: Mapped[str | None] = mapped_column(Sealed("mydata_correction.answer"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def what(self) -> Mistake:
        return Mistake(self.mistake)


class Deletion(Model):
    """She wishes her data deleted (个人信息保护法 §47). Until `final_at` it can be taken back; then it is done.

    `name` is hers, sealed, for the records that must keep it, and emptied when they are due. Somebody without a
    telephone has signed a paper, whose photo is `paper_id`.
    """

    __tablename__ = "mydata_deletion"
    __table_args__ = (
        CheckConstraint("asked_by_id = person_id OR paper_id IS NOT NULL", name="asked_by_herself_or_on_paper"),
        CheckConstraint("final_at > asked_at", name="final_after_asking"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
        CheckConstraint("done_at IS NULL OR withdrawn_at IS NULL", name="done_or_withdrawn"),
        Index(
            "uq_mydata_deletion_open",
            "person_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "ix_mydata_deletion_final",
            "final_at",
            sqlite_where=text("withdrawn_at IS NULL AND done_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL AND done_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"), index=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("files_file.id"), index=True)
    final_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    done_at: Mapped[datetime | None]
    name: Mapped[str | None] = mapped_column(Sealed("mydata_deletion.name"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    paper: Mapped[StoredFile | None] = relationship()


class Kept(Model):
    """What had to stay of somebody whose data were deleted, and until when: a row for each table. `holding` names it.

    `until` None: as long as the law wants the records themselves. `erased_at`: it was due, and is gone.
    """

    __tablename__ = "mydata_kept"
    __table_args__ = (
        UniqueConstraint("person_id", "holding"),
        CheckConstraint("erased_at IS NULL OR until IS NOT NULL", name="erased_when_due"),
        Index(
            "ix_mydata_kept_until",
            "until",
            sqlite_where=text("erased_at IS NULL"),
            postgresql_where=text("erased_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    holding: Mapped[str]
    until: Mapped[date | None]
    count: Mapped[int]
    erased_at: Mapped[datetime | None]


class Sweep(Model):
    """How much one day's work of one kind deleted because its time was over."""

    __tablename__ = "mydata_sweep"
    __table_args__ = (CheckConstraint("count >= 0", name="count_not_negative"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


frozen("mydata_deletion", "id", "person_id", "asked_at", "asked_by_id", "paper_id", "final_at")
not_replaced("mydata_deletion")
not_deleted("mydata_deletion")
frozen("mydata_kept", "id", "person_id", "holding")
not_replaced("mydata_kept", keys=("id", ("person_id", "holding")))
not_deleted("mydata_kept")
