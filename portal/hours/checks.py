"""What `portal check` recomputes about hours."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.hours.models import LEADS_TO, LONGEST, Claim, HourEvent, Status
from portal.invariants import Found, invariant


@invariant("hours.status is what the last event left")
def status_follows_events(session: Session) -> Found:
    last = and_(HourEvent.claim_id == Claim.id, HourEvent.seq == Claim.seq)
    rows = session.execute(select(Claim.id, Claim.status, Claim.seq, HourEvent.kind).outerjoin(HourEvent, last))
    left_by: dict[str | None, str] = {kind.value: status.value for kind, status in LEADS_TO.items()}
    left_by[None] = Status.WAITING.value
    wrong = [
        f"claim {claim_id}: {status} after {kind or 'nothing'}"
        for claim_id, status, seq, kind in rows
        if left_by[kind] != status or (kind is None) != (seq == 0)
    ]
    return _count(session, Claim), wrong


@invariant("hours.events are numbered without gaps")
def events_have_no_gaps(session: Session) -> Found:
    of_claim = HourEvent.claim_id == Claim.id
    rows = session.execute(
        select(Claim.id, Claim.seq, func.count(HourEvent.id), func.max(HourEvent.seq))
        .outerjoin(HourEvent, of_claim)
        .group_by(Claim.id, Claim.seq)
        .having(or_(func.count(HourEvent.id) != Claim.seq, func.coalesce(func.max(HourEvent.seq), 0) != Claim.seq))
    )
    wrong = [f"claim {claim_id}: number {seq}, {count} events up to {last}" for claim_id, seq, count, last in rows]
    return _count(session, HourEvent), wrong


@invariant("hours.nobody decides on their own")
def nobody_decides_on_their_own(session: Session) -> Found:
    decided = HourEvent.kind != "resubmitted"
    own = or_(HourEvent.by_id == Claim.person_id, HourEvent.by_id == Claim.entered_by_id)
    rows = session.execute(
        select(HourEvent.id, HourEvent.claim_id, HourEvent.by_name)
        .join(Claim, Claim.id == HourEvent.claim_id)
        .where(or_(and_(decided, own), HourEvent.person_id != Claim.person_id))
    )
    return _count(session, HourEvent), [f"event {event}: {name} on claim {claim}" for event, claim, name in rows]


@invariant("hours.times and minutes agree")
def times_agree(session: Session) -> Found:
    rows = session.execute(select(Claim.id, Claim.served_on, Claim.starts_at, Claim.ends_at, Claim.minutes))
    wrong = [
        f"claim {claim_id}: {minutes} minutes from {starts_at} to {ends_at} on {served_on}"
        for claim_id, served_on, starts_at, ends_at, minutes in rows
        if not 1 <= minutes <= LONGEST
        or ends_at - starts_at != timedelta(minutes=minutes)
        or starts_at.date() != served_on
    ]
    return _count(session, Claim), wrong


def _count(session: Session, table: type[Claim | HourEvent], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
