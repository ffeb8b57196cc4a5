"""Running a team: invitations, requests, messages, lending.

Revision: 20261123_teams
After: 20261123_organisations
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_teams"
down_revision = "20261123_organisations"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER orgs_membership_closed_team BEFORE INSERT ON orgs_membership WHEN EXISTS (SELECT 1 FROM teams_team_card c WHERE c.team_id = NEW.team_id AND c.closed_on IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'orgs_membership_closed_team: a closed team takes no new members'); END;;
CREATE TRIGGER activities_activity_closed_team BEFORE INSERT ON activities_activity WHEN EXISTS (SELECT 1 FROM teams_team_card c WHERE c.team_id = NEW.team_id AND c.closed_on IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'activities_activity_closed_team: a closed team has no new activities'); END;;
CREATE TRIGGER teams_loan_twice BEFORE INSERT ON teams_loan WHEN EXISTS (SELECT 1 FROM teams_loan o WHERE o.person_id = NEW.person_id AND o.team_id = NEW.team_id
    AND o.id IS NOT NEW.id AND o.status NOT IN ('refused', 'withdrawn') AND o.starts_on <= NEW.until
    AND coalesce(o.ended_on, o.until) >= NEW.starts_on) BEGIN SELECT RAISE(ABORT, 'teams_loan_twice: a person is lent to a team once at a time'); END;;
CREATE TRIGGER teams_loan_frozen BEFORE UPDATE ON teams_loan WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.lender_id IS NOT OLD.lender_id OR NEW.team_id IS NOT OLD.team_id OR NEW.starts_on IS NOT OLD.starts_on OR NEW.until IS NOT OLD.until OR NEW.purpose IS NOT OLD.purpose OR NEW.asked_by_id IS NOT OLD.asked_by_id OR NEW.asked_at IS NOT OLD.asked_at BEGIN SELECT RAISE(ABORT, 'teams_loan: id, person_id, lender_id, team_id, starts_on, until, purpose, asked_by_id, asked_at never change'); END;;
CREATE TRIGGER teams_loan_no_delete BEFORE DELETE ON teams_loan BEGIN SELECT RAISE(ABORT, 'teams_loan is append-only: no delete'); END;;
CREATE TRIGGER teams_loan_no_replace BEFORE INSERT ON teams_loan WHEN EXISTS (SELECT 1 FROM teams_loan WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'teams_loan is append-only: no replace'); END;;
CREATE TRIGGER teams_join_request_frozen BEFORE UPDATE ON teams_join_request WHEN NEW.id IS NOT OLD.id OR NEW.team_id IS NOT OLD.team_id OR NEW.person_id IS NOT OLD.person_id OR NEW.invitation_id IS NOT OLD.invitation_id OR NEW.asked_at IS NOT OLD.asked_at BEGIN SELECT RAISE(ABORT, 'teams_join_request: id, team_id, person_id, invitation_id, asked_at never change'); END;;
CREATE TRIGGER teams_join_request_no_delete BEFORE DELETE ON teams_join_request BEGIN SELECT RAISE(ABORT, 'teams_join_request is append-only: no delete'); END;;
CREATE TRIGGER teams_join_request_no_replace BEFORE INSERT ON teams_join_request WHEN EXISTS (SELECT 1 FROM teams_join_request WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'teams_join_request is append-only: no replace'); END;;
CREATE TRIGGER teams_invitation_frozen BEFORE UPDATE ON teams_invitation WHEN NEW.id IS NOT OLD.id OR NEW.team_id IS NOT OLD.team_id OR NEW.nonce IS NOT OLD.nonce OR NEW.token_digest IS NOT OLD.token_digest OR NEW.made_by_id IS NOT OLD.made_by_id OR NEW.made_at IS NOT OLD.made_at OR NEW.most_uses IS NOT OLD.most_uses BEGIN SELECT RAISE(ABORT, 'teams_invitation: id, team_id, nonce, token_digest, made_by_id, made_at, most_uses never change'); END;;
CREATE TRIGGER teams_invitation_no_delete BEFORE DELETE ON teams_invitation BEGIN SELECT RAISE(ABORT, 'teams_invitation is append-only: no delete'); END;;
CREATE TRIGGER teams_invitation_no_replace BEFORE INSERT ON teams_invitation WHEN EXISTS (SELECT 1 FROM teams_invitation WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM teams_invitation WHERE token_digest = NEW.token_digest) BEGIN SELECT RAISE(ABORT, 'teams_invitation is append-only: no replace'); END;;
CREATE TRIGGER teams_message_no_update BEFORE UPDATE ON teams_message BEGIN SELECT RAISE(ABORT, 'teams_message is append-only: no update'); END;;
CREATE TRIGGER teams_message_no_delete BEFORE DELETE ON teams_message BEGIN SELECT RAISE(ABORT, 'teams_message is append-only: no delete'); END;;
CREATE TRIGGER teams_message_no_replace BEFORE INSERT ON teams_message WHEN EXISTS (SELECT 1 FROM teams_message WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'teams_message is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION orgs_membership_closed_team() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM teams_team_card c WHERE c.team_id = added.team_id AND c.closed_on IS NOT NULL)) THEN RAISE EXCEPTION 'orgs_membership_closed_team: a closed team takes no new members'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER orgs_membership_closed_team AFTER INSERT ON orgs_membership REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orgs_membership_closed_team();;
CREATE FUNCTION activities_activity_closed_team() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM teams_team_card c WHERE c.team_id = added.team_id AND c.closed_on IS NOT NULL)) THEN RAISE EXCEPTION 'activities_activity_closed_team: a closed team has no new activities'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER activities_activity_closed_team AFTER INSERT ON activities_activity REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION activities_activity_closed_team();;
CREATE FUNCTION teams_loan_twice() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); PERFORM 1 FROM people_person p WHERE p.id IN (SELECT person_id FROM added) ORDER BY p.id FOR NO KEY UPDATE; IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM teams_loan o WHERE o.person_id = added.person_id AND o.team_id = added.team_id
    AND o.id IS DISTINCT FROM added.id AND o.status NOT IN ('refused', 'withdrawn') AND o.starts_on <= added.until
    AND coalesce(o.ended_on, o.until) >= added.starts_on)) THEN RAISE EXCEPTION 'teams_loan_twice: a person is lent to a team once at a time'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER teams_loan_twice AFTER INSERT ON teams_loan REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION teams_loan_twice();;
CREATE FUNCTION teams_loan_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.lender_id IS DISTINCT FROM OLD.lender_id OR NEW.team_id IS DISTINCT FROM OLD.team_id OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.until IS DISTINCT FROM OLD.until OR NEW.purpose IS DISTINCT FROM OLD.purpose OR NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id OR NEW.asked_at IS DISTINCT FROM OLD.asked_at THEN RAISE EXCEPTION 'teams_loan: id, person_id, lender_id, team_id, starts_on, until, purpose, asked_by_id, asked_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER teams_loan_frozen BEFORE UPDATE ON teams_loan FOR EACH ROW EXECUTE FUNCTION teams_loan_frozen();;
CREATE FUNCTION teams_loan_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_loan is append-only: no delete'; END $guard$;;
CREATE TRIGGER teams_loan_no_delete BEFORE DELETE ON teams_loan FOR EACH ROW EXECUTE FUNCTION teams_loan_no_delete();;
CREATE FUNCTION teams_loan_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_loan is append-only: no truncate'; END $guard$;;
CREATE TRIGGER teams_loan_no_truncate BEFORE TRUNCATE ON teams_loan FOR EACH STATEMENT EXECUTE FUNCTION teams_loan_no_truncate();;
CREATE FUNCTION teams_join_request_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.team_id IS DISTINCT FROM OLD.team_id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.invitation_id IS DISTINCT FROM OLD.invitation_id OR NEW.asked_at IS DISTINCT FROM OLD.asked_at THEN RAISE EXCEPTION 'teams_join_request: id, team_id, person_id, invitation_id, asked_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER teams_join_request_frozen BEFORE UPDATE ON teams_join_request FOR EACH ROW EXECUTE FUNCTION teams_join_request_frozen();;
CREATE FUNCTION teams_join_request_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_join_request is append-only: no delete'; END $guard$;;
CREATE TRIGGER teams_join_request_no_delete BEFORE DELETE ON teams_join_request FOR EACH ROW EXECUTE FUNCTION teams_join_request_no_delete();;
CREATE FUNCTION teams_join_request_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_join_request is append-only: no truncate'; END $guard$;;
CREATE TRIGGER teams_join_request_no_truncate BEFORE TRUNCATE ON teams_join_request FOR EACH STATEMENT EXECUTE FUNCTION teams_join_request_no_truncate();;
CREATE FUNCTION teams_invitation_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.team_id IS DISTINCT FROM OLD.team_id OR NEW.nonce IS DISTINCT FROM OLD.nonce OR NEW.token_digest IS DISTINCT FROM OLD.token_digest OR NEW.made_by_id IS DISTINCT FROM OLD.made_by_id OR NEW.made_at IS DISTINCT FROM OLD.made_at OR NEW.most_uses IS DISTINCT FROM OLD.most_uses THEN RAISE EXCEPTION 'teams_invitation: id, team_id, nonce, token_digest, made_by_id, made_at, most_uses never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER teams_invitation_frozen BEFORE UPDATE ON teams_invitation FOR EACH ROW EXECUTE FUNCTION teams_invitation_frozen();;
CREATE FUNCTION teams_invitation_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_invitation is append-only: no delete'; END $guard$;;
CREATE TRIGGER teams_invitation_no_delete BEFORE DELETE ON teams_invitation FOR EACH ROW EXECUTE FUNCTION teams_invitation_no_delete();;
CREATE FUNCTION teams_invitation_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_invitation is append-only: no truncate'; END $guard$;;
CREATE TRIGGER teams_invitation_no_truncate BEFORE TRUNCATE ON teams_invitation FOR EACH STATEMENT EXECUTE FUNCTION teams_invitation_no_truncate();;
CREATE FUNCTION teams_message_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_message is append-only: no update'; END $guard$;;
CREATE TRIGGER teams_message_no_update BEFORE UPDATE ON teams_message FOR EACH ROW EXECUTE FUNCTION teams_message_no_update();;
CREATE FUNCTION teams_message_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_message is append-only: no delete'; END $guard$;;
CREATE TRIGGER teams_message_no_delete BEFORE DELETE ON teams_message FOR EACH ROW EXECUTE FUNCTION teams_message_no_delete();;
CREATE FUNCTION teams_message_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'teams_message is append-only: no truncate'; END $guard$;;
CREATE TRIGGER teams_message_no_truncate BEFORE TRUNCATE ON teams_message FOR EACH STATEMENT EXECUTE FUNCTION teams_message_no_truncate()
"""
FUNCTIONS = (
    "orgs_membership_closed_team",
    "activities_activity_closed_team",
    "teams_loan_twice",
    "teams_loan_frozen",
    "teams_loan_no_delete",
    "teams_loan_no_truncate",
    "teams_join_request_frozen",
    "teams_join_request_no_delete",
    "teams_join_request_no_truncate",
    "teams_invitation_frozen",
    "teams_invitation_no_delete",
    "teams_invitation_no_truncate",
    "teams_message_no_update",
    "teams_message_no_delete",
    "teams_message_no_truncate",
)
ELSEWHERE = {
    "orgs_membership_closed_team": "orgs_membership",
    "activities_activity_closed_team": "activities_activity",
}


def upgrade() -> None:
    op.add_column("orgs_membership", sa.Column("until", sa.Date(), nullable=True))
    op.create_table(
        "teams_deputy",
        sa.Column("grant_id", Id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["grant_id"], ["people_grant.id"], name=op.f("fk_teams_deputy_grant_id")),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_teams_deputy")),
    )
    op.create_table(
        "teams_invitation",
        sa.Column("id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("made_by_id", Id, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("most_uses", Id, nullable=True),
        sa.Column("uses", Id, nullable=False),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.Column("revoked_by_id", Id, nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_teams_invitation_revoked_by_somebody")
        ),
        sa.CheckConstraint("expires_at > made_at", name=op.f("ck_teams_invitation_expires_after_making")),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_teams_invitation_digest_is_sha256")),
        sa.CheckConstraint("most_uses IS NULL OR uses <= most_uses", name=op.f("ck_teams_invitation_not_used_up")),
        sa.CheckConstraint(
            "uses >= 0 AND (most_uses IS NULL OR most_uses >= 1)", name=op.f("ck_teams_invitation_uses_count")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["people_person.id"], name=op.f("fk_teams_invitation_made_by_id")),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["people_person.id"], name=op.f("fk_teams_invitation_revoked_by_id")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_teams_invitation_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_teams_invitation_token_digest")),
    )
    op.create_index(op.f("ix_teams_invitation_team_id"), "teams_invitation", ["team_id"])
    op.create_table(
        "teams_message",
        sa.Column("id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_by_id", Id, nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.CheckConstraint("subject <> '' AND text <> ''", name=op.f("ck_teams_message_says_something")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["people_person.id"], name=op.f("fk_teams_message_sent_by_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_teams_message_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_message")),
    )
    op.create_index("ix_teams_message_team", "teams_message", ["team_id", "id"])
    op.create_table(
        "teams_team_card",
        sa.Column("team_id", Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("is_open_to_join", sa.Boolean(), nullable=False),
        sa.Column("asks_approval", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.Column("updated_at", Moment, nullable=False),
        sa.CheckConstraint(
            "kind IN ('service', 'club', 'youth', 'rescue', 'other')", name=op.f("ck_teams_team_card_kind_known")
        ),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (close_reason IS NULL)", name=op.f("ck_teams_team_card_closed_with_reason")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_teams_team_card_team_id")),
        sa.PrimaryKeyConstraint("team_id", name=op.f("pk_teams_team_card")),
    )
    op.create_table(
        "teams_join_request",
        sa.Column("id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("invitation_id", Id, nullable=True),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("decided_at", Moment, nullable=True),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_teams_join_request_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "status <> 'refused' OR coalesce(reason, '') <> ''", name=op.f("ck_teams_join_request_refused_with_reason")
        ),
        sa.CheckConstraint(
            "status = 'withdrawn' OR decided_by_id <> person_id", name=op.f("ck_teams_join_request_not_by_oneself")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'approved', 'refused', 'withdrawn')", name=op.f("ck_teams_join_request_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people_person.id"], name=op.f("fk_teams_join_request_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["teams_invitation.id"], name=op.f("fk_teams_join_request_invitation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_teams_join_request_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_teams_join_request_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_join_request")),
    )
    op.create_index("ix_teams_join_request_person", "teams_join_request", ["person_id", "id"])
    op.create_index(
        "uq_teams_join_request_waiting",
        "teams_join_request",
        ["team_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "teams_leaving",
        sa.Column("membership_id", Id, autoincrement=False, nullable=False),
        sa.Column("was_removed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by_id", Id, nullable=True),
        sa.CheckConstraint(
            "NOT was_removed OR coalesce(reason, '') <> ''", name=op.f("ck_teams_leaving_removed_with_reason")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["people_person.id"], name=op.f("fk_teams_leaving_by_id")),
        sa.ForeignKeyConstraint(["membership_id"], ["orgs_membership.id"], name=op.f("fk_teams_leaving_membership_id")),
        sa.PrimaryKeyConstraint("membership_id", name=op.f("pk_teams_leaving")),
    )
    op.create_table(
        "teams_loan",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("lender_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("host_yes_by_id", Id, nullable=True),
        sa.Column("host_yes_at", Moment, nullable=True),
        sa.Column("lender_yes_by_id", Id, nullable=True),
        sa.Column("lender_yes_at", Moment, nullable=True),
        sa.Column("said_by_id", Id, nullable=True),
        sa.Column("said_at", Moment, nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("membership_id", Id, nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.Column("ended_by_id", Id, nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('refused', 'withdrawn', 'ended')) = (ended_at IS NOT NULL)",
            name=op.f("ck_teams_loan_ended_at_some_time"),
        ),
        sa.CheckConstraint("purpose <> ''", name=op.f("ck_teams_loan_purpose_given")),
        sa.CheckConstraint(
            "status <> 'running' OR membership_id IS NOT NULL", name=op.f("ck_teams_loan_running_as_member")
        ),
        sa.CheckConstraint(
            "status IN ('asked', 'agreed', 'running', 'ended', 'refused', 'withdrawn')",
            name=op.f("ck_teams_loan_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('agreed', 'running', 'ended') OR (host_yes_by_id IS NOT NULL AND lender_yes_by_id IS NOT NULL AND said_by_id IS NOT NULL)",
            name=op.f("ck_teams_loan_agreed_by_all_three"),
        ),
        sa.CheckConstraint(
            "host_yes_by_id <> person_id AND lender_yes_by_id <> person_id",
            name=op.f("ck_teams_loan_not_for_an_organisation_and_herself"),
        ),
        sa.CheckConstraint(
            "said_by_id IS NULL OR said_by_id = person_id OR paper_id IS NOT NULL",
            name=op.f("ck_teams_loan_said_or_on_paper"),
        ),
        sa.CheckConstraint("until >= starts_on", name=op.f("ck_teams_loan_ends_after_start")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people_person.id"], name=op.f("fk_teams_loan_asked_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people_person.id"], name=op.f("fk_teams_loan_ended_by_id")),
        sa.ForeignKeyConstraint(["host_yes_by_id"], ["people_person.id"], name=op.f("fk_teams_loan_host_yes_by_id")),
        sa.ForeignKeyConstraint(["lender_id"], ["orgs_organisation.id"], name=op.f("fk_teams_loan_lender_id")),
        sa.ForeignKeyConstraint(
            ["lender_yes_by_id"], ["people_person.id"], name=op.f("fk_teams_loan_lender_yes_by_id")
        ),
        sa.ForeignKeyConstraint(["membership_id"], ["orgs_membership.id"], name=op.f("fk_teams_loan_membership_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_teams_loan_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_teams_loan_person_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["people_person.id"], name=op.f("fk_teams_loan_said_by_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_teams_loan_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_loan")),
    )
    op.create_index(
        "ix_teams_loan_due",
        "teams_loan",
        ["status", "starts_on", "until"],
        unique=False,
        sqlite_where=sa.text("status IN ('agreed', 'running')"),
        postgresql_where=sa.text("status IN ('agreed', 'running')"),
    )
    op.create_index("ix_teams_loan_lender", "teams_loan", ["lender_id"])
    op.create_index(op.f("ix_teams_loan_membership_id"), "teams_loan", ["membership_id"])
    op.create_index(op.f("ix_teams_loan_paper_id"), "teams_loan", ["paper_id"])
    op.create_index("ix_teams_loan_person", "teams_loan", ["person_id", "team_id"])
    op.create_index(op.f("ix_teams_loan_team_id"), "teams_loan", ["team_id"])
    op.create_table(
        "teams_recipient",
        sa.Column("message_id", Id, autoincrement=False, nullable=False),
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("to_call", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Moment, nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["teams_message.id"], name=op.f("fk_teams_recipient_message_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_teams_recipient_person_id")),
        sa.PrimaryKeyConstraint("message_id", "person_id", name=op.f("pk_teams_recipient")),
    )
    op.create_index("ix_teams_recipient_person", "teams_recipient", ["person_id"])
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table in ELSEWHERE.items():
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {table}")
    op.drop_table("teams_recipient")
    op.drop_table("teams_loan")
    op.drop_table("teams_leaving")
    op.drop_table("teams_join_request")
    op.drop_table("teams_team_card")
    op.drop_table("teams_message")
    op.drop_table("teams_invitation")
    op.drop_table("teams_deputy")
    op.drop_column("orgs_membership", "until")
    if not is_sqlite:
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
