"""Applying to be a volunteer.

Revision: 20261123_joining
After: 20261123_teams
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_joining"
down_revision = "20261123_teams"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER joining_application_frozen BEFORE UPDATE ON joining_application WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.wish_organisation_id IS NOT OLD.wish_organisation_id OR NEW.wish_team_id IS NOT OLD.wish_team_id OR NEW.invitation_id IS NOT OLD.invitation_id OR NEW.needs_guardian IS NOT OLD.needs_guardian OR NEW.applied_at IS NOT OLD.applied_at OR NEW.applied_by_id IS NOT OLD.applied_by_id BEGIN SELECT RAISE(ABORT, 'joining_application: id, person_id, wish_organisation_id, wish_team_id, invitation_id, needs_guardian, applied_at, applied_by_id never change'); END;;
CREATE TRIGGER joining_application_no_replace BEFORE INSERT ON joining_application WHEN EXISTS (SELECT 1 FROM joining_application WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'joining_application is append-only: no replace'); END;;
CREATE TRIGGER joining_application_no_delete BEFORE DELETE ON joining_application BEGIN SELECT RAISE(ABORT, 'joining_application is append-only: no delete'); END;;
CREATE TRIGGER joining_application_decided BEFORE UPDATE ON joining_application WHEN OLD.status <> 'waiting' AND (NEW.status IS NOT OLD.status OR NEW.decided_at IS NOT OLD.decided_at OR NEW.decided_by_id IS NOT OLD.decided_by_id) BEGIN SELECT RAISE(ABORT, 'joining_application_decided: what was decided stays so'); END;;
CREATE TRIGGER profiles_profile_moves BEFORE UPDATE ON profiles_profile WHEN NEW.status IS NOT OLD.status AND NOT ((OLD.status = 'applied' AND NEW.status IN ('approved', 'refused', 'left')) OR (OLD.status = 'refused' AND NEW.status IN ('applied', 'left')) OR (OLD.status = 'approved' AND NEW.status IN ('active', 'paused', 'left')) OR (OLD.status = 'active' AND NEW.status IN ('paused', 'left')) OR (OLD.status = 'paused' AND NEW.status IN ('active', 'left')) OR (OLD.status = 'left' AND NEW.status IN ('applied', 'active'))) BEGIN SELECT RAISE(ABORT, 'profiles_profile_moves: from where she stands, this step does not lead on'); END;;
CREATE TRIGGER profiles_move_no_update BEFORE UPDATE ON profiles_move BEGIN SELECT RAISE(ABORT, 'profiles_move is append-only: no update'); END;;
CREATE TRIGGER profiles_move_no_delete BEFORE DELETE ON profiles_move BEGIN SELECT RAISE(ABORT, 'profiles_move is append-only: no delete'); END;;
CREATE TRIGGER profiles_move_no_replace BEFORE INSERT ON profiles_move WHEN EXISTS (SELECT 1 FROM profiles_move WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'profiles_move is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION joining_application_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.wish_organisation_id IS DISTINCT FROM OLD.wish_organisation_id OR NEW.wish_team_id IS DISTINCT FROM OLD.wish_team_id OR NEW.invitation_id IS DISTINCT FROM OLD.invitation_id OR NEW.needs_guardian IS DISTINCT FROM OLD.needs_guardian OR NEW.applied_at IS DISTINCT FROM OLD.applied_at OR NEW.applied_by_id IS DISTINCT FROM OLD.applied_by_id THEN RAISE EXCEPTION 'joining_application: id, person_id, wish_organisation_id, wish_team_id, invitation_id, needs_guardian, applied_at, applied_by_id never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER joining_application_frozen BEFORE UPDATE ON joining_application FOR EACH ROW EXECUTE FUNCTION joining_application_frozen();;
CREATE FUNCTION joining_application_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'joining_application is append-only: no delete'; END $guard$;;
CREATE TRIGGER joining_application_no_delete BEFORE DELETE ON joining_application FOR EACH ROW EXECUTE FUNCTION joining_application_no_delete();;
CREATE FUNCTION joining_application_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'joining_application is append-only: no truncate'; END $guard$;;
CREATE TRIGGER joining_application_no_truncate BEFORE TRUNCATE ON joining_application FOR EACH STATEMENT EXECUTE FUNCTION joining_application_no_truncate();;
CREATE FUNCTION joining_application_decided() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status <> 'waiting' AND (NEW.status IS DISTINCT FROM OLD.status OR NEW.decided_at IS DISTINCT FROM OLD.decided_at OR NEW.decided_by_id IS DISTINCT FROM OLD.decided_by_id) THEN RAISE EXCEPTION 'joining_application_decided: what was decided stays so'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER joining_application_decided BEFORE UPDATE ON joining_application FOR EACH ROW EXECUTE FUNCTION joining_application_decided();;
CREATE FUNCTION profiles_profile_moves() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.status IS DISTINCT FROM OLD.status AND NOT ((OLD.status = 'applied' AND NEW.status IN ('approved', 'refused', 'left')) OR (OLD.status = 'refused' AND NEW.status IN ('applied', 'left')) OR (OLD.status = 'approved' AND NEW.status IN ('active', 'paused', 'left')) OR (OLD.status = 'active' AND NEW.status IN ('paused', 'left')) OR (OLD.status = 'paused' AND NEW.status IN ('active', 'left')) OR (OLD.status = 'left' AND NEW.status IN ('applied', 'active'))) THEN RAISE EXCEPTION 'profiles_profile_moves: from where she stands, this step does not lead on'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER profiles_profile_moves BEFORE UPDATE ON profiles_profile FOR EACH ROW EXECUTE FUNCTION profiles_profile_moves();;
CREATE FUNCTION profiles_move_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'profiles_move is append-only: no update'; END $guard$;;
CREATE TRIGGER profiles_move_no_update BEFORE UPDATE ON profiles_move FOR EACH ROW EXECUTE FUNCTION profiles_move_no_update();;
CREATE FUNCTION profiles_move_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'profiles_move is append-only: no delete'; END $guard$;;
CREATE TRIGGER profiles_move_no_delete BEFORE DELETE ON profiles_move FOR EACH ROW EXECUTE FUNCTION profiles_move_no_delete();;
CREATE FUNCTION profiles_move_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'profiles_move is append-only: no truncate'; END $guard$;;
CREATE TRIGGER profiles_move_no_truncate BEFORE TRUNCATE ON profiles_move FOR EACH STATEMENT EXECUTE FUNCTION profiles_move_no_truncate()
"""
FUNCTIONS = (
    "joining_application_frozen",
    "joining_application_no_delete",
    "joining_application_no_truncate",
    "joining_application_decided",
    "profiles_profile_moves",
    "profiles_move_no_update",
    "profiles_move_no_delete",
    "profiles_move_no_truncate",
)


def upgrade() -> None:
    op.create_table(
        "joining_draft",
        sa.Column("id", Id, nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("code_to", sa.String(), nullable=True),
        sa.Column("code_digest", sa.String(), nullable=True),
        sa.Column("code_expires_at", Moment, nullable=True),
        sa.Column("tries", Id, nullable=False),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.CheckConstraint(
            "(code_digest IS NULL) = (code_expires_at IS NULL)", name=op.f("ck_joining_draft_code_expires")
        ),
        sa.CheckConstraint(
            "(code_digest IS NULL) = (code_to IS NULL)", name=op.f("ck_joining_draft_code_goes_somewhere")
        ),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_joining_draft_token_digest_is_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_joining_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joining_draft")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_joining_draft_token_digest")),
    )
    op.create_index(op.f("ix_joining_draft_changed_at"), "joining_draft", ["changed_at"])
    op.create_index(op.f("ix_joining_draft_person_id"), "joining_draft", ["person_id"])
    op.create_table(
        "profiles_move",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("was", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "status IN ('applied', 'refused', 'approved', 'active', 'paused', 'left')",
            name=op.f("ck_profiles_move_status_known"),
        ),
        sa.CheckConstraint(
            "was IN ('applied', 'refused', 'approved', 'active', 'paused', 'left')",
            name=op.f("ck_profiles_move_was_known"),
        ),
        sa.CheckConstraint("was <> status", name=op.f("ck_profiles_move_leads_on")),
        sa.ForeignKeyConstraint(["by_id"], ["people_person.id"], name=op.f("fk_profiles_move_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_profiles_move_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles_move")),
    )
    op.create_index("ix_profiles_move_person", "profiles_move", ["person_id", "id"])
    op.create_table(
        "joining_application",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("wish_organisation_id", Id, nullable=True),
        sa.Column("wish_team_id", Id, nullable=True),
        sa.Column("invitation_id", Id, nullable=True),
        sa.Column("needs_guardian", sa.Boolean(), nullable=False),
        sa.Column("guardian_agreed_at", Moment, nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("applied_at", Moment, nullable=False),
        sa.Column("applied_by_id", Id, nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL)", name=op.f("ck_joining_application_decided_with_moment")
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR NOT needs_guardian OR guardian_agreed_at IS NOT NULL",
            name=op.f("ck_joining_application_guardian_agreed"),
        ),
        sa.CheckConstraint(
            "status <> 'refused' OR reason IS NOT NULL", name=op.f("ck_joining_application_refused_with_reason")
        ),
        sa.CheckConstraint(
            "status = 'withdrawn' OR decided_by_id <> person_id",
            name=op.f("ck_joining_application_not_decided_by_herself"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_joining_application_status_known"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_joining_application_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "applied_by_id = person_id OR paper_id IS NOT NULL", name=op.f("ck_joining_application_entered_on_paper")
        ),
        sa.CheckConstraint(
            "wish_team_id IS NULL OR wish_organisation_id IS NOT NULL",
            name=op.f("ck_joining_application_team_with_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["applied_by_id"], ["people_person.id"], name=op.f("fk_joining_application_applied_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people_person.id"], name=op.f("fk_joining_application_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["teams_invitation.id"], name=op.f("fk_joining_application_invitation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_joining_application_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_joining_application_person_id")),
        sa.ForeignKeyConstraint(
            ["wish_organisation_id"], ["orgs_organisation.id"], name=op.f("fk_joining_application_wish_organisation_id")
        ),
        sa.ForeignKeyConstraint(["wish_team_id"], ["orgs_team.id"], name=op.f("fk_joining_application_wish_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joining_application")),
    )
    op.create_index(op.f("ix_joining_application_paper_id"), "joining_application", ["paper_id"])
    op.create_index("ix_joining_application_person", "joining_application", ["person_id"])
    op.create_index("ix_joining_application_status", "joining_application", ["status", "applied_at", "id"])
    op.create_index("ix_joining_application_wish", "joining_application", ["wish_organisation_id", "status"])
    op.create_index(
        "uq_joining_application_open",
        "joining_application",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("joining_application")
    op.drop_table("profiles_move")
    op.drop_table("joining_draft")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER profiles_profile_moves" + ("" if is_sqlite else " ON profiles_profile"))
    if not is_sqlite:
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
