"""What the database itself refuses about expenses, on both engines: changed words, one person twice, a step back."""

from portal.guards import ONE, append_only, declare, frozen, not_deleted, not_replaced, refusing

_EXPENSE = "spending_expense"

frozen(
    _EXPENSE, "id", "fund_id", "fen", "purpose", "beneficiaries", "voucher_no", "entered_by_id", "entered_at",
)  # fmt: skip
not_deleted(_EXPENSE)
not_replaced(_EXPENSE)
append_only("spending_approval", keys=("id", ("expense_id", "person_id")))
frozen("spending_undoing", "id", "expense_id", "reason", "asked_by_id", "asked_at")
not_deleted("spending_undoing")
not_replaced("spending_undoing")

declare(
    refusing(
        "spending_expense_begins",
        _EXPENSE,
        verb="INSERT",
        when="NEW.stage <> 'entered'",
        sentence="an expense begins by being entered",
    )
)
declare(
    refusing(
        "spending_expense_stays_ended",
        _EXPENSE,
        verb="UPDATE",
        when="OLD.stage IN ('posted', 'returned', 'refused', 'withdrawn')",
        sentence="what is posted or ended stays as it is",
    )
)
declare(
    refusing(
        "spending_expense_approved",
        _EXPENSE,
        verb="UPDATE",
        when=f"NEW.stage IN ('approved', 'paid', 'posted') AND NOT EXISTS "
        f"(SELECT 1 FROM spending_approval a WHERE a.expense_id = NEW.id {ONE})",
        sentence="nothing is paid that nobody approved",
    )
)
_BOOKED = f"""EXISTS (
  SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id AND e.kind = 'spending' AND e.total_fen = NEW.fen
  AND e."on" = NEW.paid_on AND e.made_by_id = NEW.paid_by_id AND e.checked_by_id = NEW.checked_by_id {ONE}
)"""
declare(
    refusing(
        "spending_expense_in_books",
        _EXPENSE,
        verb="UPDATE",
        when=f"NEW.entry_id IS NOT NULL AND NOT {_BOOKED}",
        sentence="a posted expense says what its entry says",
    )
)
declare(
    refusing(
        "spending_approval_by_another",
        "spending_approval",
        verb="INSERT",
        when=f"NOT EXISTS (SELECT 1 FROM {_EXPENSE} e WHERE e.id = NEW.expense_id AND e.stage = 'entered' "
        f"AND e.entered_by_id <> NEW.person_id {ONE})",
        sentence="whoever enters an expense does not approve it",
    )
)
declare(
    refusing(
        "spending_undoing_once",
        "spending_undoing",
        verb="UPDATE",
        when="OLD.status <> 'asked'",
        sentence="what was decided stays decided",
    )
)
