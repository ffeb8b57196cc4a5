"""The queue of waiting hours: what is in it, what is odd about it, how long it may still wait.

The page needs the same few statements however many rows it shows.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true
from sqlalchemy.orm import contains_eager, defaultload

from portal.activities.models import Activity
from portal.activities.stations import DAYS_TO_RECORD
from portal.clock import working_days_after, working_days_between
from portal.db import db
from portal.hours.models import Claim, HourEvent, Kind, Status
from portal.hours.overlaps import Doubt, doubts_of, is_doubtful
from portal.hours.policy import DECIDES, can_decide
from portal.hours.queries import IS_LAST
from portal.orgs.models import Team
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, scopes_of
from portal.web.tables import Listing, like

# What a line shows. Fifty whole people and activities take longer to unpack than to find.
_OF_A_LINE = (
    defaultload(Claim.person).load_only(Person.name),
    defaultload(Claim.activity).load_only(Activity.name, Activity.starts_at, Activity.ends_at),
    defaultload(Claim.team).load_only(Team.name),
)
TIME_TO_UNDO = timedelta(minutes=15)
WAITS = Claim.status == Status.WAITING.value
_DECISIONS = (Kind.APPROVED.value, Kind.RETURNED.value)


@dataclass(frozen=True)
class Row:
    """A line of the queue. `decision` is what this viewer has just done with it, while it can be undone."""

    claim: Claim
    doubts: list[Doubt]
    can_decide: bool
    decision: HourEvent | None = None
    is_ticked: bool = False
    is_fresh: bool = False


@dataclass(frozen=True)
class Head:
    """What stands above the queue. Counts of claims; `minutes` of those that the filter leaves.

    `others` are the viewer's own or entered by her: somebody else decides on them.
    """

    waiting: int
    others: int
    found: int
    minutes: int
    oldest: datetime | None

    def days_left(self, today: date) -> int | None:
        """Working days until the oldest must be decided; negative when that day is past."""
        return None if self.oldest is None else working_days_between(today, last_day(self.oldest))


@dataclass(frozen=True)
class Options:
    """What the filter offers: (id, name) of teams and activities with waiting claims."""

    teams: list[tuple[int, str]]
    activities: list[tuple[int, str]]


def head(viewer: Person, listing: Listing) -> Head:
    """Counts over all that the viewer may see, and over what the filter leaves of it."""
    hers, asked = _is_own(viewer), and_(true(), *_asked(listing))
    clock_starts = case((Claim.is_late, Claim.entered_at), else_=Activity.ends_at)
    waiting, others, found, minutes, oldest = db.session.execute(
        select(
            func.count().filter(~hers),
            func.count().filter(hers),
            func.count().filter(~hers, asked),
            func.coalesce(func.sum(Claim.minutes).filter(~hers, asked), 0),
            func.min(clock_starts).filter(~hers),
        )
        .select_from(Claim)
        .join(Claim.activity)
        .join(Claim.person)
        .where(WAITS, _within(viewer, *DECIDES, *READS_ALL))
    ).one()
    return Head(waiting, others, found, int(minutes), oldest)


def rows(viewer: Person, listing: Listing, *, ticked: Collection[int] | None = ()) -> list[Row]:
    """The page of the queue that the listing asks for. `ticked`: ids of claims; None ticks all that can be."""
    clock_starts = case((Claim.is_late, Claim.entered_at), else_=Activity.ends_at)
    by_doubt = [] if listing.extra.get("show") == "oldest" else [case((is_doubtful(), 0), else_=1)]
    claims = db.session.scalars(
        _claims()
        .options(*_OF_A_LINE)
        .where(WAITS, ~_is_own(viewer), _within(viewer, *DECIDES, *READS_ALL), *_asked(listing))
        .order_by(*by_doubt, clock_starts, Claim.id)
        .offset(listing.offset)
        .limit(listing.per_page)
    ).all()
    return [
        replace(row, is_ticked=row.can_decide and (ticked is None or row.claim.id in ticked))
        for row in _rows(claims, viewer)
    ]


def row_of(claim_id: int, viewer: Person, *, at: datetime) -> Row | None:
    """One line, as it is now, with the viewer's own decision if it can still be undone."""
    claim = db.session.scalar(_claims().where(Claim.id == claim_id), execution_options={"populate_existing": True})
    if claim is None:
        return None
    (row,) = _rows([claim], viewer)
    mine = [event for event in undoable(viewer, at=at) if event.claim_id == claim_id]
    return replace(row, decision=mine[0] if mine else None)


def undoable(viewer: Person, *, at: datetime) -> list[HourEvent]:
    """The viewer's decisions of the last 15 minutes that nothing has followed, the latest first."""
    recent = HourEvent.kind.in_(_DECISIONS), HourEvent.by_id == viewer.id, HourEvent.at > at - TIME_TO_UNDO
    events = (
        select(HourEvent)
        .join(Claim, IS_LAST)
        .join(Claim.person)
        .join(Claim.activity)
        .options(contains_eager(HourEvent.claim).options(contains_eager(Claim.person), contains_eager(Claim.activity)))
        .where(*recent)
        .order_by(HourEvent.at.desc(), HourEvent.id.desc())
    )
    return list(db.session.scalars(events, execution_options={"populate_existing": True}))


def options(viewer: Person, listing: Listing) -> Options:
    """What can be chosen to narrow the queue: where something waits, and the team that is chosen already."""
    waits = and_(WAITS, ~_is_own(viewer))
    team = listing.extra.get("team", "")
    chosen = Claim.team_id == int(team[:18]) if team.isdecimal() else false()
    found = db.session.execute(
        select(Team.id, Team.name, Activity.id, Activity.name, waits)
        .select_from(Claim)
        .join(Claim.team)
        .join(Claim.activity)
        .where(or_(waits, chosen), _within(viewer, *DECIDES, *READS_ALL))
        .distinct()
        .order_by(Team.name, Activity.name)
    ).all()
    teams = {team_id: team for team_id, team, _activity_id, _activity, _waits in found}
    activities = {activity_id: activity for _team_id, _team, activity_id, activity, still in found if still}
    return Options(list(teams.items()), list(activities.items()))


def count_waiting(reviewer: Person) -> int:
    """How many claims wait for this person's decision, her own not counted."""
    counted = select(func.count()).select_from(Claim).where(WAITS, ~_is_own(reviewer), _within(reviewer, *DECIDES))
    return db.session.scalar(counted) or 0


def last_day(clock_starts: datetime) -> date:
    """The day by which a claim is decided: 10 working days after the activity, a late one after it was entered."""
    return working_days_after(clock_starts.date(), DAYS_TO_RECORD)


def _rows(claims: Iterable[Claim], viewer: Person) -> list[Row]:
    claims = list(claims)
    doubts = doubts_of(claims)
    return [
        Row(claim, doubts[claim.id], can_decide=claim.status == Status.WAITING and can_decide(viewer, claim))
        for claim in claims
    ]


def _claims() -> Select[Claim]:
    return (
        select(Claim)
        .join(Claim.person)
        .join(Claim.activity)
        .join(Claim.team)
        .options(contains_eager(Claim.person), contains_eager(Claim.activity), contains_eager(Claim.team))
    )


def _within(viewer: Person, *roles: Role) -> ColumnElement[bool]:
    organisations = scopes_of(viewer, *roles, kind="organisation")
    teams = scopes_of(viewer, *roles, kind="team")
    if organisations is None or teams is None:
        return true()
    return or_(Claim.organisation_id.in_(organisations), Claim.team_id.in_(teams))


def _is_own(viewer: Person) -> ColumnElement[bool]:
    return or_(Claim.person_id == viewer.id, Claim.entered_by_id == viewer.id)


def _asked(listing: Listing) -> Iterable[ColumnElement[bool]]:
    if listing.q:
        pattern = like(listing.q)
        yield or_(*(column.ilike(pattern, escape="\\") for column in (Person.name, Person.volunteer_no)))
    if (team := listing.extra.get("team", "")).isdecimal():
        yield Claim.team_id == int(team[:18])
    if (activity := listing.extra.get("activity", "")).isdecimal():
        yield Claim.activity_id == int(activity[:18])
    if listing.extra.get("show") == "doubts":
        yield is_doubtful()
    if listing.extra.get("show") == "clear":
        yield ~is_doubtful()
