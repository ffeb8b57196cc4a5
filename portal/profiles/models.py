from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import BigInt, Id, Model
from portal.guards import append_only, declare, refusing
from portal.identity import Gender, Paper
from portal.people.models import Person
from portal.privacy import Sealed
from portal.words import Words, _l


class Status(StrEnum):
    """Where a volunteer stands. REFUSED may apply again; LEFT may come back."""

    APPLIED = "applied"
    REFUSED = "refused"
    APPROVED = "approved"
    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"

    @property
    def label(self) -> Words:
        return STATUS_NAMES[self]


STATUS_NAMES: dict[Status, Words] = {
    Status.APPLIED: _l("待审核"),
    Status.REFUSED: _l("未通过"),
    Status.APPROVED: _l("已通过"),
    Status.ACTIVE: _l("在册"),
    Status.PAUSED: _l("暂停"),
    Status.LEFT: _l("已退出"),
}

LEADS_TO: dict[Status, tuple[Status, ...]] = {
    Status.APPLIED: (Status.APPROVED, Status.REFUSED, Status.LEFT),
    Status.REFUSED: (Status.APPLIED, Status.LEFT),
    Status.APPROVED: (Status.ACTIVE, Status.PAUSED, Status.LEFT),
    Status.ACTIVE: (Status.PAUSED, Status.LEFT),
    Status.PAUSED: (Status.ACTIVE, Status.LEFT),
    Status.LEFT: (Status.APPLIED, Status.ACTIVE),
}


class Topic(StrEnum):
    """Kinds of words that a volunteer chooses of herself."""

    SKILL = "skill"
    SERVICE = "service"
    TIME = "time"

    @property
    def label(self) -> Words:
        return TOPIC_NAMES[self]


TOPIC_NAMES: dict[Topic, Words] = {
    Topic.SKILL: _l("专业技能"),
    Topic.SERVICE: _l("服务类别"),
    Topic.TIME: _l("服务时间"),
}


class Profile(Model):
    """The personal file of one person. A volunteer of earlier days may have none: she is active, without details.

    `born_on` is an ISO date, `birth_year` its year. `id_digest` finds the same paper again without reading it.
    """

    __tablename__ = "profiles_profile"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(one.value) for one in Status)})", name="status_known"),
        CheckConstraint(f"gender IN ({', '.join(repr(one.value) for one in Gender)})", name="gender_known"),
        CheckConstraint(f"id_kind IN ({', '.join(repr(one.value) for one in Paper)})", name="paper_known"),
        CheckConstraint("(id_kind IS NULL) = (id_number IS NULL)", name="paper_whole"),
        CheckConstraint("(id_number IS NULL) = (id_digest IS NULL)", name="digest_beside_number"),
        CheckConstraint("born_on IS NULL OR birth_year IS NOT NULL", name="year_beside_birth"),
        CheckConstraint("birth_year BETWEEN 1880 AND 2100", name="year_makes_sense"),
        # Whoever only applied may have typed anybody's number: it is compared when she is approved, and nobody learns
        # by applying who is known here.
        Index(
            "uq_profiles_profile_id_digest",
            "id_digest",
            unique=True,
            sqlite_where=text("status NOT IN ('applied', 'refused')"),
            postgresql_where=text("status NOT IN ('applied', 'refused')"),
        ),
        Index("ix_profiles_profile_digest", "id_digest"),
        Index("ix_profiles_profile_status", "status", "status_at"),
    )

    person_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("people_person.id"), primary_key=True, autoincrement=False
    )
    status: Mapped[str] = mapped_column(default=Status.ACTIVE.value)
    status_at: Mapped[datetime]
    status_reason: Mapped[str | None]
    gender: Mapped[str | None]
    birth_year: Mapped[int | None]
    born_on: Mapped[str | None] = mapped_column(Sealed("profiles_profile.born_on"))
    id_kind: Mapped[str | None]
    id_number: Mapped[str | None] = mapped_column(Sealed("profiles_profile.id_number"))
    id_digest: Mapped[str | None]
    area: Mapped[str | None]
    address: Mapped[str | None] = mapped_column(Sealed("profiles_profile.address"))
    health: Mapped[str | None] = mapped_column(Sealed("profiles_profile.health"))
    ethnic: Mapped[str | None] = mapped_column(Sealed("profiles_profile.ethnic"))
    party: Mapped[str | None] = mapped_column(Sealed("profiles_profile.party"))
    guardian_name: Mapped[str | None] = mapped_column(Sealed("profiles_profile.guardian_name"))
    guardian_mobile: Mapped[str | None] = mapped_column(Sealed("profiles_profile.guardian_mobile"))
    guardian_relation: Mapped[str | None]
    has_phone: Mapped[bool] = mapped_column(default=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def paper(self) -> Paper | None:
        return Paper(self.id_kind) if self.id_kind else None

    @property
    def birthday(self) -> date | None:
        return date.fromisoformat(self.born_on) if self.born_on else None


_LEADS = " OR ".join(
    f"(OLD.status = '{before.value}' AND NEW.status IN ({', '.join(repr(one.value) for one in then)}))"
    for before, then in LEADS_TO.items()
)
declare(
    refusing(
        "profiles_profile_moves",
        "profiles_profile",
        verb="UPDATE",
        when=f"NEW.status IS NOT OLD.status AND NOT ({_LEADS})",
        sentence="from where she stands, this step does not lead on",
    )
)


class Move(Model):
    """One step of a volunteer from where she stood to where she stands, who made it and why. The first has no line:
    her file began as what the earliest line says that she `was`."""

    __tablename__ = "profiles_move"
    __table_args__ = (
        CheckConstraint(f"was IN ({', '.join(repr(one.value) for one in Status)})", name="was_known"),
        CheckConstraint(f"status IN ({', '.join(repr(one.value) for one in Status)})", name="status_known"),
        CheckConstraint("was <> status", name="leads_on"),
        Index("ix_profiles_move_person", "person_id", "id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    was: Mapped[str]
    status: Mapped[str]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    reason: Mapped[str | None]

    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])

    @property
    def state(self) -> Status:
        return Status(self.status)


append_only("profiles_move")


class Choice(Model):
    """A word that a volunteer chose of herself: a skill, a kind of service, a time. Up to 40 characters."""

    __tablename__ = "profiles_choice"
    __table_args__ = (
        CheckConstraint(f"topic IN ({', '.join(repr(one.value) for one in Topic)})", name="topic_known"),
        CheckConstraint("word <> ''", name="word_given"),
        Index("ix_profiles_choice_word", "topic", "word"),
    )

    person_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("people_person.id"), primary_key=True, autoincrement=False
    )
    topic: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)


class Proof(StrEnum):
    """What runs out one day."""

    CERTIFICATE = "certificate"
    INSURANCE = "insurance"

    @property
    def label(self) -> Words:
        return PROOF_NAMES[self]


PROOF_NAMES: dict[Proof, Words] = {Proof.CERTIFICATE: _l("资格证书"), Proof.INSURANCE: _l("志愿者保险")}


class Document(Model):
    """A certificate or an insurance of a volunteer, and until which day it holds (None: for good)."""

    __tablename__ = "profiles_document"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(one.value) for one in Proof)})", name="kind_known"),
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("valid_until >= valid_from", name="ends_after_start"),
        Index("ix_profiles_document_person", "person_id"),
        Index(
            "ix_profiles_document_until",
            "valid_until",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    kind: Mapped[str]
    name: Mapped[str]
    number: Mapped[str | None] = mapped_column(Sealed("profiles_document.number"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
