"""From where deeds come, whose data was looked at, papers that prove hours, and how often things are asked for.

Revision: 20261122_evidence
After: 20261122_roles
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_evidence"
down_revision = "20261122_roles"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only: no update'); END;;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only: no delete'); END;;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN SELECT RAISE(ABORT, '{table} is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION {table}_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION '{table} is append-only: no update'; END $guard$;;
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_no_update();;
CREATE FUNCTION {table}_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION '{table} is append-only: no delete'; END $guard$;;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_no_delete();;
CREATE FUNCTION {table}_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION '{table} is append-only: no truncate'; END $guard$;;
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_no_truncate()
"""
APPEND_ONLY = {
    "audit_look": "line_id = NEW.line_id AND person_id = NEW.person_id",
    "hours_paper": "claim_id = NEW.claim_id",
}
COLUMNS = (
    ("audit_line", "via", sa.String()),
    ("audit_line", "sign_in_id", Id),
    ("files_file", "public_id", sa.String()),
    ("files_file", "media_type", sa.String()),
)


def upgrade() -> None:
    # In place, without Alembic's batch mode: the tables keep their rows, keys and triggers.
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_index(op.f("uq_files_file_public_id"), "files_file", ["public_id"], unique=True)
    _create_tables()
    _create_guards()


def downgrade() -> None:
    for table in reversed(APPEND_ONLY):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            for verb in ("update", "delete", "truncate"):
                op.execute(f"DROP FUNCTION {table}_no_{verb}()")
    op.drop_table("web_rate")
    op.drop_index(op.f("uq_files_file_public_id"), table_name="files_file")
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)


def _create_tables() -> None:
    op.create_table(
        "audit_look",
        sa.Column("line_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["audit_line.id"], name=op.f("fk_audit_look_line_id")),
        sa.PrimaryKeyConstraint("line_id", "person_id", name=op.f("pk_audit_look")),
    )
    op.create_index(op.f("ix_audit_look_person"), "audit_look", ["person_id", "line_id"])
    op.create_table(
        "hours_paper",
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["hours_claim.id"], name=op.f("fk_hours_paper_claim_id")),
        sa.ForeignKeyConstraint(["file_id"], ["files_file.id"], name=op.f("fk_hours_paper_file_id")),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_hours_paper")),
    )
    op.create_index(op.f("ix_hours_paper_file_id"), "hours_paper", ["file_id"])
    op.create_table(
        "web_rate",
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("asked", Id, nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_web_rate")),
    )
    op.create_index(op.f("ix_web_rate_ends_at"), "web_rate", ["ends_at"])


def _create_guards() -> None:
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for table, same in APPEND_ONLY.items():
        for statement in statements.split(";;\n"):
            op.execute(statement.replace("{table}", table).replace("{same}", same))
