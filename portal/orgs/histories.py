"""What happened to an organisation over the years, as dated rows with papers: nothing of it is ever rewritten.

A row that turns out wrong, or goes on, is replaced by a later one that names it; one that should not be there is
replaced by one with a reason why it is void. What counts are the rows that no other one replaces.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from portal.db import Id, Model
from portal.guards import append_only, only_resealed
from portal.privacy import Sealed
from portal.public import shown
from portal.words import Words, _l


class IncubationStage(StrEnum):
    """孵化: how far the community's incubation of an organisation has come."""

    APPLIED = "applied"
    MOVED_IN = "moved_in"
    GROWING = "growing"
    FLEDGED = "fledged"

    @property
    def label(self) -> Words:
        return STAGE_NAMES[self]


STAGE_NAMES: dict[IncubationStage, Words] = {
    IncubationStage.APPLIED: _l("申请孵化"),
    IncubationStage.MOVED_IN: _l("入驻"),
    IncubationStage.GROWING: _l("成长"),
    IncubationStage.FLEDGED: _l("出壳"),
}


class Coverage(StrEnum):
    """双覆盖: the Party reaches an organisation by a branch of its own, or by its work."""

    BRANCH = "branch"
    WORK = "work"

    @property
    def label(self) -> Words:
        return COVERAGE_NAMES[self]


COVERAGE_NAMES: dict[Coverage, Words] = {Coverage.BRANCH: _l("组织覆盖"), Coverage.WORK: _l("工作覆盖")}


class BranchKind(StrEnum):
    """What kind of Party organisation there is."""

    COMMITTEE = "committee"
    GENERAL = "general"
    BRANCH = "branch"
    JOINT = "joint"
    GROUP = "group"
    INSTRUCTOR = "instructor"

    @property
    def label(self) -> Words:
        return BRANCH_NAMES[self]


BRANCH_NAMES: dict[BranchKind, Words] = {
    BranchKind.COMMITTEE: _l("党委"),
    BranchKind.GENERAL: _l("党总支"),
    BranchKind.BRANCH: _l("党支部"),
    BranchKind.JOINT: _l("联合党支部"),
    BranchKind.GROUP: _l("党小组"),
    BranchKind.INSTRUCTOR: _l("党建指导员"),
}


class Filing(StrEnum):
    """Whether a change of the legal representative is on file with the authority."""

    WAITING = "waiting"
    FILED = "filed"

    @property
    def label(self) -> Words:
        return FILING_NAMES[self]


FILING_NAMES: dict[Filing, Words] = {Filing.WAITING: _l("待报批"), Filing.FILED: _l("已备案")}


def _one_of(column: str, words: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"


class Entry(Model):
    """What every row of a history has. `void_reason`: it only takes away the row that it replaces."""

    __abstract__ = True

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("orgs_organisation.id"), index=True)
    replaces_id: Mapped[int | None]
    void_reason: Mapped[str | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("files_file.id"), index=True)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people_person.id"))
    added_at: Mapped[datetime]


def _rules(table: str, *more: SchemaItem) -> tuple[SchemaItem, ...]:
    """A row replaces one of its own organisation, and is itself replaced at most once."""
    return (
        UniqueConstraint("id", "organisation_id"),
        UniqueConstraint("replaces_id"),
        ForeignKeyConstraint(["replaces_id", "organisation_id"], [f"{table}.id", f"{table}.organisation_id"]),
        CheckConstraint("void_reason IS NULL OR replaces_id IS NOT NULL", name="void_replaces"),
        CheckConstraint("void_reason <> ''", name="void_says_why"),
        *more,
    )


@shown
class Stage(Entry):
    """孵化阶段: a step and its day, the room that was given, what the mentor notes."""

    __tablename__ = "orgs_stage"
    __table_args__ = _rules(__tablename__, CheckConstraint(_one_of("stage", IncubationStage), name="stage_known"))

    stage: Mapped[str]
    happened_on: Mapped[date]
    place: Mapped[str | None]
    note: Mapped[str | None]

    @property
    def what(self) -> IncubationStage:
        return IncubationStage(self.stage)


@shown
class Branch(Entry):
    """党组织: what covers the organisation from a day on. `members`: how many Party members, a number only."""

    __tablename__ = "orgs_branch"
    __table_args__ = _rules(
        __tablename__,
        CheckConstraint(_one_of("coverage", Coverage), name="coverage_known"),
        CheckConstraint(_one_of("kind", BranchKind), name="kind_known"),
        CheckConstraint("name <> ''", name="name_given"),
        CheckConstraint("members >= 0", name="members_not_negative"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )

    coverage: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str]
    members: Mapped[int | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    @property
    def how(self) -> Coverage:
        return Coverage(self.coverage)

    @property
    def what(self) -> BranchKind:
        return BranchKind(self.kind)


class CrossPost(Entry):
    """双向进入、交叉任职: somebody holds a post in the Party organisation and one in the organisation itself."""

    __tablename__ = "orgs_cross_post"
    __table_args__ = _rules(__tablename__, CheckConstraint("ends_on >= starts_on", name="ends_after_start"))

    person: Mapped[str | None] = mapped_column(Sealed("orgs_cross_post.person"))
    post_there: Mapped[str]
    post_here: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


@shown
class Term(Entry):
    """届: a term of the council, elected at a meeting. `head` is the person in charge."""

    __tablename__ = "orgs_term"
    __table_args__ = _rules(
        __tablename__,
        CheckConstraint("ends_on > starts_on", name="ends_after_start"),
        CheckConstraint("number >= 1", name="number_counts"),
        CheckConstraint("board_size >= 1", name="board_has_members"),
        Index("ix_orgs_term_ends", "ends_on"),
    )

    number: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    head: Mapped[str | None] = mapped_column(Sealed("orgs_term.head"))
    board_size: Mapped[int | None]
    met_on: Mapped[date | None]


class LegalChange(Entry):
    """法人变更: another legal representative. `filed_on`: the day the authority had it on file."""

    __tablename__ = "orgs_legal_change"
    __table_args__ = _rules(
        __tablename__,
        CheckConstraint(_one_of("state", Filing), name="state_known"),
        CheckConstraint("(state = 'filed') = (filed_on IS NOT NULL)", name="filed_on_a_day"),
    )

    old_name: Mapped[str | None] = mapped_column(Sealed("orgs_legal_change.old_name"))
    new_name: Mapped[str | None] = mapped_column(Sealed("orgs_legal_change.new_name"))
    changed_on: Mapped[date]
    state: Mapped[str]
    filed_on: Mapped[date | None]

    @property
    def filing(self) -> Filing:
        return Filing(self.state)


HISTORIES: tuple[type[Entry], ...] = (Stage, Branch, CrossPost, Term, LegalChange)

for history in HISTORIES:
    append_only(str(history.__tablename__), keys=("id", "replaces_id"))
    columns = history.__table__.columns
    if hidden := tuple(column.name for column in columns if isinstance(column.type, Sealed)):
        others = tuple(column.name for column in columns if column.name not in hidden)
        only_resealed(str(history.__tablename__), sealed=hidden, others=others)
