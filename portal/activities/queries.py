from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import contains_eager

from portal.activities.models import SEEN_BY_ALL, Activity, Status
from portal.activities.policy import DECIDES, DRAFTS
from portal.clock import CHINA
from portal.db import Moment, db, rows
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, scopes_of
from portal.search import holds
from portal.web.tables import Listing

# In so many words: an index of what is public serves no question that leaves the status open until it is asked.
IS_PUBLIC = Activity.status.in_([literal_column(f"'{status.value}'") for status in SEEN_BY_ALL])
IS_ON_THE_WAY = Activity.status.in_(
    [literal_column(f"'{status.value}'") for status in (Status.DRAFT, Status.WAITING, Status.RETURNED)]
)
IS_PUBLISHED = Activity.status == literal_column(f"'{Status.PUBLISHED.value}'")


class Coming(NamedTuple):
    """An activity that is still to come."""

    id: int
    name: str
    place: str
    starts_at: datetime
    ends_at: datetime
    team: str


def activity_by_id(activity_id: int) -> Activity | None:
    """The activity with its team and organisation, whatever its status."""
    return db.session.scalar(_ONE, {"activity": activity_id})


def public_activity(activity_id: int) -> Activity | None:
    return db.session.scalar(_ONE_PUBLIC, {"activity": activity_id})


def count_coming(day: date) -> int:
    """How many published activities there are from this day on."""
    return int(rows(_COUNT_COMING, {"from": midnight(day)}).scalar_one())


def list_mine(person: Person, listing: Listing) -> tuple[Listing, list[Activity]]:
    """What the teams have that this person writes for: what needs her hand first."""
    by_need = case({status.value: rank for rank, status in enumerate(BY_NEED)}, value=Activity.status)
    mine = [within(person, *DRAFTS)]
    if (status := listing.extra.get("status")) in list(Status):
        mine.append(Activity.status == status)
    return _listed(listing, *mine, order=(by_need, Activity.starts_at.desc(), Activity.id))


BY_NEED = (Status.RETURNED, Status.DRAFT, Status.WAITING, Status.PUBLISHED, Status.CLOSED)


def list_to_review(person: Person, listing: Listing) -> tuple[Listing, list[Activity]]:
    """What waits for a decision, the longest waiting first; one's own among them is for others to decide."""
    waiting = and_(IS_ON_THE_WAY, Activity.status == Status.WAITING.value)
    return _listed(listing, waiting, within(person, *DECIDES, *READS_ALL), order=(Activity.submitted_at, Activity.id))


def count_to_review(person: Person) -> int:
    """How many activities wait for this person's decision, her own not counted."""
    is_own = or_(Activity.drafted_by_id == person.id, Activity.submitted_by_id == person.id)
    waiting = and_(IS_ON_THE_WAY, Activity.status == Status.WAITING.value)
    counted = select(func.count()).select_from(Activity).join(Team).where(waiting, ~is_own, within(person, *DECIDES))
    return db.session.scalar(counted) or 0


def upcoming_public(at: datetime, limit: int) -> list[Coming]:
    """The next published activities, those of today included, the nearest first."""
    return [Coming(*row) for row in rows(_COMING, {"from": midnight(at.date()), "limit": limit}).all()]


_IS_COMING = IS_PUBLISHED, Activity.ends_at >= bindparam("from", type_=Moment)
_COUNT_COMING = select(func.count()).select_from(Activity).where(*_IS_COMING)
_COMING = (
    select(Activity.id, Activity.name, Activity.place, Activity.starts_at, Activity.ends_at, Team.name)
    .join(Team, Team.id == Activity.team_id)
    .where(
        Activity.id.in_(
            select(Activity.id)
            .where(*_IS_COMING)
            .order_by(Activity.starts_at, Activity.id)
            .limit(bindparam("limit", type_=Integer))
            .subquery()
            .select()
        )
    )
    .order_by(Activity.starts_at, Activity.id)
)


def upcoming_for(person: Person, at: datetime, limit: int) -> list[Coming]:
    """The next published activities of the person's teams that are not over, the nearest first."""
    asked = {"person": person.id, "at": at, "today": at.date(), "limit": limit}
    return [Coming(*row) for row in rows(_COMING_FOR, asked)]


_COMING_FOR = (
    select(Activity.id, Activity.name, Activity.place, Activity.starts_at, Activity.ends_at, Team.name)
    .join(Team, Team.id == Activity.team_id)
    .where(
        IS_PUBLISHED,
        Activity.team_id.in_(
            select(Membership.team_id).where(
                Membership.person_id == bindparam("person"), belongs(bindparam("today", type_=Date))
            )
        ),
        Activity.ends_at > bindparam("at"),
    )
    .order_by(Activity.starts_at, Activity.id)
    .limit(bindparam("limit"))
)


def teams_to_draft_for(person: Person) -> list[Team]:
    """The teams for which this person may draft, by name."""
    drafting = select(Team).join(Organisation).options(contains_eager(Team.organisation))
    is_open = Organisation.closed_on.is_(None)
    return list(db.session.scalars(drafting.where(within(person, *DRAFTS), is_open).order_by(Team.name, Team.id)))


def within(person: Person, *roles: Role) -> ColumnElement[bool]:
    """That a team, joined in the query, lies where the person holds one of the roles."""
    organisations = scopes_of(person, *roles, kind="organisation")
    teams = scopes_of(person, *roles, kind="team")
    if organisations is None or teams is None:
        return true()
    return or_(Team.organisation_id.in_(organisations), Team.id.in_(teams))


def midnight(day: date) -> datetime:
    """The moment at which the day begins in Haining."""
    return datetime.combine(day, time.min, CHINA)


def whole() -> Select[Activity]:
    """Activities with their teams and organisations."""
    return (
        select(Activity)
        .join(Activity.team)
        .join(Team.organisation)
        .options(contains_eager(Activity.team).contains_eager(Team.organisation))
    )


_ONE = whole().where(Activity.id == bindparam("activity"))
_ONE_PUBLIC = _ONE.where(IS_PUBLIC)


def _listed(listing: Listing, *conditions: ColumnElement[bool], order: Iterable[Any]) -> tuple[Listing, list[Activity]]:
    wanted = [*conditions, *_asked(listing)]
    total = db.session.scalar(select(func.count()).select_from(Activity).join(Team).where(*wanted)) or 0
    listing = listing.counted(total)
    # The ids first: they lie in an index, and the page's rows alone are read whole.
    ids = select(Activity.id).join(Team).where(*wanted).order_by(*order).offset(listing.offset).limit(listing.per_page)
    rows = whole().where(Activity.id.in_(ids.subquery().select())).order_by(*order)
    return listing, list(db.session.scalars(rows))


def _asked(listing: Listing) -> Iterable[ColumnElement[bool]]:
    if listing.q:
        yield holds(listing.q, Activity.name, Activity.place, Team.name)
    if listing.start:
        yield Activity.starts_at >= midnight(listing.start)
    if listing.end:
        yield Activity.starts_at < midnight(listing.end) + timedelta(days=1)
