from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Id, Model
from portal.files.models import StoredFile
from portal.guards import declare, frozen, not_deleted, not_replaced, refusing
from portal.orgs.models import Organisation, Team
from portal.people.models import Person
from portal.privacy import Sealed
from portal.teams.models import Invitation
from portal.words import Words, _l


class Draft(Model):
    """A form that is half filled in, by somebody who may have no account. It belongs to the browser that began it.

    The browser holds a token, this table its digest. `content` is what was typed, as JSON, sealed. One code at a time
    is under way, to the address whose digest is `code_to`. `person_id`: who was signed in when it began.
    """

    __tablename__ = "joining_draft"
    __table_args__ = (
        CheckConstraint("length(token_digest) = 64", name="token_digest_is_sha256"),
        CheckConstraint("(code_digest IS NULL) = (code_to IS NULL)", name="code_goes_somewhere"),
        CheckConstraint("(code_digest IS NULL) = (code_expires_at IS NULL)", name="code_expires"),
    )

    id: Mapped[Id]
    token_digest: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"), index=True)
    content: Mapped[str] = mapped_column(Sealed("joining_draft.content"))
    code_to: Mapped[str | None]
    code_digest: Mapped[str | None]
    code_expires_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)

    KEPT: ClassVar[timedelta] = timedelta(days=7)
    """From the last change on."""

    TRIES: ClassVar[int] = 5
    CODE_GOOD_FOR: ClassVar[timedelta] = timedelta(minutes=10)


class State(StrEnum):
    """What has become of an application."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return STATE_NAMES[self]


STATE_NAMES: dict[State, Words] = {
    State.WAITING: _l("待审核"),
    State.APPROVED: _l("已通过"),
    State.REFUSED: _l("未通过"),
    State.WITHDRAWN: _l("已撤回"),
}


class Application(Model):
    """Somebody wishes to be a volunteer: in a team or organisation, or wherever the community's workers see a place.

    `applied_by_id` is whoever entered it. `paper_id`: the photo of her signed consent, or of her guardian's. Whoever is
    under age `needs_guardian`, and is not approved before her guardian has agreed. `invitation_id`: the link that she
    came by.
    """

    __tablename__ = "joining_application"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(one.value) for one in State)})", name="status_known"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided_with_moment"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("status = 'withdrawn' OR decided_by_id <> person_id", name="not_decided_by_herself"),
        CheckConstraint("status <> 'refused' OR reason IS NOT NULL", name="refused_with_reason"),
        CheckConstraint(
            "status <> 'approved' OR NOT needs_guardian OR guardian_agreed_at IS NOT NULL", name="guardian_agreed"
        ),
        CheckConstraint("applied_by_id = person_id OR paper_id IS NOT NULL", name="entered_on_paper"),
        CheckConstraint("wish_team_id IS NULL OR wish_organisation_id IS NOT NULL", name="team_with_organisation"),
        Index(
            "uq_joining_application_open",
            "person_id",
            unique=True,
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_joining_application_person", "person_id"),
        Index("ix_joining_application_status", "status", "applied_at", "id"),
        Index("ix_joining_application_wish", "wish_organisation_id", "status"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    status: Mapped[str] = mapped_column(default=State.WAITING.value)
    wish_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("orgs_organisation.id"))
    wish_team_id: Mapped[int | None] = mapped_column(ForeignKey("orgs_team.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("teams_invitation.id"))
    needs_guardian: Mapped[bool] = mapped_column(default=False)
    guardian_agreed_at: Mapped[datetime | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("files_file.id"), index=True)
    applied_at: Mapped[datetime]
    applied_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    reason: Mapped[str | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    applied_by: Mapped[Person] = relationship(foreign_keys=[applied_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    organisation: Mapped[Organisation | None] = relationship()
    team: Mapped[Team | None] = relationship()
    paper: Mapped[StoredFile | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()

    @property
    def state(self) -> State:
        return State(self.status)

    @property
    def waits_for_guardian(self) -> bool:
        return self.needs_guardian and self.guardian_agreed_at is None


frozen(
    "joining_application",
    *(
        "id",
        "person_id",
        "wish_organisation_id",
        "wish_team_id",
        "invitation_id",
        "needs_guardian",
        "applied_at",
        "applied_by_id",
    ),
)
not_replaced("joining_application")
not_deleted("joining_application")
declare(
    refusing(
        "joining_application_decided",
        "joining_application",
        verb="UPDATE",
        when="OLD.status <> 'waiting' AND (NEW.status IS NOT OLD.status OR NEW.decided_at IS NOT OLD.decided_at "
        "OR NEW.decided_by_id IS NOT OLD.decided_by_id)",
        sentence="what was decided stays so",
    )
)
