from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, true
from sqlalchemy.orm import contains_eager

from portal.activities.models import SEEN_BY_ALL, Activity, Status
from portal.activities.policy import DECIDES, DRAFTS
from portal.clock import CHINA
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
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


def activity_by_id(activity_id: int) -> Activity | None:
    """The activity with its team and organisation, whatever its status."""
    return db.session.scalar(whole().where(Activity.id == activity_id))


def public_activity(activity_id: int) -> Activity | None:
    return db.session.scalar(whole().where(Activity.id == activity_id, IS_PUBLIC))


def count_coming(day: date) -> int:
    """How many published activities there are from this day on."""
    coming = IS_PUBLISHED, Activity.ends_at >= midnight(day)
    return db.session.scalar(select(func.count()).select_from(Activity).where(*coming)) or 0


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


def upcoming_public(at: datetime, limit: int) -> list[Activity]:
    """The next published activities, those of today included, the nearest first."""
    coming = select(Activity.id).where(IS_PUBLISHED, Activity.ends_at >= midnight(at.date()))
    nearest = coming.order_by(Activity.starts_at, Activity.id).limit(limit).subquery()
    return list(db.session.scalars(_next().where(Activity.id.in_(nearest.select()))))


def upcoming_for(person: Person, at: datetime, limit: int) -> list[Activity]:
    """The next published activities of the person's teams that are not over, the nearest first."""
    teams = select(Membership.team_id).where(Membership.person_id == person.id, Membership.left_on.is_(None))
    return list(db.session.scalars(_next().where(Activity.team_id.in_(teams), Activity.ends_at > at).limit(limit)))


def teams_to_draft_for(person: Person) -> list[Team]:
    """The teams for which this person may draft, by name."""
    drafting = select(Team).join(Organisation).options(contains_eager(Team.organisation))
    return list(db.session.scalars(drafting.where(within(person, *DRAFTS)).order_by(Team.name, Team.id)))


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


def _next() -> Select[Activity]:
    return whole().where(IS_PUBLISHED).order_by(Activity.starts_at, Activity.id)


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
