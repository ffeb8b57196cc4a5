"""One's own data: exports, copies, corrections, deletions, what was kept.

Revision: 20261123_mydata
After: 20261123_joining
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_mydata"
down_revision = "20261123_joining"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER exports_export_frozen BEFORE UPDATE ON exports_export WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.what IS NOT OLD.what OR NEW.purpose IS NOT OLD.purpose OR NEW.count IS NOT OLD.count OR NEW.at IS NOT OLD.at OR NEW.expires_on IS NOT OLD.expires_on BEGIN SELECT RAISE(ABORT, 'exports_export: id, person_id, what, purpose, count, at, expires_on never change'); END;;
CREATE TRIGGER exports_export_no_replace BEFORE INSERT ON exports_export WHEN EXISTS (SELECT 1 FROM exports_export WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'exports_export is append-only: no replace'); END;;
CREATE TRIGGER exports_export_no_delete BEFORE DELETE ON exports_export BEGIN SELECT RAISE(ABORT, 'exports_export is append-only: no delete'); END;;
CREATE TRIGGER mydata_deletion_frozen BEFORE UPDATE ON mydata_deletion WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.asked_at IS NOT OLD.asked_at OR NEW.asked_by_id IS NOT OLD.asked_by_id OR NEW.paper_id IS NOT OLD.paper_id OR NEW.final_at IS NOT OLD.final_at BEGIN SELECT RAISE(ABORT, 'mydata_deletion: id, person_id, asked_at, asked_by_id, paper_id, final_at never change'); END;;
CREATE TRIGGER mydata_deletion_no_replace BEFORE INSERT ON mydata_deletion WHEN EXISTS (SELECT 1 FROM mydata_deletion WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'mydata_deletion is append-only: no replace'); END;;
CREATE TRIGGER mydata_deletion_no_delete BEFORE DELETE ON mydata_deletion BEGIN SELECT RAISE(ABORT, 'mydata_deletion is append-only: no delete'); END;;
CREATE TRIGGER mydata_kept_frozen BEFORE UPDATE ON mydata_kept WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.holding IS NOT OLD.holding BEGIN SELECT RAISE(ABORT, 'mydata_kept: id, person_id, holding never change'); END;;
CREATE TRIGGER mydata_kept_no_replace BEFORE INSERT ON mydata_kept WHEN EXISTS (SELECT 1 FROM mydata_kept WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM mydata_kept WHERE person_id = NEW.person_id AND holding = NEW.holding) BEGIN SELECT RAISE(ABORT, 'mydata_kept is append-only: no replace'); END;;
CREATE TRIGGER mydata_kept_no_delete BEFORE DELETE ON mydata_kept BEGIN SELECT RAISE(ABORT, 'mydata_kept is append-only: no delete'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION exports_export_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.what IS DISTINCT FROM OLD.what OR NEW.purpose IS DISTINCT FROM OLD.purpose OR NEW.count IS DISTINCT FROM OLD.count OR NEW.at IS DISTINCT FROM OLD.at OR NEW.expires_on IS DISTINCT FROM OLD.expires_on THEN RAISE EXCEPTION 'exports_export: id, person_id, what, purpose, count, at, expires_on never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER exports_export_frozen BEFORE UPDATE ON exports_export FOR EACH ROW EXECUTE FUNCTION exports_export_frozen();;
CREATE FUNCTION exports_export_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'exports_export is append-only: no delete'; END $guard$;;
CREATE TRIGGER exports_export_no_delete BEFORE DELETE ON exports_export FOR EACH ROW EXECUTE FUNCTION exports_export_no_delete();;
CREATE FUNCTION exports_export_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'exports_export is append-only: no truncate'; END $guard$;;
CREATE TRIGGER exports_export_no_truncate BEFORE TRUNCATE ON exports_export FOR EACH STATEMENT EXECUTE FUNCTION exports_export_no_truncate();;
CREATE FUNCTION mydata_deletion_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.asked_at IS DISTINCT FROM OLD.asked_at OR NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id OR NEW.paper_id IS DISTINCT FROM OLD.paper_id OR NEW.final_at IS DISTINCT FROM OLD.final_at THEN RAISE EXCEPTION 'mydata_deletion: id, person_id, asked_at, asked_by_id, paper_id, final_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER mydata_deletion_frozen BEFORE UPDATE ON mydata_deletion FOR EACH ROW EXECUTE FUNCTION mydata_deletion_frozen();;
CREATE FUNCTION mydata_deletion_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'mydata_deletion is append-only: no delete'; END $guard$;;
CREATE TRIGGER mydata_deletion_no_delete BEFORE DELETE ON mydata_deletion FOR EACH ROW EXECUTE FUNCTION mydata_deletion_no_delete();;
CREATE FUNCTION mydata_deletion_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'mydata_deletion is append-only: no truncate'; END $guard$;;
CREATE TRIGGER mydata_deletion_no_truncate BEFORE TRUNCATE ON mydata_deletion FOR EACH STATEMENT EXECUTE FUNCTION mydata_deletion_no_truncate();;
CREATE FUNCTION mydata_kept_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.holding IS DISTINCT FROM OLD.holding THEN RAISE EXCEPTION 'mydata_kept: id, person_id, holding never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER mydata_kept_frozen BEFORE UPDATE ON mydata_kept FOR EACH ROW EXECUTE FUNCTION mydata_kept_frozen();;
CREATE FUNCTION mydata_kept_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'mydata_kept is append-only: no delete'; END $guard$;;
CREATE TRIGGER mydata_kept_no_delete BEFORE DELETE ON mydata_kept FOR EACH ROW EXECUTE FUNCTION mydata_kept_no_delete();;
CREATE FUNCTION mydata_kept_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'mydata_kept is append-only: no truncate'; END $guard$;;
CREATE TRIGGER mydata_kept_no_truncate BEFORE TRUNCATE ON mydata_kept FOR EACH STATEMENT EXECUTE FUNCTION mydata_kept_no_truncate()
"""
FUNCTIONS = (
    "exports_export_frozen",
    "exports_export_no_delete",
    "exports_export_no_truncate",
    "mydata_deletion_frozen",
    "mydata_deletion_no_delete",
    "mydata_deletion_no_truncate",
    "mydata_kept_frozen",
    "mydata_kept_no_delete",
    "mydata_kept_no_truncate",
)

# Histories are only added to, but their sealed names may be sealed anew: in place of the guards that refused that too.
RESEALED = ("orgs_cross_post", "orgs_term", "orgs_legal_change")
RESEALED_SQLITE = r"""
CREATE TRIGGER orgs_cross_post_no_update BEFORE UPDATE ON orgs_cross_post WHEN NEW.post_there IS NOT OLD.post_there OR NEW.post_here IS NOT OLD.post_here OR NEW.starts_on IS NOT OLD.starts_on OR NEW.ends_on IS NOT OLD.ends_on OR NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id OR NEW.replaces_id IS NOT OLD.replaces_id OR NEW.void_reason IS NOT OLD.void_reason OR NEW.paper_id IS NOT OLD.paper_id OR NEW.added_by_id IS NOT OLD.added_by_id OR NEW.added_at IS NOT OLD.added_at OR (NEW.person IS NULL) <> (OLD.person IS NULL) OR NEW.person NOT LIKE 'v2.%' BEGIN SELECT RAISE(ABORT, 'orgs_cross_post is append-only: no update'); END;;
CREATE TRIGGER orgs_term_no_update BEFORE UPDATE ON orgs_term WHEN NEW.number IS NOT OLD.number OR NEW.starts_on IS NOT OLD.starts_on OR NEW.ends_on IS NOT OLD.ends_on OR NEW.board_size IS NOT OLD.board_size OR NEW.met_on IS NOT OLD.met_on OR NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id OR NEW.replaces_id IS NOT OLD.replaces_id OR NEW.void_reason IS NOT OLD.void_reason OR NEW.paper_id IS NOT OLD.paper_id OR NEW.added_by_id IS NOT OLD.added_by_id OR NEW.added_at IS NOT OLD.added_at OR (NEW.head IS NULL) <> (OLD.head IS NULL) OR NEW.head NOT LIKE 'v2.%' BEGIN SELECT RAISE(ABORT, 'orgs_term is append-only: no update'); END;;
CREATE TRIGGER orgs_legal_change_no_update BEFORE UPDATE ON orgs_legal_change WHEN NEW.changed_on IS NOT OLD.changed_on OR NEW.state IS NOT OLD.state OR NEW.filed_on IS NOT OLD.filed_on OR NEW.id IS NOT OLD.id OR NEW.organisation_id IS NOT OLD.organisation_id OR NEW.replaces_id IS NOT OLD.replaces_id OR NEW.void_reason IS NOT OLD.void_reason OR NEW.paper_id IS NOT OLD.paper_id OR NEW.added_by_id IS NOT OLD.added_by_id OR NEW.added_at IS NOT OLD.added_at OR (NEW.old_name IS NULL) <> (OLD.old_name IS NULL) OR NEW.old_name NOT LIKE 'v2.%' OR (NEW.new_name IS NULL) <> (OLD.new_name IS NULL) OR NEW.new_name NOT LIKE 'v2.%' BEGIN SELECT RAISE(ABORT, 'orgs_legal_change is append-only: no update'); END
"""
RESEALED_POSTGRESQL = r"""
CREATE FUNCTION orgs_cross_post_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.post_there IS DISTINCT FROM OLD.post_there OR NEW.post_here IS DISTINCT FROM OLD.post_here OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.ends_on IS DISTINCT FROM OLD.ends_on OR NEW.id IS DISTINCT FROM OLD.id OR NEW.organisation_id IS DISTINCT FROM OLD.organisation_id OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id OR NEW.void_reason IS DISTINCT FROM OLD.void_reason OR NEW.paper_id IS DISTINCT FROM OLD.paper_id OR NEW.added_by_id IS DISTINCT FROM OLD.added_by_id OR NEW.added_at IS DISTINCT FROM OLD.added_at OR (NEW.person IS NULL) <> (OLD.person IS NULL) OR NEW.person NOT LIKE 'v2.%' THEN RAISE EXCEPTION 'orgs_cross_post is append-only: no update'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_cross_post_no_update BEFORE UPDATE ON orgs_cross_post FOR EACH ROW EXECUTE FUNCTION orgs_cross_post_no_update();;
CREATE FUNCTION orgs_term_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.number IS DISTINCT FROM OLD.number OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.ends_on IS DISTINCT FROM OLD.ends_on OR NEW.board_size IS DISTINCT FROM OLD.board_size OR NEW.met_on IS DISTINCT FROM OLD.met_on OR NEW.id IS DISTINCT FROM OLD.id OR NEW.organisation_id IS DISTINCT FROM OLD.organisation_id OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id OR NEW.void_reason IS DISTINCT FROM OLD.void_reason OR NEW.paper_id IS DISTINCT FROM OLD.paper_id OR NEW.added_by_id IS DISTINCT FROM OLD.added_by_id OR NEW.added_at IS DISTINCT FROM OLD.added_at OR (NEW.head IS NULL) <> (OLD.head IS NULL) OR NEW.head NOT LIKE 'v2.%' THEN RAISE EXCEPTION 'orgs_term is append-only: no update'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_term_no_update BEFORE UPDATE ON orgs_term FOR EACH ROW EXECUTE FUNCTION orgs_term_no_update();;
CREATE FUNCTION orgs_legal_change_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.changed_on IS DISTINCT FROM OLD.changed_on OR NEW.state IS DISTINCT FROM OLD.state OR NEW.filed_on IS DISTINCT FROM OLD.filed_on OR NEW.id IS DISTINCT FROM OLD.id OR NEW.organisation_id IS DISTINCT FROM OLD.organisation_id OR NEW.replaces_id IS DISTINCT FROM OLD.replaces_id OR NEW.void_reason IS DISTINCT FROM OLD.void_reason OR NEW.paper_id IS DISTINCT FROM OLD.paper_id OR NEW.added_by_id IS DISTINCT FROM OLD.added_by_id OR NEW.added_at IS DISTINCT FROM OLD.added_at OR (NEW.old_name IS NULL) <> (OLD.old_name IS NULL) OR NEW.old_name NOT LIKE 'v2.%' OR (NEW.new_name IS NULL) <> (OLD.new_name IS NULL) OR NEW.new_name NOT LIKE 'v2.%' THEN RAISE EXCEPTION 'orgs_legal_change is append-only: no update'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_legal_change_no_update BEFORE UPDATE ON orgs_legal_change FOR EACH ROW EXECUTE FUNCTION orgs_legal_change_no_update()
"""
BEFORE_SQLITE = r"""
CREATE TRIGGER orgs_cross_post_no_update BEFORE UPDATE ON orgs_cross_post BEGIN SELECT RAISE(ABORT, 'orgs_cross_post is append-only: no update'); END;;
CREATE TRIGGER orgs_term_no_update BEFORE UPDATE ON orgs_term BEGIN SELECT RAISE(ABORT, 'orgs_term is append-only: no update'); END;;
CREATE TRIGGER orgs_legal_change_no_update BEFORE UPDATE ON orgs_legal_change BEGIN SELECT RAISE(ABORT, 'orgs_legal_change is append-only: no update'); END
"""
BEFORE_POSTGRESQL = r"""
CREATE FUNCTION orgs_cross_post_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_cross_post is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_cross_post_no_update BEFORE UPDATE ON orgs_cross_post FOR EACH ROW EXECUTE FUNCTION orgs_cross_post_no_update();;
CREATE FUNCTION orgs_term_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_term is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_term_no_update BEFORE UPDATE ON orgs_term FOR EACH ROW EXECUTE FUNCTION orgs_term_no_update();;
CREATE FUNCTION orgs_legal_change_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_legal_change is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_legal_change_no_update BEFORE UPDATE ON orgs_legal_change FOR EACH ROW EXECUTE FUNCTION orgs_legal_change_no_update()
"""


def _replace(sqlite: str, postgresql: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in RESEALED:
        op.execute(f"DROP TRIGGER {table}_no_update" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {table}_no_update()")
    for statement in (sqlite if is_sqlite else postgresql).split(";;\n"):
        op.execute(statement)


def upgrade() -> None:
    op.create_table(
        "mydata_sweep",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("count", Id, nullable=False),
        sa.CheckConstraint("count >= 0", name=op.f("ck_mydata_sweep_count_not_negative")),
        sa.PrimaryKeyConstraint("day", "kind", name=op.f("pk_mydata_sweep")),
    )
    op.create_table(
        "exports_export",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("count", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("deleted_at", Moment, nullable=True),
        sa.CheckConstraint("purpose <> ''", name=op.f("ck_exports_export_purpose_given")),
        sa.CheckConstraint("what <> ''", name=op.f("ck_exports_export_what_given")),
        sa.CheckConstraint("count >= 0", name=op.f("ck_exports_export_count_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_exports_export_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports_export")),
    )
    op.create_index(
        "ix_exports_export_expires",
        "exports_export",
        ["expires_on"],
        unique=False,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index("ix_exports_export_person", "exports_export", ["person_id", "id"])
    op.create_table(
        "mydata_copy",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("ready_at", Moment, nullable=True),
        sa.Column("taken_at", Moment, nullable=True),
        sa.Column("gone_at", Moment, nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("size", Id, nullable=True),
        sa.CheckConstraint("(ready_at IS NULL) = (size IS NULL)", name=op.f("ck_mydata_copy_ready_has_size")),
        sa.CheckConstraint("gone_at IS NULL OR place IS NULL", name=op.f("ck_mydata_copy_gone_has_no_place")),
        sa.CheckConstraint("place IS NULL OR ready_at IS NOT NULL", name=op.f("ck_mydata_copy_place_when_ready")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_mydata_copy_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mydata_copy")),
    )
    op.create_index(
        "ix_mydata_copy_expires",
        "mydata_copy",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("gone_at IS NULL"),
        postgresql_where=sa.text("gone_at IS NULL"),
    )
    op.create_index("ix_mydata_copy_person", "mydata_copy", ["person_id", "id"])
    op.create_table(
        "mydata_correction",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("mistake", sa.String(), nullable=False),
        sa.Column("wanted", sa.String(), nullable=True),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", Moment, nullable=True),
        sa.Column("answered_by_id", Id, nullable=True),
        sa.CheckConstraint(
            "mistake IN ('name', 'paper', 'birth', 'hours', 'other')", name=op.f("ck_mydata_correction_mistake_known")
        ),
        sa.CheckConstraint("outcome IN ('done', 'refused')", name=op.f("ck_mydata_correction_outcome_known")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_mydata_correction_answered_by_somebody")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (answered_at IS NULL)", name=op.f("ck_mydata_correction_answered_with_outcome")
        ),
        sa.CheckConstraint(
            "answered_by_id IS NULL OR answered_by_id <> person_id", name=op.f("ck_mydata_correction_not_by_herself")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people_person.id"], name=op.f("fk_mydata_correction_answered_by_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_mydata_correction_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mydata_correction")),
    )
    op.create_index("ix_mydata_correction_due", "mydata_correction", ["answered_at", "due_on"])
    op.create_index(op.f("ix_mydata_correction_person_id"), "mydata_correction", ["person_id"])
    op.create_index(
        "uq_mydata_correction_open",
        "mydata_correction",
        ["person_id", "mistake"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "mydata_deletion",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("final_at", Moment, nullable=False),
        sa.Column("withdrawn_at", Moment, nullable=True),
        sa.Column("withdrawn_by_id", Id, nullable=True),
        sa.Column("done_at", Moment, nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_mydata_deletion_withdrawn_by_somebody")
        ),
        sa.CheckConstraint(
            "asked_by_id = person_id OR paper_id IS NOT NULL",
            name=op.f("ck_mydata_deletion_asked_by_herself_or_on_paper"),
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_mydata_deletion_done_or_withdrawn")
        ),
        sa.CheckConstraint("final_at > asked_at", name=op.f("ck_mydata_deletion_final_after_asking")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people_person.id"], name=op.f("fk_mydata_deletion_asked_by_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_mydata_deletion_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_mydata_deletion_person_id")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["people_person.id"], name=op.f("fk_mydata_deletion_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mydata_deletion")),
    )
    op.create_index(
        "ix_mydata_deletion_final",
        "mydata_deletion",
        ["final_at"],
        unique=False,
        sqlite_where=sa.text("withdrawn_at IS NULL AND done_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL AND done_at IS NULL"),
    )
    op.create_index(op.f("ix_mydata_deletion_paper_id"), "mydata_deletion", ["paper_id"])
    op.create_index(op.f("ix_mydata_deletion_person_id"), "mydata_deletion", ["person_id"])
    op.create_index(
        "uq_mydata_deletion_open",
        "mydata_deletion",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "mydata_kept",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("holding", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("count", Id, nullable=False),
        sa.Column("erased_at", Moment, nullable=True),
        sa.CheckConstraint("erased_at IS NULL OR until IS NOT NULL", name=op.f("ck_mydata_kept_erased_when_due")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_mydata_kept_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mydata_kept")),
        sa.UniqueConstraint("person_id", "holding", name=op.f("uq_mydata_kept_person_id_holding")),
    )
    op.create_index(
        "ix_mydata_kept_until",
        "mydata_kept",
        ["until"],
        unique=False,
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)
    _replace(RESEALED_SQLITE, RESEALED_POSTGRESQL)


def downgrade() -> None:
    _replace(BEFORE_SQLITE, BEFORE_POSTGRESQL)
    op.drop_table("mydata_kept")
    op.drop_table("mydata_deletion")
    op.drop_table("mydata_correction")
    op.drop_table("mydata_copy")
    op.drop_table("exports_export")
    op.drop_table("mydata_sweep")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
