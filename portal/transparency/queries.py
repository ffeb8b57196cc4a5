"""What everybody may see of an organisation: facts and sums, and no person's name.

A second entry that was merged counts with the one that stays: hours keep the organisation they were entered for.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Integer, Select, bindparam, case, func, or_, select

from portal.activities.models import Activity
from portal.activities.queries import IS_PUBLIC, IS_PUBLISHED, Coming, midnight
from portal.db import Moment, made_once, rows, streamed
from portal.files.models import StoredFile
from portal.hours.tallies import HoursTally
from portal.orgs.chapters import what_counts
from portal.orgs.histories import Branch, BranchKind, Coverage, IncubationStage, Stage, Term
from portal.orgs.models import Kind, Membership, Organisation, Standing, Team
from portal.orgs.queries import belongs
from portal.orgs.registry import is_unit
from portal.orgs.units import MemberUnit
from portal.search import holds
from portal.teams.models import TeamCard
from portal.web.tables import Listing

AHEAD = 5
"""Activities to come that an organisation's page names."""
PROJECTS = 8
OFTEN = 3
"""An activity that took place so many times under one name is listed as a project."""


class ListLine(NamedTuple):
    """An organisation in the public list."""

    slug: str
    name: str
    kind: str
    teams: int
    is_unit: bool

    @property
    def what(self) -> Kind:
        return Kind(self.kind)


class Facts(NamedTuple):
    """What the registry makes public. `joined_on`: since when it is a member unit; `minutes` approved, all and of
    this year."""

    id: int
    slug: str
    name: str
    kind: str
    standing: str | None
    credit_code: str | None
    filing_no: str | None
    authority: str | None
    standing_on: date | None
    address: str | None
    phone: str | None
    about: str | None
    closed_on: date | None
    merged_into: str | None
    logo: str | None
    joined_on: date | None
    minutes: int
    minutes_this_year: int

    @property
    def what(self) -> Kind:
        return Kind(self.kind)

    @property
    def stands(self) -> Standing | None:
        return Standing(self.standing) if self.standing else None


class TeamLine(NamedTuple):
    slug: str
    name: str
    members: int


class Project(NamedTuple):
    """Activities that took place again and again under one name."""

    name: str
    times: int
    last_on: datetime


class History(NamedTuple):
    """What of an organisation's histories is public."""

    stages: list[tuple[IncubationStage, date]]
    branches: list[tuple[Coverage, BranchKind, str]]
    term: tuple[int, date, date] | None


# ── the list ────────────────────────────────────────────────────────────────────────────────────────
def list_public(listing: Listing) -> tuple[Listing, list[ListLine]]:
    """The open organisations that fit, by name. Two statements."""
    wanted = _wanted(listing)
    listing = listing.counted(int(rows(select(func.count()).select_from(Organisation).where(*wanted)).scalar_one()))
    page = _lines(wanted).offset(listing.offset).limit(listing.per_page)
    return listing, [_line(row) for row in rows(page)]


def every_line(listing: Listing) -> Iterator[ListLine]:
    """All that fit, read when the request has ended."""
    return (_line(row) for row in streamed(_lines(_wanted(listing))))


def _line(row: Any) -> ListLine:
    slug, name, kind, teams, unit = row
    return ListLine(slug, name, kind, teams, bool(unit))


def _lines(wanted: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    teams = select(func.count()).where(Team.organisation_id == Organisation.id).scalar_subquery()
    lines = select(Organisation.slug, Organisation.name, Organisation.kind, teams, is_unit())
    return lines.where(*wanted).order_by(Organisation.name, Organisation.id)


def _wanted(listing: Listing) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Organisation.closed_on.is_(None)]
    if listing.q:
        wanted.append(holds(listing.q, Organisation.name))
    if listing.extra.get("kind") in list(Kind):
        wanted.append(Organisation.kind == listing.extra["kind"])
    return wanted


# ── one organisation ────────────────────────────────────────────────────────────────────────────────
def facts_of(slug: str, today: date) -> Facts | None:
    """One statement; hours of what was merged into it are among its own."""
    row = rows(_facts(), {"slug": slug, "year": f"{today.year}-01"}).first()
    # Sums of whole numbers come as decimals from PostgreSQL.
    return Facts._make([*row[:-2], *map(int, row[-2:])]) if row else None


@made_once
def _facts() -> Select[*tuple[Any, ...]]:
    kept = Organisation.__table__.alias("kept")
    second = Organisation.__table__.alias("second")
    unit = (MemberUnit.organisation_id == Organisation.id) & MemberUnit.left_on.is_(None)
    seconds = select(second.c.id).where(second.c.merged_into_id == Organisation.id).correlate(Organisation)
    mine = or_(HoursTally.organisation_id == Organisation.id, HoursTally.organisation_id.in_(seconds))
    year = case((HoursTally.month >= bindparam("year"), HoursTally.minutes), else_=0)
    all_minutes, of_year = (
        select(func.coalesce(func.sum(what), 0)).where(mine).correlate(Organisation).scalar_subquery()
        for what in (HoursTally.minutes, year)
    )
    told = [getattr(Organisation, name) for name in Facts._fields[:13]]
    logo = StoredFile.public_id
    return (
        select(*told, kept.c.slug, logo, MemberUnit.joined_on, all_minutes, of_year)
        .outerjoin(kept, kept.c.id == Organisation.merged_into_id)
        .outerjoin(StoredFile, StoredFile.id == Organisation.logo_id)
        .outerjoin(MemberUnit, unit)
        .where(Organisation.slug == bindparam("slug"))
    )


def teams_of(organisation_id: int, today: date) -> list[TeamLine]:
    """Its open teams with how many belong to each, by name."""
    return [TeamLine(*row) for row in rows(_teams(), {"organisation": organisation_id, "today": today})]


@made_once
def _teams() -> Select[*tuple[Any, ...]]:
    today = bindparam("today", type_=Date)
    members = select(func.count()).where(Membership.team_id == Team.id, belongs(today)).scalar_subquery()
    return (
        select(Team.slug, Team.name, members)
        .outerjoin(TeamCard, TeamCard.team_id == Team.id)
        .where(Team.organisation_id == bindparam("organisation"), TeamCard.closed_on.is_(None))
        .order_by(Team.name, Team.id)
    )


def coming_of(organisation_id: int, today: date) -> list[Coming]:
    """The next activities of its teams, those of today included, the nearest first."""
    asked = {"organisation": organisation_id, "from": midnight(today), "limit": AHEAD}
    return [Coming(*row) for row in rows(_coming(), asked)]


@made_once
def _coming() -> Select[*tuple[Any, ...]]:
    told = Activity.id, Activity.name, Activity.place, Activity.starts_at, Activity.ends_at, Team.name
    return (
        select(*told)
        .join(Team, Team.id == Activity.team_id)
        .where(_IS_OF, IS_PUBLISHED, Activity.ends_at >= bindparam("from", type_=Moment))
        .order_by(Activity.starts_at, Activity.id)
        .limit(bindparam("limit", type_=Integer))
    )


def projects_of(organisation_id: int, today: date) -> list[Project]:
    """What its teams do again and again, the most frequent first."""
    asked = {"organisation": organisation_id, "until": midnight(today), "limit": PROJECTS}
    return [Project(*row) for row in rows(_projects(), asked)]


@made_once
def _projects() -> Select[*tuple[Any, ...]]:
    times, last = func.count(), func.max(Activity.starts_at, type_=Moment)
    over = Activity.ends_at < bindparam("until", type_=Moment)
    return (
        select(Activity.name, times, last)
        .join(Team, Team.id == Activity.team_id)
        .where(_IS_OF, IS_PUBLIC, over)
        .group_by(Activity.name)
        .having(times >= OFTEN)
        .order_by(times.desc(), Activity.name)
        .limit(bindparam("limit", type_=Integer))
    )


_IS_OF = Team.organisation_id == bindparam("organisation")


def history_of(organisation_id: int, today: date) -> History:
    """Stages, what covers it now, and the term that runs now or ran last. Three statements."""
    asked = {"organisation": organisation_id, "today": today}
    stages = [(IncubationStage(stage), day) for stage, day in rows(_stages(), asked)]
    branches = [(Coverage(how), BranchKind(what), name) for how, what, name in rows(_branches(), asked)]
    term = rows(_term(), asked).first()
    return History(stages, branches, (term[0], term[1], term[2]) if term else None)


@made_once
def _stages() -> Select[*tuple[Any, ...]]:
    mine = what_counts(Stage).with_only_columns(Stage.stage, Stage.happened_on)
    return mine.where(Stage.organisation_id == bindparam("organisation")).order_by(Stage.happened_on, Stage.id)


@made_once
def _branches() -> Select[*tuple[Any, ...]]:
    today = bindparam("today", type_=Date)
    now = (Branch.starts_on <= today, or_(Branch.ends_on.is_(None), Branch.ends_on >= today))
    mine = what_counts(Branch).with_only_columns(Branch.coverage, Branch.kind, Branch.name)
    return mine.where(Branch.organisation_id == bindparam("organisation"), *now).order_by(Branch.starts_on, Branch.id)


@made_once
def _term() -> Select[*tuple[Any, ...]]:
    begun = Term.starts_on <= bindparam("today", type_=Date)
    mine = what_counts(Term).with_only_columns(Term.number, Term.starts_on, Term.ends_on)
    mine = mine.where(Term.organisation_id == bindparam("organisation"), begun)
    return mine.order_by(Term.ends_on.desc(), Term.id.desc()).limit(1)
