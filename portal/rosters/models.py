from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import BigInt, Id, Model
from portal.files import StoredFile
from portal.orgs.models import Organisation, Team
from portal.people.models import Person
from portal.privacy import Sealed
from portal.words import Words, _l

BETWEEN = "\x1f"
"""Stands between the texts of cells: in none of them is a control character."""


class RosterStatus(StrEnum):
    """reading (in a job) → preview (the importer looks, mends, decides) → booking → booked; or withdrawn."""

    READING = "reading"
    PREVIEW = "preview"
    BOOKING = "booking"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> Words:
        return STATUS_NAMES[self]


STATUS_NAMES: dict[RosterStatus, Words] = {
    RosterStatus.READING: _l("正在读取"),
    RosterStatus.PREVIEW: _l("核对中"),
    RosterStatus.BOOKING: _l("正在登记"),
    RosterStatus.BOOKED: _l("已登记"),
    RosterStatus.WITHDRAWN: _l("已撤回"),
}


class RowKind(StrEnum):
    """What becomes of a row. A doubt waits for somebody to decide it; a wrong row is never taken."""

    NEW = "new"
    UPDATE = "update"
    SAME = "same"
    DOUBT = "doubt"
    WRONG = "wrong"

    @property
    def label(self) -> Words:
        return KIND_NAMES[self]


KIND_NAMES: dict[RowKind, Words] = {
    RowKind.NEW: _l("新登记"),
    RowKind.UPDATE: _l("有更新"),
    RowKind.SAME: _l("没有变化"),
    RowKind.DOUBT: _l("要您决定"),
    RowKind.WRONG: _l("有错误"),
}


class Decision(StrEnum):
    """How a doubt was decided: she is somebody known (`person_id`, or the row `twin_of`), somebody new, or left out."""

    THIS = "this"
    NEW = "new"
    OUT = "out"


class Outcome(StrEnum):
    """What booking made of a row. AWAITS: under age without a guardian, she waits as an applicant. CHANGED: since the
    preview somebody else changed what the row is about, so it was left alone."""

    ADDED = "added"
    AWAITS = "awaits"
    UPDATED = "updated"
    SAME = "same"
    LEFT = "left"
    CHANGED = "changed"

    @property
    def label(self) -> Words:
        return OUTCOME_NAMES[self]


OUTCOME_NAMES: dict[Outcome, Words] = {
    Outcome.ADDED: _l("已登记"),
    Outcome.AWAITS: _l("等监护人同意"),
    Outcome.UPDATED: _l("已更新"),
    Outcome.SAME: _l("没有变化"),
    Outcome.LEFT: _l("没有登记"),
    Outcome.CHANGED: _l("没有登记，之前有人改过"),
}


def _among(column: str, words: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(one.value) for one in words)})"


class Roster(Model):
    """A list of volunteers that somebody brings, checks and confirms.

    `organisation_id` bounds it: only its teams, only people it knows (None: the whole alliance). `team_id`: where rows
    belong that name no team. `takes` names the sensitive columns taken (Purpose), each with consents on paper:
    `paper_id` is their photo, or what the importer declared of where they lie.

    `columns` holds what became of each column, `reading` what the reader has to say besides and, meanwhile, its job and
    run, `refusal` why no table could be read. The counts are of rows by kind; `undecided` are doubts that nobody has
    decided, `left_out` those decided against, `booked` rows that booking is done with.
    """

    __tablename__ = "rosters_roster"
    __table_args__ = (
        CheckConstraint(_among("status", RosterStatus), name="status_known"),
        CheckConstraint("booked >= 0 AND booked <= rows", name="booked_of_rows"),
        CheckConstraint("status <> 'booked' OR booked = rows", name="booked_whole"),
        CheckConstraint(
            "status NOT IN ('booking', 'booked') OR (confirmed_by_id IS NOT NULL AND undecided = 0)",
            name="booked_when_decided",
        ),
        Index("ix_rosters_roster_brought_by", "brought_by_id"),
    )

    id: Mapped[Id]
    filename: Mapped[str] = mapped_column(Sealed("rosters_roster.filename"))
    status: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("orgs_organisation.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("orgs_team.id"), index=True)
    takes: Mapped[list[str]] = mapped_column(JSON)
    paper_id: Mapped[int] = mapped_column(ForeignKey("files_file.id"), index=True)
    columns: Mapped[dict[str, Any]]
    column_map: Mapped[dict[str, Any]]
    reading: Mapped[dict[str, Any]]
    refusal: Mapped[dict[str, Any] | None]
    rows: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    updates: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)
    undecided: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    booked: Mapped[int] = mapped_column(default=0)
    brought_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    brought_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    confirmed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    forgotten_at: Mapped[datetime | None]
    """Since when file and rows are gone: only the counts stay."""

    organisation: Mapped[Organisation | None] = relationship()
    team: Mapped[Team | None] = relationship()
    paper: Mapped[StoredFile] = relationship()
    brought_by: Mapped[Person] = relationship(foreign_keys=[brought_by_id])

    @property
    def state(self) -> RosterStatus:
        return RosterStatus(self.status)


class RosterRow(Model):
    """One row of the file as it stands there, and what is to become of it.

    `cells` are the texts of the columns, with BETWEEN between them. The digests find the same person in another row: of
    the paper, and of name and address together. `problem_words` are `{"column", "field", "zh", "en"}`; `changes` says
    what an update changes, a line a field. `doubt` is one word of why a person must decide, `candidates` the ids of
    whom she may be, `twin_of` the number of the row that seems to be the same person.
    """

    __tablename__ = "rosters_row"
    __table_args__ = (
        UniqueConstraint("roster_id", "row_no"),
        CheckConstraint(_among("kind", RowKind), name="kind_known"),
        CheckConstraint(_among("decision", Decision), name="decision_known"),
        CheckConstraint(_among("outcome", Outcome), name="outcome_known"),
        CheckConstraint("(doubt IS NOT NULL) = (kind = 'doubt')", name="doubt_named"),
        CheckConstraint("decision IS NULL OR kind = 'doubt'", name="only_doubts_are_decided"),
        CheckConstraint("kind <> 'wrong' OR outcome IS NULL OR outcome = 'left'", name="wrong_rows_are_left"),
        Index("ix_rosters_row_kind", "roster_id", "kind", "row_no"),
        Index("ix_rosters_row_outcome", "roster_id", "outcome", "row_no"),
    )

    id: Mapped[Id]
    roster_id: Mapped[int] = mapped_column(ForeignKey("rosters_roster.id"))
    row_no: Mapped[int]
    name: Mapped[str]
    cells: Mapped[str | None] = mapped_column(Sealed("rosters_row.cells"))
    number: Mapped[str | None]
    paper_digest: Mapped[str | None]
    reach_digest: Mapped[str | None]
    kind: Mapped[str]
    problem_words: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    changes: Mapped[str | None] = mapped_column(Sealed("rosters_row.changes"))
    doubt: Mapped[str | None]
    candidates: Mapped[list[int]] = mapped_column(JSON)
    twin_of: Mapped[int | None]
    decision: Mapped[str | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"), index=True)
    is_elsewhere: Mapped[bool] = mapped_column(default=False)
    """She belongs to another organisation: she only joins the team, and nothing of her is told or changed."""
    is_waiting: Mapped[bool] = mapped_column(default=False)
    """Under age, and nobody has agreed for her: she is entered as an applicant."""
    outcome: Mapped[str | None]

    def says(self, changes: Sequence[Sequence[str]]) -> bool:
        """Whether these are the changes that were shown and confirmed."""
        return joined_changes(changes) == self.changes

    @property
    def change_lines(self) -> list[tuple[str, str, str]]:
        """What an update changes: field, before, after."""
        lines = (line.split(BETWEEN) for line in (self.changes or "").split("\n") if line)
        return [(field, *(old_and_new or ("", ""))) for field, *old_and_new in lines]


def joined_changes(changes: Sequence[Sequence[str]]) -> str | None:
    """What an update changes as its row keeps it."""
    return "\n".join(BETWEEN.join(change) for change in changes) or None


class RosterPart(Model):
    """A part of the uploaded file, packed and sealed, until the roster is done with: a file of names and identity
    numbers must not lie open on a disk."""

    __tablename__ = "rosters_part"

    roster_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("rosters_roster.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[str] = mapped_column(Sealed("rosters_part.content"))


class RosterMapping(Model):
    """What the columns of a layout mean, as somebody once said: files with the same titles are known by themselves.

    `fingerprint` is a digest of the titles; `organisation_id` is 0 for the whole alliance.
    """

    __tablename__ = "rosters_mapping"
    __table_args__ = (UniqueConstraint("fingerprint", "organisation_id"),)

    id: Mapped[Id]
    fingerprint: Mapped[str]
    organisation_id: Mapped[int] = mapped_column(default=0)
    name: Mapped[str]
    columns: Mapped[dict[str, Any]]
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("people_person.id"))
    kept_at: Mapped[datetime]
