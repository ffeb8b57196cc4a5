"""The first tables and their guards.

Revision: 20261121_first_tables
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_first_tables"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Frozen here: what portal/guards.py says today may change, what this migration made may not.
SQLITE = {
    ("audit_line_no_update", "audit_line"): r"""
CREATE TRIGGER audit_line_no_update BEFORE UPDATE ON audit_line BEGIN SELECT RAISE(ABORT, 'audit_line is append-only: no update'); END
""",
    ("audit_line_no_delete", "audit_line"): r"""
CREATE TRIGGER audit_line_no_delete BEFORE DELETE ON audit_line BEGIN SELECT RAISE(ABORT, 'audit_line is append-only: no delete'); END
""",
    ("audit_line_no_replace", "audit_line"): r"""
CREATE TRIGGER audit_line_no_replace BEFORE INSERT ON audit_line WHEN EXISTS (SELECT 1 FROM audit_line WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'audit_line is append-only: no replace'); END
""",
    ("funds_gift_frozen", "funds_gift"): r"""
CREATE TRIGGER funds_gift_frozen BEFORE UPDATE ON funds_gift WHEN NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.import_id IS NOT OLD.import_id OR NEW.row_no IS NOT OLD.row_no OR NEW.entry_id IS NOT OLD.entry_id OR NEW.received_on IS NOT OLD.received_on OR NEW.donor_name IS NOT OLD.donor_name OR NEW.is_anonymous IS NOT OLD.is_anonymous OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.memo IS NOT OLD.memo OR NEW.order_no IS NOT OLD.order_no OR NEW.booked_at IS NOT OLD.booked_at BEGIN SELECT RAISE(ABORT, 'funds_gift: id, fund_id, import_id, row_no, entry_id, received_on, donor_name, is_anonymous, fen, method, intention, memo, order_no, booked_at never change'); END
""",
    ("funds_gift_no_delete", "funds_gift"): r"""
CREATE TRIGGER funds_gift_no_delete BEFORE DELETE ON funds_gift BEGIN SELECT RAISE(ABORT, 'funds_gift is append-only: no delete'); END
""",
    ("funds_gift_no_replace", "funds_gift"): r"""
CREATE TRIGGER funds_gift_no_replace BEFORE INSERT ON funds_gift WHEN EXISTS (SELECT 1 FROM funds_gift WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM funds_gift WHERE entry_id = NEW.entry_id) OR EXISTS (SELECT 1 FROM funds_gift WHERE import_id = NEW.import_id AND row_no = NEW.row_no) BEGIN SELECT RAISE(ABORT, 'funds_gift is append-only: no replace'); END
""",
    ("ledger_entry_no_update", "ledger_entry"): r"""
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only: no update'); END
""",
    ("ledger_entry_no_delete", "ledger_entry"): r"""
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only: no delete'); END
""",
    ("ledger_entry_no_replace", "ledger_entry"): r"""
CREATE TRIGGER ledger_entry_no_replace BEFORE INSERT ON ledger_entry WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM ledger_entry WHERE entity_id = NEW.entity_id AND number_year = NEW.number_year AND number = NEW.number) OR EXISTS (SELECT 1 FROM ledger_entry WHERE idempotency_key = NEW.idempotency_key) OR EXISTS (SELECT 1 FROM ledger_entry WHERE reverses_id = NEW.reverses_id) BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only: no replace'); END
""",
    ("ledger_line_no_update", "ledger_line"): r"""
CREATE TRIGGER ledger_line_no_update BEFORE UPDATE ON ledger_line BEGIN SELECT RAISE(ABORT, 'ledger_line is append-only: no update'); END
""",
    ("ledger_line_no_delete", "ledger_line"): r"""
CREATE TRIGGER ledger_line_no_delete BEFORE DELETE ON ledger_line BEGIN SELECT RAISE(ABORT, 'ledger_line is append-only: no delete'); END
""",
    ("ledger_line_no_replace", "ledger_line"): r"""
CREATE TRIGGER ledger_line_no_replace BEFORE INSERT ON ledger_line WHEN EXISTS (SELECT 1 FROM ledger_line WHERE entry_id = NEW.entry_id AND position = NEW.position) BEGIN SELECT RAISE(ABORT, 'ledger_line is append-only: no replace'); END
""",
    ("ledger_line_not_sealed", "ledger_line"): r"""
CREATE TRIGGER ledger_line_not_sealed BEFORE INSERT ON ledger_line
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'ledger_line_not_sealed: the entry is sealed'); END
""",
    ("ledger_entry_seal", "ledger_entry"): r"""
CREATE TRIGGER ledger_entry_seal AFTER INSERT ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger_entry_seal: empty, out of balance, or of another year or legal entity')
    FROM (
      SELECT sum(l.debit_fen) AS debit, sum(l.credit_fen) AS credit, max(p.entity_id <> NEW.entity_id) AS elsewhere
      FROM ledger_line l LEFT JOIN ledger_pool p ON p.id = l.pool_id WHERE l.entry_id = NEW.id
    )
    WHERE debit IS NULL OR debit <> credit OR debit <> NEW.total_fen OR elsewhere
      OR CAST(substr(NEW."on", 1, 4) AS INTEGER) <> NEW.number_year;
  UPDATE ledger_pool SET balance_fen = CASE
      WHEN may_go_below_zero OR balance_fen + change.fen >= 0 THEN balance_fen + change.fen
      ELSE RAISE(ABORT, 'ck_ledger_pool_not_below_zero: the pool would go below zero') END
    FROM (
      SELECT l.pool_id, sum(l.debit_fen - l.credit_fen) AS fen
      FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id
      WHERE l.entry_id = NEW.id AND l.pool_id IS NOT NULL AND a.kind IN ('asset', 'liability') GROUP BY l.pool_id
    ) AS change WHERE id = change.pool_id;
  INSERT INTO ledger_balance (pool_id, account_id, month, entity_id, debit_fen, credit_fen)
    SELECT coalesce(pool_id, 0), account_id, CASE NEW.kind WHEN 'closing' THEN NEW.number_year || '-13' ELSE substr(NEW."on", 1, 7) END, NEW.entity_id, debit_fen, credit_fen
    FROM ledger_line WHERE entry_id = NEW.id
    ON CONFLICT (pool_id, account_id, month, entity_id) DO UPDATE
    SET debit_fen = debit_fen + excluded.debit_fen, credit_fen = credit_fen + excluded.credit_fen;
END
""",
    ("ledger_pool_opens_empty", "ledger_pool"): r"""
CREATE TRIGGER ledger_pool_opens_empty BEFORE INSERT ON ledger_pool WHEN NEW.balance_fen <> 0 BEGIN SELECT RAISE(ABORT, 'ledger_pool_opens_empty: money comes into a pool by entries only'); END
""",
    ("ledger_pool_frozen", "ledger_pool"): r"""
CREATE TRIGGER ledger_pool_frozen BEFORE UPDATE ON ledger_pool WHEN NEW.id IS NOT OLD.id OR NEW.entity_id IS NOT OLD.entity_id OR NEW.is_restricted IS NOT OLD.is_restricted BEGIN SELECT RAISE(ABORT, 'ledger_pool: id, entity_id, is_restricted never change'); END
""",
    ("ledger_pool_no_replace", "ledger_pool"): r"""
CREATE TRIGGER ledger_pool_no_replace BEFORE INSERT ON ledger_pool WHEN EXISTS (SELECT 1 FROM ledger_pool WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM ledger_pool WHERE code = NEW.code) BEGIN SELECT RAISE(ABORT, 'ledger_pool is append-only: no replace'); END
""",
    ("ledger_pool_no_delete", "ledger_pool"): r"""
CREATE TRIGGER ledger_pool_no_delete BEFORE DELETE ON ledger_pool BEGIN SELECT RAISE(ABORT, 'ledger_pool is append-only: no delete'); END
""",
    ("ledger_account_frozen", "ledger_account"): r"""
CREATE TRIGGER ledger_account_frozen BEFORE UPDATE ON ledger_account WHEN NEW.id IS NOT OLD.id OR NEW.code IS NOT OLD.code OR NEW.kind IS NOT OLD.kind BEGIN SELECT RAISE(ABORT, 'ledger_account: id, code, kind never change'); END
""",
    ("ledger_account_no_replace", "ledger_account"): r"""
CREATE TRIGGER ledger_account_no_replace BEFORE INSERT ON ledger_account WHEN EXISTS (SELECT 1 FROM ledger_account WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM ledger_account WHERE code = NEW.code) BEGIN SELECT RAISE(ABORT, 'ledger_account is append-only: no replace'); END
""",
    ("ledger_account_no_delete", "ledger_account"): r"""
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account BEGIN SELECT RAISE(ABORT, 'ledger_account is append-only: no delete'); END
""",
    ("ledger_entity_no_replace", "ledger_entity"): r"""
CREATE TRIGGER ledger_entity_no_replace BEFORE INSERT ON ledger_entity WHEN EXISTS (SELECT 1 FROM ledger_entity WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM ledger_entity WHERE name = NEW.name) BEGIN SELECT RAISE(ABORT, 'ledger_entity is append-only: no replace'); END
""",
    ("ledger_balance_no_delete", "ledger_balance"): r"""
CREATE TRIGGER ledger_balance_no_delete BEFORE DELETE ON ledger_balance BEGIN SELECT RAISE(ABORT, 'ledger_balance is append-only: no delete'); END
""",
    ("funds_spending_no_update", "funds_spending"): r"""
CREATE TRIGGER funds_spending_no_update BEFORE UPDATE ON funds_spending BEGIN SELECT RAISE(ABORT, 'funds_spending is append-only: no update'); END
""",
    ("funds_spending_no_delete", "funds_spending"): r"""
CREATE TRIGGER funds_spending_no_delete BEFORE DELETE ON funds_spending BEGIN SELECT RAISE(ABORT, 'funds_spending is append-only: no delete'); END
""",
    ("funds_spending_no_replace", "funds_spending"): r"""
CREATE TRIGGER funds_spending_no_replace BEFORE INSERT ON funds_spending WHEN EXISTS (SELECT 1 FROM funds_spending WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM funds_spending WHERE entry_id = NEW.entry_id) OR EXISTS (SELECT 1 FROM funds_spending WHERE fund_id = NEW.fund_id AND voucher_no = NEW.voucher_no) BEGIN SELECT RAISE(ABORT, 'funds_spending is append-only: no replace'); END
""",
    ("funds_spending_in_books", "funds_spending"): r"""
CREATE TRIGGER funds_spending_in_books BEFORE INSERT ON funds_spending WHEN NOT EXISTS (
  SELECT 1 FROM ledger_entry e
  WHERE e.id = NEW.entry_id AND e.kind = 'spending' AND e.total_fen = NEW.fen AND e."on" = NEW.paid_on
) BEGIN SELECT RAISE(ABORT, 'funds_spending_in_books: a payment says what its entry says'); END
""",
    ("funds_gift_tally", "funds_gift"): r"""
CREATE TRIGGER funds_gift_tally AFTER INSERT ON funds_gift
BEGIN
  INSERT INTO funds_tally (fund_id, day, method, gifts, fen)
    VALUES (NEW.fund_id, NEW.received_on, NEW.method, 1, NEW.fen)
    ON CONFLICT (fund_id, day, method) DO UPDATE SET gifts = gifts + 1, fen = fen + excluded.fen;
END
""",
    ("hours_claim_frozen", "hours_claim"): r"""
CREATE TRIGGER hours_claim_frozen BEFORE UPDATE ON hours_claim WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.activity_id IS NOT OLD.activity_id OR NEW.team_id IS NOT OLD.team_id OR NEW.organisation_id IS NOT OLD.organisation_id OR NEW.served_on IS NOT OLD.served_on OR NEW.starts_at IS NOT OLD.starts_at OR NEW.ends_at IS NOT OLD.ends_at OR NEW.minutes IS NOT OLD.minutes OR NEW.place IS NOT OLD.place OR NEW.content IS NOT OLD.content OR NEW.evidence IS NOT OLD.evidence OR NEW.is_late IS NOT OLD.is_late OR NEW.entered_by_id IS NOT OLD.entered_by_id OR NEW.entered_at IS NOT OLD.entered_at OR NEW.replaces_id IS NOT OLD.replaces_id BEGIN SELECT RAISE(ABORT, 'hours_claim: id, person_id, activity_id, team_id, organisation_id, served_on, starts_at, ends_at, minutes, place, content, evidence, is_late, entered_by_id, entered_at, replaces_id never change'); END
""",
    ("hours_claim_no_delete", "hours_claim"): r"""
CREATE TRIGGER hours_claim_no_delete BEFORE DELETE ON hours_claim BEGIN SELECT RAISE(ABORT, 'hours_claim is append-only: no delete'); END
""",
    ("hours_claim_no_replace", "hours_claim"): r"""
CREATE TRIGGER hours_claim_no_replace BEFORE INSERT ON hours_claim WHEN EXISTS (SELECT 1 FROM hours_claim WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM hours_claim WHERE replaces_id = NEW.replaces_id) BEGIN SELECT RAISE(ABORT, 'hours_claim is append-only: no replace'); END
""",
    ("hours_event_no_update", "hours_event"): r"""
CREATE TRIGGER hours_event_no_update BEFORE UPDATE ON hours_event BEGIN SELECT RAISE(ABORT, 'hours_event is append-only: no update'); END
""",
    ("hours_event_no_delete", "hours_event"): r"""
CREATE TRIGGER hours_event_no_delete BEFORE DELETE ON hours_event BEGIN SELECT RAISE(ABORT, 'hours_event is append-only: no delete'); END
""",
    ("hours_event_no_replace", "hours_event"): r"""
CREATE TRIGGER hours_event_no_replace BEFORE INSERT ON hours_event WHEN EXISTS (SELECT 1 FROM hours_event WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM hours_event WHERE claim_id = NEW.claim_id AND seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'hours_event is append-only: no replace'); END
""",
    ("hours_claim_once", "hours_claim"): r"""
CREATE TRIGGER hours_claim_once BEFORE INSERT ON hours_claim WHEN EXISTS (SELECT 1 FROM hours_claim WHERE person_id = NEW.person_id AND activity_id = NEW.activity_id AND status IN ('waiting', 'approved')) BEGIN SELECT RAISE(ABORT, 'hours_claim_once: these hours are claimed already'); END
""",
    ("hours_claim_begins", "hours_claim"): r"""
CREATE TRIGGER hours_claim_begins BEFORE INSERT ON hours_claim WHEN NEW.status <> 'waiting' OR NEW.seq <> 0 BEGIN SELECT RAISE(ABORT, 'hours_claim_begins: a claim begins waiting, with number 0'); END
""",
    ("hours_claim_moves", "hours_claim"): r"""
CREATE TRIGGER hours_claim_moves BEFORE UPDATE ON hours_claim WHEN NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM hours_event e WHERE e.claim_id = NEW.id AND e.seq = NEW.seq AND e.kind || '>' || NEW.status IN ('approved>approved', 'returned>returned', 'undone>waiting', 'resubmitted>returned', 'reversed>reversed')) BEGIN SELECT RAISE(ABORT, 'hours_claim_moves: status and number move by an event'); END
""",
    ("hours_event_follows", "hours_event"): r"""
CREATE TRIGGER hours_event_follows BEFORE INSERT ON hours_event WHEN NOT EXISTS (SELECT 1 FROM hours_claim c WHERE c.id = NEW.claim_id AND NEW.seq = c.seq + 1 AND c.status || '>' || NEW.kind IN ('waiting>approved', 'waiting>returned', 'approved>undone', 'returned>undone', 'returned>resubmitted', 'approved>reversed')) BEGIN SELECT RAISE(ABORT, 'hours_event_follows: not the next event of its claim'); END
""",
    ("hours_event_by_others", "hours_event"): r"""
CREATE TRIGGER hours_event_by_others BEFORE INSERT ON hours_event WHEN NEW.kind <> 'resubmitted' AND EXISTS (SELECT 1 FROM hours_claim c WHERE c.id = NEW.claim_id AND c.entered_by_id = NEW.by_id) BEGIN SELECT RAISE(ABORT, 'hours_event_by_others: nobody decides on what they entered'); END
""",
    ("lists_import_begins", "lists_import"): r"""
CREATE TRIGGER lists_import_begins BEFORE INSERT ON lists_import WHEN NEW.status <> 'preview' OR NEW.booked <> 0 OR NEW.confirmed_by_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'lists_import_begins: a list begins as a preview'); END
""",
    ("lists_import_way", "lists_import"): r"""
CREATE TRIGGER lists_import_way BEFORE UPDATE ON lists_import WHEN OLD.status <> NEW.status AND NOT ((OLD.status = 'preview' AND NEW.status = 'waiting') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'waiting' AND NEW.status = 'booking') OR (OLD.status = 'waiting' AND NEW.status = 'returned') OR (OLD.status = 'waiting' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) BEGIN SELECT RAISE(ABORT, 'lists_import_way: a list goes its way and not back'); END
""",
    ("lists_import_handed", "lists_import"): r"""
CREATE TRIGGER lists_import_handed BEFORE UPDATE ON lists_import WHEN (NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.file_id IS NOT OLD.file_id OR NEW.filename IS NOT OLD.filename OR NEW.uploaded_by_id IS NOT OLD.uploaded_by_id OR NEW.uploaded_at IS NOT OLD.uploaded_at) OR (OLD.status <> 'preview' AND (NEW.content_hash IS NOT OLD.content_hash OR NEW.method IS NOT OLD.method OR NEW.default_date IS NOT OLD.default_date OR NEW.declared_fen IS NOT OLD.declared_fen OR NEW.declared_rows IS NOT OLD.declared_rows OR NEW.rows IS NOT OLD.rows OR NEW.listed_fen IS NOT OLD.listed_fen OR NEW.accepted IS NOT OLD.accepted OR NEW.problems IS NOT OLD.problems OR NEW.repeats IS NOT OLD.repeats OR NEW.in_the_way IS NOT OLD.in_the_way OR NEW.booked_before IS NOT OLD.booked_before OR NEW.left_out IS NOT OLD.left_out OR NEW.left_out_fen IS NOT OLD.left_out_fen OR NEW.total_fen IS NOT OLD.total_fen OR NEW.handed_by_id IS NOT OLD.handed_by_id OR NEW.handed_at IS NOT OLD.handed_at OR CAST(NEW.columns AS TEXT) IS NOT CAST(OLD.columns AS TEXT) OR CAST(NEW.column_map AS TEXT) IS NOT CAST(OLD.column_map AS TEXT) OR CAST(NEW.reading AS TEXT) IS NOT CAST(OLD.reading AS TEXT) OR CAST(NEW.refusal AS TEXT) IS NOT CAST(OLD.refusal AS TEXT))) OR (OLD.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id IS NOT OLD.confirmed_by_id OR NEW.confirmed_at IS NOT OLD.confirmed_at)) BEGIN SELECT RAISE(ABORT, 'lists_import_handed: a list does not change once it is handed over'); END
""",
    ("lists_import_grows", "lists_import"): r"""
CREATE TRIGGER lists_import_grows BEFORE UPDATE ON lists_import WHEN NEW.booked < OLD.booked OR (NEW.booked > OLD.booked AND OLD.status <> 'booking') BEGIN SELECT RAISE(ABORT, 'lists_import_grows: rows are booked while the list is being booked'); END
""",
    ("lists_import_clean", "lists_import"): r"""
CREATE TRIGGER lists_import_clean BEFORE UPDATE ON lists_import WHEN OLD.status = 'preview' AND NEW.status = 'waiting' AND EXISTS (SELECT 1 FROM lists_row r WHERE r.import_id = NEW.id AND r.is_bad AND NOT r.is_left_out) BEGIN SELECT RAISE(ABORT, 'lists_import_clean: a problem row is not left out'); END
""",
    ("lists_import_no_replace", "lists_import"): r"""
CREATE TRIGGER lists_import_no_replace BEFORE INSERT ON lists_import WHEN EXISTS (SELECT 1 FROM lists_import WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'lists_import is append-only: no replace'); END
""",
    ("lists_import_no_delete", "lists_import"): r"""
CREATE TRIGGER lists_import_no_delete BEFORE DELETE ON lists_import BEGIN SELECT RAISE(ABORT, 'lists_import is append-only: no delete'); END
""",
    ("lists_row_settled_insert", "lists_row"): r"""
CREATE TRIGGER lists_row_settled_insert BEFORE INSERT ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_insert: rows of a list do not change once it is handed over'); END
""",
    ("lists_row_settled_update", "lists_row"): r"""
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_update: rows of a list do not change once it is handed over'); END
""",
    ("lists_row_settled_delete", "lists_row"): r"""
CREATE TRIGGER lists_row_settled_delete BEFORE DELETE ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_delete: rows of a list do not change once it is handed over'); END
""",
    ("lists_row_no_replace", "lists_row"): r"""
CREATE TRIGGER lists_row_no_replace BEFORE INSERT ON lists_row WHEN EXISTS (SELECT 1 FROM lists_row WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM lists_row WHERE import_id = NEW.import_id AND row_no = NEW.row_no) BEGIN SELECT RAISE(ABORT, 'lists_row is append-only: no replace'); END
""",
    ("funds_gift_of_list", "funds_gift"): r"""
CREATE TRIGGER funds_gift_of_list BEFORE INSERT ON funds_gift WHEN NEW.import_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM lists_row r JOIN lists_import i ON i.id = r.import_id
  WHERE r.import_id = NEW.import_id AND r.row_no = NEW.row_no AND i.status = 'booking' AND i.fund_id = NEW.fund_id
    AND NOT r.is_bad AND NOT r.is_left_out AND r.fen = NEW.fen AND r.received_on = NEW.received_on
    AND r.donor_name = NEW.donor_name LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'funds_gift_of_list: no good row of a list that is being booked'); END
""",
    ("receipts_receipt_of_gift", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_of_gift BEFORE INSERT ON receipts_receipt WHEN NEW.voided_at IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM funds_gift g
  WHERE g.id = NEW.gift_id AND g.fund_id = NEW.fund_id AND g.fen = NEW.fen AND g.received_on = NEW.received_on LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_of_gift: a confirmation says what its gift says'); END
""",
    ("receipts_receipt_gapless", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_gapless BEFORE INSERT ON receipts_receipt WHEN NEW.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.fund_id = NEW.fund_id AND r.year = NEW.year AND r.serial = NEW.serial - 1 LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_gapless: numbers run without a gap'); END
""",
    ("receipts_receipt_one_valid", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_one_valid BEFORE INSERT ON receipts_receipt WHEN EXISTS (SELECT 1 FROM receipts_receipt r WHERE r.gift_id = NEW.gift_id AND r.voided_at IS NULL) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_one_valid: the gift has one that is not void'); END
""",
    ("receipts_receipt_void_once", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_void_once BEFORE UPDATE ON receipts_receipt WHEN (OLD.voided_at IS NOT NULL AND (NEW.voided_at IS NOT OLD.voided_at OR NEW.void_reason IS NOT OLD.void_reason)) OR (OLD.successor_id IS NOT NULL AND NEW.successor_id IS NOT OLD.successor_id) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_void_once: a confirmation is declared void once'); END
""",
    ("receipts_receipt_frozen", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_frozen BEFORE UPDATE ON receipts_receipt WHEN NEW.id IS NOT OLD.id OR NEW.gift_id IS NOT OLD.gift_id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.year IS NOT OLD.year OR NEW.serial IS NOT OLD.serial OR NEW.number IS NOT OLD.number OR NEW.issued_on IS NOT OLD.issued_on OR NEW.donor_name IS NOT OLD.donor_name OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.memo IS NOT OLD.memo OR NEW.received_on IS NOT OLD.received_on OR NEW.fund_full_name IS NOT OLD.fund_full_name OR NEW.authorised_by IS NOT OLD.authorised_by OR NEW.handler_name IS NOT OLD.handler_name OR NEW.checker_name IS NOT OLD.checker_name OR NEW.state_receipt IS NOT OLD.state_receipt OR NEW.nonce IS NOT OLD.nonce BEGIN SELECT RAISE(ABORT, 'receipts_receipt: id, gift_id, fund_id, year, serial, number, issued_on, donor_name, fen, method, intention, memo, received_on, fund_full_name, authorised_by, handler_name, checker_name, state_receipt, nonce never change'); END
""",
    ("receipts_receipt_no_delete", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_no_delete BEFORE DELETE ON receipts_receipt BEGIN SELECT RAISE(ABORT, 'receipts_receipt is append-only: no delete'); END
""",
    ("receipts_receipt_no_replace", "receipts_receipt"): r"""
CREATE TRIGGER receipts_receipt_no_replace BEFORE INSERT ON receipts_receipt WHEN EXISTS (SELECT 1 FROM receipts_receipt WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM receipts_receipt WHERE number = NEW.number) OR EXISTS (SELECT 1 FROM receipts_receipt WHERE fund_id = NEW.fund_id AND year = NEW.year AND serial = NEW.serial) BEGIN SELECT RAISE(ABORT, 'receipts_receipt is append-only: no replace'); END
""",
}

POSTGRESQL = {
    ("audit_line_no_update", "audit_line"): r"""
CREATE FUNCTION audit_line_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'audit_line is append-only: no update'; END $guard$;
CREATE TRIGGER audit_line_no_update BEFORE UPDATE ON audit_line FOR EACH ROW EXECUTE FUNCTION audit_line_no_update()
""",
    ("audit_line_no_delete", "audit_line"): r"""
CREATE FUNCTION audit_line_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'audit_line is append-only: no delete'; END $guard$;
CREATE TRIGGER audit_line_no_delete BEFORE DELETE ON audit_line FOR EACH ROW EXECUTE FUNCTION audit_line_no_delete()
""",
    ("audit_line_no_truncate", "audit_line"): r"""
CREATE FUNCTION audit_line_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'audit_line is append-only: no truncate'; END $guard$;
CREATE TRIGGER audit_line_no_truncate BEFORE TRUNCATE ON audit_line FOR EACH STATEMENT EXECUTE FUNCTION audit_line_no_truncate()
""",
    ("funds_gift_frozen", "funds_gift"): r"""
CREATE FUNCTION funds_gift_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.import_id IS DISTINCT FROM OLD.import_id OR NEW.row_no IS DISTINCT FROM OLD.row_no OR NEW.entry_id IS DISTINCT FROM OLD.entry_id OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.donor_name IS DISTINCT FROM OLD.donor_name OR NEW.is_anonymous IS DISTINCT FROM OLD.is_anonymous OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.memo IS DISTINCT FROM OLD.memo OR NEW.order_no IS DISTINCT FROM OLD.order_no OR NEW.booked_at IS DISTINCT FROM OLD.booked_at THEN RAISE EXCEPTION 'funds_gift: id, fund_id, import_id, row_no, entry_id, received_on, donor_name, is_anonymous, fen, method, intention, memo, order_no, booked_at never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER funds_gift_frozen BEFORE UPDATE ON funds_gift FOR EACH ROW EXECUTE FUNCTION funds_gift_frozen()
""",
    ("funds_gift_no_delete", "funds_gift"): r"""
CREATE FUNCTION funds_gift_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'funds_gift is append-only: no delete'; END $guard$;
CREATE TRIGGER funds_gift_no_delete BEFORE DELETE ON funds_gift FOR EACH ROW EXECUTE FUNCTION funds_gift_no_delete()
""",
    ("funds_gift_no_truncate", "funds_gift"): r"""
CREATE FUNCTION funds_gift_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'funds_gift is append-only: no truncate'; END $guard$;
CREATE TRIGGER funds_gift_no_truncate BEFORE TRUNCATE ON funds_gift FOR EACH STATEMENT EXECUTE FUNCTION funds_gift_no_truncate()
""",
    ("ledger_entry_no_update", "ledger_entry"): r"""
CREATE FUNCTION ledger_entry_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_entry is append-only: no update'; END $guard$;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_no_update()
""",
    ("ledger_entry_no_delete", "ledger_entry"): r"""
CREATE FUNCTION ledger_entry_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_entry is append-only: no delete'; END $guard$;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_no_delete()
""",
    ("ledger_entry_no_truncate", "ledger_entry"): r"""
CREATE FUNCTION ledger_entry_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_entry is append-only: no truncate'; END $guard$;
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_no_truncate()
""",
    ("ledger_line_no_update", "ledger_line"): r"""
CREATE FUNCTION ledger_line_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_line is append-only: no update'; END $guard$;
CREATE TRIGGER ledger_line_no_update BEFORE UPDATE ON ledger_line FOR EACH ROW EXECUTE FUNCTION ledger_line_no_update()
""",
    ("ledger_line_no_delete", "ledger_line"): r"""
CREATE FUNCTION ledger_line_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_line is append-only: no delete'; END $guard$;
CREATE TRIGGER ledger_line_no_delete BEFORE DELETE ON ledger_line FOR EACH ROW EXECUTE FUNCTION ledger_line_no_delete()
""",
    ("ledger_line_no_truncate", "ledger_line"): r"""
CREATE FUNCTION ledger_line_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_line is append-only: no truncate'; END $guard$;
CREATE TRIGGER ledger_line_no_truncate BEFORE TRUNCATE ON ledger_line FOR EACH STATEMENT EXECUTE FUNCTION ledger_line_no_truncate()
""",
    ("ledger_entry_stamp", "ledger_entry"): r"""
CREATE FUNCTION ledger_entry_stamp() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN NEW.tx := pg_current_xact_id()::text::bigint; RETURN NEW; END $guard$;
CREATE TRIGGER ledger_entry_stamp BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_entry_stamp()
""",
    ("ledger_line_stamp", "ledger_line"): r"""
CREATE FUNCTION ledger_line_stamp() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN NEW.tx := pg_current_xact_id()::text::bigint; RETURN NEW; END $guard$;
CREATE TRIGGER ledger_line_stamp BEFORE INSERT ON ledger_line FOR EACH ROW EXECUTE FUNCTION ledger_line_stamp()
""",
    ("ledger_line_not_sealed", "ledger_line"): r"""
CREATE FUNCTION ledger_line_not_sealed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ 
BEGIN
  PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);
  IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT FROM ledger_entry e WHERE e.id = added.entry_id OFFSET 0)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_line_not_sealed', MESSAGE = 'ledger_line_not_sealed: the entry is sealed';
  END IF;
  RETURN NULL;
END
 $guard$;
CREATE TRIGGER ledger_line_not_sealed AFTER INSERT ON ledger_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_line_not_sealed()
""",
    ("ledger_entry_seal", "ledger_entry"): r"""
CREATE FUNCTION ledger_entry_seal() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ 
DECLARE bad bigint;
BEGIN
  PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);
  SELECT e.id INTO bad FROM sealed e CROSS JOIN LATERAL (
      SELECT sum(l.debit_fen) AS debit, sum(l.credit_fen) AS credit, bool_or(p.entity_id <> e.entity_id) AS elsewhere
      FROM ledger_line l LEFT JOIN ledger_pool p ON p.id = l.pool_id WHERE l.entry_id = e.id
    ) lines
    WHERE debit IS NULL OR debit <> credit OR debit <> e.total_fen OR elsewhere
      OR extract(year FROM e."on") <> e.number_year
    LIMIT 1;
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entry_seal', MESSAGE = 'ledger_entry_seal: empty, out of balance, or of another year or legal entity: entry ' || bad;
  END IF;
  UPDATE ledger_pool p SET balance_fen = p.balance_fen + change.fen FROM (
    SELECT l.pool_id, sum(l.debit_fen - l.credit_fen)::bigint AS fen
    FROM sealed e CROSS JOIN LATERAL (SELECT * FROM ledger_line WHERE entry_id = e.id OFFSET 0) l JOIN ledger_account a ON a.id = l.account_id
    WHERE l.pool_id IS NOT NULL AND a.kind IN ('asset', 'liability') GROUP BY l.pool_id
  ) change WHERE p.id = change.pool_id;
  INSERT INTO ledger_balance AS b (pool_id, account_id, month, entity_id, debit_fen, credit_fen)
    SELECT coalesce(l.pool_id, 0), l.account_id, CASE e.kind WHEN 'closing' THEN e.number_year || '-13' ELSE to_char(e."on", 'YYYY-MM') END, e.entity_id,
      sum(l.debit_fen)::bigint, sum(l.credit_fen)::bigint
    FROM sealed e CROSS JOIN LATERAL (SELECT * FROM ledger_line WHERE entry_id = e.id OFFSET 0) l GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (pool_id, account_id, month, entity_id) DO UPDATE
    SET debit_fen = b.debit_fen + excluded.debit_fen, credit_fen = b.credit_fen + excluded.credit_fen;
  RETURN NULL;
END
 $guard$;
CREATE TRIGGER ledger_entry_seal AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS sealed FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_seal()
""",
    ("ledger_pool_opens_empty", "ledger_pool"): r"""
CREATE FUNCTION ledger_pool_opens_empty() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.balance_fen <> 0 THEN RAISE EXCEPTION 'ledger_pool_opens_empty: money comes into a pool by entries only'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER ledger_pool_opens_empty BEFORE INSERT ON ledger_pool FOR EACH ROW EXECUTE FUNCTION ledger_pool_opens_empty()
""",
    ("ledger_pool_frozen", "ledger_pool"): r"""
CREATE FUNCTION ledger_pool_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.entity_id IS DISTINCT FROM OLD.entity_id OR NEW.is_restricted IS DISTINCT FROM OLD.is_restricted THEN RAISE EXCEPTION 'ledger_pool: id, entity_id, is_restricted never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER ledger_pool_frozen BEFORE UPDATE ON ledger_pool FOR EACH ROW EXECUTE FUNCTION ledger_pool_frozen()
""",
    ("ledger_pool_no_delete", "ledger_pool"): r"""
CREATE FUNCTION ledger_pool_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_pool is append-only: no delete'; END $guard$;
CREATE TRIGGER ledger_pool_no_delete BEFORE DELETE ON ledger_pool FOR EACH ROW EXECUTE FUNCTION ledger_pool_no_delete()
""",
    ("ledger_pool_no_truncate", "ledger_pool"): r"""
CREATE FUNCTION ledger_pool_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_pool is append-only: no truncate'; END $guard$;
CREATE TRIGGER ledger_pool_no_truncate BEFORE TRUNCATE ON ledger_pool FOR EACH STATEMENT EXECUTE FUNCTION ledger_pool_no_truncate()
""",
    ("ledger_account_frozen", "ledger_account"): r"""
CREATE FUNCTION ledger_account_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.code IS DISTINCT FROM OLD.code OR NEW.kind IS DISTINCT FROM OLD.kind THEN RAISE EXCEPTION 'ledger_account: id, code, kind never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER ledger_account_frozen BEFORE UPDATE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_frozen()
""",
    ("ledger_account_no_delete", "ledger_account"): r"""
CREATE FUNCTION ledger_account_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_account is append-only: no delete'; END $guard$;
CREATE TRIGGER ledger_account_no_delete BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_account_no_delete()
""",
    ("ledger_account_no_truncate", "ledger_account"): r"""
CREATE FUNCTION ledger_account_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_account is append-only: no truncate'; END $guard$;
CREATE TRIGGER ledger_account_no_truncate BEFORE TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_account_no_truncate()
""",
    ("ledger_balance_no_delete", "ledger_balance"): r"""
CREATE FUNCTION ledger_balance_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_balance is append-only: no delete'; END $guard$;
CREATE TRIGGER ledger_balance_no_delete BEFORE DELETE ON ledger_balance FOR EACH ROW EXECUTE FUNCTION ledger_balance_no_delete()
""",
    ("ledger_balance_no_truncate", "ledger_balance"): r"""
CREATE FUNCTION ledger_balance_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_balance is append-only: no truncate'; END $guard$;
CREATE TRIGGER ledger_balance_no_truncate BEFORE TRUNCATE ON ledger_balance FOR EACH STATEMENT EXECUTE FUNCTION ledger_balance_no_truncate()
""",
    ("funds_spending_no_update", "funds_spending"): r"""
CREATE FUNCTION funds_spending_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'funds_spending is append-only: no update'; END $guard$;
CREATE TRIGGER funds_spending_no_update BEFORE UPDATE ON funds_spending FOR EACH ROW EXECUTE FUNCTION funds_spending_no_update()
""",
    ("funds_spending_no_delete", "funds_spending"): r"""
CREATE FUNCTION funds_spending_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'funds_spending is append-only: no delete'; END $guard$;
CREATE TRIGGER funds_spending_no_delete BEFORE DELETE ON funds_spending FOR EACH ROW EXECUTE FUNCTION funds_spending_no_delete()
""",
    ("funds_spending_no_truncate", "funds_spending"): r"""
CREATE FUNCTION funds_spending_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'funds_spending is append-only: no truncate'; END $guard$;
CREATE TRIGGER funds_spending_no_truncate BEFORE TRUNCATE ON funds_spending FOR EACH STATEMENT EXECUTE FUNCTION funds_spending_no_truncate()
""",
    ("funds_spending_in_books", "funds_spending"): r"""
CREATE FUNCTION funds_spending_in_books() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE NOT EXISTS (
  SELECT 1 FROM ledger_entry e
  WHERE e.id = added.entry_id AND e.kind = 'spending' AND e.total_fen = added.fen AND e."on" = added.paid_on
)) THEN RAISE EXCEPTION 'funds_spending_in_books: a payment says what its entry says'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER funds_spending_in_books AFTER INSERT ON funds_spending REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_spending_in_books()
""",
    ("funds_gift_tally", "funds_gift"): r"""
CREATE FUNCTION funds_gift_tally() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN
  INSERT INTO funds_tally AS t (fund_id, day, method, gifts, fen)
    SELECT fund_id, received_on, method, count(*), sum(fen) FROM added GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (fund_id, day, method) DO UPDATE SET gifts = t.gifts + excluded.gifts, fen = t.fen + excluded.fen;
  RETURN NULL;
END $guard$;
CREATE TRIGGER funds_gift_tally AFTER INSERT ON funds_gift REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_gift_tally()
""",
    ("hours_claim_frozen", "hours_claim"): r"""
CREATE FUNCTION hours_claim_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.activity_id IS DISTINCT FROM OLD.activity_id OR NEW.team_id IS DISTINCT FROM OLD.team_id OR NEW.organisation_id IS DISTINCT FROM OLD.organisation_id OR NEW.served_on IS DISTINCT FROM OLD.served_on OR NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.ends_at IS DISTINCT FROM OLD.ends_at OR NEW.minutes IS DISTINCT FROM OLD.minutes OR NEW.place IS DISTINCT FROM OLD.place OR NEW.content IS DISTINCT FROM OLD.content OR NEW.evidence IS DISTINCT FROM OLD.evidence OR NEW.is_late IS DISTINCT FROM OLD.is_late OR NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id OR NEW.entered_at IS DISTINCT FROM OLD.entered_at OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id THEN RAISE EXCEPTION 'hours_claim: id, person_id, activity_id, team_id, organisation_id, served_on, starts_at, ends_at, minutes, place, content, evidence, is_late, entered_by_id, entered_at, replaces_id never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER hours_claim_frozen BEFORE UPDATE ON hours_claim FOR EACH ROW EXECUTE FUNCTION hours_claim_frozen()
""",
    ("hours_claim_no_delete", "hours_claim"): r"""
CREATE FUNCTION hours_claim_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'hours_claim is append-only: no delete'; END $guard$;
CREATE TRIGGER hours_claim_no_delete BEFORE DELETE ON hours_claim FOR EACH ROW EXECUTE FUNCTION hours_claim_no_delete()
""",
    ("hours_claim_no_truncate", "hours_claim"): r"""
CREATE FUNCTION hours_claim_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'hours_claim is append-only: no truncate'; END $guard$;
CREATE TRIGGER hours_claim_no_truncate BEFORE TRUNCATE ON hours_claim FOR EACH STATEMENT EXECUTE FUNCTION hours_claim_no_truncate()
""",
    ("hours_event_no_update", "hours_event"): r"""
CREATE FUNCTION hours_event_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'hours_event is append-only: no update'; END $guard$;
CREATE TRIGGER hours_event_no_update BEFORE UPDATE ON hours_event FOR EACH ROW EXECUTE FUNCTION hours_event_no_update()
""",
    ("hours_event_no_delete", "hours_event"): r"""
CREATE FUNCTION hours_event_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'hours_event is append-only: no delete'; END $guard$;
CREATE TRIGGER hours_event_no_delete BEFORE DELETE ON hours_event FOR EACH ROW EXECUTE FUNCTION hours_event_no_delete()
""",
    ("hours_event_no_truncate", "hours_event"): r"""
CREATE FUNCTION hours_event_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'hours_event is append-only: no truncate'; END $guard$;
CREATE TRIGGER hours_event_no_truncate BEFORE TRUNCATE ON hours_event FOR EACH STATEMENT EXECUTE FUNCTION hours_event_no_truncate()
""",
    ("hours_claim_begins", "hours_claim"): r"""
CREATE FUNCTION hours_claim_begins() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.status <> 'waiting' OR NEW.seq <> 0 THEN RAISE EXCEPTION 'hours_claim_begins: a claim begins waiting, with number 0'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER hours_claim_begins BEFORE INSERT ON hours_claim FOR EACH ROW EXECUTE FUNCTION hours_claim_begins()
""",
    ("hours_claim_moves", "hours_claim"): r"""
CREATE FUNCTION hours_claim_moves() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.seq <> OLD.seq + 1 OR NOT EXISTS (SELECT 1 FROM hours_event e WHERE e.claim_id = NEW.id AND e.seq = NEW.seq AND e.kind || '>' || NEW.status IN ('approved>approved', 'returned>returned', 'undone>waiting', 'resubmitted>returned', 'reversed>reversed')) THEN RAISE EXCEPTION 'hours_claim_moves: status and number move by an event'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER hours_claim_moves BEFORE UPDATE ON hours_claim FOR EACH ROW EXECUTE FUNCTION hours_claim_moves()
""",
    ("hours_event_follows", "hours_event"): r"""
CREATE FUNCTION hours_event_follows() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NOT EXISTS (SELECT 1 FROM hours_claim c WHERE c.id = NEW.claim_id AND NEW.seq = c.seq + 1 AND c.status || '>' || NEW.kind IN ('waiting>approved', 'waiting>returned', 'approved>undone', 'returned>undone', 'returned>resubmitted', 'approved>reversed')) THEN RAISE EXCEPTION 'hours_event_follows: not the next event of its claim'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER hours_event_follows BEFORE INSERT ON hours_event FOR EACH ROW EXECUTE FUNCTION hours_event_follows()
""",
    ("hours_event_by_others", "hours_event"): r"""
CREATE FUNCTION hours_event_by_others() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.kind <> 'resubmitted' AND EXISTS (SELECT 1 FROM hours_claim c WHERE c.id = NEW.claim_id AND c.entered_by_id = NEW.by_id) THEN RAISE EXCEPTION 'hours_event_by_others: nobody decides on what they entered'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER hours_event_by_others BEFORE INSERT ON hours_event FOR EACH ROW EXECUTE FUNCTION hours_event_by_others()
""",
    ("lists_import_begins", "lists_import"): r"""
CREATE FUNCTION lists_import_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.status <> 'preview' OR added.booked <> 0 OR added.confirmed_by_id IS NOT NULL) THEN RAISE EXCEPTION 'lists_import_begins: a list begins as a preview'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER lists_import_begins AFTER INSERT ON lists_import REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lists_import_begins()
""",
    ("lists_import_way", "lists_import"): r"""
CREATE FUNCTION lists_import_way() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status <> NEW.status AND NOT ((OLD.status = 'preview' AND NEW.status = 'waiting') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'waiting' AND NEW.status = 'booking') OR (OLD.status = 'waiting' AND NEW.status = 'returned') OR (OLD.status = 'waiting' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) THEN RAISE EXCEPTION 'lists_import_way: a list goes its way and not back'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_import_way BEFORE UPDATE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_way()
""",
    ("lists_import_handed", "lists_import"): r"""
CREATE FUNCTION lists_import_handed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.file_id IS DISTINCT FROM OLD.file_id OR NEW.filename IS DISTINCT FROM OLD.filename OR NEW.uploaded_by_id IS DISTINCT FROM OLD.uploaded_by_id OR NEW.uploaded_at IS DISTINCT FROM OLD.uploaded_at) OR (OLD.status <> 'preview' AND (NEW.content_hash IS DISTINCT FROM OLD.content_hash OR NEW.method IS DISTINCT FROM OLD.method OR NEW.default_date IS DISTINCT FROM OLD.default_date OR NEW.declared_fen IS DISTINCT FROM OLD.declared_fen OR NEW.declared_rows IS DISTINCT FROM OLD.declared_rows OR NEW.rows IS DISTINCT FROM OLD.rows OR NEW.listed_fen IS DISTINCT FROM OLD.listed_fen OR NEW.accepted IS DISTINCT FROM OLD.accepted OR NEW.problems IS DISTINCT FROM OLD.problems OR NEW.repeats IS DISTINCT FROM OLD.repeats OR NEW.in_the_way IS DISTINCT FROM OLD.in_the_way OR NEW.booked_before IS DISTINCT FROM OLD.booked_before OR NEW.left_out IS DISTINCT FROM OLD.left_out OR NEW.left_out_fen IS DISTINCT FROM OLD.left_out_fen OR NEW.total_fen IS DISTINCT FROM OLD.total_fen OR NEW.handed_by_id IS DISTINCT FROM OLD.handed_by_id OR NEW.handed_at IS DISTINCT FROM OLD.handed_at OR CAST(NEW.columns AS TEXT) IS DISTINCT FROM CAST(OLD.columns AS TEXT) OR CAST(NEW.column_map AS TEXT) IS DISTINCT FROM CAST(OLD.column_map AS TEXT) OR CAST(NEW.reading AS TEXT) IS DISTINCT FROM CAST(OLD.reading AS TEXT) OR CAST(NEW.refusal AS TEXT) IS DISTINCT FROM CAST(OLD.refusal AS TEXT))) OR (OLD.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id OR NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)) THEN RAISE EXCEPTION 'lists_import_handed: a list does not change once it is handed over'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_import_handed BEFORE UPDATE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_handed()
""",
    ("lists_import_grows", "lists_import"): r"""
CREATE FUNCTION lists_import_grows() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.booked < OLD.booked OR (NEW.booked > OLD.booked AND OLD.status <> 'booking') THEN RAISE EXCEPTION 'lists_import_grows: rows are booked while the list is being booked'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_import_grows BEFORE UPDATE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_grows()
""",
    ("lists_import_clean", "lists_import"): r"""
CREATE FUNCTION lists_import_clean() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status = 'preview' AND NEW.status = 'waiting' AND EXISTS (SELECT 1 FROM lists_row r WHERE r.import_id = NEW.id AND r.is_bad AND NOT r.is_left_out) THEN RAISE EXCEPTION 'lists_import_clean: a problem row is not left out'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_import_clean BEFORE UPDATE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_clean()
""",
    ("lists_import_no_delete", "lists_import"): r"""
CREATE FUNCTION lists_import_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'lists_import is append-only: no delete'; END $guard$;
CREATE TRIGGER lists_import_no_delete BEFORE DELETE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_no_delete()
""",
    ("lists_import_no_truncate", "lists_import"): r"""
CREATE FUNCTION lists_import_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'lists_import is append-only: no truncate'; END $guard$;
CREATE TRIGGER lists_import_no_truncate BEFORE TRUNCATE ON lists_import FOR EACH STATEMENT EXECUTE FUNCTION lists_import_no_truncate()
""",
    ("lists_row_settled_insert", "lists_row"): r"""
CREATE FUNCTION lists_row_settled_insert() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM lists_import i WHERE i.id = added.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'lists_row_settled_insert: rows of a list do not change once it is handed over'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER lists_row_settled_insert AFTER INSERT ON lists_row REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lists_row_settled_insert()
""",
    ("lists_row_settled_update", "lists_row"): r"""
CREATE FUNCTION lists_row_settled_update() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'lists_row_settled_update: rows of a list do not change once it is handed over'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row FOR EACH ROW EXECUTE FUNCTION lists_row_settled_update()
""",
    ("lists_row_settled_delete", "lists_row"): r"""
CREATE FUNCTION lists_row_settled_delete() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status <> 'preview' LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'lists_row_settled_delete: rows of a list do not change once it is handed over'; END IF; RETURN OLD; END $guard$;
CREATE TRIGGER lists_row_settled_delete BEFORE DELETE ON lists_row FOR EACH ROW EXECUTE FUNCTION lists_row_settled_delete()
""",
    ("lists_row_no_truncate", "lists_row"): r"""
CREATE FUNCTION lists_row_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'rows of a list do not change once it is handed over'; END $guard$;
CREATE TRIGGER lists_row_no_truncate BEFORE TRUNCATE ON lists_row FOR EACH STATEMENT EXECUTE FUNCTION lists_row_no_truncate()
""",
    ("funds_gift_of_list", "funds_gift"): r"""
CREATE FUNCTION funds_gift_of_list() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.import_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM lists_row r JOIN lists_import i ON i.id = r.import_id
  WHERE r.import_id = added.import_id AND r.row_no = added.row_no AND i.status = 'booking' AND i.fund_id = added.fund_id
    AND NOT r.is_bad AND NOT r.is_left_out AND r.fen = added.fen AND r.received_on = added.received_on
    AND r.donor_name = added.donor_name LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'funds_gift_of_list: no good row of a list that is being booked'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER funds_gift_of_list AFTER INSERT ON funds_gift REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION funds_gift_of_list()
""",
    ("receipts_receipt_of_gift", "receipts_receipt"): r"""
CREATE FUNCTION receipts_receipt_of_gift() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.voided_at IS NOT NULL OR NOT EXISTS (
  SELECT 1 FROM funds_gift g
  WHERE g.id = added.gift_id AND g.fund_id = added.fund_id AND g.fen = added.fen AND g.received_on = added.received_on LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_receipt_of_gift: a confirmation says what its gift says'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER receipts_receipt_of_gift AFTER INSERT ON receipts_receipt REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_receipt_of_gift()
""",
    ("receipts_receipt_gapless", "receipts_receipt"): r"""
CREATE FUNCTION receipts_receipt_gapless() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.fund_id = added.fund_id AND r.year = added.year AND r.serial = added.serial - 1 LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_receipt_gapless: numbers run without a gap'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER receipts_receipt_gapless AFTER INSERT ON receipts_receipt REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_receipt_gapless()
""",
    ("receipts_receipt_void_once", "receipts_receipt"): r"""
CREATE FUNCTION receipts_receipt_void_once() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (OLD.voided_at IS NOT NULL AND (NEW.voided_at IS DISTINCT FROM OLD.voided_at OR NEW.void_reason IS DISTINCT FROM OLD.void_reason)) OR (OLD.successor_id IS NOT NULL AND NEW.successor_id IS DISTINCT FROM OLD.successor_id) THEN RAISE EXCEPTION 'receipts_receipt_void_once: a confirmation is declared void once'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER receipts_receipt_void_once BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_void_once()
""",
    ("receipts_receipt_frozen", "receipts_receipt"): r"""
CREATE FUNCTION receipts_receipt_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.gift_id IS DISTINCT FROM OLD.gift_id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.year IS DISTINCT FROM OLD.year OR NEW.serial IS DISTINCT FROM OLD.serial OR NEW.number IS DISTINCT FROM OLD.number OR NEW.issued_on IS DISTINCT FROM OLD.issued_on OR NEW.donor_name IS DISTINCT FROM OLD.donor_name OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.memo IS DISTINCT FROM OLD.memo OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.fund_full_name IS DISTINCT FROM OLD.fund_full_name OR NEW.authorised_by IS DISTINCT FROM OLD.authorised_by OR NEW.handler_name IS DISTINCT FROM OLD.handler_name OR NEW.checker_name IS DISTINCT FROM OLD.checker_name OR NEW.state_receipt IS DISTINCT FROM OLD.state_receipt OR NEW.nonce IS DISTINCT FROM OLD.nonce THEN RAISE EXCEPTION 'receipts_receipt: id, gift_id, fund_id, year, serial, number, issued_on, donor_name, fen, method, intention, memo, received_on, fund_full_name, authorised_by, handler_name, checker_name, state_receipt, nonce never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER receipts_receipt_frozen BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_frozen()
""",
    ("receipts_receipt_no_delete", "receipts_receipt"): r"""
CREATE FUNCTION receipts_receipt_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_receipt is append-only: no delete'; END $guard$;
CREATE TRIGGER receipts_receipt_no_delete BEFORE DELETE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_no_delete()
""",
    ("receipts_receipt_no_truncate", "receipts_receipt"): r"""
CREATE FUNCTION receipts_receipt_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_receipt is append-only: no truncate'; END $guard$;
CREATE TRIGGER receipts_receipt_no_truncate BEFORE TRUNCATE ON receipts_receipt FOR EACH STATEMENT EXECUTE FUNCTION receipts_receipt_no_truncate()
""",
}


def upgrade() -> None:
    make_tables()
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).values():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, _ in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name, table in POSTGRESQL:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    drop_tables()


def make_tables() -> None:
    op.create_table(
        "audit_line",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", Id, nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", Id, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_line")),
    )
    op.create_index("ix_audit_line_subject", "audit_line", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "files_file",
        sa.Column("id", Id, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", Id, nullable=False),
        sa.Column("kept_by_id", Id, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_files_file_size_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files_file")),
    )
    op.create_table(
        "jobs_job",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", Id, nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.CheckConstraint("status IN ('waiting', 'leased', 'done', 'failed')", name=op.f("ck_jobs_job_status_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs_job")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_job_key")),
    )
    op.create_index("ix_jobs_job_due", "jobs_job", ["status", "run_after"], unique=False)
    op.create_table(
        "ledger_account",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("normal_side", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('asset', 'liability', 'net_assets', 'income', 'expense')",
            name=op.f("ck_ledger_account_kind_known"),
        ),
        sa.CheckConstraint("normal_side IN ('debit', 'credit')", name=op.f("ck_ledger_account_side_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_account_code")),
    )
    op.create_table(
        "ledger_entity",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entity")),
        sa.UniqueConstraint("name", name=op.f("uq_ledger_entity_name")),
    )
    op.create_table(
        "orgs_organisation",
        sa.Column("id", Id, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_orgs_organisation_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_orgs_organisation_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_orgs_organisation_slug")),
    )
    op.create_table(
        "people_person",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("volunteer_no", sa.String(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_people_person_name_given")),
        sa.CheckConstraint(
            "(login IS NULL) = (password_hash IS NULL)", name=op.f("ck_people_person_login_has_password")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_person")),
        sa.UniqueConstraint("login", name=op.f("uq_people_person_login")),
        sa.UniqueConstraint("volunteer_no", name=op.f("uq_people_person_volunteer_no")),
    )
    op.create_table(
        "series_series",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last", Id, nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_series_series_last_not_negative")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_series_series")),
    )
    op.create_table(
        "web_attempt",
        sa.Column("id", Id, nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_attempt")),
    )
    op.create_index(op.f("ix_web_attempt_at"), "web_attempt", ["at"], unique=False)
    op.create_index(op.f("ix_web_attempt_bucket"), "web_attempt", ["bucket"], unique=False)
    op.create_table(
        "web_once",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_web_once")),
    )
    op.create_table(
        "ledger_balance",
        sa.Column("pool_id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("entity_id", Id, autoincrement=False, nullable=False),
        sa.Column("debit_fen", Id, nullable=False),
        sa.Column("credit_fen", Id, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_balance_account_id")),
        sa.ForeignKeyConstraint(["entity_id"], ["ledger_entity.id"], name=op.f("fk_ledger_balance_entity_id")),
        sa.PrimaryKeyConstraint("pool_id", "account_id", "month", "entity_id", name=op.f("pk_ledger_balance")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("tx", Id, server_default=sa.text("0"), nullable=False),
        sa.Column("entity_id", Id, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("number_year", Id, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("memo", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_id", Id, nullable=True),
        sa.Column("idempotency_key", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("reverses_id", Id, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("made_by_id", Id, nullable=False),
        sa.Column("made_by_name", sa.String(), nullable=False),
        sa.Column("checked_by_id", Id, nullable=True),
        sa.Column("checked_by_name", sa.String(), nullable=True),
        sa.Column("total_fen", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(checked_by_id IS NULL) = (checked_by_name IS NULL)", name=op.f("ck_ledger_entry_checker_has_name")
        ),
        sa.CheckConstraint(
            "(idempotency_key IS NULL) = (fingerprint IS NULL)", name=op.f("ck_ledger_entry_key_has_fingerprint")
        ),
        sa.CheckConstraint(
            "(reverses_id IS NULL) = (reason IS NULL)", name=op.f("ck_ledger_entry_reversal_has_reason")
        ),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR checked_by_id <> made_by_id", name=op.f("ck_ledger_entry_two_people")
        ),
        sa.CheckConstraint(
            "total_fen > 0 AND CAST(total_fen AS BIGINT) = total_fen", name=op.f("ck_ledger_entry_total_positive")
        ),
        sa.ForeignKeyConstraint(["checked_by_id"], ["people_person.id"], name=op.f("fk_ledger_entry_checked_by_id")),
        sa.ForeignKeyConstraint(["entity_id"], ["ledger_entity.id"], name=op.f("fk_ledger_entry_entity_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people_person.id"], name=op.f("fk_ledger_entry_made_by_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["ledger_entry.id"], name=op.f("fk_ledger_entry_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint(
            "entity_id", "number_year", "number", name=op.f("uq_ledger_entry_entity_id_number_year_number")
        ),
        sa.UniqueConstraint("id", "tx", name=op.f("uq_ledger_entry_id_tx")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_ledger_entry_idempotency_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_ledger_entry_reverses_id")),
    )
    op.create_index("ix_ledger_entry_source", "ledger_entry", ["source", "source_id"], unique=False)
    op.create_table(
        "ledger_pool",
        sa.Column("id", Id, nullable=False),
        sa.Column("entity_id", Id, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_restricted", sa.Boolean(), nullable=False),
        sa.Column("balance_fen", Id, server_default=sa.text("0"), nullable=False),
        sa.Column("may_go_below_zero", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "NOT (is_restricted AND may_go_below_zero)", name=op.f("ck_ledger_pool_restricted_stays_above")
        ),
        sa.CheckConstraint("balance_fen >= 0 OR may_go_below_zero", name=op.f("ck_ledger_pool_not_below_zero")),
        sa.ForeignKeyConstraint(["entity_id"], ["ledger_entity.id"], name=op.f("fk_ledger_pool_entity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_pool")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_pool_code")),
    )
    op.create_index(op.f("ix_ledger_pool_entity_id"), "ledger_pool", ["entity_id"], unique=False)
    op.create_table(
        "orgs_team",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_orgs_team_name_given")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_team_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_team")),
        sa.UniqueConstraint("slug", name=op.f("uq_orgs_team_slug")),
    )
    op.create_index(op.f("ix_orgs_team_organisation_id"), "orgs_team", ["organisation_id"], unique=False)
    op.create_table(
        "people_grant",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope_kind", sa.String(), nullable=False),
        sa.Column("scope_id", Id, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("given_by_id", Id, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(scope_kind = 'alliance') = (scope_id = 0)", name=op.f("ck_people_grant_alliance_has_no_id")
        ),
        sa.CheckConstraint(
            "role IN ('volunteer', 'team_leader', 'organisation_admin', 'reviewer', 'cashier', 'accountant', 'council', 'supervisor', 'worker', 'admin')",
            name=op.f("ck_people_grant_role_known"),
        ),
        sa.CheckConstraint(
            "scope_kind IN ('alliance', 'community', 'grid', 'organisation', 'team', 'fund')",
            name=op.f("ck_people_grant_scope_known"),
        ),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_people_grant_ends_after_start")),
        sa.CheckConstraint(
            "given_by_id IS NULL OR given_by_id <> person_id", name=op.f("ck_people_grant_not_to_oneself")
        ),
        sa.ForeignKeyConstraint(["given_by_id"], ["people_person.id"], name=op.f("fk_people_grant_given_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_people_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_grant")),
    )
    op.create_index(op.f("ix_people_grant_person_id"), "people_grant", ["person_id"], unique=False)
    op.create_index("ix_people_grant_scope", "people_grant", ["scope_kind", "scope_id", "role"], unique=False)
    op.create_table(
        "activities_activity",
        sa.Column("id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.Column("drafted_by_id", Id, nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by_id", Id, nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_activities_activity_closed_at_some_time")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_activities_activity_name_given")),
        sa.CheckConstraint("place <> ''", name=op.f("ck_activities_activity_place_given")),
        sa.CheckConstraint(
            "status <> 'returned' OR coalesce(return_reason, '') <> ''",
            name=op.f("ck_activities_activity_returned_with_reason"),
        ),
        sa.CheckConstraint(
            "status = 'draft' OR submitted_by_id IS NOT NULL", name=op.f("ck_activities_activity_submitted_by_somebody")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'waiting') OR decided_by_id IS NOT NULL",
            name=op.f("ck_activities_activity_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'waiting', 'returned', 'published', 'closed')",
            name=op.f("ck_activities_activity_status_known"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> drafted_by_id",
            name=op.f("ck_activities_activity_not_by_who_drafted"),
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> submitted_by_id",
            name=op.f("ck_activities_activity_not_by_who_submitted"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activities_activity_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people_person.id"], name=op.f("fk_activities_activity_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_id"], ["people_person.id"], name=op.f("fk_activities_activity_drafted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["people_person.id"], name=op.f("fk_activities_activity_submitted_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_activities_activity_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activities_activity")),
    )
    op.create_index("ix_activities_activity_by_time", "activities_activity", ["status", "starts_at"], unique=False)
    op.create_index("ix_activities_activity_of_team", "activities_activity", ["team_id", "starts_at"], unique=False)
    op.create_table(
        "funds_fund",
        sa.Column("id", Id, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("entity_id", Id, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("founded_year", Id, nullable=False),
        sa.Column("council_size", Id, nullable=False),
        sa.Column("filing_no", sa.String(), nullable=True),
        sa.Column("platform_url", sa.String(), nullable=True),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["ledger_entity.id"], name=op.f("fk_funds_fund_entity_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["ledger_pool.id"], name=op.f("fk_funds_fund_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funds_fund")),
        sa.UniqueConstraint("name", name=op.f("uq_funds_fund_name")),
        sa.UniqueConstraint("pool_id", name=op.f("uq_funds_fund_pool_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_funds_fund_slug")),
    )
    op.create_table(
        "ledger_line",
        sa.Column("entry_id", Id, autoincrement=False, nullable=False),
        sa.Column("position", Id, autoincrement=False, nullable=False),
        sa.Column("tx", Id, server_default=sa.text("0"), nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("pool_id", Id, nullable=True),
        sa.Column("debit_fen", Id, nullable=False),
        sa.Column("credit_fen", Id, nullable=False),
        sa.Column("memo", sa.String(), nullable=True),
        sa.CheckConstraint("(debit_fen > 0) <> (credit_fen > 0)", name=op.f("ck_ledger_line_one_side")),
        sa.CheckConstraint(
            "CAST(debit_fen AS BIGINT) = debit_fen AND CAST(credit_fen AS BIGINT) = credit_fen",
            name=op.f("ck_ledger_line_whole_fen"),
        ),
        sa.CheckConstraint("debit_fen >= 0 AND credit_fen >= 0", name=op.f("ck_ledger_line_not_negative")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_line_account_id")),
        sa.ForeignKeyConstraint(
            ["entry_id", "tx"],
            ["ledger_entry.id", "ledger_entry.tx"],
            name=op.f("fk_ledger_line_entry_id_tx"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["ledger_pool.id"], name=op.f("fk_ledger_line_pool_id")),
        sa.PrimaryKeyConstraint("entry_id", "position", name=op.f("pk_ledger_line")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_line_account", "ledger_line", ["account_id", "entry_id"], unique=False)
    op.create_index("ix_ledger_line_pool", "ledger_line", ["pool_id", "entry_id"], unique=False)
    op.create_table(
        "orgs_membership",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "left_on IS NULL OR left_on >= joined_on", name=op.f("ck_orgs_membership_left_after_joining")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_orgs_membership_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_orgs_membership_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_membership")),
    )
    op.create_index(op.f("ix_orgs_membership_team_id"), "orgs_membership", ["team_id"], unique=False)
    op.create_index(
        "uq_orgs_membership_current",
        "orgs_membership",
        ["person_id", "team_id"],
        unique=True,
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_table(
        "funds_spending",
        sa.Column("id", Id, nullable=False),
        sa.Column("fund_id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("beneficiaries", Id, nullable=True),
        sa.Column("fen", Id, nullable=False),
        sa.Column("voucher_no", sa.String(), nullable=False),
        sa.Column("handler_id", Id, nullable=False),
        sa.Column("handler_name", sa.String(), nullable=False),
        sa.Column("approver_id", Id, nullable=False),
        sa.Column("approver_name", sa.String(), nullable=False),
        sa.Column("balance_fen", Id, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose <> ''", name=op.f("ck_funds_spending_purpose_given")),
        sa.CheckConstraint(
            "beneficiaries IS NULL OR beneficiaries > 0", name=op.f("ck_funds_spending_beneficiaries_positive")
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_funds_spending_fen_positive")),
        sa.CheckConstraint("handler_id <> approver_id", name=op.f("ck_funds_spending_two_people")),
        sa.ForeignKeyConstraint(["approver_id"], ["people_person.id"], name=op.f("fk_funds_spending_approver_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_funds_spending_entry_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_funds_spending_fund_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["people_person.id"], name=op.f("fk_funds_spending_handler_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funds_spending")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_funds_spending_entry_id")),
        sa.UniqueConstraint("fund_id", "voucher_no", name=op.f("uq_funds_spending_fund_id_voucher_no")),
    )
    op.create_index("ix_funds_spending_by_amount", "funds_spending", ["fund_id", "fen", "id"], unique=False)
    op.create_index("ix_funds_spending_by_day", "funds_spending", ["fund_id", "paid_on", "id"], unique=False)
    op.create_table(
        "funds_tally",
        sa.Column("fund_id", Id, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("gifts", Id, nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_funds_tally_fund_id")),
        sa.PrimaryKeyConstraint("fund_id", "day", "method", name=op.f("pk_funds_tally")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hours_claim",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("activity_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("served_on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", Id, nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("entered_by_id", Id, nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", Id, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.CheckConstraint("evidence <> 'self' OR entered_by_id = person_id", name=op.f("ck_hours_claim_self_entered")),
        sa.CheckConstraint(
            "evidence IN ('self', 'leader', 'scan', 'paper')", name=op.f("ck_hours_claim_evidence_known")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'approved', 'returned', 'reversed')", name=op.f("ck_hours_claim_status_known")
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_hours_claim_ends_after_start")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 1440", name=op.f("ck_hours_claim_minutes_in_a_day")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_hours_claim_seq_not_negative")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities_activity.id"], name=op.f("fk_hours_claim_activity_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["people_person.id"], name=op.f("fk_hours_claim_entered_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_hours_claim_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_hours_claim_person_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["hours_claim.id"], name=op.f("fk_hours_claim_replaces_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_hours_claim_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_claim")),
        sa.UniqueConstraint("id", "person_id", name=op.f("uq_hours_claim_id_person_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_hours_claim_replaces_id")),
    )
    op.create_index(op.f("ix_hours_claim_activity_id"), "hours_claim", ["activity_id"], unique=False)
    op.create_index("ix_hours_claim_by_day", "hours_claim", ["status", "served_on", "minutes"], unique=False)
    op.create_index("ix_hours_claim_by_time", "hours_claim", ["person_id", "starts_at"], unique=False)
    op.create_index("ix_hours_claim_of_organisation", "hours_claim", ["organisation_id", "status"], unique=False)
    op.create_index("ix_hours_claim_of_team", "hours_claim", ["team_id", "status"], unique=False)
    op.create_index(
        "uq_hours_claim_once_an_activity",
        "hours_claim",
        ["person_id", "activity_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('waiting', 'approved')"),
        postgresql_where=sa.text("status IN ('waiting', 'approved')"),
    )
    op.create_table(
        "lists_import",
        sa.Column("id", Id, nullable=False),
        sa.Column("fund_id", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("column_map", sa.JSON(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("default_date", sa.Date(), nullable=True),
        sa.Column("declared_fen", Id, nullable=True),
        sa.Column("declared_rows", Id, nullable=True),
        sa.Column("rows", Id, nullable=False),
        sa.Column("listed_fen", Id, nullable=False),
        sa.Column("accepted", Id, nullable=False),
        sa.Column("problems", Id, nullable=False),
        sa.Column("repeats", Id, nullable=False),
        sa.Column("in_the_way", Id, nullable=False),
        sa.Column("booked_before", Id, nullable=False),
        sa.Column("left_out", Id, nullable=False),
        sa.Column("left_out_fen", Id, nullable=False),
        sa.Column("total_fen", Id, nullable=False),
        sa.Column("booked", Id, nullable=False),
        sa.Column("uploaded_by_id", Id, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_by_id", Id, nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", Id, nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status <> 'booked' OR booked = accepted", name=op.f("ck_lists_import_booked_whole")),
        sa.CheckConstraint(
            "status <> 'returned' OR (return_reason IS NOT NULL AND return_reason <> '')",
            name=op.f("ck_lists_import_returned_with_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('preview', 'waiting', 'booking', 'booked', 'returned', 'withdrawn')",
            name=op.f("ck_lists_import_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('booking', 'booked') OR (confirmed_by_id IS NOT NULL AND handed_by_id IS NOT NULL)",
            name=op.f("ck_lists_import_booked_by_two"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('waiting', 'booking', 'booked') OR (handed_by_id IS NOT NULL AND accepted > 0)",
            name=op.f("ck_lists_import_handed_over_by_someone"),
        ),
        sa.CheckConstraint(
            "booked >= 0 AND booked <= accepted AND accepted <= rows", name=op.f("ck_lists_import_booked_of_accepted")
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> handed_by_id", name=op.f("ck_lists_import_two_people_handed")
        ),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> uploaded_by_id",
            name=op.f("ck_lists_import_two_people_uploaded"),
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["people_person.id"], name=op.f("fk_lists_import_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["files_file.id"], name=op.f("fk_lists_import_file_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_lists_import_fund_id")),
        sa.ForeignKeyConstraint(["handed_by_id"], ["people_person.id"], name=op.f("fk_lists_import_handed_by_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["people_person.id"], name=op.f("fk_lists_import_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists_import")),
    )
    op.create_index(op.f("ix_lists_import_fund_id"), "lists_import", ["fund_id"], unique=False)
    op.create_index(
        "uq_lists_import_one_booking",
        "lists_import",
        ["fund_id"],
        unique=True,
        sqlite_where=sa.text("status = 'booking'"),
        postgresql_where=sa.text("status = 'booking'"),
    )
    op.create_index(
        "uq_lists_import_same_list",
        "lists_import",
        ["fund_id", "content_hash"],
        unique=True,
        sqlite_where=sa.text("status IN ('waiting', 'booking', 'booked')"),
        postgresql_where=sa.text("status IN ('waiting', 'booking', 'booked')"),
    )
    op.create_table(
        "funds_gift",
        sa.Column("id", Id, nullable=False),
        sa.Column("fund_id", Id, nullable=False),
        sa.Column("import_id", Id, nullable=True),
        sa.Column("row_no", Id, nullable=True),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("donor_name", sa.String(), nullable=False),
        sa.Column("public_name", sa.String(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("intention", sa.String(), nullable=False),
        sa.Column("memo", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(import_id IS NULL) = (row_no IS NULL)", name=op.f("ck_funds_gift_import_has_row")),
        sa.CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name=op.f("ck_funds_gift_fen_positive")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_funds_gift_entry_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_funds_gift_fund_id")),
        sa.ForeignKeyConstraint(["import_id"], ["lists_import.id"], name=op.f("fk_funds_gift_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funds_gift")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_funds_gift_entry_id")),
        sa.UniqueConstraint("import_id", "row_no", name=op.f("uq_funds_gift_import_id_row_no")),
    )
    op.create_index("ix_funds_gift_by_amount", "funds_gift", ["fund_id", "fen", "id"], unique=False)
    op.create_index("ix_funds_gift_by_day", "funds_gift", ["fund_id", "received_on", "id"], unique=False)
    op.create_index(
        "ix_funds_gift_by_order",
        "funds_gift",
        ["fund_id", "order_no"],
        unique=False,
        sqlite_where=sa.text("order_no <> ''"),
        postgresql_where=sa.text("order_no <> ''"),
    )
    op.create_table(
        "hours_event",
        sa.Column("id", Id, nullable=False),
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("kind = 'resubmitted' OR by_id <> person_id", name=op.f("ck_hours_event_not_ones_own")),
        sa.CheckConstraint(
            "kind IN ('approved', 'returned', 'undone', 'resubmitted', 'reversed')",
            name=op.f("ck_hours_event_kind_known"),
        ),
        sa.CheckConstraint(
            "kind NOT IN ('returned', 'reversed') OR coalesce(reason, '') <> ''",
            name=op.f("ck_hours_event_reason_given"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people_person.id"], name=op.f("fk_hours_event_by_id")),
        sa.ForeignKeyConstraint(
            ["claim_id", "person_id"],
            ["hours_claim.id", "hours_claim.person_id"],
            name=op.f("fk_hours_event_claim_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_event")),
        sa.UniqueConstraint("claim_id", "seq", name=op.f("uq_hours_event_claim_id_seq")),
    )
    op.create_index("ix_hours_event_by", "hours_event", ["by_id", "at"], unique=False)
    op.create_table(
        "lists_row",
        sa.Column("id", Id, nullable=False),
        sa.Column("import_id", Id, nullable=False),
        sa.Column("row_no", Id, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("donor_name", sa.String(), nullable=False),
        sa.Column("public_name", sa.String(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("fen", Id, nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("intention", sa.String(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("memo", sa.String(), nullable=False),
        sa.Column("problem_words", sa.JSON(), nullable=False),
        sa.Column("is_bad", sa.Boolean(), nullable=False),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("twin_of", Id, nullable=True),
        sa.Column("same_gift_id", Id, nullable=True),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "is_bad OR (fen IS NOT NULL AND fen > 0 AND received_on IS NOT NULL)",
            name=op.f("ck_lists_row_good_rows_are_whole"),
        ),
        sa.CheckConstraint(
            "is_repeat = (twin_of IS NOT NULL OR same_gift_id IS NOT NULL)",
            name=op.f("ck_lists_row_repeat_of_something"),
        ),
        sa.ForeignKeyConstraint(["import_id"], ["lists_import.id"], name=op.f("fk_lists_row_import_id")),
        sa.ForeignKeyConstraint(["same_gift_id"], ["funds_gift.id"], name=op.f("fk_lists_row_same_gift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists_row")),
        sa.UniqueConstraint("import_id", "row_no", name=op.f("uq_lists_row_import_id_row_no")),
    )
    op.create_table(
        "receipts_receipt",
        sa.Column("id", Id, nullable=False),
        sa.Column("gift_id", Id, nullable=False),
        sa.Column("fund_id", Id, nullable=False),
        sa.Column("year", Id, nullable=False),
        sa.Column("serial", Id, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("donor_name", sa.String(), nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("intention", sa.String(), nullable=False),
        sa.Column("memo", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("fund_full_name", sa.String(), nullable=False),
        sa.Column("authorised_by", sa.String(), nullable=False),
        sa.Column("handler_name", sa.String(), nullable=False),
        sa.Column("checker_name", sa.String(), nullable=False),
        sa.Column("state_receipt", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("successor_id", Id, nullable=True),
        sa.CheckConstraint(
            "state_receipt IN ('listed', 'waived', 'anonymous')", name=op.f("ck_receipts_receipt_state_receipt_known")
        ),
        sa.CheckConstraint("void_reason IS NULL OR void_reason <> ''", name=op.f("ck_receipts_receipt_reason_given")),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (void_reason IS NULL)", name=op.f("ck_receipts_receipt_void_has_reason")
        ),
        sa.CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name=op.f("ck_receipts_receipt_fen_positive")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_receipts_receipt_serial_positive")),
        sa.CheckConstraint(
            "successor_id IS NULL OR (voided_at IS NOT NULL AND successor_id <> id)",
            name=op.f("ck_receipts_receipt_only_void_succeeded"),
        ),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_receipts_receipt_fund_id")),
        sa.ForeignKeyConstraint(["gift_id"], ["funds_gift.id"], name=op.f("fk_receipts_receipt_gift_id")),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["receipts_receipt.id"], name=op.f("fk_receipts_receipt_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts_receipt")),
        sa.UniqueConstraint("fund_id", "year", "serial", name=op.f("uq_receipts_receipt_fund_id_year_serial")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_receipt_number")),
    )
    op.create_index("ix_receipts_receipt_gift", "receipts_receipt", ["gift_id"], unique=False)
    op.create_index(
        "uq_receipts_receipt_valid",
        "receipts_receipt",
        ["gift_id"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "receipts_kept",
        sa.Column("person_id", Id, nullable=False),
        sa.Column("receipt_id", Id, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_receipts_kept_person_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts_receipt.id"], name=op.f("fk_receipts_kept_receipt_id")),
        sa.PrimaryKeyConstraint("person_id", "receipt_id", name=op.f("pk_receipts_kept")),
    )


def drop_tables() -> None:
    op.drop_table("receipts_kept")
    op.drop_index(
        "uq_receipts_receipt_valid",
        table_name="receipts_receipt",
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.drop_index("ix_receipts_receipt_gift", table_name="receipts_receipt")
    op.drop_table("receipts_receipt")
    op.drop_table("lists_row")
    op.drop_index("ix_hours_event_by", table_name="hours_event")
    op.drop_table("hours_event")
    op.drop_index(
        "ix_funds_gift_by_order",
        table_name="funds_gift",
        sqlite_where=sa.text("order_no <> ''"),
        postgresql_where=sa.text("order_no <> ''"),
    )
    op.drop_index("ix_funds_gift_by_day", table_name="funds_gift")
    op.drop_index("ix_funds_gift_by_amount", table_name="funds_gift")
    op.drop_table("funds_gift")
    op.drop_index(
        "uq_lists_import_same_list",
        table_name="lists_import",
        sqlite_where=sa.text("status IN ('waiting', 'booking', 'booked')"),
        postgresql_where=sa.text("status IN ('waiting', 'booking', 'booked')"),
    )
    op.drop_index(
        "uq_lists_import_one_booking",
        table_name="lists_import",
        sqlite_where=sa.text("status = 'booking'"),
        postgresql_where=sa.text("status = 'booking'"),
    )
    op.drop_index(op.f("ix_lists_import_fund_id"), table_name="lists_import")
    op.drop_table("lists_import")
    op.drop_index(
        "uq_hours_claim_once_an_activity",
        table_name="hours_claim",
        sqlite_where=sa.text("status IN ('waiting', 'approved')"),
        postgresql_where=sa.text("status IN ('waiting', 'approved')"),
    )
    op.drop_index("ix_hours_claim_of_team", table_name="hours_claim")
    op.drop_index("ix_hours_claim_of_organisation", table_name="hours_claim")
    op.drop_index("ix_hours_claim_by_time", table_name="hours_claim")
    op.drop_index("ix_hours_claim_by_day", table_name="hours_claim")
    op.drop_index(op.f("ix_hours_claim_activity_id"), table_name="hours_claim")
    op.drop_table("hours_claim")
    op.drop_table("funds_tally")
    op.drop_index("ix_funds_spending_by_day", table_name="funds_spending")
    op.drop_index("ix_funds_spending_by_amount", table_name="funds_spending")
    op.drop_table("funds_spending")
    op.drop_index(
        "uq_orgs_membership_current",
        table_name="orgs_membership",
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.drop_index(op.f("ix_orgs_membership_team_id"), table_name="orgs_membership")
    op.drop_table("orgs_membership")
    op.drop_index("ix_ledger_line_pool", table_name="ledger_line")
    op.drop_index("ix_ledger_line_account", table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_table("funds_fund")
    op.drop_index("ix_activities_activity_of_team", table_name="activities_activity")
    op.drop_index("ix_activities_activity_by_time", table_name="activities_activity")
    op.drop_table("activities_activity")
    op.drop_index("ix_people_grant_scope", table_name="people_grant")
    op.drop_index(op.f("ix_people_grant_person_id"), table_name="people_grant")
    op.drop_table("people_grant")
    op.drop_index(op.f("ix_orgs_team_organisation_id"), table_name="orgs_team")
    op.drop_table("orgs_team")
    op.drop_index(op.f("ix_ledger_pool_entity_id"), table_name="ledger_pool")
    op.drop_table("ledger_pool")
    op.drop_index("ix_ledger_entry_source", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_balance")
    op.drop_table("web_once")
    op.drop_index(op.f("ix_web_attempt_bucket"), table_name="web_attempt")
    op.drop_index(op.f("ix_web_attempt_at"), table_name="web_attempt")
    op.drop_table("web_attempt")
    op.drop_table("series_series")
    op.drop_table("people_person")
    op.drop_table("orgs_organisation")
    op.drop_table("ledger_entity")
    op.drop_table("ledger_account")
    op.drop_index("ix_jobs_job_due", table_name="jobs_job")
    op.drop_table("jobs_job")
    op.drop_table("files_file")
    op.drop_index("ix_audit_line_subject", table_name="audit_line")
    op.drop_table("audit_line")
