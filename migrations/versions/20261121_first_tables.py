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


def drop_tables() -> None:
    op.drop_index(
        "uq_orgs_membership_current",
        table_name="orgs_membership",
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.drop_index(op.f("ix_orgs_membership_team_id"), table_name="orgs_membership")
    op.drop_table("orgs_membership")
    op.drop_index("ix_people_grant_scope", table_name="people_grant")
    op.drop_index(op.f("ix_people_grant_person_id"), table_name="people_grant")
    op.drop_table("people_grant")
    op.drop_index(op.f("ix_orgs_team_organisation_id"), table_name="orgs_team")
    op.drop_table("orgs_team")
    op.drop_table("web_once")
    op.drop_index(op.f("ix_web_attempt_bucket"), table_name="web_attempt")
    op.drop_index(op.f("ix_web_attempt_at"), table_name="web_attempt")
    op.drop_table("web_attempt")
    op.drop_table("series_series")
    op.drop_table("people_person")
    op.drop_table("orgs_organisation")
    op.drop_index("ix_jobs_job_due", table_name="jobs_job")
    op.drop_table("jobs_job")
    op.drop_table("files_file")
    op.drop_index("ix_audit_line_subject", table_name="audit_line")
    op.drop_table("audit_line")
