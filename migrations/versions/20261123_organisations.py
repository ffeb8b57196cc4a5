"""What an organisation is: its kind and code, branch, terms, stages, papers; member units.

Revision: 20261123_organisations
After: 20261123_profiles
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_organisations"
down_revision = "20261123_profiles"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

KINDS = "'association', 'service', 'foundation', 'community', 'company', 'chamber', 'other'"

# What the older table gets: column, SQL type, and what follows it.
COLUMNS = (
    (
        "kind",
        "VARCHAR",
        f"NOT NULL DEFAULT 'other' CONSTRAINT ck_orgs_organisation_kind_known CHECK (kind IN ({KINDS}))",
    ),
    (
        "standing",
        "VARCHAR",
        "CONSTRAINT ck_orgs_organisation_standing_known CHECK (standing IN ('registered', 'filed'))",
    ),
    ("credit_code", "VARCHAR", ""),
    ("filing_no", "VARCHAR", ""),
    ("authority", "VARCHAR", ""),
    ("standing_on", "DATE", ""),
    ("address", "VARCHAR", ""),
    ("phone", "VARCHAR", ""),
    ("about", "VARCHAR", ""),
    ("logo_id", "BIGINT", "CONSTRAINT fk_orgs_organisation_logo_id REFERENCES files_file (id)"),
    ("closed_on", "DATE", ""),
    ("closed_reason", "VARCHAR", ""),
    ("merged_into_id", "BIGINT", "CONSTRAINT fk_orgs_organisation_merged_into_id REFERENCES orgs_organisation (id)"),
    ("seq", "BIGINT", "NOT NULL DEFAULT 0"),
)

# Guards of tables that were there before.
GUARDED = {
    "orgs_team_begins": "orgs_team",
    "orgs_team_moves": "orgs_team",
    "activities_activity_begins": "activities_activity",
    "activities_activity_appears": "activities_activity",
    "people_grant_in_open": "people_grant",
    "orgs_organisation_code_begins": "orgs_organisation",
    "orgs_organisation_merge_begins": "orgs_organisation",
    "orgs_organisation_code_changes": "orgs_organisation",
    "orgs_organisation_merge_changes": "orgs_organisation",
}
OLDER_SQLITE = r"""
CREATE TRIGGER orgs_team_begins BEFORE INSERT ON orgs_team WHEN EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = NEW.organisation_id) BEGIN SELECT RAISE(ABORT, 'orgs_team_begins: a closed organisation gets no team'); END;;
CREATE TRIGGER orgs_team_moves BEFORE UPDATE ON orgs_team WHEN NEW.organisation_id <> OLD.organisation_id AND EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = NEW.organisation_id) BEGIN SELECT RAISE(ABORT, 'orgs_team_moves: no team comes to a closed organisation'); END;;
CREATE TRIGGER activities_activity_begins BEFORE INSERT ON activities_activity WHEN EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id WHERE o.closed_on IS NOT NULL AND t.id = NEW.team_id) BEGIN SELECT RAISE(ABORT, 'activities_activity_begins: a closed organisation has no new activity'); END;;
CREATE TRIGGER activities_activity_appears BEFORE UPDATE ON activities_activity WHEN NEW.status = 'published' AND OLD.status <> 'published' AND EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id WHERE o.closed_on IS NOT NULL AND t.id = NEW.team_id) BEGIN SELECT RAISE(ABORT, 'activities_activity_appears: a closed organisation publishes nothing'); END;;
CREATE TRIGGER people_grant_in_open BEFORE INSERT ON people_grant WHEN (NEW.scope_kind = 'organisation' AND EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = NEW.scope_id)) OR (NEW.scope_kind = 'team' AND EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id WHERE o.closed_on IS NOT NULL AND t.id = NEW.scope_id)) BEGIN SELECT RAISE(ABORT, 'people_grant_in_open: a closed organisation gives no roles'); END;;
CREATE TRIGGER orgs_organisation_code_begins BEFORE INSERT ON orgs_organisation WHEN NEW.credit_code IS NOT NULL AND (NEW.kind = 'community' OR (NEW.kind = 'association' AND substr(NEW.credit_code, 1, 2) <> '51') OR (NEW.kind = 'service' AND substr(NEW.credit_code, 1, 2) <> '52') OR (NEW.kind = 'foundation' AND substr(NEW.credit_code, 1, 2) <> '53')) BEGIN SELECT RAISE(ABORT, 'orgs_organisation_code_begins: the credit code does not fit the kind'); END;;
CREATE TRIGGER orgs_organisation_merge_begins BEFORE INSERT ON orgs_organisation WHEN NEW.merged_into_id IS NOT NULL AND (NEW.closed_on IS NULL OR NEW.merged_into_id = NEW.id OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id IS NOT NULL AND o.id = NEW.merged_into_id) OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id = NEW.id)) BEGIN SELECT RAISE(ABORT, 'orgs_organisation_merge_begins: a second entry is closed and points to a first one'); END;;
CREATE TRIGGER orgs_organisation_code_changes BEFORE UPDATE ON orgs_organisation WHEN NEW.credit_code IS NOT NULL AND (NEW.kind = 'community' OR (NEW.kind = 'association' AND substr(NEW.credit_code, 1, 2) <> '51') OR (NEW.kind = 'service' AND substr(NEW.credit_code, 1, 2) <> '52') OR (NEW.kind = 'foundation' AND substr(NEW.credit_code, 1, 2) <> '53')) BEGIN SELECT RAISE(ABORT, 'orgs_organisation_code_changes: the credit code does not fit the kind'); END;;
CREATE TRIGGER orgs_organisation_merge_changes BEFORE UPDATE ON orgs_organisation WHEN NEW.merged_into_id IS NOT NULL AND (NEW.closed_on IS NULL OR NEW.merged_into_id = NEW.id OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id IS NOT NULL AND o.id = NEW.merged_into_id) OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id = NEW.id)) BEGIN SELECT RAISE(ABORT, 'orgs_organisation_merge_changes: a second entry is closed and points to a first one'); END
"""
OLDER_POSTGRESQL = r"""
CREATE FUNCTION orgs_team_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); PERFORM 1 FROM orgs_organisation o WHERE o.id IN (SELECT organisation_id FROM added) ORDER BY o.id FOR SHARE; IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = added.organisation_id)) THEN RAISE EXCEPTION 'orgs_team_begins: a closed organisation gets no team'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER orgs_team_begins AFTER INSERT ON orgs_team REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orgs_team_begins();;
CREATE FUNCTION orgs_team_moves() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.organisation_id <> OLD.organisation_id AND EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = NEW.organisation_id) THEN RAISE EXCEPTION 'orgs_team_moves: no team comes to a closed organisation'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_team_moves BEFORE UPDATE ON orgs_team FOR EACH ROW EXECUTE FUNCTION orgs_team_moves();;
CREATE FUNCTION activities_activity_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); PERFORM 1 FROM orgs_organisation o WHERE o.id IN (SELECT t.organisation_id FROM orgs_team t WHERE t.id IN (SELECT team_id FROM added)) ORDER BY o.id FOR SHARE; IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id WHERE o.closed_on IS NOT NULL AND t.id = added.team_id)) THEN RAISE EXCEPTION 'activities_activity_begins: a closed organisation has no new activity'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER activities_activity_begins AFTER INSERT ON activities_activity REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION activities_activity_begins();;
CREATE FUNCTION activities_activity_appears() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.status = 'published' AND OLD.status <> 'published' AND EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id WHERE o.closed_on IS NOT NULL AND t.id = NEW.team_id) THEN RAISE EXCEPTION 'activities_activity_appears: a closed organisation publishes nothing'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER activities_activity_appears BEFORE UPDATE ON activities_activity FOR EACH ROW EXECUTE FUNCTION activities_activity_appears();;
CREATE FUNCTION people_grant_in_open() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); PERFORM 1 FROM orgs_organisation o WHERE o.id IN (SELECT scope_id FROM added WHERE scope_kind = 'organisation' UNION ALL SELECT t.organisation_id FROM orgs_team t WHERE t.id IN (SELECT scope_id FROM added WHERE scope_kind = 'team')) ORDER BY o.id FOR SHARE; IF EXISTS (SELECT FROM added WHERE (added.scope_kind = 'organisation' AND EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.closed_on IS NOT NULL AND o.id = added.scope_id)) OR (added.scope_kind = 'team' AND EXISTS (SELECT 1 FROM orgs_team t JOIN orgs_organisation o ON o.id = t.organisation_id WHERE o.closed_on IS NOT NULL AND t.id = added.scope_id))) THEN RAISE EXCEPTION 'people_grant_in_open: a closed organisation gives no roles'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER people_grant_in_open AFTER INSERT ON people_grant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people_grant_in_open();;
CREATE FUNCTION orgs_organisation_code_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.credit_code IS NOT NULL AND (added.kind = 'community' OR (added.kind = 'association' AND substr(added.credit_code, 1, 2) <> '51') OR (added.kind = 'service' AND substr(added.credit_code, 1, 2) <> '52') OR (added.kind = 'foundation' AND substr(added.credit_code, 1, 2) <> '53'))) THEN RAISE EXCEPTION 'orgs_organisation_code_begins: the credit code does not fit the kind'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER orgs_organisation_code_begins AFTER INSERT ON orgs_organisation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orgs_organisation_code_begins();;
CREATE FUNCTION orgs_organisation_merge_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.merged_into_id IS NOT NULL AND (added.closed_on IS NULL OR added.merged_into_id = added.id OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id IS NOT NULL AND o.id = added.merged_into_id) OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id = added.id))) THEN RAISE EXCEPTION 'orgs_organisation_merge_begins: a second entry is closed and points to a first one'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER orgs_organisation_merge_begins AFTER INSERT ON orgs_organisation REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orgs_organisation_merge_begins();;
CREATE FUNCTION orgs_organisation_code_changes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.credit_code IS NOT NULL AND (NEW.kind = 'community' OR (NEW.kind = 'association' AND substr(NEW.credit_code, 1, 2) <> '51') OR (NEW.kind = 'service' AND substr(NEW.credit_code, 1, 2) <> '52') OR (NEW.kind = 'foundation' AND substr(NEW.credit_code, 1, 2) <> '53')) THEN RAISE EXCEPTION 'orgs_organisation_code_changes: the credit code does not fit the kind'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_organisation_code_changes BEFORE UPDATE ON orgs_organisation FOR EACH ROW EXECUTE FUNCTION orgs_organisation_code_changes();;
CREATE FUNCTION orgs_organisation_merge_changes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.merged_into_id IS NOT NULL AND (NEW.closed_on IS NULL OR NEW.merged_into_id = NEW.id OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id IS NOT NULL AND o.id = NEW.merged_into_id) OR EXISTS (SELECT 1 FROM orgs_organisation o WHERE o.merged_into_id = NEW.id)) THEN RAISE EXCEPTION 'orgs_organisation_merge_changes: a second entry is closed and points to a first one'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_organisation_merge_changes BEFORE UPDATE ON orgs_organisation FOR EACH ROW EXECUTE FUNCTION orgs_organisation_merge_changes()
"""


# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER orgs_stage_no_update BEFORE UPDATE ON orgs_stage BEGIN SELECT RAISE(ABORT, 'orgs_stage is append-only: no update'); END;;
CREATE TRIGGER orgs_stage_no_delete BEFORE DELETE ON orgs_stage BEGIN SELECT RAISE(ABORT, 'orgs_stage is append-only: no delete'); END;;
CREATE TRIGGER orgs_stage_no_replace BEFORE INSERT ON orgs_stage WHEN EXISTS (SELECT 1 FROM orgs_stage WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM orgs_stage WHERE replaces_id = NEW.replaces_id) BEGIN SELECT RAISE(ABORT, 'orgs_stage is append-only: no replace'); END;;
CREATE TRIGGER orgs_branch_no_update BEFORE UPDATE ON orgs_branch BEGIN SELECT RAISE(ABORT, 'orgs_branch is append-only: no update'); END;;
CREATE TRIGGER orgs_branch_no_delete BEFORE DELETE ON orgs_branch BEGIN SELECT RAISE(ABORT, 'orgs_branch is append-only: no delete'); END;;
CREATE TRIGGER orgs_branch_no_replace BEFORE INSERT ON orgs_branch WHEN EXISTS (SELECT 1 FROM orgs_branch WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM orgs_branch WHERE replaces_id = NEW.replaces_id) BEGIN SELECT RAISE(ABORT, 'orgs_branch is append-only: no replace'); END;;
CREATE TRIGGER orgs_cross_post_no_update BEFORE UPDATE ON orgs_cross_post BEGIN SELECT RAISE(ABORT, 'orgs_cross_post is append-only: no update'); END;;
CREATE TRIGGER orgs_cross_post_no_delete BEFORE DELETE ON orgs_cross_post BEGIN SELECT RAISE(ABORT, 'orgs_cross_post is append-only: no delete'); END;;
CREATE TRIGGER orgs_cross_post_no_replace BEFORE INSERT ON orgs_cross_post WHEN EXISTS (SELECT 1 FROM orgs_cross_post WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM orgs_cross_post WHERE replaces_id = NEW.replaces_id) BEGIN SELECT RAISE(ABORT, 'orgs_cross_post is append-only: no replace'); END;;
CREATE TRIGGER orgs_term_no_update BEFORE UPDATE ON orgs_term BEGIN SELECT RAISE(ABORT, 'orgs_term is append-only: no update'); END;;
CREATE TRIGGER orgs_term_no_delete BEFORE DELETE ON orgs_term BEGIN SELECT RAISE(ABORT, 'orgs_term is append-only: no delete'); END;;
CREATE TRIGGER orgs_term_no_replace BEFORE INSERT ON orgs_term WHEN EXISTS (SELECT 1 FROM orgs_term WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM orgs_term WHERE replaces_id = NEW.replaces_id) BEGIN SELECT RAISE(ABORT, 'orgs_term is append-only: no replace'); END;;
CREATE TRIGGER orgs_legal_change_no_update BEFORE UPDATE ON orgs_legal_change BEGIN SELECT RAISE(ABORT, 'orgs_legal_change is append-only: no update'); END;;
CREATE TRIGGER orgs_legal_change_no_delete BEFORE DELETE ON orgs_legal_change BEGIN SELECT RAISE(ABORT, 'orgs_legal_change is append-only: no delete'); END;;
CREATE TRIGGER orgs_legal_change_no_replace BEFORE INSERT ON orgs_legal_change WHEN EXISTS (SELECT 1 FROM orgs_legal_change WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM orgs_legal_change WHERE replaces_id = NEW.replaces_id) BEGIN SELECT RAISE(ABORT, 'orgs_legal_change is append-only: no replace'); END;;
CREATE TRIGGER orgs_member_unit_no_delete BEFORE DELETE ON orgs_member_unit BEGIN SELECT RAISE(ABORT, 'orgs_member_unit is append-only: no delete'); END;;
CREATE TRIGGER orgs_member_unit_no_replace BEFORE INSERT ON orgs_member_unit WHEN EXISTS (SELECT 1 FROM orgs_member_unit WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'orgs_member_unit is append-only: no replace'); END;;
CREATE TRIGGER orgs_merge_frozen BEFORE UPDATE ON orgs_merge WHEN NEW.id IS NOT OLD.id OR NEW.kept_id IS NOT OLD.kept_id OR NEW.gone_id IS NOT OLD.gone_id OR NEW.reason IS NOT OLD.reason OR NEW.was_closed_on IS NOT OLD.was_closed_on OR NEW.was_closed_reason IS NOT OLD.was_closed_reason OR NEW.merged_by_id IS NOT OLD.merged_by_id OR NEW.merged_at IS NOT OLD.merged_at BEGIN SELECT RAISE(ABORT, 'orgs_merge: id, kept_id, gone_id, reason, was_closed_on, was_closed_reason, merged_by_id, merged_at never change'); END;;
CREATE TRIGGER orgs_merge_no_delete BEFORE DELETE ON orgs_merge BEGIN SELECT RAISE(ABORT, 'orgs_merge is append-only: no delete'); END;;
CREATE TRIGGER orgs_merge_no_replace BEFORE INSERT ON orgs_merge WHEN EXISTS (SELECT 1 FROM orgs_merge WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'orgs_merge is append-only: no replace'); END;;
CREATE TRIGGER orgs_merge_move_no_update BEFORE UPDATE ON orgs_merge_move BEGIN SELECT RAISE(ABORT, 'orgs_merge_move is append-only: no update'); END;;
CREATE TRIGGER orgs_merge_move_no_delete BEFORE DELETE ON orgs_merge_move BEGIN SELECT RAISE(ABORT, 'orgs_merge_move is append-only: no delete'); END;;
CREATE TRIGGER orgs_merge_move_no_replace BEFORE INSERT ON orgs_merge_move WHEN EXISTS (SELECT 1 FROM orgs_merge_move WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'orgs_merge_move is append-only: no replace'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION orgs_stage_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_stage is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_stage_no_update BEFORE UPDATE ON orgs_stage FOR EACH ROW EXECUTE FUNCTION orgs_stage_no_update();;
CREATE FUNCTION orgs_stage_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_stage is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_stage_no_delete BEFORE DELETE ON orgs_stage FOR EACH ROW EXECUTE FUNCTION orgs_stage_no_delete();;
CREATE FUNCTION orgs_stage_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_stage is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_stage_no_truncate BEFORE TRUNCATE ON orgs_stage FOR EACH STATEMENT EXECUTE FUNCTION orgs_stage_no_truncate();;
CREATE FUNCTION orgs_branch_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_branch is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_branch_no_update BEFORE UPDATE ON orgs_branch FOR EACH ROW EXECUTE FUNCTION orgs_branch_no_update();;
CREATE FUNCTION orgs_branch_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_branch is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_branch_no_delete BEFORE DELETE ON orgs_branch FOR EACH ROW EXECUTE FUNCTION orgs_branch_no_delete();;
CREATE FUNCTION orgs_branch_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_branch is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_branch_no_truncate BEFORE TRUNCATE ON orgs_branch FOR EACH STATEMENT EXECUTE FUNCTION orgs_branch_no_truncate();;
CREATE FUNCTION orgs_cross_post_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_cross_post is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_cross_post_no_update BEFORE UPDATE ON orgs_cross_post FOR EACH ROW EXECUTE FUNCTION orgs_cross_post_no_update();;
CREATE FUNCTION orgs_cross_post_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_cross_post is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_cross_post_no_delete BEFORE DELETE ON orgs_cross_post FOR EACH ROW EXECUTE FUNCTION orgs_cross_post_no_delete();;
CREATE FUNCTION orgs_cross_post_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_cross_post is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_cross_post_no_truncate BEFORE TRUNCATE ON orgs_cross_post FOR EACH STATEMENT EXECUTE FUNCTION orgs_cross_post_no_truncate();;
CREATE FUNCTION orgs_term_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_term is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_term_no_update BEFORE UPDATE ON orgs_term FOR EACH ROW EXECUTE FUNCTION orgs_term_no_update();;
CREATE FUNCTION orgs_term_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_term is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_term_no_delete BEFORE DELETE ON orgs_term FOR EACH ROW EXECUTE FUNCTION orgs_term_no_delete();;
CREATE FUNCTION orgs_term_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_term is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_term_no_truncate BEFORE TRUNCATE ON orgs_term FOR EACH STATEMENT EXECUTE FUNCTION orgs_term_no_truncate();;
CREATE FUNCTION orgs_legal_change_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_legal_change is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_legal_change_no_update BEFORE UPDATE ON orgs_legal_change FOR EACH ROW EXECUTE FUNCTION orgs_legal_change_no_update();;
CREATE FUNCTION orgs_legal_change_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_legal_change is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_legal_change_no_delete BEFORE DELETE ON orgs_legal_change FOR EACH ROW EXECUTE FUNCTION orgs_legal_change_no_delete();;
CREATE FUNCTION orgs_legal_change_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_legal_change is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_legal_change_no_truncate BEFORE TRUNCATE ON orgs_legal_change FOR EACH STATEMENT EXECUTE FUNCTION orgs_legal_change_no_truncate();;
CREATE FUNCTION orgs_member_unit_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_member_unit is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_member_unit_no_delete BEFORE DELETE ON orgs_member_unit FOR EACH ROW EXECUTE FUNCTION orgs_member_unit_no_delete();;
CREATE FUNCTION orgs_member_unit_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_member_unit is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_member_unit_no_truncate BEFORE TRUNCATE ON orgs_member_unit FOR EACH STATEMENT EXECUTE FUNCTION orgs_member_unit_no_truncate();;
CREATE FUNCTION orgs_merge_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.kept_id IS DISTINCT FROM OLD.kept_id OR NEW.gone_id IS DISTINCT FROM OLD.gone_id OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.was_closed_on IS DISTINCT FROM OLD.was_closed_on OR NEW.was_closed_reason IS DISTINCT FROM OLD.was_closed_reason OR NEW.merged_by_id IS DISTINCT FROM OLD.merged_by_id OR NEW.merged_at IS DISTINCT FROM OLD.merged_at THEN RAISE EXCEPTION 'orgs_merge: id, kept_id, gone_id, reason, was_closed_on, was_closed_reason, merged_by_id, merged_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER orgs_merge_frozen BEFORE UPDATE ON orgs_merge FOR EACH ROW EXECUTE FUNCTION orgs_merge_frozen();;
CREATE FUNCTION orgs_merge_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_merge is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_merge_no_delete BEFORE DELETE ON orgs_merge FOR EACH ROW EXECUTE FUNCTION orgs_merge_no_delete();;
CREATE FUNCTION orgs_merge_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_merge is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_merge_no_truncate BEFORE TRUNCATE ON orgs_merge FOR EACH STATEMENT EXECUTE FUNCTION orgs_merge_no_truncate();;
CREATE FUNCTION orgs_merge_move_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_merge_move is append-only: no update'; END $guard$;;
CREATE TRIGGER orgs_merge_move_no_update BEFORE UPDATE ON orgs_merge_move FOR EACH ROW EXECUTE FUNCTION orgs_merge_move_no_update();;
CREATE FUNCTION orgs_merge_move_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_merge_move is append-only: no delete'; END $guard$;;
CREATE TRIGGER orgs_merge_move_no_delete BEFORE DELETE ON orgs_merge_move FOR EACH ROW EXECUTE FUNCTION orgs_merge_move_no_delete();;
CREATE FUNCTION orgs_merge_move_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'orgs_merge_move is append-only: no truncate'; END $guard$;;
CREATE TRIGGER orgs_merge_move_no_truncate BEFORE TRUNCATE ON orgs_merge_move FOR EACH STATEMENT EXECUTE FUNCTION orgs_merge_move_no_truncate()
"""
FUNCTIONS = (
    "orgs_stage_no_update",
    "orgs_stage_no_delete",
    "orgs_stage_no_truncate",
    "orgs_branch_no_update",
    "orgs_branch_no_delete",
    "orgs_branch_no_truncate",
    "orgs_cross_post_no_update",
    "orgs_cross_post_no_delete",
    "orgs_cross_post_no_truncate",
    "orgs_term_no_update",
    "orgs_term_no_delete",
    "orgs_term_no_truncate",
    "orgs_legal_change_no_update",
    "orgs_legal_change_no_delete",
    "orgs_legal_change_no_truncate",
    "orgs_member_unit_no_delete",
    "orgs_member_unit_no_truncate",
    "orgs_merge_frozen",
    "orgs_merge_no_delete",
    "orgs_merge_no_truncate",
    "orgs_merge_move_no_update",
    "orgs_merge_move_no_delete",
    "orgs_merge_move_no_truncate",
)


def _add_columns() -> None:
    """As SQL: Alembic would make SQLite's table anew for a foreign key, and lose its triggers."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, kind, rule in COLUMNS:
        kind = "INTEGER" if is_sqlite and kind == "BIGINT" else kind
        op.execute(f"ALTER TABLE orgs_organisation ADD COLUMN {name} {kind} {rule}")
    op.create_index(
        "uq_orgs_organisation_credit_code",
        "orgs_organisation",
        ["credit_code"],
        unique=True,
        sqlite_where=sa.text("closed_on IS NULL"),
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index("ix_orgs_organisation_kind", "orgs_organisation", ["kind", "name"])
    op.create_index("ix_orgs_organisation_merged_into_id", "orgs_organisation", ["merged_into_id"])


def _drop_columns() -> None:
    for name in ("merged_into_id", "kind"):
        op.drop_index(f"ix_orgs_organisation_{name}", "orgs_organisation")
    op.drop_index("uq_orgs_organisation_credit_code", "orgs_organisation")
    for name, _, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE orgs_organisation DROP COLUMN {name}")


def _drop_older_guards() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table in GUARDED.items():
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {table}")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}()")


def upgrade() -> None:
    _add_columns()
    op.create_table(
        "orgs_branch",
        sa.Column("coverage", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("members", Id, nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("replaces_id", Id, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("added_by_id", Id, nullable=True),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint("coverage IN ('branch', 'work')", name=op.f("ck_orgs_branch_coverage_known")),
        sa.CheckConstraint(
            "kind IN ('committee', 'general', 'branch', 'joint', 'group', 'instructor')",
            name=op.f("ck_orgs_branch_kind_known"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_orgs_branch_name_given")),
        sa.CheckConstraint("void_reason <> ''", name=op.f("ck_orgs_branch_void_says_why")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_orgs_branch_ends_after_start")),
        sa.CheckConstraint("members >= 0", name=op.f("ck_orgs_branch_members_not_negative")),
        sa.CheckConstraint("void_reason IS NULL OR replaces_id IS NOT NULL", name=op.f("ck_orgs_branch_void_replaces")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_orgs_branch_added_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_branch_organisation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_orgs_branch_paper_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id", "organisation_id"],
            ["orgs_branch.id", "orgs_branch.organisation_id"],
            name=op.f("fk_orgs_branch_replaces_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_branch")),
        sa.UniqueConstraint("id", "organisation_id", name=op.f("uq_orgs_branch_id_organisation_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_orgs_branch_replaces_id")),
    )
    op.create_index(op.f("ix_orgs_branch_organisation_id"), "orgs_branch", ["organisation_id"])
    op.create_index(op.f("ix_orgs_branch_paper_id"), "orgs_branch", ["paper_id"])
    op.create_table(
        "orgs_contact",
        sa.Column("organisation_id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["changed_by_id"], ["people_person.id"], name=op.f("fk_orgs_contact_changed_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_contact_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_orgs_contact")),
    )
    op.create_table(
        "orgs_cross_post",
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("post_there", sa.String(), nullable=False),
        sa.Column("post_here", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("replaces_id", Id, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("added_by_id", Id, nullable=True),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint("void_reason <> ''", name=op.f("ck_orgs_cross_post_void_says_why")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_orgs_cross_post_ends_after_start")),
        sa.CheckConstraint(
            "void_reason IS NULL OR replaces_id IS NOT NULL", name=op.f("ck_orgs_cross_post_void_replaces")
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_orgs_cross_post_added_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_cross_post_organisation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_orgs_cross_post_paper_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id", "organisation_id"],
            ["orgs_cross_post.id", "orgs_cross_post.organisation_id"],
            name=op.f("fk_orgs_cross_post_replaces_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_cross_post")),
        sa.UniqueConstraint("id", "organisation_id", name=op.f("uq_orgs_cross_post_id_organisation_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_orgs_cross_post_replaces_id")),
    )
    op.create_index(op.f("ix_orgs_cross_post_organisation_id"), "orgs_cross_post", ["organisation_id"])
    op.create_index(op.f("ix_orgs_cross_post_paper_id"), "orgs_cross_post", ["paper_id"])
    op.create_table(
        "orgs_legal_change",
        sa.Column("old_name", sa.String(), nullable=True),
        sa.Column("new_name", sa.String(), nullable=True),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("replaces_id", Id, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("added_by_id", Id, nullable=True),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint(
            "(state = 'filed') = (filed_on IS NOT NULL)", name=op.f("ck_orgs_legal_change_filed_on_a_day")
        ),
        sa.CheckConstraint("state IN ('waiting', 'filed')", name=op.f("ck_orgs_legal_change_state_known")),
        sa.CheckConstraint("void_reason <> ''", name=op.f("ck_orgs_legal_change_void_says_why")),
        sa.CheckConstraint(
            "void_reason IS NULL OR replaces_id IS NOT NULL", name=op.f("ck_orgs_legal_change_void_replaces")
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_orgs_legal_change_added_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_legal_change_organisation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_orgs_legal_change_paper_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id", "organisation_id"],
            ["orgs_legal_change.id", "orgs_legal_change.organisation_id"],
            name=op.f("fk_orgs_legal_change_replaces_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_legal_change")),
        sa.UniqueConstraint("id", "organisation_id", name=op.f("uq_orgs_legal_change_id_organisation_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_orgs_legal_change_replaces_id")),
    )
    op.create_index(op.f("ix_orgs_legal_change_organisation_id"), "orgs_legal_change", ["organisation_id"])
    op.create_index(op.f("ix_orgs_legal_change_paper_id"), "orgs_legal_change", ["paper_id"])
    op.create_table(
        "orgs_member_unit",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("representative", sa.String(), nullable=True),
        sa.Column("representative_phone", sa.String(), nullable=True),
        sa.Column("commitment", sa.String(), nullable=True),
        sa.Column("added_by_id", Id, nullable=True),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint("left_on >= joined_on", name=op.f("ck_orgs_member_unit_left_after_joining")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_orgs_member_unit_added_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_member_unit_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_member_unit")),
    )
    op.create_index("ix_orgs_member_unit_organisation_id", "orgs_member_unit", ["organisation_id"])
    op.create_index(
        "uq_orgs_member_unit_current",
        "orgs_member_unit",
        ["organisation_id"],
        unique=True,
        sqlite_where=sa.text("left_on IS NULL"),
        postgresql_where=sa.text("left_on IS NULL"),
    )
    op.create_table(
        "orgs_merge",
        sa.Column("id", Id, nullable=False),
        sa.Column("kept_id", Id, nullable=False),
        sa.Column("gone_id", Id, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("was_closed_on", sa.Date(), nullable=True),
        sa.Column("was_closed_reason", sa.String(), nullable=True),
        sa.Column("merged_by_id", Id, nullable=False),
        sa.Column("merged_at", Moment, nullable=False),
        sa.Column("undone_by_id", Id, nullable=True),
        sa.Column("undone_at", Moment, nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_orgs_merge_reason_given")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_orgs_merge_undone_by_somebody")
        ),
        sa.CheckConstraint("kept_id <> gone_id", name=op.f("ck_orgs_merge_two_entries")),
        sa.ForeignKeyConstraint(["gone_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_merge_gone_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_merge_kept_id")),
        sa.ForeignKeyConstraint(["merged_by_id"], ["people_person.id"], name=op.f("fk_orgs_merge_merged_by_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["people_person.id"], name=op.f("fk_orgs_merge_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_merge")),
    )
    op.create_index("ix_orgs_merge_kept_id", "orgs_merge", ["kept_id"])
    op.create_index(
        "uq_orgs_merge_gone",
        "orgs_merge",
        ["gone_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "orgs_stage",
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("replaces_id", Id, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("added_by_id", Id, nullable=True),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint(
            "stage IN ('applied', 'moved_in', 'growing', 'fledged')", name=op.f("ck_orgs_stage_stage_known")
        ),
        sa.CheckConstraint("void_reason <> ''", name=op.f("ck_orgs_stage_void_says_why")),
        sa.CheckConstraint("void_reason IS NULL OR replaces_id IS NOT NULL", name=op.f("ck_orgs_stage_void_replaces")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_orgs_stage_added_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_stage_organisation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_orgs_stage_paper_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id", "organisation_id"],
            ["orgs_stage.id", "orgs_stage.organisation_id"],
            name=op.f("fk_orgs_stage_replaces_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_stage")),
        sa.UniqueConstraint("id", "organisation_id", name=op.f("uq_orgs_stage_id_organisation_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_orgs_stage_replaces_id")),
    )
    op.create_index(op.f("ix_orgs_stage_organisation_id"), "orgs_stage", ["organisation_id"])
    op.create_index(op.f("ix_orgs_stage_paper_id"), "orgs_stage", ["paper_id"])
    op.create_table(
        "orgs_term",
        sa.Column("number", Id, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("head", sa.String(), nullable=True),
        sa.Column("board_size", Id, nullable=True),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("replaces_id", Id, nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("paper_id", Id, nullable=True),
        sa.Column("added_by_id", Id, nullable=True),
        sa.Column("added_at", Moment, nullable=False),
        sa.CheckConstraint("void_reason <> ''", name=op.f("ck_orgs_term_void_says_why")),
        sa.CheckConstraint("board_size >= 1", name=op.f("ck_orgs_term_board_has_members")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_orgs_term_ends_after_start")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_orgs_term_number_counts")),
        sa.CheckConstraint("void_reason IS NULL OR replaces_id IS NOT NULL", name=op.f("ck_orgs_term_void_replaces")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people_person.id"], name=op.f("fk_orgs_term_added_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["orgs_organisation.id"], name=op.f("fk_orgs_term_organisation_id")
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["files_file.id"], name=op.f("fk_orgs_term_paper_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id", "organisation_id"],
            ["orgs_term.id", "orgs_term.organisation_id"],
            name=op.f("fk_orgs_term_replaces_id_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_term")),
        sa.UniqueConstraint("id", "organisation_id", name=op.f("uq_orgs_term_id_organisation_id")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_orgs_term_replaces_id")),
    )
    op.create_index("ix_orgs_term_ends", "orgs_term", ["ends_on"])
    op.create_index(op.f("ix_orgs_term_organisation_id"), "orgs_term", ["organisation_id"])
    op.create_index(op.f("ix_orgs_term_paper_id"), "orgs_term", ["paper_id"])
    op.create_table(
        "orgs_merge_move",
        sa.Column("id", Id, nullable=False),
        sa.Column("merge_id", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", Id, nullable=False),
        sa.CheckConstraint(
            "kind IN ('team', 'granted', 'unit', 'unit_ended', 'earlier')", name=op.f("ck_orgs_merge_move_kind_known")
        ),
        sa.ForeignKeyConstraint(["merge_id"], ["orgs_merge.id"], name=op.f("fk_orgs_merge_move_merge_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orgs_merge_move")),
    )
    op.create_index("ix_orgs_merge_move_merge_id", "orgs_merge_move", ["merge_id"])
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for block in (SQLITE, OLDER_SQLITE) if is_sqlite else (POSTGRESQL, OLDER_POSTGRESQL):
        for statement in block.split(";;\n"):
            op.execute(statement)


def downgrade() -> None:
    _drop_older_guards()
    op.drop_table("orgs_merge_move")
    op.drop_table("orgs_term")
    op.drop_table("orgs_stage")
    op.drop_table("orgs_merge")
    op.drop_table("orgs_member_unit")
    op.drop_table("orgs_legal_change")
    op.drop_table("orgs_cross_post")
    op.drop_table("orgs_contact")
    op.drop_table("orgs_branch")
    _drop_columns()
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
