"""What the database itself refuses about confirmations, on both engines.

A confirmation says what its gift says, takes the next number of its fund and year, and never changes: it may be
declared void once, and get its successor once. A gift has one that is not void.
"""

from portal.guards import ONE, Guard, declare, frozen, not_deleted, not_replaced, refusing

_RECEIPT = "receipts_receipt"

_OF_ITS_GIFT = f"""EXISTS (
  SELECT 1 FROM funds_gift g
  WHERE g.id = NEW.gift_id AND g.fund_id = NEW.fund_id AND g.fen = NEW.fen AND g.received_on = NEW.received_on {ONE}
)"""
_ONE_BEFORE = f"""EXISTS (
  SELECT 1 FROM {_RECEIPT} r WHERE r.fund_id = NEW.fund_id AND r.year = NEW.year AND r.serial = NEW.serial - 1 {ONE}
)"""
_VALID_ONE = f"EXISTS (SELECT 1 FROM {_RECEIPT} r WHERE r.gift_id = NEW.gift_id AND r.voided_at IS NULL)"

declare(
    refusing(
        "receipts_receipt_of_gift",
        _RECEIPT,
        verb="INSERT",
        when=f"NEW.voided_at IS NOT NULL OR NOT {_OF_ITS_GIFT}",
        sentence="a confirmation says what its gift says",
    )
)
# Where a year began on paper, its run goes on after the last number there.
_FIRST_HERE = f"""EXISTS (
  SELECT 1 FROM funds_fund f JOIN series_series s ON s.name = 'receipt:' || f.slug || ':' || NEW.year
  WHERE f.id = NEW.fund_id AND s.first = NEW.serial {ONE}
)"""
declare(
    refusing(
        "receipts_receipt_gapless",
        _RECEIPT,
        verb="INSERT",
        when=f"NEW.serial <> 1 AND NOT {_ONE_BEFORE} AND NOT {_FIRST_HERE}",
        sentence="numbers run without a gap",
    )
)
declare(
    # INSERT OR REPLACE would slip past the unique index by deleting the one that is there.
    Guard(
        "receipts_receipt_one_valid",
        _RECEIPT,
        sqlite=f"CREATE TRIGGER receipts_receipt_one_valid BEFORE INSERT ON {_RECEIPT} WHEN {_VALID_ONE} "
        "BEGIN SELECT RAISE(ABORT, 'receipts_receipt_one_valid: the gift has one that is not void'); END",
        postgresql="",
    )
)
declare(
    refusing(
        "receipts_receipt_void_once",
        _RECEIPT,
        verb="UPDATE",
        when="(OLD.voided_at IS NOT NULL AND (NEW.voided_at IS NOT OLD.voided_at OR "
        "NEW.void_reason IS NOT OLD.void_reason)) OR "
        "(OLD.successor_id IS NOT NULL AND NEW.successor_id IS NOT OLD.successor_id)",
        sentence="a confirmation is declared void once",
    )
)
frozen(
    _RECEIPT, "id", "gift_id", "fund_id", "year", "serial", "number", "issued_on", "donor_name", "fen", "method",
    "intention", "memo", "received_on", "fund_full_name", "authorised_by", "handler_name", "checker_name",
    "state_receipt", "nonce",
)  # fmt: skip
not_deleted(_RECEIPT)
not_replaced(_RECEIPT, keys=("id", "number", ("fund_id", "year", "serial")))
