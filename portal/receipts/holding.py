"""Who holds a confirmation: whoever has shown its code here, or keeps it and so showed it once."""

from portal.accounts.session import me
from portal.people.models import Person
from portal.receipts import opened
from portal.receipts.models import Receipt
from portal.receipts.queries import is_kept, receipt_by_number
from portal.web.access import found, require
from portal.web.libs import current_user


def holds(receipt: Receipt) -> bool:
    """The donor, as far as the portal can tell."""
    return opened.is_opened(receipt) or (current_user.is_authenticated and is_kept(me(), receipt))


def held(number: str) -> Receipt:
    """The confirmation, for its holder alone: who only reads it for the fund decides nothing for the donor."""
    receipt = found(receipt_by_number(number))
    require(holds(receipt))
    return receipt


def signed_in() -> Person | None:
    return me() if current_user.is_authenticated else None
