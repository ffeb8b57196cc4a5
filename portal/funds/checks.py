"""What must always be true of gifts."""

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from portal.funds.models import Fund, Gift
from portal.invariants import Found, invariant
from portal.ledger.models import Account, AccountKind, Entry, Line


@invariant("funds.gifts are posted")
def gifts_are_posted(session: Session) -> Found:
    """Each gift has an entry of its own that brings its amount into the fund's pool as income."""
    income = exists().where(
        Line.entry_id == Gift.entry_id,
        Line.pool_id == Fund.pool_id,
        Line.credit_fen == Gift.fen,
        Line.account_id == Account.id,
        Account.kind == AccountKind.INCOME.value,
    )
    dated = exists().where(Entry.id == Gift.entry_id, Entry.on == Gift.received_on)
    lost = select(Gift.id).join(Fund, Fund.id == Gift.fund_id).where(~and_(income, dated)).limit(200)
    return _count(session, Gift), (f"gift {id} is not in the books as it is recorded" for id in session.scalars(lost))


def _count(session: Session, model: type[Gift]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0
