"""The queue of waiting hours: what is in it, what is odd about it, how long it may still wait.

The page needs the same few statements however many rows it shows.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, literal_column, or_, select, true
from sqlalchemy.orm import contains_eager, defaultload

from portal.activities.models import Activity
from portal.activities.stations import DAYS_TO_RECORD
from portal.clock import working_days_after, working_days_between
from portal.db import db
from portal.hours.models import Claim, HourEvent, Kind, Status
from portal.hours.overlaps import Doubt, doubts_of, is_doubtful
from portal.hours.policy import DECIDES, decider
from portal.hours.queries import IS_LAST
from portal.orgs.models import Team
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, scopes_of
from portal.search import holds
from portal.web.tables import Listing

# What a line shows. Fifty whole people and activities take longer to unpack than to find.
_OF_A_LINE = (
    defaultload(Claim.person).load_only(Person.name),
    defaultload(Claim.activity).load_only(Activity.name, Activity.starts_at, Activity.ends_at),
    defaultload(Claim.team).load_only(Team.name),
)
TIME_TO_UNDO = timedelta(minutes=15)
# In so many words: an index of what waits serves no question that leaves the status open until it is asked.
WAITS = Claim.status == literal_column(f"'{Status.WAITING.value}'")
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
        .where(Claim.id.in_(_waiting(viewer)))
    ).one()
    return Head(waiting, others, found, int(minutes), oldest)


def rows(viewer: Person, listing: Listing, *, ticked: Collection[int] | None = ()) -> list[Row]:
    """The page of the queue that the listing asks for. `ticked`: ids of claims; None ticks all that can be."""
    clock_starts = case((Claim.is_late, Claim.entered_at), else_=Activity.ends_at)
    by_doubt = [] if listing.extra.get("show") == "oldest" else [case((is_doubtful(), 0), else_=1)]
    claims = db.session.scalars(
        _claims()
        .options(*_OF_A_LINE)
        .where(Claim.id.in_(_waiting(viewer)), ~_is_own(viewer), *_asked(listing))
        .order_by(*by_doubt, clock_starts, Claim.id)
        .offset(listing.offset)
        .limit(listing.per_page)
    ).all()
    return _rows(claims, viewer, ticked=ticked)


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
    found = db.session.execute(
        select(Team.id, Team.name, Activity.id, Activity.name)
        .select_from(Claim)
        .join(Claim.team)
        .join(Claim.activity)
        .where(Claim.id.in_(_waiting(viewer)), ~_is_own(viewer))
        .distinct()
        .order_by(Team.name, Activity.name)
    ).all()
    teams = {team_id: team for team_id, team, _activity_id, _activity in found}
    activities = {activity_id: activity for _team_id, _team, activity_id, activity in found}
    if (team := listing.extra.get("team", "")).isdecimal() and (chosen := int(team[:18])) not in teams:
        teams |= _team_of(viewer, chosen)
    return Options(sorted(teams.items(), key=lambda one: one[1]), list(activities.items()))


def _team_of(viewer: Person, team_id: int) -> dict[int, str]:
    """The team in whose claims the viewer may look, by its id."""
    claims = select(Claim.id).where(Claim.team_id == Team.id, _within(viewer, *DECIDES, *READS_ALL))
    found = db.session.execute(select(Team.id, Team.name).where(Team.id == team_id, claims.exists()))
    return {row.id: row.name for row in found}


def count_waiting(reviewer: Person) -> int:
    """How many claims wait for this person's decision, her own not counted."""
    counted = select(func.count()).select_from(Claim).where(WAITS, ~_is_own(reviewer), _within(reviewer, *DECIDES))
    return db.session.scalar(counted) or 0


def last_day(clock_starts: datetime) -> date:
    """The day by which a claim is decided: 10 working days after the activity, a late one after it was entered."""
    return working_days_after(clock_starts.date(), DAYS_TO_RECORD)


def _waiting(viewer: Person) -> Select[int]:
    """The ids of all that waits where the viewer may look: few, so that planners begin with them."""
    return select(Claim.id).where(WAITS, _within(viewer, *DECIDES, *READS_ALL)).correlate(None)


def _rows(claims: Sequence[Claim], viewer: Person, *, ticked: Collection[int] | None = ()) -> list[Row]:
    doubts, hers = doubts_of(claims), decider(viewer)
    is_open = [claim.status == Status.WAITING and hers(claim) for claim in claims]
    return [
        Row(claim, doubts[claim.id], can, is_ticked=can and (ticked is None or claim.id in ticked))
        for claim, can in zip(claims, is_open, strict=True)
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
        yield holds(listing.q, Person.name, Person.volunteer_no)
    if (team := listing.extra.get("team", "")).isdecimal():
        yield Claim.team_id == int(team[:18])
    if (activity := listing.extra.get("activity", "")).isdecimal():
        yield Claim.activity_id == int(activity[:18])
    if listing.extra.get("show") == "doubts":
        yield is_doubtful()
    if listing.extra.get("show") == "clear":
        yield ~is_doubtful()
