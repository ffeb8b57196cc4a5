"""Who may do what with lists of gifts. Which state a list is in is asked by the actions, not here."""

from portal.funds.models import Fund
from portal.lists.models import DonationImport
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds, holds_anywhere

SEES_LISTS = (Role.CASHIER, Role.ACCOUNTANT, *READS_ALL)


def can_see_imports(person: Person) -> bool:
    """Cashiers and accountants of any fund, and those who read everything."""
    return holds_anywhere(person, *SEES_LISTS)


def can_see_import(person: Person, imported: DonationImport) -> bool:
    return holds(person, *SEES_LISTS, on=[imported.fund.scope])


def can_upload_anywhere(person: Person) -> bool:
    return holds_anywhere(person, Role.CASHIER)


def can_upload(person: Person, fund: Fund) -> bool:
    """A cashier of the fund brings its lists, checks them and hands them over."""
    return holds(person, Role.CASHIER, on=[fund.scope])


def can_prepare(person: Person, imported: DonationImport) -> bool:
    """Whoever may bring a list may leave rows out, hand it over and withdraw it."""
    return can_upload(person, imported.fund)


def is_accountant(person: Person, imported: DonationImport) -> bool:
    return holds(person, Role.ACCOUNTANT, on=[imported.fund.scope])


def can_confirm(person: Person, imported: DonationImport) -> bool:
    """An accountant of the fund, and never the person who brought or handed over the list (the database asks too)."""
    brought = {imported.uploaded_by_id, imported.handed_by_id}
    return is_accountant(person, imported) and brought.isdisjoint(person.selves)


def can_send_back(person: Person, imported: DonationImport) -> bool:
    """An accountant of the fund."""
    return is_accountant(person, imported)
