"""Long lists are read beside the web, in pieces.

Revision: 20261122_list_reading
After: 20261122_tallies
"""

from alembic import op

revision = "20261122_list_reading"
down_revision = "20261122_tallies"
branch_labels = None
depends_on = None

OLD_STATES = "status IN ('preview', 'waiting', 'booking', 'booked', 'returned', 'withdrawn')"
NEW_STATES = "status IN ('reading', 'preview', 'waiting', 'booking', 'booked', 'returned', 'withdrawn')"
STATES_KNOWN = "ck_lists_import_status_known"

# Frozen here, as they are from now on and as they were before.
SQLITE = {
    ("lists_import_begins", "lists_import"): r"""
CREATE TRIGGER lists_import_begins BEFORE INSERT ON lists_import WHEN NEW.status NOT IN ('reading', 'preview') OR NEW.booked <> 0 OR NEW.confirmed_by_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'lists_import_begins: a list begins as a preview or is being read'); END
""",
    ("lists_import_way", "lists_import"): r"""
CREATE TRIGGER lists_import_way BEFORE UPDATE ON lists_import WHEN OLD.status <> NEW.status AND NOT ((OLD.status = 'reading' AND NEW.status = 'preview') OR (OLD.status = 'reading' AND NEW.status = 'withdrawn') OR (OLD.status = 'preview' AND NEW.status = 'reading') OR (OLD.status = 'preview' AND NEW.status = 'waiting') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'waiting' AND NEW.status = 'booking') OR (OLD.status = 'waiting' AND NEW.status = 'returned') OR (OLD.status = 'waiting' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) BEGIN SELECT RAISE(ABORT, 'lists_import_way: a list goes its way and not back'); END
""",
    ("lists_import_handed", "lists_import"): r"""
CREATE TRIGGER lists_import_handed BEFORE UPDATE ON lists_import WHEN (NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.file_id IS NOT OLD.file_id OR NEW.filename IS NOT OLD.filename OR NEW.uploaded_by_id IS NOT OLD.uploaded_by_id OR NEW.uploaded_at IS NOT OLD.uploaded_at) OR (OLD.status NOT IN ('reading', 'preview') AND (NEW.content_hash IS NOT OLD.content_hash OR NEW.method IS NOT OLD.method OR NEW.default_date IS NOT OLD.default_date OR NEW.declared_fen IS NOT OLD.declared_fen OR NEW.declared_rows IS NOT OLD.declared_rows OR NEW.rows IS NOT OLD.rows OR NEW.listed_fen IS NOT OLD.listed_fen OR NEW.accepted IS NOT OLD.accepted OR NEW.problems IS NOT OLD.problems OR NEW.repeats IS NOT OLD.repeats OR NEW.in_the_way IS NOT OLD.in_the_way OR NEW.booked_before IS NOT OLD.booked_before OR NEW.left_out IS NOT OLD.left_out OR NEW.left_out_fen IS NOT OLD.left_out_fen OR NEW.total_fen IS NOT OLD.total_fen OR NEW.handed_by_id IS NOT OLD.handed_by_id OR NEW.handed_at IS NOT OLD.handed_at OR CAST(NEW.columns AS TEXT) IS NOT CAST(OLD.columns AS TEXT) OR CAST(NEW.column_map AS TEXT) IS NOT CAST(OLD.column_map AS TEXT) OR CAST(NEW.reading AS TEXT) IS NOT CAST(OLD.reading AS TEXT) OR CAST(NEW.refusal AS TEXT) IS NOT CAST(OLD.refusal AS TEXT))) OR (OLD.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id IS NOT OLD.confirmed_by_id OR NEW.confirmed_at IS NOT OLD.confirmed_at)) BEGIN SELECT RAISE(ABORT, 'lists_import_handed: a list does not change once it is handed over'); END
""",
    ("lists_row_settled_insert", "lists_row"): r"""
CREATE TRIGGER lists_row_settled_insert BEFORE INSERT ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_insert: rows of a list do not change once it is handed over'); END
""",
    ("lists_row_settled_update", "lists_row"): r"""
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_update: rows of a list do not change once it is handed over'); END
""",
    ("lists_row_settled_delete", "lists_row"): r"""
CREATE TRIGGER lists_row_settled_delete BEFORE DELETE ON lists_row WHEN EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'lists_row_settled_delete: rows of a list do not change once it is handed over'); END
""",
}

SQLITE_BEFORE = {
    ("lists_import_begins", "lists_import"): r"""
CREATE TRIGGER lists_import_begins BEFORE INSERT ON lists_import WHEN NEW.status <> 'preview' OR NEW.booked <> 0 OR NEW.confirmed_by_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'lists_import_begins: a list begins as a preview'); END
""",
    ("lists_import_way", "lists_import"): r"""
CREATE TRIGGER lists_import_way BEFORE UPDATE ON lists_import WHEN OLD.status <> NEW.status AND NOT ((OLD.status = 'preview' AND NEW.status = 'waiting') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'waiting' AND NEW.status = 'booking') OR (OLD.status = 'waiting' AND NEW.status = 'returned') OR (OLD.status = 'waiting' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) BEGIN SELECT RAISE(ABORT, 'lists_import_way: a list goes its way and not back'); END
""",
    ("lists_import_handed", "lists_import"): r"""
CREATE TRIGGER lists_import_handed BEFORE UPDATE ON lists_import WHEN (NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.file_id IS NOT OLD.file_id OR NEW.filename IS NOT OLD.filename OR NEW.uploaded_by_id IS NOT OLD.uploaded_by_id OR NEW.uploaded_at IS NOT OLD.uploaded_at) OR (OLD.status <> 'preview' AND (NEW.content_hash IS NOT OLD.content_hash OR NEW.method IS NOT OLD.method OR NEW.default_date IS NOT OLD.default_date OR NEW.declared_fen IS NOT OLD.declared_fen OR NEW.declared_rows IS NOT OLD.declared_rows OR NEW.rows IS NOT OLD.rows OR NEW.listed_fen IS NOT OLD.listed_fen OR NEW.accepted IS NOT OLD.accepted OR NEW.problems IS NOT OLD.problems OR NEW.repeats IS NOT OLD.repeats OR NEW.in_the_way IS NOT OLD.in_the_way OR NEW.booked_before IS NOT OLD.booked_before OR NEW.left_out IS NOT OLD.left_out OR NEW.left_out_fen IS NOT OLD.left_out_fen OR NEW.total_fen IS NOT OLD.total_fen OR NEW.handed_by_id IS NOT OLD.handed_by_id OR NEW.handed_at IS NOT OLD.handed_at OR CAST(NEW.columns AS TEXT) IS NOT CAST(OLD.columns AS TEXT) OR CAST(NEW.column_map AS TEXT) IS NOT CAST(OLD.column_map AS TEXT) OR CAST(NEW.reading AS TEXT) IS NOT CAST(OLD.reading AS TEXT) OR CAST(NEW.refusal AS TEXT) IS NOT CAST(OLD.refusal AS TEXT))) OR (OLD.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id IS NOT OLD.confirmed_by_id OR NEW.confirmed_at IS NOT OLD.confirmed_at)) BEGIN SELECT RAISE(ABORT, 'lists_import_handed: a list does not change once it is handed over'); END
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
}

POSTGRESQL = {
    ("lists_import_begins", "lists_import"): r"""
CREATE FUNCTION lists_import_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.status NOT IN ('reading', 'preview') OR added.booked <> 0 OR added.confirmed_by_id IS NOT NULL) THEN RAISE EXCEPTION 'lists_import_begins: a list begins as a preview or is being read'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER lists_import_begins AFTER INSERT ON lists_import REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lists_import_begins()
""",
    ("lists_import_way", "lists_import"): r"""
CREATE FUNCTION lists_import_way() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status <> NEW.status AND NOT ((OLD.status = 'reading' AND NEW.status = 'preview') OR (OLD.status = 'reading' AND NEW.status = 'withdrawn') OR (OLD.status = 'preview' AND NEW.status = 'reading') OR (OLD.status = 'preview' AND NEW.status = 'waiting') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'waiting' AND NEW.status = 'booking') OR (OLD.status = 'waiting' AND NEW.status = 'returned') OR (OLD.status = 'waiting' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) THEN RAISE EXCEPTION 'lists_import_way: a list goes its way and not back'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_import_way BEFORE UPDATE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_way()
""",
    ("lists_import_handed", "lists_import"): r"""
CREATE FUNCTION lists_import_handed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.file_id IS DISTINCT FROM OLD.file_id OR NEW.filename IS DISTINCT FROM OLD.filename OR NEW.uploaded_by_id IS DISTINCT FROM OLD.uploaded_by_id OR NEW.uploaded_at IS DISTINCT FROM OLD.uploaded_at) OR (OLD.status NOT IN ('reading', 'preview') AND (NEW.content_hash IS DISTINCT FROM OLD.content_hash OR NEW.method IS DISTINCT FROM OLD.method OR NEW.default_date IS DISTINCT FROM OLD.default_date OR NEW.declared_fen IS DISTINCT FROM OLD.declared_fen OR NEW.declared_rows IS DISTINCT FROM OLD.declared_rows OR NEW.rows IS DISTINCT FROM OLD.rows OR NEW.listed_fen IS DISTINCT FROM OLD.listed_fen OR NEW.accepted IS DISTINCT FROM OLD.accepted OR NEW.problems IS DISTINCT FROM OLD.problems OR NEW.repeats IS DISTINCT FROM OLD.repeats OR NEW.in_the_way IS DISTINCT FROM OLD.in_the_way OR NEW.booked_before IS DISTINCT FROM OLD.booked_before OR NEW.left_out IS DISTINCT FROM OLD.left_out OR NEW.left_out_fen IS DISTINCT FROM OLD.left_out_fen OR NEW.total_fen IS DISTINCT FROM OLD.total_fen OR NEW.handed_by_id IS DISTINCT FROM OLD.handed_by_id OR NEW.handed_at IS DISTINCT FROM OLD.handed_at OR CAST(NEW.columns AS TEXT) IS DISTINCT FROM CAST(OLD.columns AS TEXT) OR CAST(NEW.column_map AS TEXT) IS DISTINCT FROM CAST(OLD.column_map AS TEXT) OR CAST(NEW.reading AS TEXT) IS DISTINCT FROM CAST(OLD.reading AS TEXT) OR CAST(NEW.refusal AS TEXT) IS DISTINCT FROM CAST(OLD.refusal AS TEXT))) OR (OLD.confirmed_by_id IS NOT NULL AND (NEW.confirmed_by_id IS DISTINCT FROM OLD.confirmed_by_id OR NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)) THEN RAISE EXCEPTION 'lists_import_handed: a list does not change once it is handed over'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_import_handed BEFORE UPDATE ON lists_import FOR EACH ROW EXECUTE FUNCTION lists_import_handed()
""",
    ("lists_row_settled_insert", "lists_row"): r"""
CREATE FUNCTION lists_row_settled_insert() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM lists_import i WHERE i.id = added.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'lists_row_settled_insert: rows of a list do not change once it is handed over'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER lists_row_settled_insert AFTER INSERT ON lists_row REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION lists_row_settled_insert()
""",
    ("lists_row_settled_update", "lists_row"): r"""
CREATE FUNCTION lists_row_settled_update() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) OR EXISTS (SELECT 1 FROM lists_import i WHERE i.id = NEW.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'lists_row_settled_update: rows of a list do not change once it is handed over'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER lists_row_settled_update BEFORE UPDATE ON lists_row FOR EACH ROW EXECUTE FUNCTION lists_row_settled_update()
""",
    ("lists_row_settled_delete", "lists_row"): r"""
CREATE FUNCTION lists_row_settled_delete() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT 1 FROM lists_import i WHERE i.id = OLD.import_id AND i.status NOT IN ('reading', 'preview') LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'lists_row_settled_delete: rows of a list do not change once it is handed over'; END IF; RETURN OLD; END $guard$;
CREATE TRIGGER lists_row_settled_delete BEFORE DELETE ON lists_row FOR EACH ROW EXECUTE FUNCTION lists_row_settled_delete()
""",
}

POSTGRESQL_BEFORE = {
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
}


def upgrade() -> None:
    _drop_guards()
    _know_states(OLD_STATES, NEW_STATES)
    _make_guards(SQLITE if _is_sqlite() else POSTGRESQL)


def downgrade() -> None:
    """A list that is being read is taken back: the older version has nobody who would read it."""
    op.execute("DELETE FROM jobs_job WHERE name = 'lists.read' AND status <> 'done'")
    op.execute("DELETE FROM lists_row WHERE import_id IN (SELECT id FROM lists_import WHERE status = 'reading')")
    op.execute(
        "UPDATE lists_import SET status = 'withdrawn', finished_at = uploaded_at, accepted = 0, rows = 0, problems = 0, "
        "repeats = 0, in_the_way = 0, booked_before = 0, left_out = 0, left_out_fen = 0, total_fen = 0, listed_fen = 0 "
        "WHERE status = 'reading'"
    )
    _drop_guards()
    _know_states(NEW_STATES, OLD_STATES)
    _make_guards(SQLITE_BEFORE if _is_sqlite() else POSTGRESQL_BEFORE)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _drop_guards() -> None:
    for name, table in SQLITE:
        if _is_sqlite():
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")


def _make_guards(statements: dict[tuple[str, str], str]) -> None:
    for statement in statements.values():
        op.get_bind().exec_driver_sql(statement)


def _know_states(before: str, after: str) -> None:
    if _is_sqlite():
        _rewrite_check(before, after)
    else:
        op.drop_constraint(op.f(STATES_KNOWN), "lists_import", type_="check")
        op.create_check_constraint(op.f(STATES_KNOWN), "lists_import", after)


def _rewrite_check(before: str, after: str) -> None:
    """SQLite's own way to change a CHECK (sqlite.org/lang_altertable.html, 7): nothing stored changes, so the table's
    text does. A rebuilt table would have to be dropped, with foreign keys on and with every gift and row pointing at
    it; its triggers and partial indexes would be lost, and ten years of lists copied.
    """
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    changed = connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = 'lists_import' "
        "AND instr(sql, ?) > 0",
        (before, after, before),
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table lists_import is not as the migrations made it")
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = OFF")
