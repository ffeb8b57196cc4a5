"""Who must have a second step, and by when: whoever touches money or other people's data.

The grace begins with the first sign-in in such a role, so that nobody is shut out by surprise.
"""

from datetime import datetime, timedelta

from portal.accounts.models import Account
from portal.people.models import Person, Role
from portal.people.policy import holds_anywhere
from portal.rules import value
from portal.rules.catalogue import SECOND_FACTOR_DAYS

ROLES = (
    Role.ORGANISATION_ADMIN,
    Role.REVIEWER,
    Role.CASHIER,
    Role.ACCOUNTANT,
    Role.COUNCIL,
    Role.SUPERVISOR,
    Role.WORKER,
    Role.ADMIN,
)


def needs_second_step(person: Person) -> bool:
    """Whether one of her roles asks for it."""
    return holds_anywhere(person, *ROLES)


def due_at(person: Person, account: Account | None) -> datetime | None:
    """When her grace ends, by the rule of the day on which it began.

    None for whoever has a second step, needs none, or was never told.
    """
    if account is None or account.asked_at is None or account.since is not None or not needs_second_step(person):
        return None
    return account.asked_at + timedelta(days=value(SECOND_FACTOR_DAYS, on=account.asked_at.date()))


def days_left(person: Person, account: Account | None, *, at: datetime) -> int | None:
    """Begun days of the grace, at least one while it runs; None when there is none (any more)."""
    due = due_at(person, account)
    return -((at - due) // timedelta(days=1)) if due and at < due else None


def is_overdue(person: Person, account: Account | None, *, at: datetime) -> bool:
    """Whether nothing is open to her until she has set up a second step."""
    due = due_at(person, account)
    return due is not None and at >= due
