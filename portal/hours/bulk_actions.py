"""The bulk forms of entering hours and of deciding on them: the same rows and events as one by one.

The same rules are asked of every row before the first is written; one audit line stands for a whole batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, contains_eager

from portal.activities.models import Activity
from portal.actor import Actor
from portal.audit import record
from portal.bulk import in_row, insert_many, pieces
from portal.db import db
from portal.hours.actions import (
    Service,
    already_claimed,
    changed,
    check_service,
    columns_of,
    for_others,
    just_claimed,
    not_a_member,
)
from portal.hours.models import COMES_FROM, LEADS_TO, Claim, Evidence, HourEvent, Kind, Status
from portal.hours.policy import DECIDES
from portal.hours.queries import COUNTING, claim_by_id, standing_claim
from portal.orgs.models import Membership
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
    rows = list(_rows(enterings))
    if not rows:
        return []
    try:
        common = {"status": Status.WAITING.value, "seq": 0, "replaces_id": None}
        written = insert_many(Claim, rows, common=common, returning=(Claim.person_id, Claim.activity_id, Claim.id))
    except IntegrityError as twin:
        raise just_claimed() from twin
    ids: dict[tuple[int, int], int] = {(row.person_id, row.activity_id): row.id for row in written}
    minutes = sum(entering.service.minutes for entering in enterings)
    activities = sorted({entering.activity_id for entering in enterings})
    record("hours.claims.entered", None, by=by, at=at, count=len(ids), minutes=minutes, activities=activities)
    return [ids[entering.person.id, entering.activity_id] for entering in enterings]


def _rows(enterings: Sequence[Entering]) -> Iterator[dict[str, Any]]:
    activities = _activities({entering.activity_id for entering in enterings})
    members = _members({activity.team_id for activity in activities.values()})
    standing = _standing(list(activities))
    for row, entering in enumerate(enterings, 1):
        person, activity = entering.person, activities[entering.activity_id]
        try:
            if (person.id, activity.team_id) not in members:
                raise not_a_member(person, activity.team)
            check_service(activity, entering.service, at=entering.at)
            if (person.id, activity.id) in standing:
                raise _twice(person.id, activity.id)
        except DomainError as problem:
            raise in_row(row, problem) from problem
        standing.add((person.id, activity.id))
        columns = columns_of(activity, entering.service, evidence=entering.evidence, by=entering.by, at=entering.at)
        yield {"person_id": person.id, "activity_id": activity.id} | columns


def _twice(person_id: int, activity_id: int) -> DomainError:
    claim = standing_claim(person_id, activity_id)
    return already_claimed(claim) if claim else just_claimed()


def _activities(ids: set[int]) -> dict[int, Activity]:
    wanted = select(Activity).join(Activity.team).options(contains_eager(Activity.team))
    found = (db.session.scalars(wanted.where(Activity.id.in_(some))) for some in pieces(sorted(ids)))
    return {activity.id: activity for activities in found for activity in activities}


def _members(team_ids: set[int]) -> set[tuple[int, int]]:
    """The pairs of person and team that are there now."""
    now = select(Membership.person_id, Membership.team_id).where(Membership.left_on.is_(None))
    found = (db.session.execute(now.where(Membership.team_id.in_(some))) for some in pieces(sorted(team_ids)))
    return {(person_id, team_id) for rows in found for person_id, team_id in rows}


def _standing(activity_ids: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of person and activity for which a claim waits, counts, or came back and was not corrected."""
    later = aliased(Claim)
    corrected = select(later.id).where(later.replaces_id == Claim.id).exists()
    stands = or_(Claim.status.in_(COUNTING), and_(Claim.status == Status.RETURNED.value, ~corrected))
    pairs = select(Claim.person_id, Claim.activity_id).where(stands)
    found = (db.session.execute(pairs.where(Claim.activity_id.in_(some))) for some in pieces(activity_ids))
    return {(person_id, activity_id) for rows in found for person_id, activity_id in rows}


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
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
    rights: dict[tuple[int, int, int], bool] = {}
    for row, decision in enumerate(decisions, 1):
        try:
            # A claim decided earlier in the batch is not there any more.
            person_id = _allowed(decision, claims.pop(decision.claim_id, None), rights)
        except DomainError as problem:
            raise in_row(row, problem) from problem
        yield {
            "claim_id": decision.claim_id,
            "person_id": person_id,
            "seq": decision.seq + 1,
            "kind": decision.kind.value,
            "by_id": decision.by.id,
            "by_name": decision.by.name,
            "at": decision.at,
            "reason": decision.reason,
        }


def _allowed(decision: Decision, claim: Any, rights: dict[tuple[int, int, int], bool]) -> int:
    """Whose hours they are, if the decision may be made. `rights` keeps who may decide where."""
    if claim is None or claim.seq != decision.seq or claim.status not in COMES_FROM[decision.kind]:
        raise _changed(decision.claim_id)
    if decision.kind is Kind.RETURNED and not (decision.reason or "").strip():
        raise DomainError(_l("请写明退回的原因，志愿者会看到。"), field="reason")
    where = decision.by.id, claim.team_id, claim.organisation_id
    if where not in rights:
        scopes = Scope("team", claim.team_id), Scope("organisation", claim.organisation_id)
        rights[where] = holds(decision.by, *DECIDES, on=scopes)
    if not rights[where] or decision.by.id in (claim.person_id, claim.entered_by_id):
        raise for_others()
    return int(claim.person_id)


def _changed(claim_id: int) -> DomainError:
    claim = claim_by_id(claim_id)
    return changed(claim) if claim else DomainError(_l("没有这条记录。"))


def _locked(ids: Sequence[int]) -> dict[int, Any]:
    """The claims as they are now, held until this transaction ends; always in the order of their ids (no deadlock)."""
    columns = ("id", "person_id", "entered_by_id", "team_id", "organisation_id", "status", "seq")
    wanted = select(*(getattr(Claim, name) for name in columns)).order_by(Claim.id).with_for_update()
    found = (db.session.execute(wanted.where(Claim.id.in_(some))) for some in pieces(ids))
    return {row.id: row for rows in found for row in rows}


def _move(ids: Sequence[int], status: Status) -> None:
    for some in pieces(ids):
        moved = update(Claim).where(Claim.id.in_(some)).values(status=status.value, seq=Claim.seq + 1)
        db.session.execute(moved, execution_options={"synchronize_session": False})
    _forget(set(ids))


def _forget(ids: set[int]) -> None:
    """Claims that were loaded before ask again how they stand."""
    loaded = db.session.identity_map
    for key in [key for key in loaded.keys() if key[0] is Claim and key[1][0] in ids]:  # noqa: SIM118 - no dict
        if (claim := loaded.get(key)) is not None:
            db.session.expire(claim, ["status", "seq"])
