"""The bulk forms of entering hours and of deciding on them: the same rows and events as one by one.

The same rules are asked of every row before the first is written; one audit line stands for a whole batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, contains_eager

from portal import clock
from portal.activities.models import Activity
from portal.activities.stations import recorded_by
from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many, pieces
from portal.db import db, rows
from portal.hours.actions import (
    MOVED,
    Service,
    already_claimed,
    changed,
    check_moment,
    check_times,
    columns_of_entry,
    columns_of_service,
    for_others,
    just_claimed,
    not_a_member,
)
from portal.hours.models import COMES_FROM, LEADS_TO, Claim, Evidence, HourEvent, Kind, Status
from portal.hours.policy import DECIDES
from portal.hours.queries import COUNTING, claim_by_id, latest_entry, standing_claim
from portal.orgs.models import Membership
from portal.orgs.queries import belongs
from portal.people.models import Person, Scope
from portal.people.policy import holds
from portal.problems import DomainError
from portal.words import _l


# ── entering ────────────────────────────────────────────────────────────────────────────────────────
# These two are not frozen: of a million, that would take seconds.
@dataclass(slots=True)
class Entering:
    """Hours to enter: whose, of which activity, by whom and when they are entered."""

    person: Actor
    activity_id: int
    service: Service
    evidence: Evidence
    by: Actor
    at: datetime


def enter_many(enterings: Sequence[Entering], *, by: Actor | None, at: datetime) -> list[int]:
    """Record services of many people, each as entered by its own hand; gives the claims' ids in the same order.

    `by` and `at` are whoever brings the batch, and when. Raises DomainError, AlreadyClaimed for the first wrong row.
    """
    claims = list(_rows(enterings))
    if not claims:
        return []
    try:
        common = {"status": Status.WAITING.value, "seq": 0, "replaces_id": None}
        written = insert_many(Claim, claims, common=common, returning=(Claim.person_id, Claim.activity_id, Claim.id))
    except IntegrityError as twin:
        raise just_claimed() from twin
    ids: dict[tuple[int, int], int] = {(row.person_id, row.activity_id): row.id for row in written}
    minutes = sum(entering.service.minutes for entering in enterings)
    activities = sorted({entering.activity_id for entering in enterings})
    record("hours.claims.entered", None, by=by, at=at, count=len(ids), minutes=minutes, activities=activities)
    return [ids[entering.person.id, entering.activity_id] for entering in enterings]


def _rows(enterings: Sequence[Entering]) -> Iterator[dict[str, Any]]:
    held = {id: _Held(one) for id, one in _activities({entering.activity_id for entering in enterings}).items()}
    members = _members({activity.team_id for activity in held.values()})
    standing = _standing(list(held))
    latest = cache(lambda day: latest_entry(on=day))
    for row, entering in enumerate(enterings, 1):
        person, at, activity = entering.person, entering.at, held[entering.activity_id]
        whose = person.id, entering.activity_id
        try:
            if (person.id, activity.team_id) not in members:
                raise not_a_member(person, activity.team)
            service = activity.columns_of(entering.service)
            check_moment(service["ends_at"], activity.ends_at, latest=latest(at.date()), at=at)
            if whose in standing:
                raise _twice(*whose)
        except DomainError as problem:
            raise in_row(row, problem) from problem
        standing.add(whose)
        entry = columns_of_entry(activity.last_day, evidence=entering.evidence, by=entering.by, at=at)
        yield {"person_id": person.id, **service, **entry}


class _Held:
    """An activity of a batch. What many of its rows say is asked of the models and put in order once."""

    def __init__(self, activity: Activity) -> None:
        self._activity, self._services = activity, dict[Service, dict[str, Any]]()
        self.team, self.team_id, self.ends_at = activity.team, activity.team_id, activity.ends_at
        self.last_day = recorded_by(activity)

    def columns_of(self, service: Service) -> dict[str, Any]:
        """Raises DomainError for one that cannot have been."""
        if service not in self._services:
            check_times(self._activity, service)
            self._services[service] = columns_of_service(self._activity, service)
        return self._services[service]


def _twice(person_id: int, activity_id: int) -> DomainError:
    claim = standing_claim([person_id], activity_id)
    return already_claimed(claim) if claim else just_claimed()


def _activities(ids: set[int]) -> dict[int, Activity]:
    wanted = select(Activity).join(Activity.team).options(contains_eager(Activity.team))
    found = (db.session.scalars(wanted.where(Activity.id.in_(some))) for some in pieces(sorted(ids)))
    return {activity.id: activity for activities in found for activity in activities}


def _members(team_ids: set[int]) -> set[tuple[int, int]]:
    """The pairs of person and team that are there now."""
    now = select(Membership.person_id, Membership.team_id).where(belongs(clock.today()))
    found = (db.session.execute(now.where(Membership.team_id.in_(some))) for some in pieces(sorted(team_ids)))
    return {(person_id, team_id) for pairs in found for person_id, team_id in pairs}


def _standing(activity_ids: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of person and activity for which a claim waits, counts, or came back and was not corrected."""
    later = aliased(Claim)
    corrected = select(later.id).where(later.replaces_id == Claim.id).exists()
    stands = or_(Claim.status.in_(COUNTING), and_(Claim.status == Status.RETURNED.value, ~corrected))
    pairs = select(Claim.person_id, Claim.activity_id).where(stands)
    found = (db.session.execute(pairs.where(Claim.activity_id.in_(some))) for some in pieces(activity_ids))
    return {(person_id, activity_id) for pairs in found for person_id, activity_id in pairs}


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
_CLAIMS = (
    select(Claim.id, Claim.person_id, Claim.entered_by_id, Claim.team_id, Claim.organisation_id)
    .add_columns(Claim.status, Claim.seq)
    .where(Claim.id.in_(bindparam("claims", expanding=True)))
    .order_by(Claim.id)
    .with_for_update()
)


@dataclass(slots=True)
class Decision:
    """What somebody decides on a claim, seen with number `seq`: it counts, or goes back with a reason."""

    claim_id: int
    seq: int
    kind: Kind
    by: Person
    at: datetime
    reason: str | None = None


def decide_many(decisions: Sequence[Decision], *, by: Actor | None, at: datetime) -> None:
    """Approve and return claims, all or none. `by` and `at` are whoever brings the batch, and when.

    Raises DomainError (one's own, no right there, no reason) or ChangedMeanwhile for the first wrong row.
    """
    events = list(_events(decisions))
    if not events:
        return
    insert_many(HourEvent, events)
    for kind in {decision.kind for decision in decisions}:
        _move([decision.claim_id for decision in decisions if decision.kind is kind], LEADS_TO[kind])
    ids = [decision.claim_id for decision in decisions]
    approved = sum(decision.kind is Kind.APPROVED for decision in decisions)
    counts = {"count": len(ids), "approved": approved, "returned": len(ids) - approved}
    record("hours.claims.decided", None, by=by, at=at, **counts, first=min(ids), last=max(ids))


def _events(decisions: Sequence[Decision]) -> Iterator[dict[str, Any]]:
    claims = _locked(sorted(decision.claim_id for decision in decisions))
    deciders = _Deciders()
    for row, decision in enumerate(decisions, 1):
        by = deciders[decision.by]
        try:
            # A claim decided earlier in the batch is not there any more.
            person_id = _allowed(decision, by, claims.pop(decision.claim_id, None))
        except DomainError as problem:
            raise in_row(row, problem) from problem
        yield {
            "claim_id": decision.claim_id,
            "person_id": person_id,
            "seq": decision.seq + 1,
            "kind": decision.kind.value,
            "by_id": by.id,
            "by_name": by.name,
            "at": decision.at,
            "reason": decision.reason,
        }


class _Decider:
    """Who decides, asked once a batch who she is and where she may."""

    def __init__(self, person: Person) -> None:
        self._person, self._rights = person, dict[tuple[int, int], bool]()
        self.id, self.name, self._selves = person.id, person.name, frozenset(person.selves)

    def may(self, claim: Any) -> bool:
        """Neither on hours of her own nor on what she entered."""
        where = claim.team_id, claim.organisation_id
        if where not in self._rights:
            scopes = Scope("team", claim.team_id), Scope("organisation", claim.organisation_id)
            self._rights[where] = holds(self._person, *DECIDES, on=scopes)
        return self._rights[where] and self._selves.isdisjoint((claim.person_id, claim.entered_by_id))


class _Deciders(dict[Person, _Decider]):
    def __missing__(self, person: Person) -> _Decider:
        self[person] = _Decider(person)
        return self[person]


def _allowed(decision: Decision, by: _Decider, claim: Any) -> int:
    """Whose hours they are, if the decision may be made."""
    if claim is None or claim.seq != decision.seq or claim.status not in COMES_FROM[decision.kind]:
        raise _changed(decision.claim_id)
    if decision.kind is Kind.RETURNED and not (decision.reason or "").strip():
        raise DomainError(_l("请写明退回的原因，志愿者会看到。"), field="reason")
    if not by.may(claim):
        raise for_others()
    return int(claim.person_id)


def _changed(claim_id: int) -> DomainError:
    claim = claim_by_id(claim_id)
    return changed(claim) if claim else DomainError(_l("没有这条记录。"))


def _locked(ids: Sequence[int]) -> dict[int, Any]:
    """The claims as they are now, held until this transaction ends; always in the order of their ids (no deadlock)."""
    found = (rows(_CLAIMS, {"claims": some}) for some in pieces(ids))
    return {row.id: row for claims in found for row in claims}


def _move(ids: Sequence[int], status: Status) -> None:
    for some in pieces(ids):
        db.session.execute(MOVED, {"claims": some, "to": status.value})
    _forget(set(ids))


def _forget(ids: set[int]) -> None:
    """Claims that were loaded before ask again how they stand."""
    loaded = db.session.identity_map
    for key in [key for key in loaded.keys() if key[0] is Claim and key[1][0] in ids]:  # noqa: SIM118 - no dict
        if (claim := loaded.get(key)) is not None:
            db.session.expire(claim, ["status", "seq"])
