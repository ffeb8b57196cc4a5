"""What is odd about a claim: it overlaps another one of the same person, came late, or leaves the activity's time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from portal.activities.models import Activity
from portal.db import rows
from portal.hours.lines import Line
from portal.hours.models import Claim
from portal.hours.queries import COUNTING
from portal.orgs.models import Team
from portal.web.filters import hours_and_minutes
from portal.words import _


@dataclass(frozen=True)
class Doubt:
    """A sentence about a claim. `kind` is the tag macro's: "odd", or "wait" for what only needs a second look."""

    words: str
    kind: str = "odd"


@cache
def is_doubtful() -> ColumnElement[bool]:
    """That a claim, joined with its activity, has any doubt."""
    other = aliased(Claim)
    overlaps = select(other.id).where(*_overlap(Claim, other)).correlate(Claim).exists()
    outside = or_(Claim.starts_at < Activity.starts_at, Claim.ends_at > Activity.ends_at)
    return or_(Claim.is_late, outside, overlaps)


def doubts_of(claims: Sequence[Line]) -> dict[int, list[Doubt]]:
    """The doubts about each claim, by its id. At most one statement, whatever their number."""
    doubts: dict[int, list[Doubt]] = {claim.id: [] for claim in claims}
    by_id = {claim.id: claim for claim in claims if claim.rank == 0}
    for claim_id, starts_at, ends_at, team, activity in _overlapping(list(by_id)):
        claim = by_id[claim_id]
        name = activity if claim.team == team else team
        shared = _minutes(max(claim.starts_at, starts_at), min(claim.ends_at, ends_at))
        doubts[claim_id].append(Doubt(_("与「%(name)s」重叠 %(length)s", name=name, length=hours_and_minutes(shared))))
    for claim in by_id.values():
        doubts[claim.id].extend(_of_itself(claim))
    return doubts


def _overlapping(claim_ids: list[int]) -> Sequence[Row[int, datetime, datetime, str, str]]:
    """Every other claim that counts or waits, of the same person, whatever the organisation, at the same time."""
    return rows(_others(), {"claims": claim_ids}).all() if claim_ids else []


@cache
def _others() -> Select[int, datetime, datetime, str, str]:
    """Made once: to name a table a second time costs more than to ask for it."""
    other = aliased(Claim)
    return (
        select(Claim.id, other.starts_at, other.ends_at, Team.name, Activity.name)
        .join(other, Claim.person_id == other.person_id)
        .join(Team, Team.id == other.team_id)
        .join(Activity, Activity.id == other.activity_id)
        .where(Claim.id.in_(bindparam("claims", expanding=True)), *_overlap(Claim, other))
        .order_by(Claim.id, other.starts_at, other.id)
    )


def _overlap(one: type[Claim], other: type[Claim]) -> tuple[ColumnElement[bool], ...]:
    return (
        other.person_id == one.person_id,
        other.id != one.id,
        other.status.in_(COUNTING),
        # No claim is longer than a day: of years of somebody's service only two days are read.
        other.starts_at >= ADayBefore(one.starts_at),
        other.starts_at < one.ends_at,
        other.ends_at > one.starts_at,
    )


class ADayBefore(FunctionElement[datetime]):
    """The moment a day before a column's."""

    inherit_cache = True


@compiles(ADayBefore, "sqlite")
def _on_sqlite(element: ADayBefore, compiler: SQLCompiler, **kw: Any) -> str:
    return f"datetime({compiler.process(element.clauses, **kw)}, '-1 day')"


@compiles(ADayBefore, "postgresql")
def _on_postgresql(element: ADayBefore, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)} - INTERVAL '1 day')"


def _of_itself(claim: Line) -> list[Doubt]:
    doubts = []
    outside = _minutes(claim.starts_at, claim.begins) + _minutes(claim.ends, claim.ends_at)
    if outside:
        doubts.append(Doubt(_("超出活动时间 %(length)s", length=hours_and_minutes(min(outside, claim.minutes)))))
    if claim.is_late:
        doubts.append(Doubt(_("补录，需复核"), "wait"))
    return doubts


def _minutes(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds() // 60))
