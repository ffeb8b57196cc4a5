from portal.funds.models import Fund
from portal.people.models import Person, Role
from portal.people.policy import READS_ALL, holds, holds_anywhere
from portal.receipts.change_models import ChangeStatus, ReceiptChange
from portal.receipts.models import Receipt

SEES_CHANGES = (Role.CASHIER, Role.ACCOUNTANT, *READS_ALL)


def can_list_receipts(person: Person, fund: Fund) -> bool:
    """Whoever receives or books the fund's money, and those who read everything."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, *READS_ALL, on=[fund.scope])


def can_read_receipt(person: Person, receipt: Receipt) -> bool:
    """The same, for one confirmation; a donor needs no role but the look-up code."""
    return can_list_receipts(person, receipt.fund)


def can_hand_out_codes(person: Person, fund: Fund) -> bool:
    """The fund's cashier and accountant give donors their slips; to read everything is not enough."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, on=[fund.scope])


# ── what two people change ──────────────────────────────────────────────────────────────────────────
def can_see_changes(person: Person) -> bool:
    """Cashiers and accountants of any fund, and those who read everything."""
    return holds_anywhere(person, *SEES_CHANGES)


def can_see_change(person: Person, change: ReceiptChange) -> bool:
    return holds(person, *SEES_CHANGES, on=[change.receipt.fund.scope])


def can_ask(person: Person, fund: Fund) -> bool:
    """The fund's cashier or accountant asks for a change."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, on=[fund.scope])


def can_decide(person: Person, change: ReceiptChange) -> bool:
    """An accountant of the fund; that she did not ask for it herself, actions and database see to."""
    return holds(person, Role.ACCOUNTANT, on=[change.receipt.fund.scope])


def may_decide_now(person: Person, change: ReceiptChange) -> bool:
    """Whether the page offers her to decide."""
    return (
        change.status == ChangeStatus.ASKED and change.asked_by_id not in person.selves and can_decide(person, change)
    )


# ── the state's receipts ────────────────────────────────────────────────────────────────────────────
def can_keep_state_list(person: Person, fund: Fund) -> bool:
    """The fund's cashier and accountant export who is due a state receipt and take its numbers back."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, on=[fund.scope])


def can_see_state_lists(person: Person) -> bool:
    return holds_anywhere(person, *SEES_CHANGES)


def can_issue_for_companies(person: Person, fund: Fund) -> bool:
    """The fund's cashier and accountant put a company's confirmations together for it."""
    return holds(person, Role.CASHIER, Role.ACCOUNTANT, on=[fund.scope])
