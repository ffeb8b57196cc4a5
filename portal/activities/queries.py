from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.orm import contains_eager

from portal.activities.models import SEEN_BY_ALL, Activity, Status
from portal.activities.policy import DECIDES, DRAFTS
from portal.clock import CHINA
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, scopes_of
from portal.web.tables import Listing, like

IS_PUBLIC = Activity.status.in_([status.value for status in SEEN_BY_ALL])


def activity_by_id(activity_id: int) -> Activity | None:
    """The activity with its team and organisation, whatever its status."""
    return db.session.scalar(_activities().where(Activity.id == activity_id))


def public_activity(activity_id: int) -> Activity | None:
    return db.session.scalar(_activities().where(Activity.id == activity_id, IS_PUBLIC))


def list_public(listing: Listing, *, day: date) -> tuple[Listing, list[Activity]]:
    """Published activities, those of today and later first and the nearest on top, then the past, newest first.

    It depends on the day, not on the hour, so that the page may be kept.
    """
    is_coming = Activity.ends_at >= midnight(day)
    nearest_first = (is_coming.desc(), case((is_coming, Activity.starts_at)), Activity.starts_at.desc(), Activity.id)
    return _listed(listing, IS_PUBLIC, order=nearest_first)


def count_coming(day: date) -> int:
    """How many published activities there are from this day on."""
    coming = Activity.status == Status.PUBLISHED.value, Activity.ends_at >= midnight(day)
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
    waiting = Activity.status == Status.WAITING.value
    return _listed(listing, waiting, within(person, *DECIDES, *READS_ALL), order=(Activity.submitted_at, Activity.id))


def count_to_review(person: Person) -> int:
    """How many activities wait for this person's decision, her own not counted."""
    is_own = or_(Activity.drafted_by_id == person.id, Activity.submitted_by_id == person.id)
    waiting = Activity.status == Status.WAITING.value
    counted = select(func.count()).select_from(Activity).join(Team).where(waiting, ~is_own, within(person, *DECIDES))
    return db.session.scalar(counted) or 0


def upcoming_public(at: datetime, limit: int) -> list[Activity]:
    """The next published activities, those of today included, the nearest first."""
    coming = Activity.ends_at >= midnight(at.date())
    return list(db.session.scalars(_next().where(coming).limit(limit)))


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


def _activities() -> Select[Activity]:
    return (
        select(Activity)
        .join(Activity.team)
        .join(Team.organisation)
        .options(contains_eager(Activity.team).contains_eager(Team.organisation))
    )


def _next() -> Select[Activity]:
    published = Activity.status == Status.PUBLISHED.value
    return _activities().where(published).order_by(Activity.starts_at, Activity.id)


def _listed(listing: Listing, *conditions: ColumnElement[bool], order: Iterable[Any]) -> tuple[Listing, list[Activity]]:
    wanted = [*conditions, *_asked(listing)]
    total = db.session.scalar(select(func.count()).select_from(Activity).join(Team).where(*wanted)) or 0
    listing = listing.counted(total)
    rows = _activities().where(*wanted).order_by(*order).offset(listing.offset).limit(listing.per_page)
    return listing, list(db.session.scalars(rows))


def _asked(listing: Listing) -> Iterable[ColumnElement[bool]]:
    if listing.q:
        pattern = like(listing.q)
        yield or_(*(column.ilike(pattern, escape="\\") for column in (Activity.name, Activity.place, Team.name)))
    if listing.start:
        yield Activity.starts_at >= midnight(listing.start)
    if listing.end:
        yield Activity.starts_at < midnight(listing.end) + timedelta(days=1)
