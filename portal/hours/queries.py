from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.activities.models import Activity
from portal.activities.queries import IS_PUBLIC
from portal.db import db
from portal.hours.models import Claim, HourEvent, Kind, Status
from portal.hours.tallies import PersonTally
from portal.orgs.models import Membership, Team
from portal.people.models import Person
from portal.search import holds
from portal.web.tables import Listing

LATEST_ENTRY = timedelta(days=366)
"""Hours of activities that ended longer ago are not entered any more."""

COUNTING = (Status.WAITING.value, Status.APPROVED.value)
IS_LAST = and_(HourEvent.claim_id == Claim.id, HourEvent.seq == Claim.seq)


class HoursSummary(NamedTuple):
    """Minutes."""

    approved: int
    waiting: int


@dataclass(frozen=True)
class OwnRow:
    """A claim in its person's own list, with the event that left it as it is."""

    claim: Claim
    last: HourEvent | None

    @property
    def was_replaced(self) -> bool:
        return self.last is not None and self.last.kind == Kind.RESUBMITTED

    @property
    def return_reason(self) -> str:
        """Why it was returned, while that still asks for something."""
        return (self.last.reason or "") if self.last is not None and self.last.kind == Kind.RETURNED else ""


def hours_summary(person: Person) -> HoursSummary:
    """All minutes of the person that are approved and that wait."""
    rows = db.session.execute(select(PersonTally.status, PersonTally.minutes).where(PersonTally.person_id == person.id))
    sums = dict(rows.all())
    return HoursSummary(sums.get(Status.APPROVED.value, 0), sums.get(Status.WAITING.value, 0))


def list_own(person: Person, listing: Listing) -> tuple[Listing, list[OwnRow]]:
    """A person's claims, the latest service first; those that came back and need her are on top."""
    wanted = [Claim.person_id == person.id, *_asked(listing)]
    listing = listing.counted(_count_own(person, listing, wanted))
    order = (_needs_her().desc(), Claim.served_on.desc(), Claim.id.desc())
    found = select(Claim.id).where(*wanted).order_by(*order).offset(listing.offset).limit(listing.per_page)
    rows = db.session.execute(
        select(Claim, HourEvent)
        .join(Claim.activity)
        .join(Claim.team)
        .outerjoin(HourEvent, IS_LAST)
        .options(contains_eager(Claim.activity).load_only(Activity.name))
        .options(contains_eager(Claim.team).load_only(Team.name))
        .where(Claim.id.in_((found.join(Claim.activity) if listing.q else found).subquery().select()))
        .order_by(*order)
    )
    return listing, [OwnRow(claim, event) for claim, event in rows]


def _asked(listing: Listing) -> Iterator[ColumnElement[bool]]:
    if (status := listing.extra.get("status")) in list(Status):
        yield Claim.status == status
    if listing.q:
        yield holds(listing.q, Activity.name)
    if listing.start:
        yield Claim.served_on >= listing.start
    if listing.end:
        yield Claim.served_on <= listing.end


def _count_own(person: Person, listing: Listing, wanted: list[ColumnElement[bool]]) -> int:
    """The tallies know how many, unless days or a word are asked for."""
    if listing.q or listing.start or listing.end:
        counted = select(func.count()).select_from(Claim).join(Claim.activity).where(*wanted)
    else:
        counted = select(func.sum(PersonTally.claims)).where(PersonTally.person_id == person.id)
        if (status := listing.extra.get("status")) in list(Status):
            counted = counted.where(PersonTally.status == status)
    return int(db.session.scalar(counted) or 0)


def _needs_her() -> ColumnElement[bool]:
    """That a claim came back and was not corrected yet; of other claims no event is looked for."""
    last = select(HourEvent.kind).where(IS_LAST).correlate(Claim).scalar_subquery()
    return case((Claim.status == Status.RETURNED.value, last == Kind.RETURNED.value), else_=false())


def returned_to(person: Person) -> list[OwnRow]:
    """The person's claims that came back and were not corrected yet, the earliest first."""
    rows = db.session.execute(
        select(Claim, HourEvent)
        .join(Claim.activity)
        .join(HourEvent, IS_LAST)
        .options(contains_eager(Claim.activity))
        .where(Claim.person_id == person.id, Claim.status == Status.RETURNED.value)
        .where(HourEvent.kind == Kind.RETURNED.value)
        .order_by(HourEvent.at, Claim.id)
    )
    return [OwnRow(claim, event) for claim, event in rows]


def claim_by_id(claim_id: int) -> Claim | None:
    """The claim with whom and what it is about."""
    return db.session.scalar(
        select(Claim)
        .where(Claim.id == claim_id)
        .options(
            joinedload(Claim.person, innerjoin=True),
            joinedload(Claim.entered_by, innerjoin=True),
            joinedload(Claim.activity, innerjoin=True),
            joinedload(Claim.team, innerjoin=True).joinedload(Team.organisation, innerjoin=True),
        )
    )


def last_event(claim: Claim) -> HourEvent | None:
    """The event that left the claim as it is; None while nobody has done anything with it."""
    return db.session.scalar(select(HourEvent).where(HourEvent.claim_id == claim.id, HourEvent.seq == claim.seq))


def successor_of(claim: Claim) -> Claim | None:
    """The corrected claim that took this one's place."""
    return db.session.scalar(select(Claim).where(Claim.replaces_id == claim.id))


def standing_claim(person_id: int, activity_id: int) -> Claim | None:
    """The claim that stands in the way of another one: it waits, counts, or came back and was not corrected yet."""
    successor = aliased(Claim)
    uncorrected = and_(
        Claim.status == Status.RETURNED.value, ~select(successor.id).where(successor.replaces_id == Claim.id).exists()
    )
    return db.session.scalar(
        select(Claim)
        .where(Claim.person_id == person_id, Claim.activity_id == activity_id)
        .where(or_(Claim.status.in_(COUNTING), uncorrected))
        .limit(1)
    )


def members_to_enter(activity: Activity, *, by: Person) -> list[Person]:
    """The team's other members without a claim for the activity: for whom a leader may enter hours."""
    has_claim = select(Claim.person_id).where(
        Claim.activity_id == activity.id, Claim.status.in_([*COUNTING, Status.RETURNED.value])
    )
    members = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == activity.team_id, Membership.left_on.is_(None))
        .where(Person.id != by.id, Person.id.not_in(has_claim))
        .order_by(Person.name, Person.id)
    )
    return list(db.session.scalars(members))


def activities_to_claim(person: Person, *, at: datetime) -> list[Activity]:
    """Published or closed activities of the person's teams that have begun and that she has no claim for yet."""
    teams = select(Membership.team_id).where(Membership.person_id == person.id, Membership.left_on.is_(None))
    has_claim = select(Claim.id).where(
        Claim.activity_id == Activity.id,
        Claim.person_id == person.id,
        Claim.status.in_([*COUNTING, Status.RETURNED.value]),
    )
    return _begun(Activity.team_id.in_(teams) & ~has_claim.exists(), at=at)


def activities_of(team_ids: list[int], *, at: datetime) -> list[Activity]:
    """Published or closed activities of these teams that have begun, the latest first."""
    return _begun(Activity.team_id.in_(team_ids), at=at)


def _begun(wanted: ColumnElement[bool], *, at: datetime) -> list[Activity]:
    in_time = and_(Activity.starts_at <= at, Activity.ends_at > at - LATEST_ENTRY)
    return list(
        db.session.scalars(
            select(Activity)
            .join(Activity.team)
            .options(contains_eager(Activity.team))
            .where(IS_PUBLIC, in_time, wanted)
            .order_by(Activity.starts_at.desc(), Activity.id)
            .limit(100)
        )
    )
