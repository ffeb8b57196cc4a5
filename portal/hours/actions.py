from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import load_only
from sqlalchemy.orm.attributes import set_committed_value

from portal.activities.models import Activity
from portal.activities.stations import recorded_by
from portal.actor import Actor
from portal.audit import record, record_each
from portal.bulk import insert_rows
from portal.clock import in_china
from portal.db import db
from portal.hours.models import COMES_FROM, LEADS_TO, LONGEST, Claim, Evidence, HourEvent, Kind, Status
from portal.hours.policy import decider, seer
from portal.hours.queries import latest_entry, standing_claim
from portal.hours.telling import tell_of
from portal.hours.waiting import undoable
from portal.orgs.models import Team
from portal.orgs.queries import is_member
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.words import _l

MOST_AT_ONCE = 500

_EVENT = ("by_id", "by_name", "at", "kind", "reason", "claim_id", "person_id", "seq")

# Made once, since each claim of a batch costs little beside them. Nothing of a claim is read but what decides on it.
_CLAIMS = (
    select(Claim)
    .where(Claim.id.in_(bindparam("claims", expanding=True)))
    .order_by(Claim.id)
    .options(
        load_only(
            *(Claim.person_id, Claim.activity_id, Claim.team_id, Claim.organisation_id, Claim.entered_by_id),
            *(Claim.minutes, Claim.evidence, Claim.status, Claim.seq),
        )
    )
    .with_for_update()
    .execution_options(populate_existing=True)
)
MOVED = (
    update(Claim)
    .where(Claim.id.in_(bindparam("claims", expanding=True)))
    .values(status=bindparam("to"), seq=Claim.seq + 1)
    .execution_options(synchronize_session=False)
)


class AlreadyClaimed(DomainError):
    """The person's hours of this activity are recorded already."""


class Service(NamedTuple):
    """What somebody did: from when (Haining's time), how many minutes, where, in which words."""

    starts_at: datetime
    minutes: int
    place: str
    content: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Ticket:
    """One row of a batch: the claim and the number it had when it was seen."""

    claim_id: int
    seq: int


@dataclass
class Outcome:
    """A batch is answered row by row: done, changed meanwhile, for others to decide; the rest is not known to her."""

    done: list[Claim] = field(default_factory=list)
    changed: list[Claim] = field(default_factory=list)
    for_others: list[Claim] = field(default_factory=list)
    unknown: int = 0

    @property
    def minutes(self) -> int:
        return sum(claim.minutes for claim in self.done)


# ── entering ────────────────────────────────────────────────────────────────────────────────────────
def enter_claim(
    person: Person, activity: Activity, service: Service, *, evidence: Evidence, by: Person, at: datetime
) -> Claim:
    """Record a person's service at an activity; it waits for review. Raises DomainError, AlreadyClaimed."""
    if not is_member(person, activity.team):
        raise not_a_member(person, activity.team)
    check_service(activity, service, at=at)
    if standing := standing_claim(person.selves, activity.id):
        raise already_claimed(standing)
    claim = _new(person, activity, service, evidence=evidence, by=by, at=at)
    record("hours.claim.entered", claim, by=by, at=at, **_detail(claim))
    return claim


def correct_claim(
    old: Claim, service: Service, *, seen: int, by: Person, at: datetime, has_paper: bool = False
) -> Claim:
    """Put a corrected claim in the place of a returned one. Raises DomainError, ChangedMeanwhile."""
    check_service(old.activity, service, at=at)
    locked = _locked([old.id])[0]
    if locked.seq != seen or locked.status != Status.RETURNED:
        raise changed(locked)
    _write([locked], Kind.RESUBMITTED, None, by=by, at=at)
    evidence = Evidence.SELF if by.id == old.person_id else Evidence(old.evidence)
    evidence = Evidence.PAPER if has_paper else evidence
    claim = _new(old.person, old.activity, service, evidence=evidence, by=by, at=at, replaces=old)
    record("hours.claim.corrected", claim, by=by, at=at, replaces=old.id, **_detail(claim))
    return claim


# ── deciding ────────────────────────────────────────────────────────────────────────────────────────
def approve_claim(claim: Claim, *, seen: int, by: Person, at: datetime) -> None:
    """Let one claim count. Raises DomainError (one's own), ChangedMeanwhile."""
    _only(approve_claims([Ticket(claim.id, seen)], by=by, at=at))


def return_claim(claim: Claim, reason: str, *, seen: int, by: Person, at: datetime) -> None:
    """Give one claim back with a reason. Raises DomainError (one's own, no reason), ChangedMeanwhile."""
    _only(return_claims([Ticket(claim.id, seen)], reason, by=by, at=at))


def undo_decision(claim: Claim, *, seen: int, by: Person, at: datetime) -> None:
    """Take one's own fresh decision back: the claim waits again. Raises ChangedMeanwhile."""
    _only(undo_decisions([Ticket(claim.id, seen)], by=by, at=at))


def approve_claims(tickets: Sequence[Ticket], *, by: Person, at: datetime) -> Outcome:
    """Let claims count, row by row: what changed meanwhile or is one's own is left alone and named."""
    return _decide(tickets, Kind.APPROVED, None, by=by, at=at)


def return_claims(tickets: Sequence[Ticket], reason: str, *, by: Person, at: datetime) -> Outcome:
    """Give claims back with one reason for all. Raises DomainError without a reason."""
    if not reason.strip():
        raise DomainError(_l("请写明退回的原因，志愿者会看到。"), field="reason")
    return _decide(tickets, Kind.RETURNED, reason.strip(), by=by, at=at)


def undo_decisions(tickets: Sequence[Ticket], *, by: Person, at: datetime) -> Outcome:
    """Take back one's own decisions while there is time; any other row is named as changed."""
    return _decide(tickets, Kind.UNDONE, None, by=by, at=at)


def _decide(tickets: Sequence[Ticket], kind: Kind, reason: str | None, *, by: Person, at: datetime) -> Outcome:
    seen = {ticket.claim_id: ticket.seq for ticket in tickets}
    mine = {event.claim_id: event.seq for event in undoable(by, at=at)} if kind is Kind.UNDONE else seen
    outcome, sees, decides = Outcome(unknown=len(seen)), seer(by), decider(by)
    for claim in _locked(seen):
        if not sees(claim):
            continue
        outcome.unknown -= 1
        if not decides(claim):
            outcome.for_others.append(claim)
        elif claim.status in COMES_FROM[kind] and claim.seq == seen[claim.id] == mine.get(claim.id):
            outcome.done.append(claim)
        else:
            outcome.changed.append(claim)
    _write(outcome.done, kind, reason, by=by, at=at)
    return outcome


def _locked(claim_ids: Iterable[int]) -> list[Claim]:
    """The claims as they are now, held until this transaction ends; always in the order of their ids (no deadlock)."""
    ids = list(claim_ids)
    if len(ids) > MOST_AT_ONCE:
        raise DomainError(_l("一次最多处理 %(count)d 条。", count=MOST_AT_ONCE))
    return list(db.session.scalars(_CLAIMS, {"claims": ids}))


def _write(claims: list[Claim], kind: Kind, reason: str | None, *, by: Person, at: datetime) -> None:
    """The events first, then the claims: the database lets a claim move only when its event is there."""
    if not claims:
        return
    status = LEADS_TO[kind].value
    deed = (by.id, by.name, at, kind.value, reason)
    insert_rows(HourEvent, _EVENT, [(*deed, claim.id, claim.person_id, claim.seq + 1) for claim in claims])
    db.session.execute(MOVED, {"claims": [claim.id for claim in claims], "to": status})
    for claim in claims:
        set_committed_value(claim, "status", status)
        set_committed_value(claim, "seq", claim.seq + 1)
    details = [(claim, {"reason": reason, "seq": claim.seq}) for claim in claims]
    record_each(f"hours.claim.{kind.value}", details, by=by, at=at)
    tell_of(claims, kind, reason, at=at)


def _only(outcome: Outcome) -> None:
    """Raise what stood in the way of a batch of one."""
    for claim in outcome.changed:
        raise changed(claim)
    if not outcome.done:
        raise for_others()


# ── rules and rows ──────────────────────────────────────────────────────────────────────────────────
def check_service(activity: Activity, service: Service, *, at: datetime) -> None:
    """Whether it may be entered now. Raises DomainError (not published, times, too late)."""
    check_times(activity, service)
    check_moment(service.ends_at, activity.ends_at, latest=latest_entry(on=at.date()), at=at)


def check_times(activity: Activity, service: Service) -> None:
    """Whether it may be entered at any time. Raises DomainError (not published, times)."""
    day = in_china(service.starts_at).date()
    if not activity.is_public:
        raise DomainError(_l("这场活动还没有发布，不能记时长。"))
    if not 1 <= service.minutes <= LONGEST:
        raise DomainError(_l("时长要在 1 分钟到 24 小时之间。"), field="hours")
    if not activity.starts_at.date() <= day <= activity.ends_at.date():
        raise DomainError(
            _l("活动是 %(day)s 那天的，服务日期要一样。", day=activity.starts_at.date().isoformat()), field="day"
        )


def check_moment(served_until: datetime, over_at: datetime, *, latest: timedelta, at: datetime) -> None:
    """Whether now is the time to enter it: when it is over, and not too late after the activity. Raises DomainError."""
    if served_until > at:
        raise DomainError(_l("这段时间还没有过完，服务结束以后再记。"), field="start")
    if over_at < at - latest:
        raise DomainError(_l("活动过去超过 %(days)d 天了，不能再补录。", days=latest.days), field="day")


def _new(
    person: Person,
    activity: Activity,
    service: Service,
    *,
    evidence: Evidence,
    by: Person,
    at: datetime,
    replaces: Claim | None = None,
) -> Claim:
    columns = columns_of(activity, service, evidence=evidence, by=by, at=at)
    # By their ids: the ORM would follow the objects to everything that hangs on them, which takes longer than the row.
    claim = Claim(person_id=person.id, replaces_id=replaces and replaces.id, **columns)
    db.session.add(claim)
    try:
        db.session.flush()
    except IntegrityError as twin:
        raise just_claimed() from twin
    return claim


def columns_of(activity: Activity, service: Service, *, evidence: Evidence, by: Actor, at: datetime) -> dict[str, Any]:
    """What a new claim holds, but whose it is and what it replaces."""
    last_day = recorded_by(activity)
    return columns_of_service(activity, service) | columns_of_entry(last_day, evidence=evidence, by=by, at=at)


def columns_of_service(activity: Activity, service: Service) -> dict[str, Any]:
    """What it says of the service, whoever gave it."""
    starts_at = in_china(service.starts_at)
    return {
        "activity_id": activity.id,
        "team_id": activity.team_id,
        "organisation_id": activity.team.organisation_id,
        "served_on": starts_at.date(),
        "starts_at": starts_at,
        "ends_at": in_china(service.ends_at),
        "minutes": service.minutes,
        "place": service.place,
        "content": service.content,
    }


def columns_of_entry(last_day: date, *, evidence: Evidence, by: Actor, at: datetime) -> dict[str, Any]:
    """What it says of how it was entered; after the last day, late."""
    return {
        "evidence": evidence.value,
        "is_late": in_china(at).date() > last_day,
        "entered_by_id": by.id,
        "entered_at": at,
    }


def not_a_member(person: Actor, team: Team) -> DomainError:
    """Hours are entered for the team's own people."""
    return DomainError(_l("%(name)s不是「%(team)s」的队员。", name=person.name, team=team.name))


def just_claimed() -> AlreadyClaimed:
    """Somebody else entered the same hours at the same moment."""
    return AlreadyClaimed(_l("这场活动的时长刚刚已经记过了。"))


def already_claimed(claim: Claim) -> AlreadyClaimed:
    """What stands in the way of another claim."""
    if claim.status == Status.RETURNED:
        return AlreadyClaimed(_l("这场活动记过的时长被退回了，请在「我的时长」里改好重交。"))
    return AlreadyClaimed(_l("这场活动的时长已经记过了（%(status)s），不用再记。", status=claim.state.label))


def for_others() -> DomainError:
    """One's own hours, or hours one entered."""
    return DomainError(_l("自己的或自己录入的时长，要由别人审核。"))


def changed(claim: Claim) -> ChangedMeanwhile:
    """Somebody was quicker with this claim."""
    return ChangedMeanwhile(
        _l(
            "%(name)s的「%(activity)s」刚刚有人处理过，现在是「%(status)s」。",
            name=claim.person.name,
            activity=claim.activity.name,
            status=claim.state.label,
        )
    )


def _detail(claim: Claim) -> dict[str, int | str]:
    return {
        "person": claim.person_id,
        "activity": claim.activity_id,
        "minutes": claim.minutes,
        "starts_at": claim.starts_at.isoformat(),
        "evidence": claim.evidence,
    }
