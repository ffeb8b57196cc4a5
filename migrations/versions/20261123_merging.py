"""Two entries of one person become one, and two again.

Revision: 20261123_merging
After: 20261123_finding
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_merging"
down_revision = "20261123_finding"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER merging_merge_no_chain BEFORE INSERT ON merging_merge WHEN EXISTS (SELECT 1 FROM merging_merge m WHERE m.undone_at IS NULL AND m.id <> NEW.id
    AND (m.twin_id = NEW.into_id OR m.into_id = NEW.twin_id)) BEGIN SELECT RAISE(ABORT, 'merging_merge_no_chain: an entry that is merged itself takes no other, and one that has taken others is merged into none'); END;;
CREATE TRIGGER merging_merge_frozen BEFORE UPDATE ON merging_merge WHEN NEW.id IS NOT OLD.id OR NEW.twin_id IS NOT OLD.twin_id OR NEW.into_id IS NOT OLD.into_id OR NEW.by_id IS NOT OLD.by_id OR NEW.at IS NOT OLD.at OR NEW.reason IS NOT OLD.reason BEGIN SELECT RAISE(ABORT, 'merging_merge: id, twin_id, into_id, by_id, at, reason never change'); END;;
CREATE TRIGGER merging_merge_no_replace BEFORE INSERT ON merging_merge WHEN EXISTS (SELECT 1 FROM merging_merge WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'merging_merge is append-only: no replace'); END;;
CREATE TRIGGER merging_merge_no_delete BEFORE DELETE ON merging_merge BEGIN SELECT RAISE(ABORT, 'merging_merge is append-only: no delete'); END;;
CREATE TRIGGER merging_apart_no_update BEFORE UPDATE ON merging_apart BEGIN SELECT RAISE(ABORT, 'merging_apart is append-only: no update'); END;;
CREATE TRIGGER merging_apart_no_delete BEFORE DELETE ON merging_apart BEGIN SELECT RAISE(ABORT, 'merging_apart is append-only: no delete'); END;;
CREATE TRIGGER merging_apart_no_replace BEFORE INSERT ON merging_apart WHEN EXISTS (SELECT 1 FROM merging_apart WHERE one_id = NEW.one_id AND other_id = NEW.other_id) BEGIN SELECT RAISE(ABORT, 'merging_apart is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION merging_merge_no_chain() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); PERFORM 1 FROM people_person p WHERE p.id IN (SELECT twin_id FROM added UNION SELECT into_id FROM added) ORDER BY p.id FOR NO KEY UPDATE; IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM merging_merge m WHERE m.undone_at IS NULL AND m.id <> added.id
    AND (m.twin_id = added.into_id OR m.into_id = added.twin_id))) THEN RAISE EXCEPTION 'merging_merge_no_chain: an entry that is merged itself takes no other, and one that has taken others is merged into none'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER merging_merge_no_chain AFTER INSERT ON merging_merge REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION merging_merge_no_chain();;
CREATE FUNCTION merging_merge_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.twin_id IS DISTINCT FROM OLD.twin_id OR NEW.into_id IS DISTINCT FROM OLD.into_id OR NEW.by_id IS DISTINCT FROM OLD.by_id OR NEW.at IS DISTINCT FROM OLD.at OR NEW.reason IS DISTINCT FROM OLD.reason THEN RAISE EXCEPTION 'merging_merge: id, twin_id, into_id, by_id, at, reason never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER merging_merge_frozen BEFORE UPDATE ON merging_merge FOR EACH ROW EXECUTE FUNCTION merging_merge_frozen();;
CREATE FUNCTION merging_merge_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'merging_merge is append-only: no delete'; END $guard$;;
CREATE TRIGGER merging_merge_no_delete BEFORE DELETE ON merging_merge FOR EACH ROW EXECUTE FUNCTION merging_merge_no_delete();;
CREATE FUNCTION merging_merge_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'merging_merge is append-only: no truncate'; END $guard$;;
CREATE TRIGGER merging_merge_no_truncate BEFORE TRUNCATE ON merging_merge FOR EACH STATEMENT EXECUTE FUNCTION merging_merge_no_truncate();;
CREATE FUNCTION merging_apart_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'merging_apart is append-only: no update'; END $guard$;;
CREATE TRIGGER merging_apart_no_update BEFORE UPDATE ON merging_apart FOR EACH ROW EXECUTE FUNCTION merging_apart_no_update();;
CREATE FUNCTION merging_apart_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'merging_apart is append-only: no delete'; END $guard$;;
CREATE TRIGGER merging_apart_no_delete BEFORE DELETE ON merging_apart FOR EACH ROW EXECUTE FUNCTION merging_apart_no_delete();;
CREATE FUNCTION merging_apart_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'merging_apart is append-only: no truncate'; END $guard$;;
CREATE TRIGGER merging_apart_no_truncate BEFORE TRUNCATE ON merging_apart FOR EACH STATEMENT EXECUTE FUNCTION merging_apart_no_truncate()
"""
FUNCTIONS = (
    "merging_merge_no_chain",
    "merging_merge_frozen",
    "merging_merge_no_delete",
    "merging_merge_no_truncate",
    "merging_apart_no_update",
    "merging_apart_no_delete",
    "merging_apart_no_truncate",
)


def upgrade() -> None:
    # In place, without Alembic's batch mode: the table keeps its triggers.
    op.add_column("people_person", sa.Column("other_ids", sa.String(), nullable=True))
    op.create_table(
        "merging_apart",
        sa.Column("one_id", Id, autoincrement=False, nullable=False),
        sa.Column("other_id", Id, autoincrement=False, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_merging_apart_in_order")),
        sa.ForeignKeyConstraint(["by_id"], ["people_person.id"], name=op.f("fk_merging_apart_by_id")),
        sa.ForeignKeyConstraint(["one_id"], ["people_person.id"], name=op.f("fk_merging_apart_one_id")),
        sa.ForeignKeyConstraint(["other_id"], ["people_person.id"], name=op.f("fk_merging_apart_other_id")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_merging_apart")),
    )
    op.create_table(
        "merging_merge",
        sa.Column("id", Id, nullable=False),
        sa.Column("twin_id", Id, nullable=False),
        sa.Column("into_id", Id, nullable=False),
        sa.Column("by_id", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", Moment, nullable=True),
        sa.Column("undone_by_id", Id, nullable=True),
        sa.Column("undo_reason", sa.String(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_merging_merge_reason_given")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undo_reason IS NULL)", name=op.f("ck_merging_merge_undone_for_a_reason")
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_merging_merge_undone_by_somebody")
        ),
        sa.CheckConstraint("by_id NOT IN (twin_id, into_id)", name=op.f("ck_merging_merge_not_ones_own")),
        sa.CheckConstraint("twin_id <> into_id", name=op.f("ck_merging_merge_two_entries")),
        sa.ForeignKeyConstraint(["by_id"], ["people_person.id"], name=op.f("fk_merging_merge_by_id")),
        sa.ForeignKeyConstraint(["into_id"], ["people_person.id"], name=op.f("fk_merging_merge_into_id")),
        sa.ForeignKeyConstraint(["twin_id"], ["people_person.id"], name=op.f("fk_merging_merge_twin_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["people_person.id"], name=op.f("fk_merging_merge_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merging_merge")),
    )
    op.create_index("ix_merging_merge_into", "merging_merge", ["into_id"])
    op.create_index(
        "uq_merging_merge_twin",
        "merging_merge",
        ["twin_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("merging_merge")
    op.drop_table("merging_apart")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
    op.drop_column("people_person", "other_ids")
