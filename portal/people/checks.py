"""What must be true of grants, recomputed by `portal check`."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.invariants import Found, invariant
from portal.people.duties import APART
from portal.people.models import ALLIANCE, Grant, Role


@invariant("people.duties apart")
def duties_lie_apart(session: Session) -> Found:
    """Nobody receives and books the money of one fund on the same day, and no supervisor changes anything."""
    one, other = aliased(Grant), aliased(Grant)
    never = or_(one.ends_on < one.starts_on, other.ends_on < other.starts_on)
    same_days = and_(
        or_(one.ends_on.is_(None), one.ends_on >= other.starts_on),
        or_(other.ends_on.is_(None), other.ends_on >= one.starts_on),
        func.coalesce(never, False).is_(False),
    )
    same_place = and_(one.scope_kind == other.scope_kind, one.scope_id == other.scope_id)
    same_money = or_(same_place, one.scope_kind == ALLIANCE.kind, other.scope_kind == ALLIANCE.kind)
    receives_and_books = and_(one.role == Role.CASHIER, other.role == Role.ACCOUNTANT, same_money)
    supervises_and_does = and_(one.role == Role.SUPERVISOR, other.role.in_(APART))
    pairs = select(one.person_id, one.id, other.id).join(other, other.person_id == one.person_id)
    wrong = session.execute(pairs.where(same_days, or_(receives_and_books, supervises_and_does)).limit(100))
    grants = session.scalar(select(func.count(Grant.id))) or 0
    return grants, [f"person {person}: grants {first} and {second}" for person, first, second in wrong]
