"""What the database itself refuses about confirmations, on both engines.

A confirmation says what its gift says, takes the next number of its fund and year, and never changes: it may be
declared void once, by two people, and get its successor once. A gift has one that is not void. When the law keeps its
donor no longer, her name and the words beside it go, behind the salts of both in the public log.
"""

from portal.guards import ONE, Guard, append_only, declare, frozen, not_deleted, not_replaced, refusing

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
    _RECEIPT, "id", "gift_id", "fund_id", "year", "serial", "number", "issued_on", "fen", "method",
    "intention", "received_on", "fund_full_name", "authorised_by", "handler_name", "checker_name",
    "state_receipt", "nonce",
)  # fmt: skip
not_deleted(_RECEIPT)
not_replaced(_RECEIPT, keys=("id", "number", ("fund_id", "year", "serial")))

_BY_TWO = f"EXISTS (SELECT 1 FROM receipts_change c WHERE c.receipt_id = NEW.id AND c.status = 'done' {ONE})"
declare(
    refusing(
        "receipts_receipt_void_by_two",
        _RECEIPT,
        verb="UPDATE",
        when=f"OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL AND NOT {_BY_TWO}",
        sentence="two people declare a confirmation void",
    )
)
_SAME_GIFT = f"""EXISTS (
  SELECT 1 FROM {_RECEIPT} s WHERE s.id = NEW.successor_id AND s.gift_id = NEW.gift_id AND s.id > NEW.id {ONE}
)"""
declare(
    refusing(
        "receipts_receipt_successor",
        _RECEIPT,
        verb="UPDATE",
        when=f"NEW.successor_id IS NOT OLD.successor_id AND NOT {_SAME_GIFT}",
        sentence="a successor is a later confirmation of the same gift",
    )
)


def _changed_not_emptied(*columns: str) -> str:
    """Whether one of the columns is changed to anything but nothing."""
    return " OR ".join(f"(NEW.{one} IS NOT OLD.{one} AND NEW.{one} IS NOT '')" for one in columns)


def _emptied(*columns: str) -> str:
    return "(" + " OR ".join(f"(NEW.{one} = '' AND OLD.{one} <> '')" for one in columns) + ")"


_SALTED = f"""EXISTS (
  SELECT 1 FROM log_leaf l JOIN log_secret k ON k.idx = l.idx
  WHERE l.kind = 'receipt' AND l.ref = NEW.id AND k.field IN ('donor', 'words') AND k.salt IS NOT NULL {ONE}
)"""
declare(
    refusing(
        "receipts_receipt_forgotten",
        _RECEIPT,
        verb="UPDATE",
        when=f"{_changed_not_emptied('donor_name', 'memo')} OR ({_emptied('donor_name', 'memo')} AND {_SALTED})",
        sentence="a donor is forgotten behind her salts, never changed",
    )
)
_STILL_NAMED = f"""EXISTS (
  SELECT 1 FROM {_RECEIPT} r WHERE r.gift_id = NEW.id AND (r.donor_name <> '' OR r.memo <> '') {ONE}
)"""
declare(
    refusing(
        "funds_gift_forgotten",
        "funds_gift",
        verb="UPDATE",
        when=f"{_changed_not_emptied('donor_name', 'memo', 'order_no')} OR "
        f"({_emptied('donor_name', 'memo', 'order_no')} AND {_STILL_NAMED})",
        sentence="a donor is forgotten behind her confirmations, never changed",
    )
)

# ── what two people change ──────────────────────────────────────────────────────────────────────────
_CHANGE = "receipts_change"
_OF_VALID = f"EXISTS (SELECT 1 FROM {_RECEIPT} r WHERE r.id = NEW.receipt_id AND r.voided_at IS NULL {ONE})"
declare(
    refusing(
        "receipts_change_asked",
        _CHANGE,
        verb="INSERT",
        when=f"NEW.status <> 'asked' OR NOT {_OF_VALID}",
        sentence="a change is asked for, of a confirmation that is valid",
    )
)
declare(
    refusing(
        "receipts_change_decided_once",
        _CHANGE,
        verb="UPDATE",
        when="OLD.status <> 'asked' AND (NEW.status IS NOT OLD.status OR NEW.decided_by_id IS NOT OLD.decided_by_id "
        "OR NEW.decided_at IS NOT OLD.decided_at OR NEW.answer IS NOT OLD.answer)",
        sentence="a change is decided once",
    )
)
_REVERSED = f"""EXISTS (
  SELECT 1 FROM {_RECEIPT} r JOIN funds_gift g ON g.id = r.gift_id JOIN ledger_entry e ON e.reverses_id = g.entry_id
  WHERE r.id = NEW.receipt_id {ONE}
)"""
declare(
    refusing(
        "receipts_change_refunded",
        _CHANGE,
        verb="UPDATE",
        when=f"NEW.kind = 'refund' AND NEW.status = 'done' AND OLD.status <> 'done' AND NOT {_REVERSED}",
        sentence="a refund takes the gift out of the books",
    )
)
declare(
    refusing(
        "receipts_change_forgotten",
        _CHANGE,
        verb="UPDATE",
        when=_changed_not_emptied("donor_name", "memo"),
        sentence="a donor is forgotten, never changed",
    )
)
declare(
    Guard(
        "receipts_change_one_asked",
        _CHANGE,
        sqlite=f"CREATE TRIGGER receipts_change_one_asked BEFORE INSERT ON {_CHANGE} "
        f"WHEN EXISTS (SELECT 1 FROM {_CHANGE} c WHERE c.receipt_id = NEW.receipt_id AND c.status = 'asked') "
        "BEGIN SELECT RAISE(ABORT, 'receipts_change_one_asked: one change is asked for already'); END",
        postgresql="",
    )
)
frozen(
    _CHANGE, "id", "receipt_id", "kind", "reason", "intention", "state_receipt", "same_donor", "asked_by_id", "asked_at"
)
not_deleted(_CHANGE)
not_replaced(_CHANGE)

# ── summaries ───────────────────────────────────────────────────────────────────────────────────────
_SUMMARY, _MEMBER = "receipts_summary", "receipts_summary_member"
_SUMMARY_BEFORE = f"""EXISTS (
  SELECT 1 FROM {_SUMMARY} s WHERE s.fund_id = NEW.fund_id AND s.year = NEW.year AND s.serial = NEW.serial - 1 {ONE}
)"""
declare(
    refusing(
        "receipts_summary_gapless",
        _SUMMARY,
        verb="INSERT",
        when=f"NEW.serial <> 1 AND NOT {_SUMMARY_BEFORE}",
        sentence="numbers run without a gap",
    )
)
declare(
    refusing(
        "receipts_summary_forgotten",
        _SUMMARY,
        verb="UPDATE",
        when=_changed_not_emptied("title"),
        sentence="a name is forgotten, never changed",
    )
)
frozen(
    _SUMMARY, "id", "fund_id", "year", "serial", "number", "kind", "starts_on", "ends_on", "count", "fen",
    "fund_full_name", "authorised_by", "issued_on", "issued_at", "issued_by_id", "fingerprint",
)  # fmt: skip
not_deleted(_SUMMARY)
not_replaced(_SUMMARY, keys=("id", "number", "fingerprint", ("fund_id", "year", "serial")))
_AS_ITS_RECEIPT = f"""EXISTS (
  SELECT 1 FROM {_SUMMARY} s JOIN {_RECEIPT} r ON r.fund_id = s.fund_id
  WHERE s.id = NEW.summary_id AND r.id = NEW.receipt_id AND r.voided_at IS NULL AND r.number = NEW.number
    AND r.donor_name = NEW.donor_name AND r.received_on = NEW.received_on AND r.fen = NEW.fen
    AND NEW.position BETWEEN 1 AND s.count {ONE}
)"""
declare(
    refusing(
        "receipts_summary_member_true",
        _MEMBER,
        verb="INSERT",
        when=f"NOT {_AS_ITS_RECEIPT}",
        sentence="a summary lists valid confirmations of its fund as they are",
    )
)
declare(
    refusing(
        "receipts_summary_member_forgotten",
        _MEMBER,
        verb="UPDATE",
        when=_changed_not_emptied("donor_name"),
        sentence="a donor is forgotten, never changed",
    )
)
frozen(_MEMBER, "summary_id", "position", "receipt_id", "number", "received_on", "fen")
not_deleted(_MEMBER)
not_replaced(_MEMBER, keys=(("summary_id", "position"), ("summary_id", "receipt_id")))

# ── the state's receipts ────────────────────────────────────────────────────────────────────────────
_TURN_BEFORE = (
    f"EXISTS (SELECT 1 FROM receipts_state s WHERE s.receipt_id = NEW.receipt_id AND s.turn = NEW.turn - 1 {ONE})"
)
declare(
    refusing(
        "receipts_state_turns",
        "receipts_state",
        verb="INSERT",
        when=f"NEW.turn <> 1 AND NOT {_TURN_BEFORE}",
        sentence="a correction comes after what it corrects",
    )
)
append_only("receipts_state", keys=(("receipt_id", "turn"),))
append_only("receipts_wish")
