"""What `portal check` recomputes about hours."""

from sqlalchemy import ColumnElement, and_, case, false, func, literal_column, not_, or_, select
from sqlalchemy.orm import Session

from portal.hours.models import LEADS_TO, LONGEST, Claim, HourEvent, Status
from portal.invariants import ENOUGH, Found, invariant

# Moments are kept in UTC. Haining has been eight hours ahead without a break since 1991.
_AGREE = {
    "sqlite": "(strftime('%s', ends_at) - strftime('%s', starts_at) = 60 * minutes "
    "AND substr(ends_at, 20) = substr(starts_at, 20) AND date(starts_at, '+8 hours') = served_on)",
    "postgresql": "(ends_at - starts_at = minutes * interval '1 minute' "
    "AND (starts_at AT TIME ZONE 'Asia/Shanghai')::date = served_on)",
}


@invariant("hours.status is what the last event left")
def status_follows_events(session: Session) -> Found:
    """Waiting with number 0 while nothing happened, and afterwards what the event of the claim's number left."""
    last = and_(HourEvent.claim_id == Claim.id, HourEvent.seq == Claim.seq)
    nothing = HourEvent.kind.is_(None)
    left = case(
        (nothing, Status.WAITING.value),
        *((HourEvent.kind == kind.value, status.value) for kind, status in LEADS_TO.items()),
    )
    wrong = or_(left.is_distinct_from(Claim.status), nothing != (Claim.seq == 0))
    claims = select(Claim.id, Claim.status, HourEvent.kind).outerjoin(HourEvent, last).where(wrong).limit(ENOUGH)
    rows = session.execute(claims)
    return _count(session, Claim), (f"claim {id}: {status} after {kind or 'nothing'}" for id, status, kind in rows)


@invariant("hours.events are numbered without gaps")
def events_have_no_gaps(session: Session) -> Found:
    """Each claim has as many events as its number says, and the last of them has that number."""
    events = (
        select(HourEvent.claim_id, func.count().label("count"), func.max(HourEvent.seq).label("last"))
        .group_by(HourEvent.claim_id)
        .subquery()
    )
    count, last = (func.coalesce(column, 0) for column in (events.c.count, events.c.last))
    rows = session.execute(
        select(Claim.id, Claim.seq, count, last)
        .outerjoin(events, events.c.claim_id == Claim.id)
        .where(or_(count != Claim.seq, last != Claim.seq))
        .limit(ENOUGH)
    )
    wrong = (f"claim {claim_id}: number {seq}, {count} events up to {last}" for claim_id, seq, count, last in rows)
    return _count(session, HourEvent), wrong


@invariant("hours.nobody decides on their own")
def nobody_decides_on_their_own(session: Session) -> Found:
    decided = HourEvent.kind != "resubmitted"
    own = or_(HourEvent.by_id == Claim.person_id, HourEvent.by_id == Claim.entered_by_id)
    rows = session.execute(
        select(HourEvent.id, HourEvent.claim_id, HourEvent.by_name)
        .join(Claim, Claim.id == HourEvent.claim_id)
        .where(or_(and_(decided, own), HourEvent.person_id != Claim.person_id))
        .limit(ENOUGH)
    )
    return _count(session, HourEvent), (f"event {event}: {name} on claim {claim}" for event, claim, name in rows)


@invariant("hours.times and minutes agree")
def times_agree(session: Session) -> Found:
    """A service lasts its minutes, at most a day, and is of the day on which it began in Haining."""
    agree = _AGREE[session.get_bind().dialect.name]
    wrong = or_(~Claim.minutes.between(1, LONGEST), not_(func.coalesce(literal_column(agree), false())))
    columns = (Claim.id, Claim.minutes, Claim.starts_at, Claim.ends_at, Claim.served_on)
    rows = session.execute(select(*columns).where(wrong).limit(ENOUGH))
    return _count(session, Claim), ("claim {}: {} minutes from {} to {} on {}".format(*row) for row in rows)


def _count(session: Session, table: type[Claim | HourEvent], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
