"""What proves that it is she: second factors, recovery codes, contacts, badges.

Revision: 20261122_accounts
After: 20261122_trail
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_accounts"
down_revision = "20261122_trail"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _factors()
    _contacts()
    _resets()
    _badges()


def downgrade() -> None:
    _no_badges()
    _no_resets()
    _no_contacts()
    _no_factors()


# ── second factors ──────────────────────────────────────────────────────────────────────────────────
def _factors() -> None:
    op.add_column("people_person", sa.Column("signed_out_at", Moment, nullable=True))
    op.create_table(
        "accounts_account",
        sa.Column("person_id", Id, nullable=False, autoincrement=False),
        sa.Column("asked_at", Moment, nullable=True),
        sa.Column("since", Moment, nullable=True),
        sa.Column("last_counter", Id, nullable=True),
        sa.Column("secret", sa.String(), nullable=True),
        sa.CheckConstraint("(secret IS NULL) = (since IS NULL)", name=op.f("ck_accounts_account_secret_since")),
        sa.CheckConstraint(
            "(secret IS NULL) = (last_counter IS NULL)", name=op.f("ck_accounts_account_secret_has_counter")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_accounts_account_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_accounts_account")),
    )
    op.create_table(
        "accounts_recovery_code",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("used_at", Moment, nullable=True),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_accounts_recovery_code_digest_is_sha256")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_accounts_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_recovery_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_accounts_recovery_code_digest")),
    )
    op.create_index(op.f("ix_accounts_recovery_code_person_id"), "accounts_recovery_code", ["person_id"])


def _no_factors() -> None:
    op.drop_index(op.f("ix_accounts_recovery_code_person_id"), table_name="accounts_recovery_code")
    op.drop_table("accounts_recovery_code")
    op.drop_table("accounts_account")
    op.drop_column("people_person", "signed_out_at")


# ── contacts ────────────────────────────────────────────────────────────────────────────────────────
def _contacts() -> None:
    op.create_table(
        "contacts_contact",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("signs_in", sa.Boolean(), nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("verified_at", Moment, nullable=True),
        sa.CheckConstraint("kind IN ('mobile', 'email')", name=op.f("ck_contacts_contact_kind_known")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_contacts_contact_digest_is_sha256")),
        sa.CheckConstraint(
            "NOT signs_in OR verified_at IS NOT NULL", name=op.f("ck_contacts_contact_verified_to_sign_in")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_contacts_contact_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_contact")),
        sa.UniqueConstraint("person_id", "kind", "digest", name=op.f("uq_contacts_contact_person_id_kind_digest")),
    )
    op.create_index(op.f("ix_contacts_contact_digest"), "contacts_contact", ["digest"])
    op.create_index(
        "uq_contacts_contact_signs_in",
        "contacts_contact",
        ["kind", "digest"],
        unique=True,
        sqlite_where=sa.text("signs_in"),
        postgresql_where=sa.text("signs_in"),
    )
    op.create_table(
        "contacts_contact_code",
        sa.Column("contact_id", Id, nullable=False, autoincrement=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sent_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("tries", Id, nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_contacts_contact_code_digest_is_sha256")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts_contact.id"], name=op.f("fk_contacts_contact_code_contact_id")
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contacts_contact_code")),
    )


def _no_contacts() -> None:
    op.drop_table("contacts_contact_code")
    op.drop_index("uq_contacts_contact_signs_in", "contacts_contact")
    op.drop_index(op.f("ix_contacts_contact_digest"), "contacts_contact")
    op.drop_table("contacts_contact")


# ── forgotten passwords ─────────────────────────────────────────────────────────────────────────────
def _resets() -> None:
    op.create_table(
        "resets_reset",
        sa.Column("id", Id, nullable=False),
        sa.Column("nonce_digest", sa.String(), nullable=True),
        sa.Column("asked", sa.String(), nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("code_digest", sa.String(), nullable=True),
        sa.Column("issued_by_id", Id, nullable=True),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("tries", Id, nullable=False),
        sa.Column("proven_at", Moment, nullable=True),
        sa.Column("used_at", Moment, nullable=True),
        sa.CheckConstraint(
            "nonce_digest IS NULL OR length(nonce_digest) = 64", name=op.f("ck_resets_reset_nonce_digest_is_sha256")
        ),
        sa.CheckConstraint(
            "code_digest IS NULL OR length(code_digest) = 64", name=op.f("ck_resets_reset_code_digest_is_sha256")
        ),
        sa.CheckConstraint(
            "code_digest IS NULL OR person_id IS NOT NULL", name=op.f("ck_resets_reset_code_is_somebodys")
        ),
        sa.CheckConstraint("proven_at IS NULL OR code_digest IS NOT NULL", name=op.f("ck_resets_reset_proven_by_code")),
        sa.CheckConstraint("used_at IS NULL OR proven_at IS NOT NULL", name=op.f("ck_resets_reset_proven_before_use")),
        sa.CheckConstraint(
            "issued_by_id IS NULL OR issued_by_id <> person_id", name=op.f("ck_resets_reset_not_issued_to_oneself")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_resets_reset_person_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["people_person.id"], name=op.f("fk_resets_reset_issued_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resets_reset")),
        sa.UniqueConstraint("nonce_digest", name=op.f("uq_resets_reset_nonce_digest")),
    )
    for column in ("person_id", "code_digest", "expires_at"):
        op.create_index(op.f(f"ix_resets_reset_{column}"), "resets_reset", [column])


def _no_resets() -> None:
    for column in ("expires_at", "code_digest", "person_id"):
        op.drop_index(op.f(f"ix_resets_reset_{column}"), "resets_reset")
    op.drop_table("resets_reset")


# ── badges ──────────────────────────────────────────────────────────────────────────────────────────
def _badges() -> None:
    op.create_table(
        "badges_badge",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("issued_by_id", Id, nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=True),
        sa.Column("pin_set_at", Moment, nullable=True),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.Column("revoked_by_id", Id, nullable=True),
        sa.CheckConstraint("length(number) = 8", name=op.f("ck_badges_badge_number_has_eight_digits")),
        sa.CheckConstraint("(pin_hash IS NULL) = (pin_set_at IS NULL)", name=op.f("ck_badges_badge_pin_has_moment")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_badges_badge_revoked_by_somebody")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_badges_badge_person_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_badges_badge_team_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["people_person.id"], name=op.f("fk_badges_badge_issued_by_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["people_person.id"], name=op.f("fk_badges_badge_revoked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges_badge")),
        sa.UniqueConstraint("number", name=op.f("uq_badges_badge_number")),
    )
    op.create_index(
        "uq_badges_badge_live",
        "badges_badge",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "badges_kiosk",
        sa.Column("id", Id, nullable=False),
        sa.Column("team_id", Id, nullable=False),
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("opened_by_id", Id, nullable=False),
        sa.Column("ends_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("length(token_digest) = 64", name=op.f("ck_badges_kiosk_token_digest_is_sha256")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_badges_kiosk_team_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["people_person.id"], name=op.f("fk_badges_kiosk_opened_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges_kiosk")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_badges_kiosk_token_digest")),
    )
    op.create_index(op.f("ix_badges_kiosk_team_id"), "badges_kiosk", ["team_id"])
    op.create_index(op.f("ix_badges_kiosk_opened_by_id"), "badges_kiosk", ["opened_by_id"])
    op.create_table(
        "badges_visit",
        sa.Column("id", Id, nullable=False),
        sa.Column("badge_id", Id, nullable=False),
        sa.Column("sign_in_id", Id, nullable=False),
        sa.Column("kiosk_id", Id, nullable=True),
        sa.Column("host_id", Id, nullable=True),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint("(kiosk_id IS NULL) <> (host_id IS NULL)", name=op.f("ck_badges_visit_somewhere")),
        sa.ForeignKeyConstraint(["badge_id"], ["badges_badge.id"], name=op.f("fk_badges_visit_badge_id")),
        sa.ForeignKeyConstraint(["kiosk_id"], ["badges_kiosk.id"], name=op.f("fk_badges_visit_kiosk_id")),
        sa.ForeignKeyConstraint(["host_id"], ["people_person.id"], name=op.f("fk_badges_visit_host_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges_visit")),
    )
    op.create_index(op.f("ix_badges_visit_badge_id"), "badges_visit", ["badge_id"])


def _no_badges() -> None:
    op.drop_index(op.f("ix_badges_visit_badge_id"), "badges_visit")
    op.drop_table("badges_visit")
    op.drop_index(op.f("ix_badges_kiosk_opened_by_id"), "badges_kiosk")
    op.drop_index(op.f("ix_badges_kiosk_team_id"), "badges_kiosk")
    op.drop_table("badges_kiosk")
    op.drop_index("uq_badges_badge_live", "badges_badge")
    op.drop_table("badges_badge")
