"""Where money came from, and who took how much of it.

Revision: 20261124_trace
After: 20261124_log
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_trace"
down_revision = "20261124_log"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER ledger_trace_no_update BEFORE UPDATE ON ledger_trace BEGIN SELECT RAISE(ABORT, 'ledger_trace is append-only: no update'); END;;
CREATE TRIGGER ledger_trace_no_delete BEFORE DELETE ON ledger_trace BEGIN SELECT RAISE(ABORT, 'ledger_trace is append-only: no delete'); END;;
CREATE TRIGGER ledger_trace_no_replace BEFORE INSERT ON ledger_trace WHEN EXISTS (SELECT 1 FROM ledger_trace WHERE entry_id = NEW.entry_id AND source_id = NEW.source_id) BEGIN SELECT RAISE(ABORT, 'ledger_trace is append-only: no replace'); END;;
CREATE TRIGGER ledger_source_frozen BEFORE UPDATE ON ledger_source WHEN NEW.id IS NOT OLD.id OR NEW.pool_id IS NOT OLD.pool_id OR NEW.entry_id IS NOT OLD.entry_id OR NEW.origin_id IS NOT OLD.origin_id OR NEW.fen IS NOT OLD.fen BEGIN SELECT RAISE(ABORT, 'ledger_source: id, pool_id, entry_id, origin_id, fen never change'); END;;
CREATE TRIGGER ledger_source_no_delete BEFORE DELETE ON ledger_source BEGIN SELECT RAISE(ABORT, 'ledger_source is append-only: no delete'); END;;
CREATE TRIGGER ledger_source_no_replace BEFORE INSERT ON ledger_source WHEN EXISTS (SELECT 1 FROM ledger_source WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'ledger_source is append-only: no replace'); END;;
CREATE TRIGGER ledger_source_before_leaf BEFORE INSERT ON ledger_source WHEN EXISTS (SELECT 1 FROM log_leaf WHERE kind = 'entry' AND ref = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'ledger_source_before_leaf: the entry stands in the public log already'); END;;
CREATE TRIGGER ledger_trace_before_leaf BEFORE INSERT ON ledger_trace WHEN EXISTS (SELECT 1 FROM log_leaf WHERE kind = 'entry' AND ref = NEW.entry_id) BEGIN SELECT RAISE(ABORT, 'ledger_trace_before_leaf: the entry stands in the public log already'); END;;
CREATE TRIGGER ledger_source_opens_whole BEFORE INSERT ON ledger_source WHEN NEW.rest_fen IS NOT NEW.fen BEGIN SELECT RAISE(ABORT, 'ledger_source_opens_whole: what is taken of a source is said by its trace alone'); END;;
CREATE TRIGGER ledger_trace_takes AFTER INSERT ON ledger_trace
BEGIN
  UPDATE ledger_source SET rest_fen = CASE
      WHEN (fen > 0 AND rest_fen - NEW.fen BETWEEN 0 AND fen) OR (fen < 0 AND rest_fen - NEW.fen BETWEEN fen AND 0)
      THEN rest_fen - NEW.fen
      ELSE RAISE(ABORT, 'ck_ledger_source_rest_within: more than there is of the source') END
    WHERE id = NEW.source_id;
END
"""
POSTGRESQL = r"""
CREATE FUNCTION ledger_trace_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_trace is append-only: no update'; END $guard$;;
CREATE TRIGGER ledger_trace_no_update BEFORE UPDATE ON ledger_trace FOR EACH ROW EXECUTE FUNCTION ledger_trace_no_update();;
CREATE FUNCTION ledger_trace_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_trace is append-only: no delete'; END $guard$;;
CREATE TRIGGER ledger_trace_no_delete BEFORE DELETE ON ledger_trace FOR EACH ROW EXECUTE FUNCTION ledger_trace_no_delete();;
CREATE FUNCTION ledger_trace_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_trace is append-only: no truncate'; END $guard$;;
CREATE TRIGGER ledger_trace_no_truncate BEFORE TRUNCATE ON ledger_trace FOR EACH STATEMENT EXECUTE FUNCTION ledger_trace_no_truncate();;
CREATE FUNCTION ledger_source_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.pool_id IS DISTINCT FROM OLD.pool_id OR NEW.entry_id IS DISTINCT FROM OLD.entry_id OR NEW.origin_id IS DISTINCT FROM OLD.origin_id OR NEW.fen IS DISTINCT FROM OLD.fen THEN RAISE EXCEPTION 'ledger_source: id, pool_id, entry_id, origin_id, fen never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER ledger_source_frozen BEFORE UPDATE ON ledger_source FOR EACH ROW EXECUTE FUNCTION ledger_source_frozen();;
CREATE FUNCTION ledger_source_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_source is append-only: no delete'; END $guard$;;
CREATE TRIGGER ledger_source_no_delete BEFORE DELETE ON ledger_source FOR EACH ROW EXECUTE FUNCTION ledger_source_no_delete();;
CREATE FUNCTION ledger_source_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'ledger_source is append-only: no truncate'; END $guard$;;
CREATE TRIGGER ledger_source_no_truncate BEFORE TRUNCATE ON ledger_source FOR EACH STATEMENT EXECUTE FUNCTION ledger_source_no_truncate();;
CREATE FUNCTION ledger_source_before_leaf() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM log_leaf WHERE kind = 'entry' AND ref = added.entry_id)) THEN RAISE EXCEPTION 'ledger_source_before_leaf: the entry stands in the public log already'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER ledger_source_before_leaf AFTER INSERT ON ledger_source REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_source_before_leaf();;
CREATE FUNCTION ledger_trace_before_leaf() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM log_leaf WHERE kind = 'entry' AND ref = added.entry_id)) THEN RAISE EXCEPTION 'ledger_trace_before_leaf: the entry stands in the public log already'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER ledger_trace_before_leaf AFTER INSERT ON ledger_trace REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_trace_before_leaf();;
CREATE FUNCTION ledger_source_opens_whole() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.rest_fen IS DISTINCT FROM added.fen) THEN RAISE EXCEPTION 'ledger_source_opens_whole: what is taken of a source is said by its trace alone'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER ledger_source_opens_whole AFTER INSERT ON ledger_source REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_source_opens_whole();;
CREATE FUNCTION ledger_trace_takes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ 
BEGIN
  PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);
  UPDATE ledger_source s SET rest_fen = s.rest_fen - taken.fen
    FROM (SELECT source_id, sum(fen)::bigint AS fen FROM added GROUP BY source_id ORDER BY source_id) taken
    WHERE s.id = taken.source_id;
  RETURN NULL;
END
 $guard$;;
CREATE TRIGGER ledger_trace_takes AFTER INSERT ON ledger_trace REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_trace_takes()
"""
FUNCTIONS = (
    "ledger_trace_no_update",
    "ledger_trace_no_delete",
    "ledger_trace_no_truncate",
    "ledger_source_frozen",
    "ledger_source_no_delete",
    "ledger_source_no_truncate",
    "ledger_source_before_leaf",
    "ledger_trace_before_leaf",
    "ledger_source_opens_whole",
    "ledger_trace_takes",
)


def upgrade() -> None:
    op.create_table(
        "ledger_source",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("pool_id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("origin_id", Id, nullable=True),
        sa.Column("fen", Id, nullable=False),
        sa.Column("rest_fen", Id, nullable=False),
        sa.CheckConstraint(
            "(fen > 0 AND rest_fen >= 0 AND rest_fen <= fen) OR (fen < 0 AND rest_fen <= 0 AND rest_fen >= fen)",
            name=op.f("ck_ledger_source_rest_within"),
        ),
        sa.CheckConstraint(
            "CAST(fen AS BIGINT) = fen AND CAST(rest_fen AS BIGINT) = rest_fen", name=op.f("ck_ledger_source_whole_fen")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_source_entry_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["ledger_source.id"], name=op.f("fk_ledger_source_origin_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["ledger_pool.id"], name=op.f("fk_ledger_source_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_source")),
    )
    op.create_index(
        "ix_ledger_source_open",
        "ledger_source",
        ["pool_id", "id"],
        unique=False,
        sqlite_where=sa.text("rest_fen > 0"),
        postgresql_where=sa.text("rest_fen > 0"),
    )
    op.create_index(
        "ix_ledger_source_origin",
        "ledger_source",
        ["origin_id", "id"],
        unique=False,
        sqlite_where=sa.text("origin_id IS NOT NULL"),
        postgresql_where=sa.text("origin_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ledger_source_owed",
        "ledger_source",
        ["pool_id", "id"],
        unique=False,
        sqlite_where=sa.text("rest_fen < 0"),
        postgresql_where=sa.text("rest_fen < 0"),
    )
    op.create_index(
        "uq_ledger_source_entry",
        "ledger_source",
        ["entry_id", "pool_id"],
        unique=True,
        sqlite_where=sa.text("origin_id IS NULL"),
        postgresql_where=sa.text("origin_id IS NULL"),
    )
    op.create_index(
        "uq_ledger_source_moved",
        "ledger_source",
        ["entry_id", "pool_id", "origin_id"],
        unique=True,
        sqlite_where=sa.text("origin_id IS NOT NULL"),
        postgresql_where=sa.text("origin_id IS NOT NULL"),
    )
    op.create_table(
        "ledger_trace",
        sa.Column("entry_id", Id, autoincrement=False, nullable=False),
        sa.Column("source_id", Id, autoincrement=False, nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.CheckConstraint("fen <> 0 AND CAST(fen AS BIGINT) = fen", name=op.f("ck_ledger_trace_fen_not_zero")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_ledger_trace_entry_id")),
        sa.ForeignKeyConstraint(["source_id"], ["ledger_source.id"], name=op.f("fk_ledger_trace_source_id")),
        sa.PrimaryKeyConstraint("entry_id", "source_id", name=op.f("pk_ledger_trace")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_trace_source", "ledger_trace", ["source_id", "entry_id"])
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("ledger_trace")
    op.drop_table("ledger_source")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
