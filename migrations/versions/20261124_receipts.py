"""Confirmations changed by two people, put together, and the state's receipts.

Revision: 20261124_receipts
After: 20261124_trace
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_receipts"
down_revision = "20261124_trace"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER receipts_change_asked BEFORE INSERT ON receipts_change WHEN NEW.status <> 'asked' OR NOT EXISTS (SELECT 1 FROM receipts_receipt r WHERE r.id = NEW.receipt_id AND r.voided_at IS NULL LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'receipts_change_asked: a change is asked for, of a confirmation that is valid'); END;;
CREATE TRIGGER receipts_change_decided_once BEFORE UPDATE ON receipts_change WHEN OLD.status <> 'asked' AND (NEW.status IS NOT OLD.status OR NEW.decided_by_id IS NOT OLD.decided_by_id OR NEW.decided_at IS NOT OLD.decided_at OR NEW.answer IS NOT OLD.answer) BEGIN SELECT RAISE(ABORT, 'receipts_change_decided_once: a change is decided once'); END;;
CREATE TRIGGER receipts_change_refunded BEFORE UPDATE ON receipts_change WHEN NEW.kind = 'refund' AND NEW.status = 'done' AND OLD.status <> 'done' AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r JOIN funds_gift g ON g.id = r.gift_id JOIN ledger_entry e ON e.reverses_id = g.entry_id
  WHERE r.id = NEW.receipt_id LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_change_refunded: a refund takes the gift out of the books'); END;;
CREATE TRIGGER receipts_change_forgotten BEFORE UPDATE ON receipts_change WHEN (NEW.donor_name IS NOT OLD.donor_name AND NEW.donor_name IS NOT '') OR (NEW.memo IS NOT OLD.memo AND NEW.memo IS NOT '') BEGIN SELECT RAISE(ABORT, 'receipts_change_forgotten: a donor is forgotten, never changed'); END;;
CREATE TRIGGER receipts_change_one_asked BEFORE INSERT ON receipts_change WHEN EXISTS (SELECT 1 FROM receipts_change c WHERE c.receipt_id = NEW.receipt_id AND c.status = 'asked') BEGIN SELECT RAISE(ABORT, 'receipts_change_one_asked: one change is asked for already'); END;;
CREATE TRIGGER receipts_change_frozen BEFORE UPDATE ON receipts_change WHEN NEW.id IS NOT OLD.id OR NEW.receipt_id IS NOT OLD.receipt_id OR NEW.kind IS NOT OLD.kind OR NEW.reason IS NOT OLD.reason OR NEW.intention IS NOT OLD.intention OR NEW.state_receipt IS NOT OLD.state_receipt OR NEW.same_donor IS NOT OLD.same_donor OR NEW.asked_by_id IS NOT OLD.asked_by_id OR NEW.asked_at IS NOT OLD.asked_at BEGIN SELECT RAISE(ABORT, 'receipts_change: id, receipt_id, kind, reason, intention, state_receipt, same_donor, asked_by_id, asked_at never change'); END;;
CREATE TRIGGER receipts_change_no_delete BEFORE DELETE ON receipts_change BEGIN SELECT RAISE(ABORT, 'receipts_change is append-only: no delete'); END;;
CREATE TRIGGER receipts_change_no_replace BEFORE INSERT ON receipts_change WHEN EXISTS (SELECT 1 FROM receipts_change WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'receipts_change is append-only: no replace'); END;;
CREATE TRIGGER receipts_summary_gapless BEFORE INSERT ON receipts_summary WHEN NEW.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_summary s WHERE s.fund_id = NEW.fund_id AND s.year = NEW.year AND s.serial = NEW.serial - 1 LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_summary_gapless: numbers run without a gap'); END;;
CREATE TRIGGER receipts_summary_forgotten BEFORE UPDATE ON receipts_summary WHEN (NEW.title IS NOT OLD.title AND NEW.title IS NOT '') BEGIN SELECT RAISE(ABORT, 'receipts_summary_forgotten: a name is forgotten, never changed'); END;;
CREATE TRIGGER receipts_summary_frozen BEFORE UPDATE ON receipts_summary WHEN NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.year IS NOT OLD.year OR NEW.serial IS NOT OLD.serial OR NEW.number IS NOT OLD.number OR NEW.kind IS NOT OLD.kind OR NEW.starts_on IS NOT OLD.starts_on OR NEW.ends_on IS NOT OLD.ends_on OR NEW.count IS NOT OLD.count OR NEW.fen IS NOT OLD.fen OR NEW.fund_full_name IS NOT OLD.fund_full_name OR NEW.authorised_by IS NOT OLD.authorised_by OR NEW.issued_on IS NOT OLD.issued_on OR NEW.issued_at IS NOT OLD.issued_at OR NEW.issued_by_id IS NOT OLD.issued_by_id OR NEW.fingerprint IS NOT OLD.fingerprint BEGIN SELECT RAISE(ABORT, 'receipts_summary: id, fund_id, year, serial, number, kind, starts_on, ends_on, count, fen, fund_full_name, authorised_by, issued_on, issued_at, issued_by_id, fingerprint never change'); END;;
CREATE TRIGGER receipts_summary_no_delete BEFORE DELETE ON receipts_summary BEGIN SELECT RAISE(ABORT, 'receipts_summary is append-only: no delete'); END;;
CREATE TRIGGER receipts_summary_no_replace BEFORE INSERT ON receipts_summary WHEN EXISTS (SELECT 1 FROM receipts_summary WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM receipts_summary WHERE number = NEW.number) OR EXISTS (SELECT 1 FROM receipts_summary WHERE fingerprint = NEW.fingerprint) OR EXISTS (SELECT 1 FROM receipts_summary WHERE fund_id = NEW.fund_id AND year = NEW.year AND serial = NEW.serial) BEGIN SELECT RAISE(ABORT, 'receipts_summary is append-only: no replace'); END;;
CREATE TRIGGER receipts_summary_member_true BEFORE INSERT ON receipts_summary_member WHEN NOT EXISTS (
  SELECT 1 FROM receipts_summary s JOIN receipts_receipt r ON r.fund_id = s.fund_id
  WHERE s.id = NEW.summary_id AND r.id = NEW.receipt_id AND r.voided_at IS NULL AND r.number = NEW.number
    AND r.donor_name = NEW.donor_name AND r.received_on = NEW.received_on AND r.fen = NEW.fen
    AND NEW.position BETWEEN 1 AND s.count LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_summary_member_true: a summary lists valid confirmations of its fund as they are'); END;;
CREATE TRIGGER receipts_summary_member_forgotten BEFORE UPDATE ON receipts_summary_member WHEN (NEW.donor_name IS NOT OLD.donor_name AND NEW.donor_name IS NOT '') BEGIN SELECT RAISE(ABORT, 'receipts_summary_member_forgotten: a donor is forgotten, never changed'); END;;
CREATE TRIGGER receipts_summary_member_frozen BEFORE UPDATE ON receipts_summary_member WHEN NEW.summary_id IS NOT OLD.summary_id OR NEW.position IS NOT OLD.position OR NEW.receipt_id IS NOT OLD.receipt_id OR NEW.number IS NOT OLD.number OR NEW.received_on IS NOT OLD.received_on OR NEW.fen IS NOT OLD.fen BEGIN SELECT RAISE(ABORT, 'receipts_summary_member: summary_id, position, receipt_id, number, received_on, fen never change'); END;;
CREATE TRIGGER receipts_summary_member_no_delete BEFORE DELETE ON receipts_summary_member BEGIN SELECT RAISE(ABORT, 'receipts_summary_member is append-only: no delete'); END;;
CREATE TRIGGER receipts_summary_member_no_replace BEFORE INSERT ON receipts_summary_member WHEN EXISTS (SELECT 1 FROM receipts_summary_member WHERE summary_id = NEW.summary_id AND position = NEW.position) OR EXISTS (SELECT 1 FROM receipts_summary_member WHERE summary_id = NEW.summary_id AND receipt_id = NEW.receipt_id) BEGIN SELECT RAISE(ABORT, 'receipts_summary_member is append-only: no replace'); END;;
CREATE TRIGGER receipts_state_turns BEFORE INSERT ON receipts_state WHEN NEW.turn <> 1 AND NOT EXISTS (SELECT 1 FROM receipts_state s WHERE s.receipt_id = NEW.receipt_id AND s.turn = NEW.turn - 1 LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'receipts_state_turns: a correction comes after what it corrects'); END;;
CREATE TRIGGER receipts_state_no_update BEFORE UPDATE ON receipts_state BEGIN SELECT RAISE(ABORT, 'receipts_state is append-only: no update'); END;;
CREATE TRIGGER receipts_state_no_delete BEFORE DELETE ON receipts_state BEGIN SELECT RAISE(ABORT, 'receipts_state is append-only: no delete'); END;;
CREATE TRIGGER receipts_state_no_replace BEFORE INSERT ON receipts_state WHEN EXISTS (SELECT 1 FROM receipts_state WHERE receipt_id = NEW.receipt_id AND turn = NEW.turn) BEGIN SELECT RAISE(ABORT, 'receipts_state is append-only: no replace'); END;;
CREATE TRIGGER receipts_wish_no_update BEFORE UPDATE ON receipts_wish BEGIN SELECT RAISE(ABORT, 'receipts_wish is append-only: no update'); END;;
CREATE TRIGGER receipts_wish_no_delete BEFORE DELETE ON receipts_wish BEGIN SELECT RAISE(ABORT, 'receipts_wish is append-only: no delete'); END;;
CREATE TRIGGER receipts_wish_no_replace BEFORE INSERT ON receipts_wish WHEN EXISTS (SELECT 1 FROM receipts_wish WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'receipts_wish is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION receipts_change_asked() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.status <> 'asked' OR NOT EXISTS (SELECT 1 FROM receipts_receipt r WHERE r.id = added.receipt_id AND r.voided_at IS NULL LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'receipts_change_asked: a change is asked for, of a confirmation that is valid'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER receipts_change_asked AFTER INSERT ON receipts_change REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_change_asked();;
CREATE FUNCTION receipts_change_decided_once() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status <> 'asked' AND (NEW.status IS DISTINCT FROM OLD.status OR NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id OR NEW.decided_at IS DISTINCT FROM OLD.decided_at OR NEW.answer IS DISTINCT FROM OLD.answer) THEN RAISE EXCEPTION 'receipts_change_decided_once: a change is decided once'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_change_decided_once BEFORE UPDATE ON receipts_change FOR EACH ROW EXECUTE FUNCTION receipts_change_decided_once();;
CREATE FUNCTION receipts_change_refunded() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.kind = 'refund' AND NEW.status = 'done' AND OLD.status <> 'done' AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r JOIN funds_gift g ON g.id = r.gift_id JOIN ledger_entry e ON e.reverses_id = g.entry_id
  WHERE r.id = NEW.receipt_id LIMIT 1 OFFSET 0
) THEN RAISE EXCEPTION 'receipts_change_refunded: a refund takes the gift out of the books'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_change_refunded BEFORE UPDATE ON receipts_change FOR EACH ROW EXECUTE FUNCTION receipts_change_refunded();;
CREATE FUNCTION receipts_change_forgotten() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.donor_name IS DISTINCT FROM OLD.donor_name AND NEW.donor_name IS DISTINCT FROM '') OR (NEW.memo IS DISTINCT FROM OLD.memo AND NEW.memo IS DISTINCT FROM '') THEN RAISE EXCEPTION 'receipts_change_forgotten: a donor is forgotten, never changed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_change_forgotten BEFORE UPDATE ON receipts_change FOR EACH ROW EXECUTE FUNCTION receipts_change_forgotten();;
CREATE FUNCTION receipts_change_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.receipt_id IS DISTINCT FROM OLD.receipt_id OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.state_receipt IS DISTINCT FROM OLD.state_receipt OR NEW.same_donor IS DISTINCT FROM OLD.same_donor OR NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id OR NEW.asked_at IS DISTINCT FROM OLD.asked_at THEN RAISE EXCEPTION 'receipts_change: id, receipt_id, kind, reason, intention, state_receipt, same_donor, asked_by_id, asked_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_change_frozen BEFORE UPDATE ON receipts_change FOR EACH ROW EXECUTE FUNCTION receipts_change_frozen();;
CREATE FUNCTION receipts_change_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_change is append-only: no delete'; END $guard$;;
CREATE TRIGGER receipts_change_no_delete BEFORE DELETE ON receipts_change FOR EACH ROW EXECUTE FUNCTION receipts_change_no_delete();;
CREATE FUNCTION receipts_change_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_change is append-only: no truncate'; END $guard$;;
CREATE TRIGGER receipts_change_no_truncate BEFORE TRUNCATE ON receipts_change FOR EACH STATEMENT EXECUTE FUNCTION receipts_change_no_truncate();;
CREATE FUNCTION receipts_summary_gapless() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_summary s WHERE s.fund_id = added.fund_id AND s.year = added.year AND s.serial = added.serial - 1 LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_summary_gapless: numbers run without a gap'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER receipts_summary_gapless AFTER INSERT ON receipts_summary REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_summary_gapless();;
CREATE FUNCTION receipts_summary_forgotten() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.title IS DISTINCT FROM OLD.title AND NEW.title IS DISTINCT FROM '') THEN RAISE EXCEPTION 'receipts_summary_forgotten: a name is forgotten, never changed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_summary_forgotten BEFORE UPDATE ON receipts_summary FOR EACH ROW EXECUTE FUNCTION receipts_summary_forgotten();;
CREATE FUNCTION receipts_summary_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.year IS DISTINCT FROM OLD.year OR NEW.serial IS DISTINCT FROM OLD.serial OR NEW.number IS DISTINCT FROM OLD.number OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.ends_on IS DISTINCT FROM OLD.ends_on OR NEW.count IS DISTINCT FROM OLD.count OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.fund_full_name IS DISTINCT FROM OLD.fund_full_name OR NEW.authorised_by IS DISTINCT FROM OLD.authorised_by OR NEW.issued_on IS DISTINCT FROM OLD.issued_on OR NEW.issued_at IS DISTINCT FROM OLD.issued_at OR NEW.issued_by_id IS DISTINCT FROM OLD.issued_by_id OR NEW.fingerprint IS DISTINCT FROM OLD.fingerprint THEN RAISE EXCEPTION 'receipts_summary: id, fund_id, year, serial, number, kind, starts_on, ends_on, count, fen, fund_full_name, authorised_by, issued_on, issued_at, issued_by_id, fingerprint never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_summary_frozen BEFORE UPDATE ON receipts_summary FOR EACH ROW EXECUTE FUNCTION receipts_summary_frozen();;
CREATE FUNCTION receipts_summary_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_summary is append-only: no delete'; END $guard$;;
CREATE TRIGGER receipts_summary_no_delete BEFORE DELETE ON receipts_summary FOR EACH ROW EXECUTE FUNCTION receipts_summary_no_delete();;
CREATE FUNCTION receipts_summary_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_summary is append-only: no truncate'; END $guard$;;
CREATE TRIGGER receipts_summary_no_truncate BEFORE TRUNCATE ON receipts_summary FOR EACH STATEMENT EXECUTE FUNCTION receipts_summary_no_truncate();;
CREATE FUNCTION receipts_summary_member_true() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE NOT EXISTS (
  SELECT 1 FROM receipts_summary s JOIN receipts_receipt r ON r.fund_id = s.fund_id
  WHERE s.id = added.summary_id AND r.id = added.receipt_id AND r.voided_at IS NULL AND r.number = added.number
    AND r.donor_name = added.donor_name AND r.received_on = added.received_on AND r.fen = added.fen
    AND added.position BETWEEN 1 AND s.count LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_summary_member_true: a summary lists valid confirmations of its fund as they are'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER receipts_summary_member_true AFTER INSERT ON receipts_summary_member REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_summary_member_true();;
CREATE FUNCTION receipts_summary_member_forgotten() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.donor_name IS DISTINCT FROM OLD.donor_name AND NEW.donor_name IS DISTINCT FROM '') THEN RAISE EXCEPTION 'receipts_summary_member_forgotten: a donor is forgotten, never changed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_summary_member_forgotten BEFORE UPDATE ON receipts_summary_member FOR EACH ROW EXECUTE FUNCTION receipts_summary_member_forgotten();;
CREATE FUNCTION receipts_summary_member_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.summary_id IS DISTINCT FROM OLD.summary_id OR NEW.position IS DISTINCT FROM OLD.position OR NEW.receipt_id IS DISTINCT FROM OLD.receipt_id OR NEW.number IS DISTINCT FROM OLD.number OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.fen IS DISTINCT FROM OLD.fen THEN RAISE EXCEPTION 'receipts_summary_member: summary_id, position, receipt_id, number, received_on, fen never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_summary_member_frozen BEFORE UPDATE ON receipts_summary_member FOR EACH ROW EXECUTE FUNCTION receipts_summary_member_frozen();;
CREATE FUNCTION receipts_summary_member_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_summary_member is append-only: no delete'; END $guard$;;
CREATE TRIGGER receipts_summary_member_no_delete BEFORE DELETE ON receipts_summary_member FOR EACH ROW EXECUTE FUNCTION receipts_summary_member_no_delete();;
CREATE FUNCTION receipts_summary_member_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_summary_member is append-only: no truncate'; END $guard$;;
CREATE TRIGGER receipts_summary_member_no_truncate BEFORE TRUNCATE ON receipts_summary_member FOR EACH STATEMENT EXECUTE FUNCTION receipts_summary_member_no_truncate();;
CREATE FUNCTION receipts_state_turns() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.turn <> 1 AND NOT EXISTS (SELECT 1 FROM receipts_state s WHERE s.receipt_id = added.receipt_id AND s.turn = added.turn - 1 LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'receipts_state_turns: a correction comes after what it corrects'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER receipts_state_turns AFTER INSERT ON receipts_state REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_state_turns();;
CREATE FUNCTION receipts_state_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_state is append-only: no update'; END $guard$;;
CREATE TRIGGER receipts_state_no_update BEFORE UPDATE ON receipts_state FOR EACH ROW EXECUTE FUNCTION receipts_state_no_update();;
CREATE FUNCTION receipts_state_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_state is append-only: no delete'; END $guard$;;
CREATE TRIGGER receipts_state_no_delete BEFORE DELETE ON receipts_state FOR EACH ROW EXECUTE FUNCTION receipts_state_no_delete();;
CREATE FUNCTION receipts_state_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_state is append-only: no truncate'; END $guard$;;
CREATE TRIGGER receipts_state_no_truncate BEFORE TRUNCATE ON receipts_state FOR EACH STATEMENT EXECUTE FUNCTION receipts_state_no_truncate();;
CREATE FUNCTION receipts_wish_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_wish is append-only: no update'; END $guard$;;
CREATE TRIGGER receipts_wish_no_update BEFORE UPDATE ON receipts_wish FOR EACH ROW EXECUTE FUNCTION receipts_wish_no_update();;
CREATE FUNCTION receipts_wish_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_wish is append-only: no delete'; END $guard$;;
CREATE TRIGGER receipts_wish_no_delete BEFORE DELETE ON receipts_wish FOR EACH ROW EXECUTE FUNCTION receipts_wish_no_delete();;
CREATE FUNCTION receipts_wish_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'receipts_wish is append-only: no truncate'; END $guard$;;
CREATE TRIGGER receipts_wish_no_truncate BEFORE TRUNCATE ON receipts_wish FOR EACH STATEMENT EXECUTE FUNCTION receipts_wish_no_truncate()
"""
FUNCTIONS = (
    "receipts_change_asked",
    "receipts_change_decided_once",
    "receipts_change_refunded",
    "receipts_change_forgotten",
    "receipts_change_frozen",
    "receipts_change_no_delete",
    "receipts_change_no_truncate",
    "receipts_summary_gapless",
    "receipts_summary_forgotten",
    "receipts_summary_frozen",
    "receipts_summary_no_delete",
    "receipts_summary_no_truncate",
    "receipts_summary_member_true",
    "receipts_summary_member_forgotten",
    "receipts_summary_member_frozen",
    "receipts_summary_member_no_delete",
    "receipts_summary_member_no_truncate",
    "receipts_state_turns",
    "receipts_state_no_update",
    "receipts_state_no_delete",
    "receipts_state_no_truncate",
    "receipts_wish_no_update",
    "receipts_wish_no_delete",
    "receipts_wish_no_truncate",
)

# Guards of older tables that say something else from now on, and what they said before.
CHANGED = {
    "receipts_receipt_frozen": "receipts_receipt",
    "funds_gift_frozen": "funds_gift",
    "lists_row_settled_update": "lists_row",
}
ADDED = {
    "receipts_receipt_void_by_two": "receipts_receipt",
    "receipts_receipt_successor": "receipts_receipt",
    "receipts_receipt_forgotten": "receipts_receipt",
    "funds_gift_forgotten": "funds_gift",
}
NOW_SQLITE = r"""
CREATE TRIGGER receipts_receipt_frozen BEFORE UPDATE ON receipts_receipt WHEN NEW.id IS NOT OLD.id OR NEW.gift_id IS NOT OLD.gift_id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.year IS NOT OLD.year OR NEW.serial IS NOT OLD.serial OR NEW.number IS NOT OLD.number OR NEW.issued_on IS NOT OLD.issued_on OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.received_on IS NOT OLD.received_on OR NEW.fund_full_name IS NOT OLD.fund_full_name OR NEW.authorised_by IS NOT OLD.authorised_by OR NEW.handler_name IS NOT OLD.handler_name OR NEW.checker_name IS NOT OLD.checker_name OR NEW.state_receipt IS NOT OLD.state_receipt OR NEW.nonce IS NOT OLD.nonce BEGIN SELECT RAISE(ABORT, 'receipts_receipt: id, gift_id, fund_id, year, serial, number, issued_on, fen, method, intention, received_on, fund_full_name, authorised_by, handler_name, checker_name, state_receipt, nonce never change'); END;;
CREATE TRIGGER funds_gift_frozen BEFORE UPDATE ON funds_gift WHEN NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.import_id IS NOT OLD.import_id OR NEW.row_no IS NOT OLD.row_no OR NEW.entry_id IS NOT OLD.entry_id OR NEW.received_on IS NOT OLD.received_on OR NEW.is_anonymous IS NOT OLD.is_anonymous OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.booked_at IS NOT OLD.booked_at BEGIN SELECT RAISE(ABORT, 'funds_gift: id, fund_id, import_id, row_no, entry_id, received_on, is_anonymous, fen, method, intention, booked_at never change'); END;;
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row WHEN (EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0)) AND NOT (NOT (NEW.id IS NOT OLD.id OR NEW.import_id IS NOT OLD.import_id OR NEW.row_no IS NOT OLD.row_no OR NEW.received_on IS NOT OLD.received_on OR NEW.is_anonymous IS NOT OLD.is_anonymous OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.is_bad IS NOT OLD.is_bad OR NEW.is_repeat IS NOT OLD.is_repeat OR NEW.twin_of IS NOT OLD.twin_of OR NEW.same_gift_id IS NOT OLD.same_gift_id OR NEW.is_left_out IS NOT OLD.is_left_out OR CAST(NEW.problem_words AS TEXT) IS NOT CAST(OLD.problem_words AS TEXT)) AND NEW.donor_name = '' AND NEW.public_name IS NULL AND NEW.order_no = ''
  AND NEW.memo = '' AND EXISTS (
  SELECT 1 FROM funds_gift g WHERE g.import_id = NEW.import_id AND g.row_no = NEW.row_no AND g.donor_name = '' LIMIT 1 OFFSET 0
)) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_update: rows of a list do not change once it is handed over'); END;;
CREATE TRIGGER receipts_receipt_void_by_two BEFORE UPDATE ON receipts_receipt WHEN OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM receipts_change c WHERE c.receipt_id = NEW.id AND c.status = 'done' LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_void_by_two: two people declare a confirmation void'); END;;
CREATE TRIGGER receipts_receipt_successor BEFORE UPDATE ON receipts_receipt WHEN NEW.successor_id IS NOT OLD.successor_id AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt s WHERE s.id = NEW.successor_id AND s.gift_id = NEW.gift_id AND s.id > NEW.id LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_successor: a successor is a later confirmation of the same gift'); END;;
CREATE TRIGGER receipts_receipt_forgotten BEFORE UPDATE ON receipts_receipt WHEN (NEW.donor_name IS NOT OLD.donor_name AND NEW.donor_name IS NOT '') OR (NEW.memo IS NOT OLD.memo AND NEW.memo IS NOT '') OR (((NEW.donor_name = '' AND OLD.donor_name <> '') OR (NEW.memo = '' AND OLD.memo <> '')) AND EXISTS (
  SELECT 1 FROM log_leaf l JOIN log_secret k ON k.idx = l.idx
  WHERE l.kind = 'receipt' AND l.ref = NEW.id AND k.field IN ('donor', 'words') AND k.salt IS NOT NULL LIMIT 1 OFFSET 0
)) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_forgotten: a donor is forgotten behind her salts, never changed'); END;;
CREATE TRIGGER funds_gift_forgotten BEFORE UPDATE ON funds_gift WHEN (NEW.donor_name IS NOT OLD.donor_name AND NEW.donor_name IS NOT '') OR (NEW.memo IS NOT OLD.memo AND NEW.memo IS NOT '') OR (NEW.order_no IS NOT OLD.order_no AND NEW.order_no IS NOT '') OR (((NEW.donor_name = '' AND OLD.donor_name <> '') OR (NEW.memo = '' AND OLD.memo <> '') OR (NEW.order_no = '' AND OLD.order_no <> '')) AND EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.gift_id = NEW.id AND (r.donor_name <> '' OR r.memo <> '') LIMIT 1 OFFSET 0
)) BEGIN SELECT RAISE(ABORT, 'funds_gift_forgotten: a donor is forgotten behind her confirmations, never changed'); END
"""
NOW_POSTGRESQL = r"""
CREATE FUNCTION receipts_receipt_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.gift_id IS DISTINCT FROM OLD.gift_id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.year IS DISTINCT FROM OLD.year OR NEW.serial IS DISTINCT FROM OLD.serial OR NEW.number IS DISTINCT FROM OLD.number OR NEW.issued_on IS DISTINCT FROM OLD.issued_on OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.fund_full_name IS DISTINCT FROM OLD.fund_full_name OR NEW.authorised_by IS DISTINCT FROM OLD.authorised_by OR NEW.handler_name IS DISTINCT FROM OLD.handler_name OR NEW.checker_name IS DISTINCT FROM OLD.checker_name OR NEW.state_receipt IS DISTINCT FROM OLD.state_receipt OR NEW.nonce IS DISTINCT FROM OLD.nonce THEN RAISE EXCEPTION 'receipts_receipt: id, gift_id, fund_id, year, serial, number, issued_on, fen, method, intention, received_on, fund_full_name, authorised_by, handler_name, checker_name, state_receipt, nonce never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_receipt_frozen BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_frozen();;
CREATE FUNCTION funds_gift_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.import_id IS DISTINCT FROM OLD.import_id OR NEW.row_no IS DISTINCT FROM OLD.row_no OR NEW.entry_id IS DISTINCT FROM OLD.entry_id OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.is_anonymous IS DISTINCT FROM OLD.is_anonymous OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.booked_at IS DISTINCT FROM OLD.booked_at THEN RAISE EXCEPTION 'funds_gift: id, fund_id, import_id, row_no, entry_id, received_on, is_anonymous, fen, method, intention, booked_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER funds_gift_frozen BEFORE UPDATE ON funds_gift FOR EACH ROW EXECUTE FUNCTION funds_gift_frozen();;
CREATE FUNCTION lists_row_settled_update() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0)) AND NOT (NOT (NEW.id IS DISTINCT FROM OLD.id OR NEW.import_id IS DISTINCT FROM OLD.import_id OR NEW.row_no IS DISTINCT FROM OLD.row_no OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.is_anonymous IS DISTINCT FROM OLD.is_anonymous OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.is_bad IS DISTINCT FROM OLD.is_bad OR NEW.is_repeat IS DISTINCT FROM OLD.is_repeat OR NEW.twin_of IS DISTINCT FROM OLD.twin_of OR NEW.same_gift_id IS DISTINCT FROM OLD.same_gift_id OR NEW.is_left_out IS DISTINCT FROM OLD.is_left_out OR CAST(NEW.problem_words AS TEXT) IS DISTINCT FROM CAST(OLD.problem_words AS TEXT)) AND NEW.donor_name = '' AND NEW.public_name IS NULL AND NEW.order_no = ''
  AND NEW.memo = '' AND EXISTS (
  SELECT 1 FROM funds_gift g WHERE g.import_id = NEW.import_id AND g.row_no = NEW.row_no AND g.donor_name = '' LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'lists_row_settled_update: rows of a list do not change once it is handed over'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row FOR EACH ROW EXECUTE FUNCTION lists_row_settled_update();;
CREATE FUNCTION receipts_receipt_void_by_two() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM receipts_change c WHERE c.receipt_id = NEW.id AND c.status = 'done' LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'receipts_receipt_void_by_two: two people declare a confirmation void'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_receipt_void_by_two BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_void_by_two();;
CREATE FUNCTION receipts_receipt_successor() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.successor_id IS DISTINCT FROM OLD.successor_id AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt s WHERE s.id = NEW.successor_id AND s.gift_id = NEW.gift_id AND s.id > NEW.id LIMIT 1 OFFSET 0
) THEN RAISE EXCEPTION 'receipts_receipt_successor: a successor is a later confirmation of the same gift'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_receipt_successor BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_successor();;
CREATE FUNCTION receipts_receipt_forgotten() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.donor_name IS DISTINCT FROM OLD.donor_name AND NEW.donor_name IS DISTINCT FROM '') OR (NEW.memo IS DISTINCT FROM OLD.memo AND NEW.memo IS DISTINCT FROM '') OR (((NEW.donor_name = '' AND OLD.donor_name <> '') OR (NEW.memo = '' AND OLD.memo <> '')) AND EXISTS (
  SELECT 1 FROM log_leaf l JOIN log_secret k ON k.idx = l.idx
  WHERE l.kind = 'receipt' AND l.ref = NEW.id AND k.field IN ('donor', 'words') AND k.salt IS NOT NULL LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_receipt_forgotten: a donor is forgotten behind her salts, never changed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_receipt_forgotten BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_forgotten();;
CREATE FUNCTION funds_gift_forgotten() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.donor_name IS DISTINCT FROM OLD.donor_name AND NEW.donor_name IS DISTINCT FROM '') OR (NEW.memo IS DISTINCT FROM OLD.memo AND NEW.memo IS DISTINCT FROM '') OR (NEW.order_no IS DISTINCT FROM OLD.order_no AND NEW.order_no IS DISTINCT FROM '') OR (((NEW.donor_name = '' AND OLD.donor_name <> '') OR (NEW.memo = '' AND OLD.memo <> '') OR (NEW.order_no = '' AND OLD.order_no <> '')) AND EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.gift_id = NEW.id AND (r.donor_name <> '' OR r.memo <> '') LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'funds_gift_forgotten: a donor is forgotten behind her confirmations, never changed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER funds_gift_forgotten BEFORE UPDATE ON funds_gift FOR EACH ROW EXECUTE FUNCTION funds_gift_forgotten()
"""
BEFORE_SQLITE = r"""
CREATE TRIGGER receipts_receipt_frozen BEFORE UPDATE ON receipts_receipt WHEN NEW.id IS NOT OLD.id OR NEW.gift_id IS NOT OLD.gift_id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.year IS NOT OLD.year OR NEW.serial IS NOT OLD.serial OR NEW.number IS NOT OLD.number OR NEW.issued_on IS NOT OLD.issued_on OR NEW.donor_name IS NOT OLD.donor_name OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.memo IS NOT OLD.memo OR NEW.received_on IS NOT OLD.received_on OR NEW.fund_full_name IS NOT OLD.fund_full_name OR NEW.authorised_by IS NOT OLD.authorised_by OR NEW.handler_name IS NOT OLD.handler_name OR NEW.checker_name IS NOT OLD.checker_name OR NEW.state_receipt IS NOT OLD.state_receipt OR NEW.nonce IS NOT OLD.nonce BEGIN SELECT RAISE(ABORT, 'receipts_receipt: id, gift_id, fund_id, year, serial, number, issued_on, donor_name, fen, method, intention, memo, received_on, fund_full_name, authorised_by, handler_name, checker_name, state_receipt, nonce never change'); END;;
CREATE TRIGGER funds_gift_frozen BEFORE UPDATE ON funds_gift WHEN NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.import_id IS NOT OLD.import_id OR NEW.row_no IS NOT OLD.row_no OR NEW.entry_id IS NOT OLD.entry_id OR NEW.received_on IS NOT OLD.received_on OR NEW.donor_name IS NOT OLD.donor_name OR NEW.is_anonymous IS NOT OLD.is_anonymous OR NEW.fen IS NOT OLD.fen OR NEW.method IS NOT OLD.method OR NEW.intention IS NOT OLD.intention OR NEW.memo IS NOT OLD.memo OR NEW.order_no IS NOT OLD.order_no OR NEW.booked_at IS NOT OLD.booked_at BEGIN SELECT RAISE(ABORT, 'funds_gift: id, fund_id, import_id, row_no, entry_id, received_on, donor_name, is_anonymous, fen, method, intention, memo, order_no, booked_at never change'); END;;
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_update: rows of a list do not change once it is handed over'); END
"""
BEFORE_POSTGRESQL = r"""
CREATE FUNCTION receipts_receipt_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.gift_id IS DISTINCT FROM OLD.gift_id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.year IS DISTINCT FROM OLD.year OR NEW.serial IS DISTINCT FROM OLD.serial OR NEW.number IS DISTINCT FROM OLD.number OR NEW.issued_on IS DISTINCT FROM OLD.issued_on OR NEW.donor_name IS DISTINCT FROM OLD.donor_name OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.memo IS DISTINCT FROM OLD.memo OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.fund_full_name IS DISTINCT FROM OLD.fund_full_name OR NEW.authorised_by IS DISTINCT FROM OLD.authorised_by OR NEW.handler_name IS DISTINCT FROM OLD.handler_name OR NEW.checker_name IS DISTINCT FROM OLD.checker_name OR NEW.state_receipt IS DISTINCT FROM OLD.state_receipt OR NEW.nonce IS DISTINCT FROM OLD.nonce THEN RAISE EXCEPTION 'receipts_receipt: id, gift_id, fund_id, year, serial, number, issued_on, donor_name, fen, method, intention, memo, received_on, fund_full_name, authorised_by, handler_name, checker_name, state_receipt, nonce never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER receipts_receipt_frozen BEFORE UPDATE ON receipts_receipt FOR EACH ROW EXECUTE FUNCTION receipts_receipt_frozen();;
CREATE FUNCTION funds_gift_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.import_id IS DISTINCT FROM OLD.import_id OR NEW.row_no IS DISTINCT FROM OLD.row_no OR NEW.entry_id IS DISTINCT FROM OLD.entry_id OR NEW.received_on IS DISTINCT FROM OLD.received_on OR NEW.donor_name IS DISTINCT FROM OLD.donor_name OR NEW.is_anonymous IS DISTINCT FROM OLD.is_anonymous OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.method IS DISTINCT FROM OLD.method OR NEW.intention IS DISTINCT FROM OLD.intention OR NEW.memo IS DISTINCT FROM OLD.memo OR NEW.order_no IS DISTINCT FROM OLD.order_no OR NEW.booked_at IS DISTINCT FROM OLD.booked_at THEN RAISE EXCEPTION 'funds_gift: id, fund_id, import_id, row_no, entry_id, received_on, donor_name, is_anonymous, fen, method, intention, memo, order_no, booked_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER funds_gift_frozen BEFORE UPDATE ON funds_gift FOR EACH ROW EXECUTE FUNCTION funds_gift_frozen();;
CREATE FUNCTION lists_row_settled_update() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'lists_row_settled_update: rows of a list do not change once it is handed over'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row FOR EACH ROW EXECUTE FUNCTION lists_row_settled_update()
"""


def upgrade() -> None:
    op.create_table(
        "receipts_summary",
        sa.Column("id", Id, nullable=False),
        sa.Column("fund_id", Id, nullable=False),
        sa.Column("year", Id, nullable=False),
        sa.Column("serial", Id, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("count", Id, nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.Column("fund_full_name", sa.String(), nullable=False),
        sa.Column("authorised_by", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("issued_by_id", Id, nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('period', 'year', 'household', 'company')", name=op.f("ck_receipts_summary_kind_known")
        ),
        sa.CheckConstraint("count > 0", name=op.f("ck_receipts_summary_count_positive")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_receipts_summary_in_order")),
        sa.CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name=op.f("ck_receipts_summary_fen_positive")),
        sa.CheckConstraint("serial > 0", name=op.f("ck_receipts_summary_serial_positive")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_receipts_summary_fund_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["people_person.id"], name=op.f("fk_receipts_summary_issued_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts_summary")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_receipts_summary_fingerprint")),
        sa.UniqueConstraint("fund_id", "year", "serial", name=op.f("uq_receipts_summary_fund_id_year_serial")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_summary_number")),
    )
    op.create_index(op.f("ix_receipts_summary_issued_by_id"), "receipts_summary", ["issued_by_id"])
    op.create_table(
        "receipts_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("receipt_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("donor_name", sa.String(), nullable=True),
        sa.Column("intention", sa.String(), nullable=True),
        sa.Column("memo", sa.String(), nullable=True),
        sa.Column("state_receipt", sa.String(), nullable=True),
        sa.Column("same_donor", sa.Boolean(), nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'reissue') = (donor_name IS NOT NULL)", name=op.f("ck_receipts_change_reissue_names")
        ),
        sa.CheckConstraint(
            "(kind = 'reissue') = (intention IS NOT NULL) AND (kind = 'reissue') = (memo IS NOT NULL)",
            name=op.f("ck_receipts_change_reissue_says"),
        ),
        sa.CheckConstraint(
            "(kind = 'reissue') = (state_receipt IS NOT NULL)", name=op.f("ck_receipts_change_reissue_wishes")
        ),
        sa.CheckConstraint("(status = 'asked') = (decided_at IS NULL)", name=op.f("ck_receipts_change_decided_at")),
        sa.CheckConstraint(
            "(status = 'returned') = (answer IS NOT NULL)", name=op.f("ck_receipts_change_returned_with_words")
        ),
        sa.CheckConstraint("kind IN ('void', 'reissue', 'refund')", name=op.f("ck_receipts_change_kind_known")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_receipts_change_reason_given")),
        sa.CheckConstraint(
            "state_receipt IS NULL OR state_receipt IN ('listed', 'waived', 'anonymous')",
            name=op.f("ck_receipts_change_state_receipt_known"),
        ),
        sa.CheckConstraint(
            "status IN ('asked', 'done', 'returned', 'withdrawn')", name=op.f("ck_receipts_change_status_known")
        ),
        sa.CheckConstraint(
            "status NOT IN ('done', 'returned') OR decided_by_id <> asked_by_id",
            name=op.f("ck_receipts_change_two_people"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_receipts_change_decided_by_somebody")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people_person.id"], name=op.f("fk_receipts_change_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people_person.id"], name=op.f("fk_receipts_change_decided_by_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts_receipt.id"], name=op.f("fk_receipts_change_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts_change")),
    )
    op.create_index(op.f("ix_receipts_change_receipt_id"), "receipts_change", ["receipt_id"])
    op.create_index(
        "uq_receipts_change_asked",
        "receipts_change",
        ["receipt_id"],
        unique=True,
        sqlite_where=sa.text("status = 'asked'"),
        postgresql_where=sa.text("status = 'asked'"),
    )
    op.create_index(
        "uq_receipts_change_done",
        "receipts_change",
        ["receipt_id"],
        unique=True,
        sqlite_where=sa.text("status = 'done'"),
        postgresql_where=sa.text("status = 'done'"),
    )
    op.create_table(
        "receipts_state",
        sa.Column("receipt_id", Id, autoincrement=False, nullable=False),
        sa.Column("turn", Id, autoincrement=False, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("check_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("recorded_by_id", Id, nullable=False),
        sa.Column("recorded_at", Moment, nullable=False),
        sa.CheckConstraint("code <> '' AND number <> ''", name=op.f("ck_receipts_state_numbers_given")),
        sa.CheckConstraint("reason IS NULL OR reason <> ''", name=op.f("ck_receipts_state_reason_given")),
        sa.CheckConstraint("(turn = 1) = (reason IS NULL)", name=op.f("ck_receipts_state_correction_has_reason")),
        sa.CheckConstraint("turn > 0", name=op.f("ck_receipts_state_turn_positive")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts_receipt.id"], name=op.f("fk_receipts_state_receipt_id")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["people_person.id"], name=op.f("fk_receipts_state_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("receipt_id", "turn", name=op.f("pk_receipts_state")),
    )
    op.create_index("ix_receipts_state_number", "receipts_state", ["code", "number"])
    op.create_table(
        "receipts_summary_member",
        sa.Column("summary_id", Id, autoincrement=False, nullable=False),
        sa.Column("position", Id, autoincrement=False, nullable=False),
        sa.Column("receipt_id", Id, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("donor_name", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts_receipt.id"], name=op.f("fk_receipts_summary_member_receipt_id")
        ),
        sa.ForeignKeyConstraint(
            ["summary_id"], ["receipts_summary.id"], name=op.f("fk_receipts_summary_member_summary_id")
        ),
        sa.PrimaryKeyConstraint("summary_id", "position", name=op.f("pk_receipts_summary_member")),
        sa.UniqueConstraint("summary_id", "receipt_id", name=op.f("uq_receipts_summary_member_summary_id_receipt_id")),
    )
    op.create_index(op.f("ix_receipts_summary_member_receipt_id"), "receipts_summary_member", ["receipt_id"])
    op.create_table(
        "receipts_wish",
        sa.Column("id", Id, nullable=False),
        sa.Column("receipt_id", Id, nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint("wish IN ('listed', 'waived')", name=op.f("ck_receipts_wish_wish_known")),
        sa.ForeignKeyConstraint(["by_id"], ["people_person.id"], name=op.f("fk_receipts_wish_by_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipts_receipt.id"], name=op.f("fk_receipts_wish_receipt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts_wish")),
    )
    op.create_index(op.f("ix_receipts_wish_receipt_id"), "receipts_wish", ["receipt_id"])
    drop_guards(CHANGED)
    make_guards(SQLITE, POSTGRESQL)
    make_guards(NOW_SQLITE, NOW_POSTGRESQL)


def downgrade() -> None:
    drop_guards({**CHANGED, **ADDED})
    make_guards(BEFORE_SQLITE, BEFORE_POSTGRESQL)
    op.drop_table("receipts_wish")
    op.drop_table("receipts_summary_member")
    op.drop_table("receipts_state")
    op.drop_table("receipts_change")
    op.drop_table("receipts_summary")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")


def make_guards(sqlite: str, postgresql: str) -> None:
    for statement in (sqlite if op.get_bind().dialect.name == "sqlite" else postgresql).split(";;\n"):
        op.get_bind().exec_driver_sql(statement)


def drop_guards(guards: dict[str, str]) -> None:
    for name, table in guards.items():
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
