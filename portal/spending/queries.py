"""Expenses as their pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from portal.db import db
from portal.funds.models import Fund
from portal.people.models import Person, Role
from portal.people.policy import scopes_of
from portal.search import holds
from portal.spending.models import Approval, Expense, Stage, Undoing
from portal.spending.policy import ENTERS, SEES_EXPENSES
from portal.web.tables import Listing


@dataclass(frozen=True)
class ExpensesFound:
    """A page of expenses. `fen` is the sum of all that fit."""

    listing: Listing
    expenses: Sequence[Expense]
    fen: int


_WHOLE = (
    joinedload(Expense.fund),
    joinedload(Expense.entry),
    joinedload(Expense.entered_by),
    joinedload(Expense.paid_by),
    joinedload(Expense.checked_by),
    joinedload(Expense.ended_by),
    selectinload(Expense.approvals).joinedload(Approval.person),
    selectinload(Expense.undoings).options(joinedload(Undoing.asked_by), joinedload(Undoing.decided_by)),
)


def expense_by_id(expense_id: int) -> Expense | None:
    """The expense with whoever had it in hand."""
    return db.session.scalar(select(Expense).options(*_WHOLE).where(Expense.id == expense_id))


def expenses_found(viewer: Person, listing: Listing) -> ExpensesFound:
    """Of the funds that the viewer sees, the latest first. `q` finds purposes and voucher numbers."""
    wanted = _seen(viewer, *SEES_EXPENSES)
    if listing.q:
        wanted.append(holds(listing.q, Expense.purpose, Expense.voucher_no))
    if stage := listing.extra.get("stage"):
        wanted.append(Expense.stage == stage)
    total, fen = db.session.execute(select(func.count(), func.sum(Expense.fen)).where(*wanted)).one()
    listing = listing.counted(total)
    page = select(Expense).options(joinedload(Expense.fund), joinedload(Expense.entered_by)).where(*wanted)
    page = page.order_by(Expense.id.desc()).offset(listing.offset).limit(listing.per_page)
    return ExpensesFound(listing, db.session.scalars(page).all(), int(fen or 0))


def count_waiting(person: Person) -> int:
    """How many expenses this person can take a step further now."""
    steps = (
        _at(person, Stage.ENTERED, Role.COUNCIL, ~_has_approved(person), Expense.entered_by_id.not_in(person.selves)),
        _at(person, Stage.APPROVED, Role.CASHIER, ~_has_approved(person)),
        _at(person, Stage.PAID, Role.ACCOUNTANT, Expense.paid_by_id.not_in(person.selves)),
        _at(person, Stage.POSTED, Role.ACCOUNTANT, _is_to_undo(person)),
    )
    return db.session.scalar(select(func.count()).select_from(Expense).where(or_(*steps))) or 0


def funds_to_enter_for(person: Person) -> Sequence[Fund]:
    """Those whose expenses the person may enter, in the order in which they were opened."""
    ids = scopes_of(person, *ENTERS, kind="fund")
    wanted = select(Fund).order_by(Fund.id)
    return db.session.scalars(wanted if ids is None else wanted.where(Fund.id.in_(ids))).all()


def _at(person: Person, stage: Stage, role: Role, *more: Any) -> ColumnElement[bool]:
    return and_(Expense.stage == stage.value, *_seen(person, role), *more)


def _has_approved(person: Person) -> ColumnElement[bool]:
    return exists().where(Approval.expense_id == Expense.id, Approval.person_id.in_(person.selves))


def _is_to_undo(person: Person) -> ColumnElement[bool]:
    asked = (Undoing.status == "asked", Undoing.asked_by_id.not_in(person.selves))
    return exists().where(Undoing.expense_id == Expense.id, *asked)


def _seen(viewer: Person, *roles: Role) -> list[ColumnElement[bool]]:
    ids = scopes_of(viewer, *roles, kind="fund")
    return [] if ids is None else [Expense.fund_id.in_(ids)]
