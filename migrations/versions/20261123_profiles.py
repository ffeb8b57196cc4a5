"""Personal files of volunteers, and what they agreed to.

Revision: 20261123_profiles
After: 20261122_evidence
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_profiles"
down_revision = "20261122_evidence"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER consents_consent_frozen BEFORE UPDATE ON consents_consent WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.purpose IS NOT OLD.purpose OR NEW.version IS NOT OLD.version OR NEW.given_at IS NOT OLD.given_at OR NEW.given_by_id IS NOT OLD.given_by_id BEGIN SELECT RAISE(ABORT, 'consents_consent: id, person_id, purpose, version, given_at, given_by_id never change'); END;;
CREATE TRIGGER consents_consent_no_replace BEFORE INSERT ON consents_consent WHEN EXISTS (SELECT 1 FROM consents_consent WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'consents_consent is append-only: no replace'); END;;
CREATE TRIGGER consents_consent_no_delete BEFORE DELETE ON consents_consent BEGIN SELECT RAISE(ABORT, 'consents_consent is append-only: no delete'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION consents_consent_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.purpose IS DISTINCT FROM OLD.purpose OR NEW.version IS DISTINCT FROM OLD.version OR NEW.given_at IS DISTINCT FROM OLD.given_at OR NEW.given_by_id IS DISTINCT FROM OLD.given_by_id THEN RAISE EXCEPTION 'consents_consent: id, person_id, purpose, version, given_at, given_by_id never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER consents_consent_frozen BEFORE UPDATE ON consents_consent FOR EACH ROW EXECUTE FUNCTION consents_consent_frozen();;
CREATE FUNCTION consents_consent_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'consents_consent is append-only: no delete'; END $guard$;;
CREATE TRIGGER consents_consent_no_delete BEFORE DELETE ON consents_consent FOR EACH ROW EXECUTE FUNCTION consents_consent_no_delete();;
CREATE FUNCTION consents_consent_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'consents_consent is append-only: no truncate'; END $guard$;;
CREATE TRIGGER consents_consent_no_truncate BEFORE TRUNCATE ON consents_consent FOR EACH STATEMENT EXECUTE FUNCTION consents_consent_no_truncate()
"""
FUNCTIONS = (
    "consents_consent_frozen",
    "consents_consent_no_delete",
    "consents_consent_no_truncate",
)


def upgrade() -> None:
    op.create_table(
        "consents_consent",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.Column("given_at", Moment, nullable=False),
        sa.Column("given_by_id", Id, nullable=False),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("guardian", sa.String(), nullable=True),
        sa.Column("guardian_relation", sa.String(), nullable=True),
        sa.Column("withdrawn_at", Moment, nullable=True),
        sa.Column("withdrawn_by_id", Id, nullable=True),
        sa.CheckConstraint(
            "purpose IN ('join', 'identity', 'health', 'ethnic', 'party', 'report', 'portrait')",
            name=op.f("ck_consents_consent_purpose_known"),
        ),
        sa.CheckConstraint(
            "(guardian IS NULL) = (guardian_relation IS NULL)", name=op.f("ck_consents_consent_guardian_whole")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name=op.f("ck_consents_consent_withdrawn_by_somebody")
        ),
        sa.CheckConstraint(
            "given_by_id = person_id OR paper_id IS NOT NULL",
            name=op.f("ck_consents_consent_given_by_herself_or_on_paper"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_consents_consent_version_counts")),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= given_at", name=op.f("ck_consents_consent_withdrawn_after_giving")
        ),
        sa.ForeignKeyConstraint(["given_by_id"], ["people_person.id"], name=op.f("fk_consents_consent_given_by_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_consents_consent_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_consents_consent_person_id")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["people_person.id"], name=op.f("fk_consents_consent_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents_consent")),
    )
    op.create_index(op.f("ix_consents_consent_paper_id"), "consents_consent", ["paper_id"])
    op.create_index("ix_consents_consent_person", "consents_consent", ["person_id"])
    op.create_index(
        "uq_consents_consent_current",
        "consents_consent",
        ["person_id", "purpose"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "profiles_choice",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.CheckConstraint("topic IN ('skill', 'service', 'time')", name=op.f("ck_profiles_choice_topic_known")),
        sa.CheckConstraint("word <> ''", name=op.f("ck_profiles_choice_word_given")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_profiles_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", "topic", "word", name=op.f("pk_profiles_choice")),
    )
    op.create_index("ix_profiles_choice_word", "profiles_choice", ["topic", "word"])
    op.create_table(
        "profiles_document",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("added_by_id", Id, nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("kind IN ('certificate', 'insurance')", name=op.f("ck_profiles_document_kind_known")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_profiles_document_name_given")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_profiles_document_ends_after_start")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_profiles_document_added_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_profiles_document_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles_document")),
    )
    op.create_index("ix_profiles_document_person", "profiles_document", ["person_id"])
    op.create_index(
        "ix_profiles_document_until",
        "profiles_document",
        ["valid_until"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "profiles_profile",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", Moment, nullable=False),
        sa.Column("status_reason", sa.String(), nullable=True),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("birth_year", Id, nullable=True),
        sa.Column("born_on", sa.String(), nullable=True),
        sa.Column("id_kind", sa.String(), nullable=True),
        sa.Column("id_number", sa.String(), nullable=True),
        sa.Column("id_digest", sa.String(), nullable=True),
        sa.Column("area", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("health", sa.String(), nullable=True),
        sa.Column("ethnic", sa.String(), nullable=True),
        sa.Column("party", sa.String(), nullable=True),
        sa.Column("guardian_name", sa.String(), nullable=True),
        sa.Column("guardian_mobile", sa.String(), nullable=True),
        sa.Column("guardian_relation", sa.String(), nullable=True),
        sa.Column("has_phone", sa.Boolean(), nullable=False),
        sa.Column("entered_by_id", Id, nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.CheckConstraint("gender IN ('female', 'male')", name=op.f("ck_profiles_profile_gender_known")),
        sa.CheckConstraint(
            "id_kind IN ('resident', 'home_return', 'taiwan', 'passport', 'other')",
            name=op.f("ck_profiles_profile_paper_known"),
        ),
        sa.CheckConstraint(
            "status IN ('applied', 'refused', 'approved', 'active', 'paused', 'left')",
            name=op.f("ck_profiles_profile_status_known"),
        ),
        sa.CheckConstraint("(id_kind IS NULL) = (id_number IS NULL)", name=op.f("ck_profiles_profile_paper_whole")),
        sa.CheckConstraint(
            "(id_number IS NULL) = (id_digest IS NULL)", name=op.f("ck_profiles_profile_digest_beside_number")
        ),
        sa.CheckConstraint("birth_year BETWEEN 1880 AND 2100", name=op.f("ck_profiles_profile_year_makes_sense")),
        sa.CheckConstraint(
            "born_on IS NULL OR birth_year IS NOT NULL", name=op.f("ck_profiles_profile_year_beside_birth")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people_person.id"], name=op.f("fk_profiles_profile_entered_by_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_profiles_profile_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_profiles_profile")),
    )
    op.create_index("ix_profiles_profile_digest", "profiles_profile", ["id_digest"])
    op.create_index("ix_profiles_profile_status", "profiles_profile", ["status", "status_at"])
    op.create_index(
        "uq_profiles_profile_id_digest",
        "profiles_profile",
        ["id_digest"],
        unique=True,
        sqlite_where=sa.text("status NOT IN ('applied', 'refused')"),
        postgresql_where=sa.text("status NOT IN ('applied', 'refused')"),
    )
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("profiles_profile")
    op.drop_table("profiles_document")
    op.drop_table("profiles_choice")
    op.drop_table("consents_consent")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
