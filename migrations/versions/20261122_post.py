"""Letters that wait to be sent, and notices on the bell.

Revision: 20261122_post
After: 20261122_accounts
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_post"
down_revision = "20261122_accounts"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal/notices/tallies.py says today may change, what this migration made may not.
SQLITE = {
    ("notices_notice_tally_insert", "notices_notice"): r"""
CREATE TRIGGER notices_notice_tally_insert AFTER INSERT ON notices_notice WHEN NEW.read_at IS NULL
BEGIN
  INSERT INTO accounts_bell (person_id, unread) VALUES (NEW.person_id, 1)
    ON CONFLICT (person_id) DO UPDATE SET unread = unread + excluded.unread;
END
""",
    ("notices_notice_tally_update", "notices_notice"): r"""
CREATE TRIGGER notices_notice_tally_update AFTER UPDATE ON notices_notice WHEN (NEW.read_at IS NULL) <> (OLD.read_at IS NULL)
BEGIN
  INSERT INTO accounts_bell (person_id, unread) VALUES (NEW.person_id, CASE WHEN NEW.read_at IS NULL THEN 1 ELSE -1 END)
    ON CONFLICT (person_id) DO UPDATE SET unread = unread + excluded.unread;
END
""",
    ("notices_notice_tally_delete", "notices_notice"): r"""
CREATE TRIGGER notices_notice_tally_delete AFTER DELETE ON notices_notice WHEN OLD.read_at IS NULL
BEGIN
  INSERT INTO accounts_bell (person_id, unread) VALUES (OLD.person_id, -1)
    ON CONFLICT (person_id) DO UPDATE SET unread = unread + excluded.unread;
END
""",
}

POSTGRESQL = {
    ("notices_notice_tally_insert", "notices_notice"): r"""
CREATE FUNCTION notices_notice_tally_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO accounts_bell AS t (person_id, unread)
    SELECT person_id, sum(n) FROM (SELECT 1 AS n, person_id, read_at FROM added) AS change
    WHERE read_at IS NULL GROUP BY 1 HAVING sum(n) <> 0 ORDER BY 1
    ON CONFLICT (person_id) DO UPDATE SET unread = t.unread + excluded.unread;
  RETURN NULL;
END $guard$;
CREATE TRIGGER notices_notice_tally_insert AFTER INSERT ON notices_notice REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION notices_notice_tally_insert()
""",
    ("notices_notice_tally_update", "notices_notice"): r"""
CREATE FUNCTION notices_notice_tally_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO accounts_bell AS t (person_id, unread)
    SELECT person_id, sum(n) FROM (SELECT 1 AS n, person_id, read_at FROM after UNION ALL SELECT -1 AS n, person_id, read_at FROM before) AS change
    WHERE read_at IS NULL GROUP BY 1 HAVING sum(n) <> 0 ORDER BY 1
    ON CONFLICT (person_id) DO UPDATE SET unread = t.unread + excluded.unread;
  RETURN NULL;
END $guard$;
CREATE TRIGGER notices_notice_tally_update AFTER UPDATE ON notices_notice REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION notices_notice_tally_update()
""",
    ("notices_notice_tally_delete", "notices_notice"): r"""
CREATE FUNCTION notices_notice_tally_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ 
BEGIN
  INSERT INTO accounts_bell AS t (person_id, unread)
    SELECT person_id, sum(n) FROM (SELECT -1 AS n, person_id, read_at FROM gone) AS change
    WHERE read_at IS NULL GROUP BY 1 HAVING sum(n) <> 0 ORDER BY 1
    ON CONFLICT (person_id) DO UPDATE SET unread = t.unread + excluded.unread;
  RETURN NULL;
END $guard$;
CREATE TRIGGER notices_notice_tally_delete AFTER DELETE ON notices_notice REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION notices_notice_tally_delete()
""",
}


def upgrade() -> None:
    _letters()
    _notices()
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).values():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("notices_preference")
    op.drop_table("notices_notice")
    op.drop_table("accounts_bell")
    if op.get_bind().dialect.name == "postgresql":
        for name, _ in POSTGRESQL:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("post_letter")


def _letters() -> None:
    op.create_table(
        "post_letter",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("sent_to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("unsubscribe", sa.String(), nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=True),
        sa.Column("held_until", Moment, nullable=True),
        sa.Column("sent_at", Moment, nullable=True),
        sa.Column("forgotten_at", Moment, nullable=True),
        sa.CheckConstraint("channel IN ('mail', 'sms')", name=op.f("ck_post_letter_channel_known")),
        sa.CheckConstraint(
            "status IN ('waiting', 'sent', 'expired', 'refused')", name=op.f("ck_post_letter_status_known")
        ),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_post_letter_sent_has_moment")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_post_letter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_letter")),
    )
    op.create_index(op.f("ix_post_letter_status_at"), "post_letter", ["status", "at"])
    op.create_index(op.f("ix_post_letter_at"), "post_letter", ["at"])
    op.create_index(op.f("ix_post_letter_person_id"), "post_letter", ["person_id"])


def _notices() -> None:
    op.create_table(
        "accounts_bell",
        sa.Column("person_id", Id, autoincrement=False, nullable=False),
        sa.Column("unread", Id, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_accounts_bell_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_accounts_bell")),
    )
    op.create_table(
        "notices_notice",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("read_at", Moment, nullable=True),
        sa.Column("for_digest", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_notices_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_notice")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_notices_notice_person_id_key")),
    )
    op.create_index(op.f("ix_notices_notice_person"), "notices_notice", ["person_id", "id"])
    op.create_index(op.f("ix_notices_notice_at"), "notices_notice", ["at"])
    op.create_index(
        op.f("ix_notices_notice_for_digest"),
        "notices_notice",
        ["person_id"],
        sqlite_where=sa.text("for_digest"),
        postgresql_where=sa.text("for_digest"),
    )
    op.create_table(
        "notices_preference",
        sa.Column("id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.CheckConstraint("channel IN ('bell', 'mail', 'sms')", name=op.f("ck_notices_preference_channel_known")),
        sa.CheckConstraint("way IN ('off', 'now', 'daily')", name=op.f("ck_notices_preference_way_known")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_notices_preference_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices_preference")),
        sa.UniqueConstraint("person_id", "kind", "channel", name=op.f("uq_notices_preference_person_id_kind_channel")),
    )
