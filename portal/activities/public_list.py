"""The public list of activities: what is ahead first and the nearest on top, then what is over, newest first.

It is made for tens of thousands of activities: the tallies know how many there are, each half is walked along an index
of its own, and a free search goes by its index.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union,
    union_all,
)

from portal.activities.models import SEEN_BY_ALL, Activity
from portal.activities.queries import IS_PUBLIC, midnight
from portal.activities.tallies import ActivityTally
from portal.db import Moment, made_once, rows
from portal.orgs.models import Team
from portal.search import MOST_CANDIDATES, MOST_COUNTED, holds, indexed
from portal.web.tables import Listing

ACTIVITIES = indexed("activities_activity", "name", "place")

Wanted = list[ColumnElement[bool]]

_BEGINS, _START, _END = (bindparam(name, type_=Moment) for name in ("begins", "start", "end"))
"""The first moment of today; of what is asked for, the first moment and the one after the last."""


class ActivityLine(NamedTuple):
    """An activity as the public list shows it."""

    id: int
    name: str
    place: str
    starts_at: datetime
    ends_at: datetime
    status: str
    team: str


class Walk(NamedTuple):
    """The statements that find a page of what is ahead and what is over: how many there are, then the page."""

    counts: Select[*tuple[Any, ...]]
    page: Select[*tuple[Any, ...]]


def list_public(listing: Listing, *, day: date) -> tuple[Listing, list[ActivityLine]]:
    """The page that the listing asks for. At most four statements.

    It depends on the day, not on the hour, so that the page may be kept.
    """
    if listing.q:
        return _searched(listing, day)
    return _walked(listing, _usual_walk(bool(listing.start), bool(listing.end)), day)


@made_once
def _usual_walk(is_begun: bool, is_ended: bool) -> Walk:
    wanted = list(_within(is_begun=is_begun, is_ended=is_ended))
    return _walk(wanted, _count(*wanted) if wanted else _tallied())


def _values(listing: Listing, day: date) -> dict[str, Any]:
    values = {"begins": midnight(day)}
    if listing.start:
        values["start"] = midnight(listing.start)
    if listing.end:
        values["end"] = midnight(listing.end) + timedelta(days=1)
    return values


def _searched(listing: Listing, day: date) -> tuple[Listing, list[ActivityLine]]:
    """What is rare is found by index; what is not is found by walking the list's own order up to the page."""
    teams = list(rows(select(Team.id).where(holds(listing.q, Team.name))).scalars().all())
    theirs = _tallied(ActivityTally.team_id.in_(teams))
    weighed = select(ACTIVITIES.is_rare(listing.q), theirs, _sampled(listing))
    is_rare, theirs_count, fitting = rows(weighed, _values(listing, day)).one()
    if is_rare and theirs_count <= MOST_CANDIDATES:
        return _few(listing, teams, day)
    held = or_(holds(listing.q, Activity.name, Activity.place), Activity.team_id.in_(teams))
    wanted, whenever = [held, *_when(listing)], not (listing.start or listing.end)
    if fitting > MOST_COUNTED or (whenever and theirs_count > MOST_COUNTED):
        return _walked(listing, _walk(wanted, literal(MOST_COUNTED)), day, is_more=True)
    return _walked(listing, _walk(wanted, _count(*wanted)), day)


def _sampled(listing: Listing) -> ColumnElement[int]:
    """How many fit among some of what the index finds, at most one more than are counted."""
    some = ACTIVITIES.candidates(Activity, listing.q, most=2 * MOST_CANDIDATES)
    fit = select(some.id).where(_is_seen(some), holds(listing.q, some.name, some.place), *_when(listing, some))
    return select(func.count()).select_from(fit.limit(MOST_COUNTED + 1).subquery()).scalar_subquery()


def _few(listing: Listing, teams: list[int], day: date) -> tuple[Listing, list[ActivityLine]]:
    """All that fits is in the index or of these teams."""
    some, values = ACTIVITIES.candidates(Activity, listing.q), _values(listing, day)
    named = select(some.id).where(holds(listing.q, some.name, some.place))
    found = union(named, select(Activity.id).where(Activity.team_id.in_(teams))).subquery()
    fit = select(Activity.id).join(found, found.c.id == Activity.id).where(_is_seen(), *_when(listing))
    hits = list(rows(fit.order_by(*_nearest_first()).limit(MOST_COUNTED + 1), values).scalars().all())
    listing = listing.counted(min(len(hits), MOST_COUNTED), is_more=len(hits) > MOST_COUNTED)
    shown = hits[listing.offset : listing.offset + listing.per_page]
    return listing, _lines(_activities(Activity.id.in_(shown)), values)


def _walked(listing: Listing, walk: Walk, day: date, *, is_more: bool = False) -> tuple[Listing, list[ActivityLine]]:
    """A page of what is ahead and what is over."""
    values = _values(listing, day)
    count, ahead = rows(walk.counts, values).one()
    listing = listing.counted(count, is_more=is_more)
    first, last = listing.offset, listing.offset + listing.per_page
    values |= _piece("ahead", first, last) | _piece("over", first - ahead, last - ahead)
    return listing, _lines(walk.page, values)


def _piece(half: str, first: int, last: int) -> dict[str, int]:
    return {f"{half}_skip": max(0, first), f"{half}_count": max(0, last) - max(0, first)}


def _walk(wanted: Wanted, total: ColumnElement[int]) -> Walk:
    """Each half along its own index."""
    is_ahead = Activity.ends_at >= _BEGINS
    # What is over before today began before today. Each half has its index: coalesce keeps the planner from the other.
    is_over = Activity.starts_at < _BEGINS, func.coalesce(Activity.ends_at, Activity.ends_at) < _BEGINS
    nearest = func.coalesce(Activity.starts_at, Activity.starts_at), Activity.id
    ids = union_all(
        _ids([*wanted, is_ahead], nearest, "ahead"),
        _ids([*wanted, *is_over], (Activity.starts_at.desc(), Activity.id.desc()), "over"),
    )
    return Walk(select(total, _count(*wanted, is_ahead)), _activities(Activity.id.in_(ids)))


def _ids(wanted: Wanted, order: tuple[Any, ...], half: str) -> Any:
    skip, count = (bindparam(f"{half}_{what}", type_=Integer) for what in ("skip", "count"))
    ids = select(Activity.id).where(IS_PUBLIC, *wanted).order_by(*order).offset(skip).limit(count)
    return ids.subquery().select()


def _activities(wanted: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    told = Activity.id, Activity.name, Activity.place, Activity.starts_at, Activity.ends_at, Activity.status
    return select(*told, Team.name).join(Activity.team).where(wanted).order_by(*_nearest_first())


def _lines(page: Select[*tuple[Any, ...]], values: dict[str, Any]) -> list[ActivityLine]:
    return [ActivityLine(*row) for row in rows(page, values).all()]


def _nearest_first() -> tuple[ColumnElement[Any], ...]:
    is_ahead = Activity.ends_at >= _BEGINS
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
    return _within(of, is_begun=bool(listing.start), is_ended=bool(listing.end))


def _within(of: type[Activity] = Activity, *, is_begun: bool, is_ended: bool) -> Iterator[ColumnElement[bool]]:
    if is_begun:
        yield of.starts_at >= _START
    if is_ended:
        yield of.starts_at < _END
