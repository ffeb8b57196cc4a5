"""The public list of activities: what is ahead first and the nearest on top, then what is over, newest first.

It is made for tens of thousands of activities: the tallies know how many there are, each half is walked along an index
of its own, and a free search goes by its index.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, func, literal, or_, select, union, union_all

from portal.activities.models import SEEN_BY_ALL, Activity
from portal.activities.queries import IS_PUBLIC, midnight, whole
from portal.activities.tallies import ActivityTally
from portal.db import db
from portal.orgs.models import Team
from portal.search import MOST_CANDIDATES, MOST_COUNTED, holds, indexed
from portal.web.tables import Listing

ACTIVITIES = indexed("activities_activity", "name", "place")

Wanted = list[ColumnElement[bool]]


def list_public(listing: Listing, *, day: date) -> tuple[Listing, list[Activity]]:
    """The page that the listing asks for. At most four statements.

    It depends on the day, not on the hour, so that the page may be kept.
    """
    begins = midnight(day)
    if listing.q:
        return _searched(listing, begins)
    wanted = list(_when(listing))
    return _walked(listing, wanted, _count(*wanted) if wanted else _tallied(), begins=begins)


def _searched(listing: Listing, begins: datetime) -> tuple[Listing, list[Activity]]:
    """What is rare is found by index; what is not is found by walking the list's own order up to the page."""
    teams = list(db.session.scalars(select(Team.id).where(holds(listing.q, Team.name))))
    theirs = _tallied(ActivityTally.team_id.in_(teams))
    is_rare, theirs_count, fitting = db.session.execute(
        select(ACTIVITIES.is_rare(listing.q), theirs, _sampled(listing))
    ).one()
    if is_rare and theirs_count <= MOST_CANDIDATES:
        return _few(listing, teams, begins)
    held = or_(holds(listing.q, Activity.name, Activity.place), Activity.team_id.in_(teams))
    wanted, whenever = [held, *_when(listing)], not (listing.start or listing.end)
    if fitting > MOST_COUNTED or (whenever and theirs_count > MOST_COUNTED):
        return _walked(listing, wanted, literal(MOST_COUNTED), begins=begins, is_more=True)
    return _walked(listing, wanted, _count(*wanted), begins=begins)


def _sampled(listing: Listing) -> ColumnElement[int]:
    """How many fit among some of what the index finds, at most one more than are counted."""
    some = ACTIVITIES.candidates(Activity, listing.q, most=2 * MOST_CANDIDATES)
    fit = select(some.id).where(_is_seen(some), holds(listing.q, some.name, some.place), *_when(listing, some))
    return select(func.count()).select_from(fit.limit(MOST_COUNTED + 1).subquery()).scalar_subquery()


def _few(listing: Listing, teams: list[int], begins: datetime) -> tuple[Listing, list[Activity]]:
    """All that fits is in the index or of these teams."""
    some = ACTIVITIES.candidates(Activity, listing.q)
    named = select(some.id).where(holds(listing.q, some.name, some.place))
    found = union(named, select(Activity.id).where(Activity.team_id.in_(teams))).subquery()
    fit = select(Activity.id).join(found, found.c.id == Activity.id).where(_is_seen(), *_when(listing))
    hits = list(db.session.scalars(fit.order_by(*_nearest_first(begins)).limit(MOST_COUNTED + 1)))
    listing = listing.counted(min(len(hits), MOST_COUNTED), is_more=len(hits) > MOST_COUNTED)
    return listing, _activities(Activity.id.in_(hits[listing.offset : listing.offset + listing.per_page]), begins)


def _walked(
    listing: Listing, wanted: Wanted, total: ColumnElement[int], *, begins: datetime, is_more: bool = False
) -> tuple[Listing, list[Activity]]:
    """A page of what is ahead and what is over, each along its own index."""
    is_ahead = Activity.ends_at >= begins
    count, ahead = db.session.execute(select(total, _count(*wanted, is_ahead))).one()
    listing = listing.counted(count, is_more=is_more)
    first, last = listing.offset, listing.offset + listing.per_page
    # What is over before today began before today. Each half has its index: coalesce keeps the planner from the other.
    is_over = Activity.starts_at < begins, func.coalesce(Activity.ends_at, Activity.ends_at) < begins
    nearest = func.coalesce(Activity.starts_at, Activity.starts_at), Activity.id
    ids = union_all(
        _ids([*wanted, is_ahead], nearest, first, last),
        _ids([*wanted, *is_over], (Activity.starts_at.desc(), Activity.id.desc()), first - ahead, last - ahead),
    )
    return listing, _activities(Activity.id.in_(ids), begins)


def _ids(wanted: Wanted, order: tuple[Any, ...], first: int, last: int) -> Any:
    first, last = max(0, first), max(0, last)
    ids = select(Activity.id).where(IS_PUBLIC, *wanted).order_by(*order).offset(first).limit(last - first)
    return ids.subquery().select()


def _activities(wanted: ColumnElement[bool], begins: datetime) -> list[Activity]:
    return list(db.session.scalars(whole().where(wanted).order_by(*_nearest_first(begins))))


def _nearest_first(begins: datetime) -> tuple[ColumnElement[Any], ...]:
    is_ahead = Activity.ends_at >= begins
    ahead = is_ahead.desc(), case((is_ahead, Activity.starts_at)), case((is_ahead, Activity.id))
    return *ahead, Activity.starts_at.desc(), Activity.id.desc()


def _count(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(Activity).where(IS_PUBLIC, *wanted).scalar_subquery()


def _tallied(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
    """How many are public, as the tallies know it."""
    public = ActivityTally.status.in_([status.value for status in SEEN_BY_ALL])
    sums = select(func.sum(ActivityTally.activities)).where(public, *wanted).scalar_subquery()
    return cast(func.coalesce(sums, 0), Integer)


def _is_seen(of: type[Activity] = Activity) -> ColumnElement[bool]:
    """That it is public, without a hint to the planner: what it is asked of is few."""
    return func.coalesce(of.status, of.status).in_([status.value for status in SEEN_BY_ALL])


def _when(listing: Listing, of: type[Activity] = Activity) -> Iterator[ColumnElement[bool]]:
    if listing.start:
        yield of.starts_at >= midnight(listing.start)
    if listing.end:
        yield of.starts_at < midnight(listing.end) + timedelta(days=1)
