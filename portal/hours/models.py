from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.activities.models import Activity
from portal.db import Id, Model
from portal.orgs.models import Organisation, Team
from portal.people.models import Person, Scope
from portal.public import shown
from portal.words import Words, _l

LONGEST = 1440
"""The most minutes one claim may hold: a day."""


class Status(StrEnum):
    """Where a claim stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    REVERSED = "reversed"

    @property
    def label(self) -> Words:
        return STATUS_NAMES[self]


STATUS_NAMES: dict[Status, Words] = {
    Status.WAITING: _l("待审核"),
    Status.APPROVED: _l("已通过"),
    Status.RETURNED: _l("已退回"),
    Status.REVERSED: _l("已冲销"),
}


class Evidence(StrEnum):
    """What a claim rests on."""

    SELF = "self"
    LEADER = "leader"
    SCAN = "scan"
    PAPER = "paper"

    @property
    def label(self) -> Words:
        return EVIDENCE_NAMES[self]


EVIDENCE_NAMES: dict[Evidence, Words] = {
    Evidence.SELF: _l("本人"),
    Evidence.LEADER: _l("队长"),
    Evidence.SCAN: _l("扫码"),
    Evidence.PAPER: _l("纸质"),
}


class Kind(StrEnum):
    """What happened to a claim. `RESUBMITTED`: a corrected claim took the place of this returned one."""

    APPROVED = "approved"
    RETURNED = "returned"
    UNDONE = "undone"
    RESUBMITTED = "resubmitted"
    REVERSED = "reversed"

    @property
    def label(self) -> Words:
        return KIND_NAMES[self]


KIND_NAMES: dict[Kind, Words] = {
    Kind.APPROVED: _l("已通过"),
    Kind.RETURNED: _l("已退回"),
    Kind.UNDONE: _l("已撤回处理"),
    Kind.RESUBMITTED: _l("已改好重交"),
    Kind.REVERSED: _l("已冲销"),
}

LEADS_TO: dict[Kind, Status] = {
    Kind.APPROVED: Status.APPROVED,
    Kind.RETURNED: Status.RETURNED,
    Kind.UNDONE: Status.WAITING,
    Kind.RESUBMITTED: Status.RETURNED,
    Kind.REVERSED: Status.REVERSED,
}
"""The status that each kind of event leaves behind."""

COMES_FROM: dict[Kind, tuple[Status, ...]] = {
    Kind.APPROVED: (Status.WAITING,),
    Kind.RETURNED: (Status.WAITING,),
    Kind.UNDONE: (Status.APPROVED, Status.RETURNED),
    Kind.RESUBMITTED: (Status.RETURNED,),
    Kind.REVERSED: (Status.APPROVED,),
}


def _one_of(column: str, words: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"


class Claim(Model):
    """服务记录: one person's service at one activity, in whole minutes.

    Nothing of it ever changes but `status` and `seq`, and these only together with an event of the same number.
    `is_late`: entered more than 10 working days after the activity's end (补录). `replaces_id` is the returned claim
    that this one corrects.
    """

    __tablename__ = "hours_claim"
    __table_args__ = (
        UniqueConstraint("id", "person_id"),
        CheckConstraint(f"minutes BETWEEN 1 AND {LONGEST}", name="minutes_in_a_day"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("seq >= 0", name="seq_not_negative"),
        CheckConstraint(_one_of("status", Status), name="status_known"),
        CheckConstraint(_one_of("evidence", Evidence), name="evidence_known"),
        CheckConstraint("evidence <> 'self' OR entered_by_id = person_id", name="self_entered"),
        # One person's hours of one activity count once: a second claim must wait for the first to be returned.
        Index(
            "uq_hours_claim_once_an_activity",
            "person_id",
            "activity_id",
            unique=True,
            sqlite_where=text("status IN ('waiting', 'approved')"),
            postgresql_where=text("status IN ('waiting', 'approved')"),
        ),
        Index("ix_hours_claim_by_time", "person_id", "starts_at"),
        # Of one's own list, which is sorted by these, only a page is read whole.
        Index("ix_hours_claim_own", "person_id", "served_on", "id", "status", "seq"),
        Index("ix_hours_claim_of_organisation", "organisation_id", "status"),
        Index("ix_hours_claim_of_team", "team_id", "status"),
        # Of a million claims a thousand wait: whoever looks for them must find nothing else.
        Index(
            "ix_hours_claim_waiting",
            "organisation_id",
            "team_id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities_activity.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("orgs_team.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"))
    served_on: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str]
    content: Mapped[str]
    evidence: Mapped[str]
    is_late: Mapped[bool]
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    entered_at: Mapped[datetime]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("hours_claim.id"), unique=True)
    status: Mapped[str] = mapped_column(default=Status.WAITING.value)
    seq: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    activity: Mapped[Activity] = relationship()
    team: Mapped[Team] = relationship()
    organisation: Mapped[Organisation] = relationship()
    entered_by: Mapped[Person] = relationship(foreign_keys=[entered_by_id])
    replaces: Mapped["Claim | None"] = relationship(remote_side="Claim.id")
    events: Mapped[list["HourEvent"]] = relationship(order_by="HourEvent.seq", viewonly=True)

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def proof(self) -> Evidence:
        return Evidence(self.evidence)

    @property
    def scopes(self) -> tuple[Scope, Scope]:
        """Where a role counts for this claim: the team and the organisation as they were when it was entered."""
        return Scope("team", self.team_id), Scope("organisation", self.organisation_id)

    @property
    def ticket(self) -> str:
        """What a tick in the queue sends: the claim and the state that was seen."""
        return f"{self.id}:{self.seq}"


@shown
class HourEvent(Model):
    """What somebody did with a claim; its number `seq` is the claim's from then on. `by_name` is the name at that time.

    The pair (claim_id, person_id) is the claim's own, so that the CHECK knows whose hours they are.
    """

    __tablename__ = "hours_event"
    __table_args__ = (
        UniqueConstraint("claim_id", "seq"),
        ForeignKeyConstraint(["claim_id", "person_id"], ["hours_claim.id", "hours_claim.person_id"]),
        CheckConstraint(_one_of("kind", Kind), name="kind_known"),
        CheckConstraint("kind = 'resubmitted' OR by_id <> person_id", name="not_ones_own"),
        CheckConstraint("kind NOT IN ('returned', 'reversed') OR coalesce(reason, '') <> ''", name="reason_given"),
        Index("ix_hours_event_by", "by_id", "at"),
    )

    id: Mapped[Id]
    claim_id: Mapped[int]
    person_id: Mapped[int]
    seq: Mapped[int]
    kind: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    by_name: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str | None]

    claim: Mapped[Claim] = relationship(viewonly=True)

    @property
    def deed(self) -> Kind:
        return Kind(self.kind)
