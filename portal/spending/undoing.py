"""A payment that should not be is taken back by two people, with a public reason: 红字冲销."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit import record
from portal.db import db
from portal.ledger.actions import reverse
from portal.ledger.models import Entry
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from portal.spending.actions import LONGEST_REASON, SamePerson
from portal.spending.models import Expense, Stage, Undoing
from portal.spending.telling import tell_undoers
from portal.words import _l


def ask(expense: Expense, reason: str, *, by: Person, at: datetime) -> Undoing:
    """Ask for it; another one decides. Raises DomainError (reason), ChangedMeanwhile."""
    words = reason.strip()
    if not 0 < len(words) <= LONGEST_REASON:
        raise DomainError(_l("请写明冲销的原因，会公开，最多 %(max)d 个字。", max=LONGEST_REASON), field="undo_reason")
    if Stage(expense.stage) is not Stage.POSTED:
        raise ChangedMeanwhile(_l("还没有入账的用款不用冲销。"))
    undoing = Undoing(expense_id=expense.id, status="asked", reason=words, asked_by_id=by.id, asked_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(undoing)
    except IntegrityError as twice:
        raise ChangedMeanwhile(_l("已经有人提出冲销，或已经冲销过了。")) from twice
    record("spending.undoing.asked", expense, by=by, at=at, reason=words)
    tell_undoers(expense, by=by, at=at)
    return undoing


def confirm(undoing: Undoing, expense: Expense, *, by: Person, at: datetime) -> Entry:
    """Take the payment back: what it took of gifts is theirs again. Raises SamePerson, ChangedMeanwhile."""
    _lock(undoing, by)
    entry = db.session.get_one(Entry, expense.entry_id)
    reversal = reverse(entry, reason=undoing.reason, by=undoing.asked_by, checked_by=by, at=at)
    _decide(undoing, "done", by=by, at=at)
    record("spending.undoing.done", expense, by=by, at=at, fen=expense.fen)
    return reversal


def refuse(undoing: Undoing, expense: Expense, *, by: Person, at: datetime) -> None:
    """It stays as it is. Raises SamePerson, ChangedMeanwhile."""
    _lock(undoing, by)
    _decide(undoing, "refused", by=by, at=at)
    record("spending.undoing.refused", expense, by=by, at=at)


def _lock(undoing: Undoing, by: Person) -> None:
    if undoing.asked_by_id in by.selves:
        raise SamePerson(_l("这是您自己提出的，要由另一位会计办。"))
    locked = select(Undoing).where(Undoing.id == undoing.id).with_for_update(of=Undoing)
    db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if undoing.status != "asked":
        raise ChangedMeanwhile(_l("这笔冲销刚刚有人办过了。"))


def _decide(undoing: Undoing, status: str, *, by: Person, at: datetime) -> None:
    undoing.status, undoing.decided_by_id, undoing.decided_at = status, by.id, at
    db.session.flush()
