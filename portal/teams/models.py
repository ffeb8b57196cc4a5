from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import BigInt, Id, Model
from portal.orgs.models import Membership, Team
from portal.people.models import Grant, Person
from portal.public import shown
from portal.words import Words, _l


class TeamKind(StrEnum):
    """What a team is for."""

    SERVICE = "service"
    CLUB = "club"
    YOUTH = "youth"
    RESCUE = "rescue"
    OTHER = "other"

    @property
    def label(self) -> Words:
        return KIND_NAMES[self]


KIND_NAMES: dict[TeamKind, Words] = {
    TeamKind.SERVICE: _l("志愿服务队"),
    TeamKind.CLUB: _l("文体社团"),
    TeamKind.YOUTH: _l("青年队"),
    TeamKind.RESCUE: _l("救援队"),
    TeamKind.OTHER: _l("其他队伍"),
}


@shown
class TeamCard(Model):
    """What a team says of itself. A team without one is a 志愿服务队 that nobody can ask to join.

    `asks_approval`: whoever comes by a link waits for the leader. Closed: no new members and no new activities.
    """

    __tablename__ = "teams_team_card"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(one.value) for one in TeamKind)})", name="kind_known"),
        CheckConstraint("(closed_on IS NULL) = (close_reason IS NULL)", name="closed_with_reason"),
    )

    team_id: Mapped[int] = mapped_column(BigInt, ForeignKey("orgs_team.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(default=TeamKind.SERVICE.value)
    about: Mapped[str] = mapped_column(default="")
    is_open_to_join: Mapped[bool] = mapped_column(default=False)
    asks_approval: Mapped[bool] = mapped_column(default=False)
    closed_on: Mapped[date | None]
    close_reason: Mapped[str | None]
    updated_at: Mapped[datetime]

    @property
    def what(self) -> TeamKind:
        return TeamKind(self.kind)


class Deputy(Model):
    """A leader's grant whose holder is the deputy (副队长): she may the same."""

    __tablename__ = "teams_deputy"

    grant_id: Mapped[int] = mapped_column(BigInt, ForeignKey("people_grant.id"), primary_key=True, autoincrement=False)

    grant: Mapped[Grant] = relationship()


class Leaving(Model):
    """How a membership ended. Whoever was removed comes back only when the leader says so."""

    __tablename__ = "teams_leaving"
    __table_args__ = (CheckConstraint("NOT was_removed OR coalesce(reason, '') <> ''", name="removed_with_reason"),)

    membership_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("orgs_membership.id"), primary_key=True, autoincrement=False
    )
    was_removed: Mapped[bool]
    reason: Mapped[str | None]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))

    membership: Mapped[Membership] = relationship()


class Invitation(Model):
    """A link into a team. The token is made from the data key and `nonce`; the table holds only its digest."""

    __tablename__ = "teams_invitation"
    __table_args__ = (
        CheckConstraint("length(token_digest) = 64", name="digest_is_sha256"),
        CheckConstraint("most_uses IS NULL OR uses <= most_uses", name="not_used_up"),
        CheckConstraint("uses >= 0 AND (most_uses IS NULL OR most_uses >= 1)", name="uses_count"),
        CheckConstraint("expires_at > made_at", name="expires_after_making"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_somebody"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"), index=True)
    nonce: Mapped[str]
    token_digest: Mapped[str] = mapped_column(unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    most_uses: Mapped[int | None]
    uses: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))

    team: Mapped[Team] = relationship()
    made_by: Mapped[Person] = relationship(foreign_keys=[made_by_id])


class Wish(StrEnum):
    """What became of a request to join."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return WISH_NAMES[self]


WISH_NAMES: dict[Wish, Words] = {
    Wish.WAITING: _l("等队长答复"),
    Wish.APPROVED: _l("已同意"),
    Wish.REFUSED: _l("没有同意"),
    Wish.WITHDRAWN: _l("已撤回"),
}

_WAITS = text("status = 'waiting'")


class JoinRequest(Model):
    """Somebody asks to join a team, by herself or by a link of a team that looks first. At most one waits."""

    __tablename__ = "teams_join_request"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(one.value) for one in Wish)})", name="status_known"),
        CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)",
            name="decided_by_somebody",
        ),
        CheckConstraint("status <> 'refused' OR coalesce(reason, '') <> ''", name="refused_with_reason"),
        CheckConstraint("status = 'withdrawn' OR decided_by_id <> person_id", name="not_by_oneself"),
        Index(
            "uq_teams_join_request_waiting",
            "team_id",
            "person_id",
            unique=True,
            sqlite_where=_WAITS,
            postgresql_where=_WAITS,
        ),
        Index("ix_teams_join_request_person", "person_id", "id"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("teams_invitation.id"))
    words: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=Wish.WAITING.value)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    reason: Mapped[str | None]

    team: Mapped[Team] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def state(self) -> Wish:
        return Wish(self.status)


class Message(Model):
    """What a leader wrote to all members of a team. It stays as it was sent."""

    __tablename__ = "teams_message"
    __table_args__ = (
        CheckConstraint("subject <> '' AND text <> ''", name="says_something"),
        Index("ix_teams_message_team", "team_id", "id"),
    )

    id: Mapped[Id]
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"))
    subject: Mapped[str]
    text: Mapped[str]
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    sent_at: Mapped[datetime]

    team: Mapped[Team] = relationship()
    sent_by: Mapped[Person] = relationship()


class Recipient(Model):
    """Whom a message went to, and when she opened it. `to_call`: nothing reaches her but somebody's voice."""

    __tablename__ = "teams_recipient"
    __table_args__ = (Index("ix_teams_recipient_person", "person_id"),)

    message_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("teams_message.id"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("people_person.id"), primary_key=True, autoincrement=False
    )
    to_call: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime | None]


class LoanStatus(StrEnum):
    """How far a loan has come. AGREED: all three said yes, and its first day is still to come."""

    ASKED = "asked"
    AGREED = "agreed"
    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return LOAN_NAMES[self]


LOAN_NAMES: dict[LoanStatus, Words] = {
    LoanStatus.ASKED: _l("等各方同意"),
    LoanStatus.AGREED: _l("已同意，还没开始"),
    LoanStatus.RUNNING: _l("借调中"),
    LoanStatus.ENDED: _l("已结束"),
    LoanStatus.REFUSED: _l("没有同意"),
    LoanStatus.WITHDRAWN: _l("已撤回"),
}


class Loan(Model):
    """A volunteer of one organisation serves in another's team for some days: both organisations and she agree.

    `lender_id` is the organisation that lends her. `said_by_id` is who wrote down her yes: she herself, or a leader of
    hers who holds her signed paper. `ended_on` is the last day she served when it ended before `until`.
    """

    __tablename__ = "teams_loan"
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(one.value) for one in LoanStatus)})", name="status_known"),
        CheckConstraint("until >= starts_on", name="ends_after_start"),
        CheckConstraint("purpose <> ''", name="purpose_given"),
        CheckConstraint(
            "status NOT IN ('agreed', 'running', 'ended') OR (host_yes_by_id IS NOT NULL "
            "AND lender_yes_by_id IS NOT NULL AND said_by_id IS NOT NULL)",
            name="agreed_by_all_three",
        ),
        CheckConstraint(
            "said_by_id IS NULL OR said_by_id = person_id OR paper_id IS NOT NULL", name="said_or_on_paper"
        ),
        CheckConstraint(
            "host_yes_by_id <> person_id AND lender_yes_by_id <> person_id", name="not_for_an_organisation_and_herself"
        ),
        CheckConstraint("status <> 'running' OR membership_id IS NOT NULL", name="running_as_member"),
        CheckConstraint(
            "(status IN ('refused', 'withdrawn', 'ended')) = (ended_at IS NOT NULL)", name="ended_at_some_time"
        ),
        Index("ix_teams_loan_person", "person_id", "team_id"),
        Index("ix_teams_loan_lender", "lender_id"),
        Index(
            "ix_teams_loan_due",
            "status",
            "starts_on",
            "until",
            sqlite_where=text("status IN ('agreed', 'running')"),
            postgresql_where=text("status IN ('agreed', 'running')"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    lender_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"), index=True)
    starts_on: Mapped[date]
    until: Mapped[date]
    purpose: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(default=LoanStatus.ASKED.value)
    host_yes_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    host_yes_at: Mapped[datetime | None]
    lender_yes_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    lender_yes_at: Mapped[datetime | None]
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    said_at: Mapped[datetime | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("files_file.id"), index=True)
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("orgs_membership.id"), index=True)
    ended_on: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    end_reason: Mapped[str | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    team: Mapped[Team] = relationship()

    @property
    def state(self) -> LoanStatus:
        return LoanStatus(self.status)

    @property
    def last_day(self) -> date:
        """The day she serves last, as far as is known."""
        return self.ended_on or self.until
