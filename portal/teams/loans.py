"""Loans as those see them whom they concern, and who speaks for whom."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Grant, Person, Role
from portal.people.policy import READS_ALL, holds
from portal.teams.models import Loan, LoanStatus
from portal.teams.policy import can_run, own_organisations, runs_organisation
from portal.web.tables import Listing
from portal.words import Words, _l


class Side(StrEnum):
    """The organisation that gets somebody, and the one that lends her."""

    HOST = "host"
    LENDER = "lender"

    @property
    def label(self) -> Words:
        return SIDES[self]


SIDES: dict[Side, Words] = {Side.HOST: _l("借入方"), Side.LENDER: _l("借出方")}


class Parties(NamedTuple):
    """Who the sides are; `leaders` lead a team of hers in the lending organisation and hold her paper."""

    host: Organisation
    lender: Organisation
    leaders: list[int]


class Answer(NamedTuple):
    """What somebody may do with a loan as it stands."""

    agrees_for: list[Side]
    is_herself: bool
    on_paper: bool
    may_refuse: bool
    may_end: bool


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────
def sides_of(person: Person, lender_id: int, host_id: int) -> list[Side]:
    """For which sides the person speaks: both only when she runs both organisations."""
    runs = ((Side.HOST, host_id), (Side.LENDER, lender_id))
    return [side for side, organisation in runs if runs_organisation(person, organisation)]


def speaks_for(person: Person, loan: Loan, side: Side) -> bool:
    return side in sides_of(person, loan.lender_id, loan.team.organisation_id)


def can_see_loan(person: Person, loan: Loan) -> bool:
    """She, those who run one of the two organisations, who leads her at home or there, who reads everything."""
    if person.id == loan.person_id or holds(person, *READS_ALL) or can_run(person, loan.team):
        return True
    return bool(sides_of(person, loan.lender_id, loan.team.organisation_id)) or leads_at_home(person, loan)


def leads_at_home(person: Person, loan: Loan) -> bool:
    """Whether the person runs a team of hers in the organisation that lends her."""
    hers = select(Team).join(Membership, Membership.team_id == Team.id)
    hers = hers.where(Membership.person_id == loan.person_id, belongs(clock.today()))
    return any(can_run(person, team) for team in db.session.scalars(hers.where(Team.organisation_id == loan.lender_id)))


def answers_of(person: Person, loan: Loan) -> Answer:
    """What the person may do now."""
    sides = sides_of(person, loan.lender_id, loan.team.organisation_id)
    is_herself, is_asked = loan.person_id in person.selves, loan.state is LoanStatus.ASKED
    given = {Side.HOST: loan.host_yes_at, Side.LENDER: loan.lender_yes_at}
    concerned = is_herself or bool(sides)
    waits_for_her = is_asked and loan.said_at is None
    return Answer(
        agrees_for=[one for one in sides if is_asked and given[one] is None and not is_herself],
        is_herself=waits_for_her and is_herself,
        on_paper=waits_for_her and not is_herself and leads_at_home(person, loan),
        may_refuse=concerned and loan.state in (LoanStatus.ASKED, LoanStatus.AGREED),
        may_end=concerned and loan.state is LoanStatus.RUNNING,
    )


def parties_of(loan: Loan) -> Parties:
    lender = db.session.get_one(Organisation, loan.lender_id)
    return Parties(loan.team.organisation, lender, _leaders_at_home(loan))


def _leaders_at_home(loan: Loan) -> list[int]:
    today = clock.today()
    hers = select(Membership.team_id).join(Team, Team.id == Membership.team_id)
    hers = hers.where(Membership.person_id == loan.person_id, belongs(today), Team.organisation_id == loan.lender_id)
    leads = (Grant.role == Role.TEAM_LEADER.value, Grant.scope_kind == "team", Grant.scope_id.in_(hers))
    counts = (Grant.starts_on <= today, or_(Grant.ends_on.is_(None), Grant.ends_on >= today))
    found = select(Grant.person_id).where(*leads, *counts, Grant.person_id != loan.person_id)
    return list(db.session.scalars(found.distinct().order_by(Grant.person_id)))


def belongs_to(person_id: int, organisation_id: int) -> bool:
    """Whether she belongs to a team of the organisation, otherwise than on loan."""
    here = select(Membership.id).join(Team, Team.id == Membership.team_id)
    hers = (Membership.person_id == person_id, Membership.left_on.is_(None), Membership.until.is_(None))
    return db.session.scalar(here.where(*hers, Team.organisation_id == organisation_id).limit(1)) is not None


# ── lists ───────────────────────────────────────────────────────────────────────────────────────────
def loan_by_id(loan_id: int) -> Loan | None:
    return db.session.get(Loan, loan_id)


def list_loans(person: Person, listing: Listing) -> tuple[Listing, list[Loan]]:
    """Her own, and those of the organisations that she runs; what waits first, then the newest."""
    wanted = _concern(person, own_organisations(person))
    total = db.session.scalar(select(func.count()).select_from(Loan).join(Loan.team).where(wanted)) or 0
    listing = listing.counted(total)
    waits = case((Loan.status == LoanStatus.ASKED.value, 0), (Loan.status == LoanStatus.RUNNING.value, 1), else_=2)
    found = select(Loan).join(Loan.team).where(wanted).options(joinedload(Loan.person), joinedload(Loan.team))
    page = found.order_by(waits, Loan.id.desc()).offset(listing.offset).limit(listing.per_page)
    return listing, list(db.session.scalars(page))


def _concern(person: Person, organisations: Collection[int]) -> ColumnElement[bool]:
    if holds(person, *READS_ALL):
        return Loan.id.is_not(None)
    theirs = or_(Loan.lender_id.in_(organisations), Team.organisation_id.in_(organisations))
    return or_(Loan.person_id == person.id, theirs)


def organisations_to_lend(but: Collection[int] = ()) -> list[Organisation]:
    """All that have a team, by name."""
    with_team = select(Team.organisation_id)
    found = select(Organisation).where(Organisation.id.in_(with_team), Organisation.id.not_in(but))
    return list(db.session.scalars(found.order_by(Organisation.name)))
