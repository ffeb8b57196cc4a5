"""The queue of waiting hours: what is in it, what is odd about it, how long it may still wait.

The page needs the same few statements however many rows it shows.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, literal_column, or_, select, true

from portal import rules
from portal.activities.models import Activity
from portal.activities.stations import last_day_after
from portal.clock import working_days_between
from portal.db import rows
from portal.hours.lines import Line, lines
from portal.hours.models import Claim, HourEvent, Kind, Status
from portal.hours.overlaps import Doubt, doubts_of, is_doubtful
from portal.hours.policy import DECIDES, decider
from portal.hours.queries import IS_LAST
from portal.orgs.models import Team
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, scopes_of
from portal.rules.catalogue import UNDO_MINUTES
from portal.search import holds
from portal.web.tables import Listing

# In so many words: an index of what waits serves no question that leaves the status open until it is asked.
WAITS = Claim.status == literal_column(f"'{Status.WAITING.value}'")
_DECISIONS = (Kind.APPROVED.value, Kind.RETURNED.value)

# What statements hang on besides a filter: who looks (`viewer`), and where (`organisations`, `teams`). They are made
# once: to make one takes longer than to send it.
IS_OWN = or_(Claim.person_id == bindparam("viewer"), Claim.entered_by_id == bindparam("viewer"))
IS_WITHIN = or_(
    Claim.organisation_id.in_(bindparam("organisations", expanding=True)),
    Claim.team_id.in_(bindparam("teams", expanding=True)),
)
CLOCK_STARTS = case((Claim.is_late, Claim.entered_at), else_=Activity.ends_at)


class Decision(NamedTuple):
    """What the viewer has just done with a claim, and what it is about."""

    claim_id: int
    seq: int
    kind: str
    person: str
    activity: str
    minutes: int
    status: str

    @property
    def state(self) -> Status:
        return Status(self.status)

    @property
    def ticket(self) -> str:
        return f"{self.claim_id}:{self.seq}"


@dataclass(frozen=True)
class Row:
    """A line of the queue. `decision` is what this viewer has just done with it, while it can be undone."""

    claim: Line
    doubts: list[Doubt]
    can_decide: bool
    decision: Decision | None = None
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
    asked, sight = list(_asked(listing)), _sight(viewer, *DECIDES, *READS_ALL)
    statement = (_head if asked else _HEAD)(sight.everywhere, *asked)
    waiting, others, found, minutes, oldest = rows(statement, sight.place).one()
    return Head(waiting, others, found, int(minutes), oldest)


def queue(viewer: Person, listing: Listing, *, ticked: Collection[int] | None = ()) -> list[Row]:
    """The page of the queue that the listing asks for. `ticked`: ids of claims; None ticks all that can be."""
    asked, sight = list(_asked(listing)), _sight(viewer, *DECIDES, *READS_ALL)
    by_doubt = listing.extra.get("show") != "oldest"
    statement = (_page if asked else _PAGE)(sight.everywhere, by_doubt, *asked)
    place = {**sight.place, "offset": listing.offset, "limit": listing.per_page}
    return _rows([Line(*row) for row in rows(statement, place)], viewer, ticked=ticked)


def row_of(claim_id: int, viewer: Person, *, at: datetime) -> Row | None:
    """One line, as it is now, with the viewer's own decision if it can still be undone."""
    line = rows(_one(), {"claim": claim_id}).one_or_none()
    if line is None:
        return None
    (row,) = _rows([Line(*line)], viewer)
    mine = [decision for decision in undoable(viewer, at=at) if decision.claim_id == claim_id]
    return replace(row, decision=mine[0] if mine else None)


def undoable(viewer: Person, *, at: datetime) -> list[Decision]:
    """The viewer's latest decisions that nothing has followed, while they can be undone; the newest first."""
    asked = {"viewer": viewer.id, "after": at - timedelta(minutes=minutes_to_undo(at=at))}
    return [Decision(*row) for row in rows(_undoable(), asked)]


def minutes_to_undo(*, at: datetime) -> int:
    """For how long one may take a decision back."""
    return rules.value(UNDO_MINUTES, on=at.date())


def options(viewer: Person, listing: Listing) -> Options:
    """What can be chosen to narrow the queue: where something waits, and the team that is chosen already."""
    sight = _sight(viewer, *DECIDES, *READS_ALL)
    piles = rows(_options(sight.everywhere), sight.place).all()
    teams = {team_id: team for team_id, team, _activity_id, _activity in piles}
    activities = {activity_id: activity for _team_id, _team, activity_id, activity in piles}
    if (team := listing.extra.get("team", "")).isdecimal() and (chosen := int(team[:18])) not in teams:
        teams |= _team_of(sight, chosen)
    return Options(sorted(teams.items(), key=lambda one: one[1]), list(activities.items()))


def count_waiting(reviewer: Person) -> int:
    """How many claims wait for this person's decision, her own not counted."""
    sight = _sight(reviewer, *DECIDES)
    return int(rows(_count(sight.everywhere), sight.place).scalar_one())


def last_day(clock_starts: datetime) -> date:
    """The day by which a claim is decided: counted from the activity's end, for a late one from when it was entered."""
    return last_day_after(clock_starts.date())


class _Sight(NamedTuple):
    """Where somebody may look, as the statements ask for it."""

    everywhere: bool
    place: dict[str, Any]


def _sight(viewer: Person, *roles: Role) -> _Sight:
    organisations = scopes_of(viewer, *roles, kind="organisation")
    teams = scopes_of(viewer, *roles, kind="team")
    if organisations is None or teams is None:
        return _Sight(True, {"viewer": viewer.id})
    return _Sight(False, {"viewer": viewer.id, "organisations": list(organisations), "teams": list(teams)})


def _rows(claims: Sequence[Line], viewer: Person, *, ticked: Collection[int] | None = ()) -> list[Row]:
    doubts, hers = doubts_of(claims), decider(viewer)
    is_open = [claim.status == Status.WAITING and hers(claim) for claim in claims]
    return [
        Row(claim, doubts[claim.id], can, is_ticked=can and (ticked is None or claim.id in ticked))
        for claim, can in zip(claims, is_open, strict=True)
    ]


def _team_of(sight: _Sight, team_id: int) -> dict[int, str]:
    """The team in whose claims the viewer may look, by its id."""
    claims = select(Claim.id).where(Claim.team_id == Team.id, _within(sight.everywhere))
    asked = select(Team.id, Team.name).where(Team.id == team_id, claims.exists())
    return {row.id: row.name for row in rows(asked, sight.place)}


# ── statements ──────────────────────────────────────────────────────────────────────────────────────
def _within(everywhere: bool) -> ColumnElement[bool]:
    return true() if everywhere else IS_WITHIN


def _head(everywhere: bool, *asked: ColumnElement[bool]) -> Select[int, int, int, int, datetime]:
    hers, wanted = IS_OWN, and_(~IS_OWN, *asked)
    counted = (
        select(
            func.count().filter(~hers),
            func.count().filter(hers),
            func.count().filter(wanted),
            func.coalesce(func.sum(Claim.minutes).filter(wanted), 0),
            func.min(CLOCK_STARTS).filter(~hers),
        )
        .select_from(Claim)
        .join(Claim.activity)
        .where(WAITS, _within(everywhere))
    )
    return counted.join(Claim.person) if asked else counted


def _page(everywhere: bool, by_doubt: bool, *asked: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Which claims in which order, from their narrowest rows; only a page of them is read with all that it shows."""
    rank = case((is_doubtful(), 0), else_=1) if by_doubt else literal(0)
    found = select(Claim.id, rank.label("rank"), CLOCK_STARTS.label("since")).join(Claim.activity)
    found = (found.join(Claim.person) if asked else found).where(WAITS, _within(everywhere), ~IS_OWN, *asked)
    found = found.order_by("rank", "since", Claim.id).offset(bindparam("offset")).limit(bindparam("limit"))
    page = found.subquery()
    order = (page.c.rank, page.c.since, page.c.id)
    return lines().add_columns(page.c.rank).join(page, page.c.id == Claim.id).order_by(*order)


@cache
def _options(everywhere: bool) -> Select[int, str, int, str]:
    return (
        select(Team.id, Team.name, Activity.id, Activity.name)
        .select_from(Claim)
        .join(Claim.team)
        .join(Claim.activity)
        .where(WAITS, _within(everywhere), ~IS_OWN)
        .distinct()
        .order_by(Team.name, Activity.name)
    )


@cache
def _one() -> Select[*tuple[Any, ...]]:
    return lines().where(Claim.id == bindparam("claim"))


@cache
def _undoable() -> Select[*tuple[Any, ...]]:
    decided = HourEvent.kind.in_(_DECISIONS), HourEvent.by_id == bindparam("viewer"), HourEvent.at > bindparam("after")
    claim = (Person.name, Activity.name, Claim.minutes, Claim.status)
    return (
        select(HourEvent.claim_id, HourEvent.seq, HourEvent.kind, *claim)
        .join(Claim, IS_LAST)
        .join(Claim.person)
        .join(Claim.activity)
        .where(*decided)
        .order_by(HourEvent.at.desc(), HourEvent.id.desc())
    )


@cache
def _count(everywhere: bool) -> Select[int]:
    return select(func.count()).select_from(Claim).where(WAITS, ~IS_OWN, _within(everywhere))


def _asked(listing: Listing) -> Iterator[ColumnElement[bool]]:
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


# Without a filter there are few of them, and they are always the same.
_HEAD, _PAGE = cache(_head), cache(_page)
