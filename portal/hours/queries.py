from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, false, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal import clock, rules
from portal.activities.models import Activity
from portal.activities.queries import IS_PUBLIC
from portal.db import db, rows
from portal.hours.models import Claim, HourEvent, Kind, Status
from portal.hours.tallies import PersonTally
from portal.orgs.models import Membership, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.rules.catalogue import LATEST_ENTRY_DAYS
from portal.search import holds
from portal.web.tables import Listing

COUNTING = (Status.WAITING.value, Status.APPROVED.value)
IS_LAST = and_(HourEvent.claim_id == Claim.id, HourEvent.seq == Claim.seq)
IS_HERS = Claim.person_id.in_(bindparam("people", expanding=True))


class HoursSummary(NamedTuple):
    """Minutes."""

    approved: int
    waiting: int


class Sums(NamedTuple):
    """What a person's claims of one status come to."""

    claims: int
    minutes: int


class OwnLine(NamedTuple):
    """A claim in its person's own list. `last` and `reason` are of the event that left it as it is."""

    id: int
    activity: str
    team: str
    starts_at: datetime
    ends_at: datetime
    minutes: int
    status: str
    last: str | None
    reason: str | None

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def was_replaced(self) -> bool:
        return self.last == Kind.RESUBMITTED

    @property
    def return_reason(self) -> str:
        """Why it was returned, while that still asks for something."""
        return (self.reason or "") if self.last == Kind.RETURNED else ""


class Returned(NamedTuple):
    """A claim that came back and was not corrected yet."""

    id: int
    served_on: date
    activity: str
    reason: str


def sums_of(person: Person) -> dict[str, Sums]:
    """What the person's claims come to, by status."""
    found = rows(_SUMS, {"people": person.selves})
    # PostgreSQL adds whole numbers up to a Decimal.
    return {status: Sums(int(claims), int(minutes)) for status, claims, minutes in found}


def hours_summary(person: Person) -> HoursSummary:
    """All minutes of the person that are approved and that wait."""
    return summary_of(sums_of(person))


def summary_of(sums: Mapping[str, Sums]) -> HoursSummary:
    approved, waiting = (sums.get(status.value) for status in (Status.APPROVED, Status.WAITING))
    return HoursSummary(approved.minutes if approved else 0, waiting.minutes if waiting else 0)


def list_own(person: Person, listing: Listing, sums: Mapping[str, Sums]) -> tuple[Listing, list[OwnLine]]:
    """A person's claims, the latest service first; those that came back and need her are on top.

    `sums` say how many there are, unless days or a word are asked for.
    """
    asked = list(_asked(listing))
    listing = listing.counted(_count_own(person, listing, asked, sums))
    page = _page_of_own(*asked, joined=bool(listing.q)) if asked else _PAGE_OF_OWN
    place = {"people": person.selves, "offset": listing.offset, "limit": listing.per_page}
    return listing, [OwnLine(*row) for row in rows(page, place)]


def _needs_her() -> ColumnElement[bool]:
    """That a claim came back and was not corrected yet; of other claims no event is looked for."""
    last = select(HourEvent.kind).where(IS_LAST).correlate(Claim).scalar_subquery()
    return case((Claim.status == Status.RETURNED.value, last == Kind.RETURNED.value), else_=false())


def _page_of_own(*asked: ColumnElement[bool], joined: bool = False) -> Select[*tuple[Any, ...]]:
    """The ids first: they lie in an index, and the page's rows alone are read whole. `joined`: the activities too."""
    order = (_needs_her().desc(), Claim.served_on.desc(), Claim.id.desc())
    ids = select(Claim.id).where(IS_HERS, *asked).order_by(*order)
    page = (ids.join(Claim.activity) if joined else ids).offset(bindparam("offset")).limit(bindparam("limit"))
    service = (Claim.id, Activity.name, Team.name, Claim.starts_at, Claim.ends_at, Claim.minutes, Claim.status)
    return (
        select(*service, HourEvent.kind, HourEvent.reason)
        .join(Claim.activity)
        .join(Claim.team)
        .outerjoin(HourEvent, IS_LAST)
        .where(Claim.id.in_(page.subquery().select()))
        .order_by(*order)
    )


# Made once: to name so many columns takes longer than to find their rows.
_PAGE_OF_OWN = _page_of_own()
# Again the ids first: what somebody logged in years is looked through in an index.
_RETURNED = (
    select(Claim.id, Claim.served_on, Activity.name, HourEvent.reason)
    .join(Claim.activity)
    .join(HourEvent, IS_LAST)
    .where(Claim.id.in_(select(Claim.id).where(IS_HERS, Claim.status == Status.RETURNED.value)))
    .where(HourEvent.kind == Kind.RETURNED.value)
    .order_by(HourEvent.at, Claim.id)
)
_SUMS = (
    select(PersonTally.status, func.sum(PersonTally.claims), func.sum(PersonTally.minutes))
    .where(PersonTally.person_id.in_(bindparam("people", expanding=True)))
    .group_by(PersonTally.status)
)


def _asked(listing: Listing) -> Iterator[ColumnElement[bool]]:
    if (status := listing.extra.get("status")) in list(Status):
        yield Claim.status == status
    if listing.q:
        yield holds(listing.q, Activity.name)
    if listing.start:
        yield Claim.served_on >= listing.start
    if listing.end:
        yield Claim.served_on <= listing.end


def _count_own(person: Person, listing: Listing, asked: list[ColumnElement[bool]], sums: Mapping[str, Sums]) -> int:
    if listing.q or listing.start or listing.end:
        counted = select(func.count()).select_from(Claim).join(Claim.activity).where(IS_HERS, *asked)
        return db.session.scalar(counted, {"people": person.selves}) or 0
    status = listing.extra.get("status")
    wanted = [status] if status in list(Status) else sums
    return sum(sums[one].claims for one in wanted if one in sums)


def returned_to(person: Person) -> list[Returned]:
    """The person's claims that came back and were not corrected yet, the earliest first."""
    found = rows(_RETURNED, {"people": person.selves})
    return [Returned(claim_id, served_on, activity, reason or "") for claim_id, served_on, activity, reason in found]


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


def standing_claim(people: Sequence[int], activity_id: int) -> Claim | None:
    """The claim that stands in the way of another one: it waits, counts, or came back and was not corrected yet.

    `people` are the ids of one person (`Person.selves`).
    """
    return db.session.scalar(_STANDING, {"people": people, "activity": activity_id})


_successor = aliased(Claim)
_UNCORRECTED = and_(
    Claim.status == Status.RETURNED.value, ~select(_successor.id).where(_successor.replaces_id == Claim.id).exists()
)
_STANDING = (
    select(Claim)
    .where(IS_HERS, Claim.activity_id == bindparam("activity"), or_(Claim.status.in_(COUNTING), _UNCORRECTED))
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
        .where(Membership.team_id == activity.team_id, belongs(clock.today()))
        .where(Person.id != by.id, Person.id.not_in(has_claim))
        .order_by(Person.name, Person.id)
    )
    return list(db.session.scalars(members))


def activities_to_claim(person: Person, *, at: datetime) -> list[Activity]:
    """Published or closed activities of the person's teams that have begun and that she has no claim for yet."""
    teams = select(Membership.team_id).where(Membership.person_id == person.id, belongs(at.date()))
    has_claim = select(Claim.id).where(
        Claim.activity_id == Activity.id,
        Claim.person_id.in_(person.selves),
        Claim.status.in_([*COUNTING, Status.RETURNED.value]),
    )
    return _begun(Activity.team_id.in_(teams) & ~has_claim.exists(), at=at)


def activities_of(team_ids: list[int], *, at: datetime) -> list[Activity]:
    """Published or closed activities of these teams that have begun, the latest first."""
    return _begun(Activity.team_id.in_(team_ids), at=at)


def latest_entry(*, on: date) -> timedelta:
    """How long after its end hours of an activity may still be entered."""
    return timedelta(days=rules.value(LATEST_ENTRY_DAYS, on=on))


def _begun(wanted: ColumnElement[bool], *, at: datetime) -> list[Activity]:
    in_time = and_(Activity.starts_at <= at, Activity.ends_at > at - latest_entry(on=at.date()))
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
