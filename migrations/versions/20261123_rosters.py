"""Rosters: lists of volunteers on their way in.

Revision: 20261123_rosters
After: 20261123_mydata
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_rosters"
down_revision = "20261123_mydata"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER rosters_roster_begins BEFORE INSERT ON rosters_roster WHEN NEW.status NOT IN ('reading', 'preview') OR NEW.booked <> 0 OR NEW.confirmed_by_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'rosters_roster_begins: a roster begins unread or as a preview'); END;;
CREATE TRIGGER rosters_roster_way BEFORE UPDATE ON rosters_roster WHEN OLD.status <> NEW.status AND NOT ((OLD.status = 'reading' AND NEW.status = 'preview') OR (OLD.status = 'reading' AND NEW.status = 'withdrawn') OR (OLD.status = 'preview' AND NEW.status = 'reading') OR (OLD.status = 'preview' AND NEW.status = 'booking') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) BEGIN SELECT RAISE(ABORT, 'rosters_roster_way: a roster goes its way and not back'); END;;
CREATE TRIGGER rosters_roster_grows BEFORE UPDATE ON rosters_roster WHEN NEW.booked < OLD.booked OR (NEW.booked > OLD.booked AND OLD.status <> 'booking') BEGIN SELECT RAISE(ABORT, 'rosters_roster_grows: rows are booked while the roster is being booked'); END;;
CREATE TRIGGER rosters_row_comes BEFORE INSERT ON rosters_row WHEN NOT EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = NEW.roster_id AND r.status IN ('reading', 'preview') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'rosters_row_comes: no row is added to a roster that is confirmed'); END;;
CREATE TRIGGER rosters_row_settled BEFORE UPDATE ON rosters_row WHEN (NEW.roster_id IS NOT OLD.roster_id OR NEW.row_no IS NOT OLD.row_no OR NEW.name IS NOT OLD.name OR NEW.kind IS NOT OLD.kind OR NEW.doubt IS NOT OLD.doubt OR NEW.twin_of IS NOT OLD.twin_of OR NEW.decision IS NOT OLD.decision OR NEW.is_elsewhere IS NOT OLD.is_elsewhere OR NEW.is_waiting IS NOT OLD.is_waiting) AND EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = OLD.roster_id AND r.status IN ('booking') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'rosters_row_settled: rows do not change once their roster is confirmed'); END;;
CREATE TRIGGER rosters_row_outcome BEFORE UPDATE ON rosters_row WHEN NEW.outcome IS NOT OLD.outcome AND (OLD.outcome IS NOT NULL OR NOT EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = OLD.roster_id AND r.status IN ('booking') LIMIT 1 OFFSET 0)) BEGIN SELECT RAISE(ABORT, 'rosters_row_outcome: what became of a row is said once, while its roster is booked'); END;;
CREATE TRIGGER rosters_row_goes BEFORE DELETE ON rosters_row WHEN EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = OLD.roster_id AND r.status IN ('booking') LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'rosters_row_goes: no row is taken from a roster that is being booked'); END;;
CREATE TRIGGER rosters_roster_no_delete BEFORE DELETE ON rosters_roster BEGIN SELECT RAISE(ABORT, 'rosters_roster is append-only: no delete'); END;;
CREATE TRIGGER rosters_roster_no_replace BEFORE INSERT ON rosters_roster WHEN EXISTS (SELECT 1 FROM rosters_roster WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'rosters_roster is append-only: no replace'); END;;
CREATE TRIGGER rosters_row_no_replace BEFORE INSERT ON rosters_row WHEN EXISTS (SELECT 1 FROM rosters_row WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM rosters_row WHERE roster_id = NEW.roster_id AND row_no = NEW.row_no) BEGIN SELECT RAISE(ABORT, 'rosters_row is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION rosters_roster_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.status NOT IN ('reading', 'preview') OR added.booked <> 0 OR added.confirmed_by_id IS NOT NULL) THEN RAISE EXCEPTION 'rosters_roster_begins: a roster begins unread or as a preview'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER rosters_roster_begins AFTER INSERT ON rosters_roster REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION rosters_roster_begins();;
CREATE FUNCTION rosters_roster_way() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status <> NEW.status AND NOT ((OLD.status = 'reading' AND NEW.status = 'preview') OR (OLD.status = 'reading' AND NEW.status = 'withdrawn') OR (OLD.status = 'preview' AND NEW.status = 'reading') OR (OLD.status = 'preview' AND NEW.status = 'booking') OR (OLD.status = 'preview' AND NEW.status = 'withdrawn') OR (OLD.status = 'booking' AND NEW.status = 'booked')) THEN RAISE EXCEPTION 'rosters_roster_way: a roster goes its way and not back'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER rosters_roster_way BEFORE UPDATE ON rosters_roster FOR EACH ROW EXECUTE FUNCTION rosters_roster_way();;
CREATE FUNCTION rosters_roster_grows() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.booked < OLD.booked OR (NEW.booked > OLD.booked AND OLD.status <> 'booking') THEN RAISE EXCEPTION 'rosters_roster_grows: rows are booked while the roster is being booked'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER rosters_roster_grows BEFORE UPDATE ON rosters_roster FOR EACH ROW EXECUTE FUNCTION rosters_roster_grows();;
CREATE FUNCTION rosters_row_comes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE NOT EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = added.roster_id AND r.status IN ('reading', 'preview') LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'rosters_row_comes: no row is added to a roster that is confirmed'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER rosters_row_comes AFTER INSERT ON rosters_row REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION rosters_row_comes();;
CREATE FUNCTION rosters_row_settled() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF (NEW.roster_id IS DISTINCT FROM OLD.roster_id OR NEW.row_no IS DISTINCT FROM OLD.row_no OR NEW.name IS DISTINCT FROM OLD.name OR NEW.kind IS DISTINCT FROM OLD.kind OR NEW.doubt IS DISTINCT FROM OLD.doubt OR NEW.twin_of IS DISTINCT FROM OLD.twin_of OR NEW.decision IS DISTINCT FROM OLD.decision OR NEW.is_elsewhere IS DISTINCT FROM OLD.is_elsewhere OR NEW.is_waiting IS DISTINCT FROM OLD.is_waiting) AND EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = OLD.roster_id AND r.status IN ('booking') LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'rosters_row_settled: rows do not change once their roster is confirmed'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER rosters_row_settled BEFORE UPDATE ON rosters_row FOR EACH ROW EXECUTE FUNCTION rosters_row_settled();;
CREATE FUNCTION rosters_row_outcome() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.outcome IS DISTINCT FROM OLD.outcome AND (OLD.outcome IS NOT NULL OR NOT EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = OLD.roster_id AND r.status IN ('booking') LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'rosters_row_outcome: what became of a row is said once, while its roster is booked'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER rosters_row_outcome BEFORE UPDATE ON rosters_row FOR EACH ROW EXECUTE FUNCTION rosters_row_outcome();;
CREATE FUNCTION rosters_row_goes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT 1 FROM rosters_roster r WHERE r.id = OLD.roster_id AND r.status IN ('booking') LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'rosters_row_goes: no row is taken from a roster that is being booked'; END IF; RETURN OLD; END $guard$;;
CREATE TRIGGER rosters_row_goes BEFORE DELETE ON rosters_row FOR EACH ROW EXECUTE FUNCTION rosters_row_goes();;
CREATE FUNCTION rosters_roster_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'rosters_roster is append-only: no delete'; END $guard$;;
CREATE TRIGGER rosters_roster_no_delete BEFORE DELETE ON rosters_roster FOR EACH ROW EXECUTE FUNCTION rosters_roster_no_delete();;
CREATE FUNCTION rosters_roster_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'rosters_roster is append-only: no truncate'; END $guard$;;
CREATE TRIGGER rosters_roster_no_truncate BEFORE TRUNCATE ON rosters_roster FOR EACH STATEMENT EXECUTE FUNCTION rosters_roster_no_truncate()
"""
FUNCTIONS = (
    "rosters_roster_begins",
    "rosters_roster_way",
    "rosters_roster_grows",
    "rosters_row_comes",
    "rosters_row_settled",
    "rosters_row_outcome",
    "rosters_row_goes",
    "rosters_roster_no_delete",
    "rosters_roster_no_truncate",
)


def upgrade() -> None:
    op.create_table(
        "rosters_mapping",
        sa.Column("id", Id, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("kept_by_id", Id, nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["kept_by_id"], ["people_person.id"], name=op.f("fk_rosters_mapping_kept_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters_mapping")),
        sa.UniqueConstraint(
            "fingerprint", "organisation_id", name=op.f("uq_rosters_mapping_fingerprint_organisation_id")
        ),
    )
    op.create_table(
        "rosters_roster",
        sa.Column("id", Id, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("organisation_id", Id, nullable=True),
        sa.Column("team_id", Id, nullable=True),
        sa.Column("takes", sa.JSON(), nullable=False),
        sa.Column("paper_id", Id, nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("column_map", sa.JSON(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.Column("rows", Id, nullable=False),
        sa.Column("new", Id, nullable=False),
        sa.Column("updates", Id, nullable=False),
        sa.Column("same", Id, nullable=False),
        sa.Column("doubts", Id, nullable=False),
        sa.Column("wrong", Id, nullable=False),
        sa.Column("undecided", Id, nullable=False),
        sa.Column("left_out", Id, nullable=False),
        sa.Column("booked", Id, nullable=False),
        sa.Column("brought_by_id", Id, nullable=False),
        sa.Column("brought_at", Moment, nullable=False),
        sa.Column("confirmed_by_id", Id, nullable=True),
        sa.Column("confirmed_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.Column("forgotten_at", Moment, nullable=True),
        sa.CheckConstraint("status <> 'booked' OR booked = rows", name=op.f("ck_rosters_roster_booked_whole")),
        sa.CheckConstraint(
            "status IN ('reading', 'preview', 'booking', 'booked', 'withdrawn')",
            name=op.f("ck_rosters_roster_status_known"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('booking', 'booked') OR (confirmed_by_id IS NOT NULL AND undecided = 0)",
            name=op.f("ck_rosters_roster_booked_when_decided"),
        ),
        sa.CheckConstraint("booked >= 0 AND booked <= rows", name=op.f("ck_rosters_roster_booked_of_rows")),
        sa.ForeignKeyConstraint(["brought_by_id"], ["people_person.id"], name=op.f("fk_rosters_roster_brought_by_id")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["people_person.id"], name=op.f("fk_rosters_roster_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_rosters_roster_organisation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_rosters_roster_paper_id")),
        sa.ForeignKeyConstraint(["team_id"], ["orgs_team.id"], name=op.f("fk_rosters_roster_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters_roster")),
    )
    op.create_index("ix_rosters_roster_brought_by", "rosters_roster", ["brought_by_id"])
    op.create_index(op.f("ix_rosters_roster_finished_at"), "rosters_roster", ["finished_at"])
    op.create_index(op.f("ix_rosters_roster_organisation_id"), "rosters_roster", ["organisation_id"])
    op.create_index(op.f("ix_rosters_roster_paper_id"), "rosters_roster", ["paper_id"])
    op.create_index(op.f("ix_rosters_roster_team_id"), "rosters_roster", ["team_id"])
    op.create_table(
        "rosters_part",
        sa.Column("roster_id", Id, autoincrement=False, nullable=False),
        sa.Column("number", Id, autoincrement=False, nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters_roster.id"], name=op.f("fk_rosters_part_roster_id")),
        sa.PrimaryKeyConstraint("roster_id", "number", name=op.f("pk_rosters_part")),
    )
    op.create_table(
        "rosters_row",
        sa.Column("id", Id, nullable=False),
        sa.Column("roster_id", Id, nullable=False),
        sa.Column("row_no", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("cells", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("paper_digest", sa.String(), nullable=True),
        sa.Column("reach_digest", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("problem_words", sa.JSON(), nullable=False),
        sa.Column("changes", sa.String(), nullable=True),
        sa.Column("doubt", sa.String(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("twin_of", Id, nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("person_id", Id, nullable=True),
        sa.Column("is_elsewhere", sa.Boolean(), nullable=False),
        sa.Column("is_waiting", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("(doubt IS NOT NULL) = (kind = 'doubt')", name=op.f("ck_rosters_row_doubt_named")),
        sa.CheckConstraint("decision IN ('this', 'new', 'out')", name=op.f("ck_rosters_row_decision_known")),
        sa.CheckConstraint("decision IS NULL OR kind = 'doubt'", name=op.f("ck_rosters_row_only_doubts_are_decided")),
        sa.CheckConstraint(
            "kind <> 'wrong' OR outcome IS NULL OR outcome = 'left'", name=op.f("ck_rosters_row_wrong_rows_are_left")
        ),
        sa.CheckConstraint(
            "kind IN ('new', 'update', 'same', 'doubt', 'wrong')", name=op.f("ck_rosters_row_kind_known")
        ),
        sa.CheckConstraint(
            "outcome IN ('added', 'awaits', 'updated', 'same', 'left', 'changed')",
            name=op.f("ck_rosters_row_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_rosters_row_person_id")),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters_roster.id"], name=op.f("fk_rosters_row_roster_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters_row")),
        sa.UniqueConstraint("roster_id", "row_no", name=op.f("uq_rosters_row_roster_id_row_no")),
    )
    op.create_index("ix_rosters_row_kind", "rosters_row", ["roster_id", "kind", "row_no"])
    op.create_index("ix_rosters_row_outcome", "rosters_row", ["roster_id", "outcome", "row_no"])
    op.create_index(op.f("ix_rosters_row_person_id"), "rosters_row", ["person_id"])
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("rosters_row")
    op.drop_table("rosters_part")
    op.drop_table("rosters_roster")
    op.drop_table("rosters_mapping")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
