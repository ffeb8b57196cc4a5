from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.files.models import StoredFile
from portal.guards import frozen, not_deleted, not_replaced
from portal.people.models import Person
from portal.privacy import Sealed
from portal.words import Words, _l


class Purpose(StrEnum):
    """What personal data is used for. All but JOIN are separate consents that nobody need give."""

    JOIN = "join"
    IDENTITY = "identity"
    HEALTH = "health"
    ETHNIC = "ethnic"
    PARTY = "party"
    REPORT = "report"
    PORTRAIT = "portrait"

    @property
    def label(self) -> Words:
        return PURPOSE_NAMES[self]


PURPOSE_NAMES: dict[Purpose, Words] = {
    Purpose.JOIN: _l("注册志愿者"),
    Purpose.IDENTITY: _l("登记证件号码"),
    Purpose.HEALTH: _l("登记健康情况"),
    Purpose.ETHNIC: _l("登记民族"),
    Purpose.PARTY: _l("登记政治面貌"),
    Purpose.REPORT: _l("上报全国和省志愿服务系统"),
    Purpose.PORTRAIT: _l("使用活动照片"),
}


class Consent(Model):
    """One consent of one person. Of a row nothing changes but its end; the same is given again in a new row.

    `given_by_id` is who entered it: she herself, or whoever holds her signed paper (`paper_id`, a photo of it).
    `guardian`: the name of who agreed for somebody under age, with `guardian_relation` (监护关系).
    """

    __tablename__ = "consents_consent"
    __table_args__ = (
        CheckConstraint(f"purpose IN ({', '.join(repr(one.value) for one in Purpose)})", name="purpose_known"),
        CheckConstraint("version >= 1", name="version_counts"),
        CheckConstraint("given_by_id = person_id OR paper_id IS NOT NULL", name="given_by_herself_or_on_paper"),
        CheckConstraint("(guardian IS NULL) = (guardian_relation IS NULL)", name="guardian_whole"),
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", name="withdrawn_after_giving"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn_by_somebody"),
        Index(
            "uq_consents_consent_current",
            "person_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consents_consent_person", "person_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    purpose: Mapped[str]
    version: Mapped[int]
    given_at: Mapped[datetime]
    given_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("files_file.id"), index=True)
    guardian: Mapped[str | None] = mapped_column(Sealed("consents_consent.guardian"))
    guardian_relation: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))

    paper: Mapped[StoredFile | None] = relationship()
    given_by: Mapped[Person] = relationship(foreign_keys=[given_by_id])

    @property
    def what(self) -> Purpose:
        return Purpose(self.purpose)


frozen("consents_consent", "id", "person_id", "purpose", "version", "given_at", "given_by_id")
not_replaced("consents_consent")
not_deleted("consents_consent")
