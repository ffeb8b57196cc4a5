"""Who may do what with an expense. At which stage it is, is asked by the actions, not here."""

from portal.funds.models import Fund
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds, holds_anywhere
from portal.spending.models import Expense

ENTERS = (Role.CASHIER, Role.WORKER)
SEES_EXPENSES = (*ENTERS, Role.ACCOUNTANT, Role.COUNCIL, *READS_ALL)


def can_see_expenses(person: Person) -> bool:
    return holds_anywhere(person, *SEES_EXPENSES)


def can_see_expense(person: Person, expense: Expense) -> bool:
    return holds(person, *SEES_EXPENSES, on=[expense.fund.scope])


def can_enter_anywhere(person: Person) -> bool:
    return holds_anywhere(person, *ENTERS)


def can_enter(person: Person, fund: Fund) -> bool:
    """The fund's cashier and the alliance's workers."""
    return holds(person, *ENTERS, on=[fund.scope])


def can_withdraw(person: Person, expense: Expense) -> bool:
    """Whoever entered it."""
    return expense.entered_by_id in person.selves


def is_council(person: Person, expense: Expense) -> bool:
    return holds(person, Role.COUNCIL, on=[expense.fund.scope])


def is_cashier(person: Person, expense: Expense) -> bool:
    return holds(person, Role.CASHIER, on=[expense.fund.scope])


def is_accountant(person: Person, expense: Expense) -> bool:
    return holds(person, Role.ACCOUNTANT, on=[expense.fund.scope])


def can_undo(person: Person, expense: Expense) -> bool:
    """The fund's cashier and accountants ask for a payment to be taken back; another accountant does it."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, on=[expense.fund.scope])
