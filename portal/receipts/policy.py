from portal.funds.models import Fund
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds
from portal.receipts.models import Receipt


def can_list_receipts(person: Person, fund: Fund) -> bool:
    """Whoever receives or books the fund's money, and those who read everything."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, *READS_ALL, on=[fund.scope])


def can_read_receipt(person: Person, receipt: Receipt) -> bool:
    """The same, for one confirmation; a donor needs no role but the look-up code."""
    return can_list_receipts(person, receipt.fund)


def can_hand_out_codes(person: Person, fund: Fund) -> bool:
    """The fund's cashier and accountant give donors their slips; to read everything is not enough."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, on=[fund.scope])
