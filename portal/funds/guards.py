"""What the database itself refuses about gifts: nothing of one that is there ever changes but its public name, which
hangs on the donor's consent. Her name, memo and order number may go, as the confirmations' guards allow."""

from portal.guards import frozen, not_deleted, not_replaced

_GIFT = "funds_gift"

frozen(
    _GIFT, "id", "fund_id", "import_id", "row_no", "entry_id", "received_on", "is_anonymous", "fen", "method",
    "intention", "booked_at",
)  # fmt: skip
not_deleted(_GIFT)
not_replaced(_GIFT, keys=("id", "entry_id", ("import_id", "row_no")))
