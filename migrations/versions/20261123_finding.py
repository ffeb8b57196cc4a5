"""One search for people, organisations and teams.

Revision: 20261123_finding
After: 20261123_rosters
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_finding"
down_revision = "20261123_rosters"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Letters = sa.String().with_variant(sa.String(collation="C"), "postgresql")

# Frozen here: what portal.search and portal.guards say today may change, what this migration made may not.
SQLITE_SEARCH = (
    r"""
CREATE VIRTUAL TABLE finding_name_search USING fts5(pairs, content='', columnsize=0, detail=none, tokenize='ascii')
""",
    r"""
CREATE VIRTUAL TABLE finding_name_search_pairs USING fts5vocab(finding_name_search, instance)
""",
    r"""
INSERT INTO finding_name_search (rowid, pairs) SELECT id, coalesce((SELECT group_concat(hex(substr(lower(finding_name.name), n, 2)), ' ') FROM search_number WHERE n <= length(finding_name.name)), '') || ' ' || CASE WHEN length(finding_name.name) > 1000 THEN 'long' ELSE '' END FROM finding_name
""",
)

SQLITE = {
    ("finding_name_search_insert", "finding_name"): r"""
CREATE TRIGGER finding_name_search_insert AFTER INSERT ON finding_name BEGIN INSERT INTO finding_name_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat(hex(substr(lower(NEW.name), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.name)), '') || ' ' || CASE WHEN length(NEW.name) > 1000 THEN 'long' ELSE '' END); END
""",
    ("finding_name_search_update", "finding_name"): r"""
CREATE TRIGGER finding_name_search_update AFTER UPDATE ON finding_name WHEN NEW.name IS NOT OLD.name BEGIN INSERT INTO finding_name_search (finding_name_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat(hex(substr(lower(OLD.name), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.name)), '') || ' ' || CASE WHEN length(OLD.name) > 1000 THEN 'long' ELSE '' END); INSERT INTO finding_name_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat(hex(substr(lower(NEW.name), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.name)), '') || ' ' || CASE WHEN length(NEW.name) > 1000 THEN 'long' ELSE '' END); END
""",
    ("finding_name_search_delete", "finding_name"): r"""
CREATE TRIGGER finding_name_search_delete AFTER DELETE ON finding_name BEGIN INSERT INTO finding_name_search (finding_name_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat(hex(substr(lower(OLD.name), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.name)), '') || ' ' || CASE WHEN length(OLD.name) > 1000 THEN 'long' ELSE '' END); END
""",
    ("people_person_finding_insert", "people_person"): r"""
CREATE TRIGGER people_person_finding_insert AFTER INSERT ON people_person BEGIN INSERT INTO finding_name (kind, ref_id, name) VALUES ('person', NEW.id, NEW.name); END
""",
    ("people_person_finding_update", "people_person"): r"""
CREATE TRIGGER people_person_finding_update AFTER UPDATE OF name ON people_person WHEN NEW.name <> OLD.name BEGIN UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE kind = 'person' AND ref_id = NEW.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'person' AND ref_id = NEW.id); END
""",
    ("people_person_finding_delete", "people_person"): r"""
CREATE TRIGGER people_person_finding_delete AFTER DELETE ON people_person BEGIN UPDATE finding_name SET syllables = NULL, initials = NULL WHERE kind = 'person' AND ref_id = OLD.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'person' AND ref_id = OLD.id); DELETE FROM finding_name WHERE kind = 'person' AND ref_id = OLD.id; END
""",
    ("orgs_organisation_finding_insert", "orgs_organisation"): r"""
CREATE TRIGGER orgs_organisation_finding_insert AFTER INSERT ON orgs_organisation BEGIN INSERT INTO finding_name (kind, ref_id, name) VALUES ('organisation', NEW.id, NEW.name); END
""",
    ("orgs_organisation_finding_update", "orgs_organisation"): r"""
CREATE TRIGGER orgs_organisation_finding_update AFTER UPDATE OF name ON orgs_organisation WHEN NEW.name <> OLD.name BEGIN UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE kind = 'organisation' AND ref_id = NEW.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'organisation' AND ref_id = NEW.id); END
""",
    ("orgs_organisation_finding_delete", "orgs_organisation"): r"""
CREATE TRIGGER orgs_organisation_finding_delete AFTER DELETE ON orgs_organisation BEGIN UPDATE finding_name SET syllables = NULL, initials = NULL WHERE kind = 'organisation' AND ref_id = OLD.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'organisation' AND ref_id = OLD.id); DELETE FROM finding_name WHERE kind = 'organisation' AND ref_id = OLD.id; END
""",
    ("orgs_team_finding_insert", "orgs_team"): r"""
CREATE TRIGGER orgs_team_finding_insert AFTER INSERT ON orgs_team BEGIN INSERT INTO finding_name (kind, ref_id, name) VALUES ('team', NEW.id, NEW.name); END
""",
    ("orgs_team_finding_update", "orgs_team"): r"""
CREATE TRIGGER orgs_team_finding_update AFTER UPDATE OF name ON orgs_team WHEN NEW.name <> OLD.name BEGIN UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE kind = 'team' AND ref_id = NEW.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'team' AND ref_id = NEW.id); END
""",
    ("orgs_team_finding_delete", "orgs_team"): r"""
CREATE TRIGGER orgs_team_finding_delete AFTER DELETE ON orgs_team BEGIN UPDATE finding_name SET syllables = NULL, initials = NULL WHERE kind = 'team' AND ref_id = OLD.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'team' AND ref_id = OLD.id); DELETE FROM finding_name WHERE kind = 'team' AND ref_id = OLD.id; END
""",
}

POSTGRESQL = {
    ("people_person_finding_insert", "people_person"): r"""
CREATE FUNCTION people_person_finding_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN INSERT INTO finding_name (kind, ref_id, name) SELECT 'person', id, name FROM added ORDER BY id; RETURN NULL; END $guard$;
CREATE TRIGGER people_person_finding_insert AFTER INSERT ON people_person REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people_person_finding_insert()
""",
    ("people_person_finding_update", "people_person"): r"""
CREATE FUNCTION people_person_finding_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE kind = 'person' AND ref_id = NEW.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'person' AND ref_id = NEW.id); RETURN NULL; END $guard$;
CREATE TRIGGER people_person_finding_update AFTER UPDATE OF name ON people_person FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION people_person_finding_update()
""",
    ("people_person_finding_delete", "people_person"): r"""
CREATE FUNCTION people_person_finding_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE finding_name SET syllables = NULL, initials = NULL WHERE kind = 'person' AND ref_id = OLD.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'person' AND ref_id = OLD.id); DELETE FROM finding_name WHERE kind = 'person' AND ref_id = OLD.id; RETURN NULL; END $guard$;
CREATE TRIGGER people_person_finding_delete AFTER DELETE ON people_person FOR EACH ROW EXECUTE FUNCTION people_person_finding_delete()
""",
    ("orgs_organisation_finding_insert", "orgs_organisation"): r"""
CREATE FUNCTION orgs_organisation_finding_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN INSERT INTO finding_name (kind, ref_id, name) SELECT 'organisation', id, name FROM added ORDER BY id; RETURN NULL; END $guard$;
CREATE TRIGGER orgs_organisation_finding_insert AFTER INSERT ON orgs_organisation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orgs_organisation_finding_insert()
""",
    ("orgs_organisation_finding_update", "orgs_organisation"): r"""
CREATE FUNCTION orgs_organisation_finding_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE kind = 'organisation' AND ref_id = NEW.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'organisation' AND ref_id = NEW.id); RETURN NULL; END $guard$;
CREATE TRIGGER orgs_organisation_finding_update AFTER UPDATE OF name ON orgs_organisation FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION orgs_organisation_finding_update()
""",
    ("orgs_organisation_finding_delete", "orgs_organisation"): r"""
CREATE FUNCTION orgs_organisation_finding_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE finding_name SET syllables = NULL, initials = NULL WHERE kind = 'organisation' AND ref_id = OLD.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'organisation' AND ref_id = OLD.id); DELETE FROM finding_name WHERE kind = 'organisation' AND ref_id = OLD.id; RETURN NULL; END $guard$;
CREATE TRIGGER orgs_organisation_finding_delete AFTER DELETE ON orgs_organisation FOR EACH ROW EXECUTE FUNCTION orgs_organisation_finding_delete()
""",
    ("orgs_team_finding_insert", "orgs_team"): r"""
CREATE FUNCTION orgs_team_finding_insert() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN INSERT INTO finding_name (kind, ref_id, name) SELECT 'team', id, name FROM added ORDER BY id; RETURN NULL; END $guard$;
CREATE TRIGGER orgs_team_finding_insert AFTER INSERT ON orgs_team REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orgs_team_finding_insert()
""",
    ("orgs_team_finding_update", "orgs_team"): r"""
CREATE FUNCTION orgs_team_finding_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE finding_name SET name = NEW.name, syllables = NULL, initials = NULL WHERE kind = 'team' AND ref_id = NEW.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'team' AND ref_id = NEW.id); RETURN NULL; END $guard$;
CREATE TRIGGER orgs_team_finding_update AFTER UPDATE OF name ON orgs_team FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION orgs_team_finding_update()
""",
    ("orgs_team_finding_delete", "orgs_team"): r"""
CREATE FUNCTION orgs_team_finding_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN UPDATE finding_name SET syllables = NULL, initials = NULL WHERE kind = 'team' AND ref_id = OLD.id; DELETE FROM finding_reading WHERE name_id = (SELECT id FROM finding_name WHERE kind = 'team' AND ref_id = OLD.id); DELETE FROM finding_name WHERE kind = 'team' AND ref_id = OLD.id; RETURN NULL; END $guard$;
CREATE TRIGGER orgs_team_finding_delete AFTER DELETE ON orgs_team FOR EACH ROW EXECUTE FUNCTION orgs_team_finding_delete()
""",
}

POSTGRESQL_SEARCH = "CREATE INDEX finding_name_search ON finding_name USING gin (search_pairs('', ARRAY[name])) WITH (gin_pending_list_limit = 256)"

# Who and what is there already; a job reads their names.
THERE = (
    "INSERT INTO finding_name (kind, ref_id, name) SELECT 'person', id, name FROM people_person ORDER BY id",
    "INSERT INTO finding_name (kind, ref_id, name) SELECT 'organisation', id, name FROM orgs_organisation ORDER BY id",
    "INSERT INTO finding_name (kind, ref_id, name) SELECT 'team', id, name FROM orgs_team ORDER BY id",
)


def upgrade() -> None:
    make_tables()
    connection = op.get_bind()
    for statement in THERE:
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "sqlite":
        statements = [*SQLITE_SEARCH, *SQLITE.values()]
    else:
        statements = [POSTGRESQL_SEARCH, *POSTGRESQL.values()]
    for statement in statements:
        connection.exec_driver_sql(statement)


def make_tables() -> None:
    op.create_table(
        "finding_name",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref_id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("syllables", Letters, nullable=True),
        sa.Column("initials", Letters, nullable=True),
        sa.CheckConstraint("kind IN ('person', 'organisation', 'team')", name=op.f("ck_finding_name_kind_known")),
        sa.CheckConstraint("(syllables IS NULL) = (initials IS NULL)", name=op.f("ck_finding_name_read_whole")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_name")),
        sa.UniqueConstraint("kind", "ref_id", name=op.f("uq_finding_name_kind_ref_id")),
    )
    op.create_index(
        "ix_finding_name_unread",
        "finding_name",
        ["id"],
        unique=False,
        sqlite_where=sa.text("syllables IS NULL"),
        postgresql_where=sa.text("syllables IS NULL"),
    )
    op.create_table(
        "finding_reading",
        sa.Column("name_id", Id, autoincrement=False, nullable=False),
        sa.Column("syllables", Letters, nullable=False),
        sa.Column("initials", Letters, nullable=False),
        sa.ForeignKeyConstraint(["name_id"], ["finding_name.id"], name=op.f("fk_finding_reading_name_id")),
        sa.PrimaryKeyConstraint("name_id", "syllables", name=op.f("pk_finding_reading")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_finding_reading_initials", "finding_reading", ["initials", "syllables", "name_id"])
    op.create_index("ix_finding_reading_syllables", "finding_reading", ["syllables", "name_id"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, _ in SQLITE:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE finding_name_search_pairs")
        op.execute("DROP TABLE finding_name_search")
    else:
        for name, table in POSTGRESQL:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("finding_reading")
    op.drop_table("finding_name")
