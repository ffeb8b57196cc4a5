"""The public log.

Revision: 20261124_log
After: 20261123_numbers
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_log"
down_revision = "20261123_numbers"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER log_leaf_no_update BEFORE UPDATE ON log_leaf BEGIN SELECT RAISE(ABORT, 'log_leaf is append-only: no update'); END;;
CREATE TRIGGER log_leaf_no_delete BEFORE DELETE ON log_leaf BEGIN SELECT RAISE(ABORT, 'log_leaf is append-only: no delete'); END;;
CREATE TRIGGER log_leaf_no_replace BEFORE INSERT ON log_leaf WHEN EXISTS (SELECT 1 FROM log_leaf WHERE idx = NEW.idx) OR EXISTS (SELECT 1 FROM log_leaf WHERE kind = NEW.kind AND ref = NEW.ref) BEGIN SELECT RAISE(ABORT, 'log_leaf is append-only: no replace'); END;;
CREATE TRIGGER log_tile_no_update BEFORE UPDATE ON log_tile BEGIN SELECT RAISE(ABORT, 'log_tile is append-only: no update'); END;;
CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile BEGIN SELECT RAISE(ABORT, 'log_tile is append-only: no delete'); END;;
CREATE TRIGGER log_tile_no_replace BEFORE INSERT ON log_tile WHEN EXISTS (SELECT 1 FROM log_tile WHERE level = NEW.level AND idx = NEW.idx) BEGIN SELECT RAISE(ABORT, 'log_tile is append-only: no replace'); END;;
CREATE TRIGGER log_key_no_update BEFORE UPDATE ON log_key BEGIN SELECT RAISE(ABORT, 'log_key is append-only: no update'); END;;
CREATE TRIGGER log_key_no_delete BEFORE DELETE ON log_key BEGIN SELECT RAISE(ABORT, 'log_key is append-only: no delete'); END;;
CREATE TRIGGER log_key_no_replace BEFORE INSERT ON log_key WHEN EXISTS (SELECT 1 FROM log_key WHERE vkey = NEW.vkey) BEGIN SELECT RAISE(ABORT, 'log_key is append-only: no replace'); END;;
CREATE TRIGGER log_cosignature_no_update BEFORE UPDATE ON log_cosignature BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only: no update'); END;;
CREATE TRIGGER log_cosignature_no_delete BEFORE DELETE ON log_cosignature BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only: no delete'); END;;
CREATE TRIGGER log_cosignature_no_replace BEFORE INSERT ON log_cosignature WHEN EXISTS (SELECT 1 FROM log_cosignature WHERE size = NEW.size AND witness = NEW.witness) BEGIN SELECT RAISE(ABORT, 'log_cosignature is append-only: no replace'); END;;
CREATE TRIGGER log_secret_frozen BEFORE UPDATE ON log_secret WHEN NEW.idx IS NOT OLD.idx OR NEW.field IS NOT OLD.field OR NEW.commitment IS NOT OLD.commitment BEGIN SELECT RAISE(ABORT, 'log_secret: idx, field, commitment never change'); END;;
CREATE TRIGGER log_secret_no_delete BEFORE DELETE ON log_secret BEGIN SELECT RAISE(ABORT, 'log_secret is append-only: no delete'); END;;
CREATE TRIGGER log_secret_no_replace BEFORE INSERT ON log_secret WHEN EXISTS (SELECT 1 FROM log_secret WHERE idx = NEW.idx AND field = NEW.field) BEGIN SELECT RAISE(ABORT, 'log_secret is append-only: no replace'); END;;
CREATE TRIGGER log_secret_salt_goes BEFORE UPDATE ON log_secret WHEN NEW.salt IS NOT NULL AND NEW.salt IS NOT OLD.salt BEGIN SELECT RAISE(ABORT, 'log_secret_salt_goes: a salt is deleted, never changed'); END;;
CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head BEGIN SELECT RAISE(ABORT, 'log_head is append-only: no delete'); END;;
CREATE TRIGGER log_head_no_replace BEFORE INSERT ON log_head WHEN EXISTS (SELECT 1 FROM log_head WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'log_head is append-only: no replace'); END;;
CREATE TRIGGER log_head_grows BEFORE UPDATE ON log_head WHEN NEW.size < OLD.size BEGIN SELECT RAISE(ABORT, 'log_head_grows: the log only grows'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION log_leaf_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_leaf is append-only: no update'; END $guard$;;
CREATE TRIGGER log_leaf_no_update BEFORE UPDATE ON log_leaf FOR EACH ROW EXECUTE FUNCTION log_leaf_no_update();;
CREATE FUNCTION log_leaf_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_leaf is append-only: no delete'; END $guard$;;
CREATE TRIGGER log_leaf_no_delete BEFORE DELETE ON log_leaf FOR EACH ROW EXECUTE FUNCTION log_leaf_no_delete();;
CREATE FUNCTION log_leaf_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_leaf is append-only: no truncate'; END $guard$;;
CREATE TRIGGER log_leaf_no_truncate BEFORE TRUNCATE ON log_leaf FOR EACH STATEMENT EXECUTE FUNCTION log_leaf_no_truncate();;
CREATE FUNCTION log_tile_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_tile is append-only: no update'; END $guard$;;
CREATE TRIGGER log_tile_no_update BEFORE UPDATE ON log_tile FOR EACH ROW EXECUTE FUNCTION log_tile_no_update();;
CREATE FUNCTION log_tile_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_tile is append-only: no delete'; END $guard$;;
CREATE TRIGGER log_tile_no_delete BEFORE DELETE ON log_tile FOR EACH ROW EXECUTE FUNCTION log_tile_no_delete();;
CREATE FUNCTION log_tile_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_tile is append-only: no truncate'; END $guard$;;
CREATE TRIGGER log_tile_no_truncate BEFORE TRUNCATE ON log_tile FOR EACH STATEMENT EXECUTE FUNCTION log_tile_no_truncate();;
CREATE FUNCTION log_key_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_key is append-only: no update'; END $guard$;;
CREATE TRIGGER log_key_no_update BEFORE UPDATE ON log_key FOR EACH ROW EXECUTE FUNCTION log_key_no_update();;
CREATE FUNCTION log_key_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_key is append-only: no delete'; END $guard$;;
CREATE TRIGGER log_key_no_delete BEFORE DELETE ON log_key FOR EACH ROW EXECUTE FUNCTION log_key_no_delete();;
CREATE FUNCTION log_key_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_key is append-only: no truncate'; END $guard$;;
CREATE TRIGGER log_key_no_truncate BEFORE TRUNCATE ON log_key FOR EACH STATEMENT EXECUTE FUNCTION log_key_no_truncate();;
CREATE FUNCTION log_cosignature_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_cosignature is append-only: no update'; END $guard$;;
CREATE TRIGGER log_cosignature_no_update BEFORE UPDATE ON log_cosignature FOR EACH ROW EXECUTE FUNCTION log_cosignature_no_update();;
CREATE FUNCTION log_cosignature_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_cosignature is append-only: no delete'; END $guard$;;
CREATE TRIGGER log_cosignature_no_delete BEFORE DELETE ON log_cosignature FOR EACH ROW EXECUTE FUNCTION log_cosignature_no_delete();;
CREATE FUNCTION log_cosignature_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_cosignature is append-only: no truncate'; END $guard$;;
CREATE TRIGGER log_cosignature_no_truncate BEFORE TRUNCATE ON log_cosignature FOR EACH STATEMENT EXECUTE FUNCTION log_cosignature_no_truncate();;
CREATE FUNCTION log_secret_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.idx IS DISTINCT FROM OLD.idx OR NEW.field IS DISTINCT FROM OLD.field OR NEW.commitment IS DISTINCT FROM OLD.commitment THEN RAISE EXCEPTION 'log_secret: idx, field, commitment never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER log_secret_frozen BEFORE UPDATE ON log_secret FOR EACH ROW EXECUTE FUNCTION log_secret_frozen();;
CREATE FUNCTION log_secret_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_secret is append-only: no delete'; END $guard$;;
CREATE TRIGGER log_secret_no_delete BEFORE DELETE ON log_secret FOR EACH ROW EXECUTE FUNCTION log_secret_no_delete();;
CREATE FUNCTION log_secret_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_secret is append-only: no truncate'; END $guard$;;
CREATE TRIGGER log_secret_no_truncate BEFORE TRUNCATE ON log_secret FOR EACH STATEMENT EXECUTE FUNCTION log_secret_no_truncate();;
CREATE FUNCTION log_secret_salt_goes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.salt IS NOT NULL AND NEW.salt IS DISTINCT FROM OLD.salt THEN RAISE EXCEPTION 'log_secret_salt_goes: a salt is deleted, never changed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER log_secret_salt_goes BEFORE UPDATE ON log_secret FOR EACH ROW EXECUTE FUNCTION log_secret_salt_goes();;
CREATE FUNCTION log_head_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_head is append-only: no delete'; END $guard$;;
CREATE TRIGGER log_head_no_delete BEFORE DELETE ON log_head FOR EACH ROW EXECUTE FUNCTION log_head_no_delete();;
CREATE FUNCTION log_head_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'log_head is append-only: no truncate'; END $guard$;;
CREATE TRIGGER log_head_no_truncate BEFORE TRUNCATE ON log_head FOR EACH STATEMENT EXECUTE FUNCTION log_head_no_truncate();;
CREATE FUNCTION log_head_grows() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.size < OLD.size THEN RAISE EXCEPTION 'log_head_grows: the log only grows'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER log_head_grows BEFORE UPDATE ON log_head FOR EACH ROW EXECUTE FUNCTION log_head_grows()
"""
FUNCTIONS = (
    "log_leaf_no_update",
    "log_leaf_no_delete",
    "log_leaf_no_truncate",
    "log_tile_no_update",
    "log_tile_no_delete",
    "log_tile_no_truncate",
    "log_key_no_update",
    "log_key_no_delete",
    "log_key_no_truncate",
    "log_cosignature_no_update",
    "log_cosignature_no_delete",
    "log_cosignature_no_truncate",
    "log_secret_frozen",
    "log_secret_no_delete",
    "log_secret_no_truncate",
    "log_secret_salt_goes",
    "log_head_no_delete",
    "log_head_no_truncate",
    "log_head_grows",
)


def upgrade() -> None:
    op.create_table(
        "log_cosignature",
        sa.Column("size", Id, autoincrement=False, nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_log_cosignature")),
    )
    op.create_table(
        "log_head",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("size", Id, nullable=False),
        sa.Column("stack", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_single_row")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_log_head_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_key",
        sa.Column("vkey", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("from_size", Id, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("declared_at", Moment, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_log_key_reason_given")),
        sa.PrimaryKeyConstraint("vkey", name=op.f("pk_log_key")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("idx", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", Id, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("idx >= 0", name=op.f("ck_log_leaf_not_negative")),
        sa.CheckConstraint("length(hash) = 32", name=op.f("ck_log_leaf_hash_whole")),
        sa.PrimaryKeyConstraint("idx", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_log_leaf_kind_ref")),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", Id, autoincrement=False, nullable=False),
        sa.Column("idx", Id, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(hashes) = 8192", name=op.f("ck_log_tile_whole")),
        sa.PrimaryKeyConstraint("level", "idx", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "log_secret",
        sa.Column("idx", Id, autoincrement=False, nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(commitment) = 32", name=op.f("ck_log_secret_commitment_whole")),
        sa.CheckConstraint("salt IS NULL OR length(salt) = 32", name=op.f("ck_log_secret_salt_whole")),
        sa.ForeignKeyConstraint(["idx"], ["log_leaf.idx"], name=op.f("fk_log_secret_idx")),
        sa.PrimaryKeyConstraint("idx", "field", name=op.f("pk_log_secret")),
        sqlite_with_rowid=False,
    )
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("log_secret")
    op.drop_table("log_tile")
    op.drop_table("log_leaf")
    op.drop_table("log_key")
    op.drop_table("log_head")
    op.drop_table("log_cosignature")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
