"""What the database itself refuses about lists, on both engines.

- A list begins as a preview, or in the hands of a reading job, which gives it back as a preview. From there it goes the
  way preview → waiting → booking → booked (or returned, withdrawn) and never back; from the hand-over on neither it
  nor its rows change, and the rows booked only grow.
- A list with a problem row that is not left out is never handed over.
- A gift of a list is one of its good rows, word for word, and comes in only while the list is being booked.
"""

from portal.guards import ONE, Guard, declare, not_deleted, not_replaced, postgresql_trigger, refusing

_IMPORT, _ROW, _GIFT = "lists_import", "lists_row", "funds_gift"

_WAY = (
    ("reading", "preview"),
    ("reading", "withdrawn"),
    ("preview", "reading"),
    ("preview", "waiting"),
    ("preview", "withdrawn"),
    ("waiting", "booking"),
    ("waiting", "returned"),
    ("waiting", "withdrawn"),
    ("booking", "booked"),
)

_OPEN = "('reading', 'preview')"
"""Before the hand-over a list may still change."""

_FROM_UPLOAD = ("id", "fund_id", "file_id", "filename", "uploaded_by_id", "uploaded_at")
_FROM_HAND_OVER = (
    "content_hash", "method", "default_date", "declared_fen", "declared_rows", "rows", "listed_fen", "accepted",
    "problems", "repeats", "in_the_way", "booked_before", "left_out", "left_out_fen", "total_fen",
    "handed_by_id", "handed_at",
    "CAST(columns AS TEXT)", "CAST(column_map AS TEXT)", "CAST(reading AS TEXT)", "CAST(refusal AS TEXT)",
)  # fmt: skip
_FROM_CONFIRMATION = ("confirmed_by_id", "confirmed_at")


def _changed(columns: tuple[str, ...]) -> str:
    return "(" + " OR ".join(f"{_of('NEW', column)} IS NOT {_of('OLD', column)}" for column in columns) + ")"


def _of(row: str, column: str) -> str:
    return column.replace("CAST(", f"CAST({row}.", 1) if column.startswith("CAST(") else f"{row}.{column}"


def _not_open(import_id: str) -> str:
    return f"EXISTS (SELECT 1 FROM {_IMPORT} i WHERE i.id = {import_id} AND i.status NOT IN {_OPEN} {ONE})"


_ALLOWED = " OR ".join(f"(OLD.status = '{before}' AND NEW.status = '{after}')" for before, after in _WAY)
_IN_THE_WAY = f"EXISTS (SELECT 1 FROM {_ROW} r WHERE r.import_id = NEW.id AND r.is_bad AND NOT r.is_left_out)"
_OF_THE_LIST = f"""EXISTS (
  SELECT 1 FROM {_ROW} r JOIN {_IMPORT} i ON i.id = r.import_id
  WHERE r.import_id = NEW.import_id AND r.row_no = NEW.row_no AND i.status = 'booking' AND i.fund_id = NEW.fund_id
    AND NOT r.is_bad AND NOT r.is_left_out AND r.fen = NEW.fen AND r.received_on = NEW.received_on
    AND r.donor_name = NEW.donor_name {ONE}
)"""

# ── lists ───────────────────────────────────────────────────────────────────────────────────────────
for guard in (
    refusing(
        "lists_import_begins",
        _IMPORT,
        verb="INSERT",
        when=f"NEW.status NOT IN {_OPEN} OR NEW.booked <> 0 OR NEW.confirmed_by_id IS NOT NULL",
        sentence="a list begins as a preview or is being read",
    ),
    refusing(
        "lists_import_way",
        _IMPORT,
        verb="UPDATE",
        when=f"OLD.status <> NEW.status AND NOT ({_ALLOWED})",
        sentence="a list goes its way and not back",
    ),
    refusing(
        "lists_import_handed",
        _IMPORT,
        verb="UPDATE",
        when=f"{_changed(_FROM_UPLOAD)} OR (OLD.status NOT IN {_OPEN} AND {_changed(_FROM_HAND_OVER)}) "
        f"OR (OLD.confirmed_by_id IS NOT NULL AND {_changed(_FROM_CONFIRMATION)})",
        sentence="a list does not change once it is handed over",
    ),
    refusing(
        "lists_import_grows",
        _IMPORT,
        verb="UPDATE",
        when="NEW.booked < OLD.booked OR (NEW.booked > OLD.booked AND OLD.status <> 'booking')",
        sentence="rows are booked while the list is being booked",
    ),
    refusing(
        "lists_import_clean",
        _IMPORT,
        verb="UPDATE",
        when=f"OLD.status = 'preview' AND NEW.status = 'waiting' AND {_IN_THE_WAY}",
        sentence="a problem row is not left out",
    ),
):
    declare(guard)
not_replaced(_IMPORT)
not_deleted(_IMPORT)

# ── their rows ──────────────────────────────────────────────────────────────────────────────────────
_SETTLED = "rows of a list do not change once it is handed over"
_OF_ROW = (
    "id", "import_id", "row_no", "received_on", "is_anonymous", "fen", "method", "intention", "is_bad", "is_repeat",
    "twin_of", "same_gift_id", "is_left_out", "CAST(problem_words AS TEXT)",
)  # fmt: skip
# A donor whom the law keeps no longer goes from the list behind her gift.
_FORGOTTEN = f"""NOT {_changed(_OF_ROW)} AND NEW.donor_name = '' AND NEW.public_name IS NULL AND NEW.order_no = ''
  AND NEW.memo = '' AND EXISTS (
  SELECT 1 FROM {_GIFT} g WHERE g.import_id = NEW.import_id AND g.row_no = NEW.row_no AND g.donor_name = '' {ONE}
)"""
for verb, rows, but in (
    ("INSERT", ("NEW",), ""),
    ("UPDATE", ("OLD", "NEW"), f" AND NOT ({_FORGOTTEN})"),
    ("DELETE", ("OLD",), ""),
):
    settled = " OR ".join(_not_open(f"{row}.import_id") for row in rows)
    declare(
        refusing(
            f"{_ROW}_settled_{verb.lower()}",
            _ROW,
            verb=verb,
            when=f"({settled}){but}" if but else settled,
            sentence=_SETTLED,
        )
    )
declare(
    Guard(
        f"{_ROW}_no_truncate",
        _ROW,
        sqlite="",
        postgresql=postgresql_trigger(
            f"{_ROW}_no_truncate",
            _ROW,
            f"BEFORE TRUNCATE ON {_ROW} FOR EACH STATEMENT",
            f"BEGIN RAISE EXCEPTION '{_SETTLED}'; END",
        ),
    )
)
not_replaced(_ROW, keys=("id", ("import_id", "row_no")))

# ── their gifts ────────────────────────────────────────────────────────────────────────────────
declare(
    refusing(
        "funds_gift_of_list",
        _GIFT,
        verb="INSERT",
        when=f"NEW.import_id IS NOT NULL AND NOT {_OF_THE_LIST}",
        sentence="no good row of a list that is being booked",
    )
)
