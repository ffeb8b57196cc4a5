"""Grants that end, deputies, and duties kept apart.

Revision: 20261122_roles
After: 20261122_rules
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_roles"
down_revision = "20261122_rules"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

ENDS = "ck_people_grant_ends_after_start"
ENDS_BEFORE = "ends_on IS NULL OR ends_on >= starts_on"
CHECKS = {
    ENDS: f"{ENDS_BEFORE} OR ended_at IS NOT NULL",
    "ck_people_grant_ended_with_reason": "(ended_at IS NULL) = (end_reason IS NULL)",
    "ck_people_grant_ended_by_somebody": "ended_by_id IS NULL OR ended_at IS NOT NULL",
}
KEYS = {"deputy_of_id": "people_grant", "ended_by_id": "people_person"}

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = {
    ("people_grant_duties", "people_grant"): r"""
CREATE TRIGGER people_grant_duties BEFORE INSERT ON people_grant WHEN EXISTS (SELECT 1 FROM people_grant g WHERE g.person_id = NEW.person_id
    AND (g.ends_on IS NULL OR (g.ends_on >= NEW.starts_on AND g.ends_on >= g.starts_on))
    AND (NEW.ends_on IS NULL OR g.starts_on <= NEW.ends_on)
    AND ((((g.role = 'cashier' AND NEW.role = 'accountant') OR (g.role = 'accountant' AND NEW.role = 'cashier'))
    AND (g.scope_kind = 'alliance' OR NEW.scope_kind = 'alliance'
      OR (g.scope_kind = NEW.scope_kind AND g.scope_id = NEW.scope_id)))
    OR (g.role = 'supervisor' AND NEW.role NOT IN ('supervisor', 'volunteer'))
    OR (NEW.role = 'supervisor' AND g.role NOT IN ('supervisor', 'volunteer')))) BEGIN SELECT RAISE(ABORT, 'people_grant_duties: duties that must be apart lie in one hand'); END
""",
    ("people_grant_begins", "people_grant"): r"""
CREATE TRIGGER people_grant_begins BEFORE INSERT ON people_grant WHEN NEW.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'people_grant_begins: a grant does not begin with its end'); END
""",
    ("people_grant_deputy", "people_grant"): r"""
CREATE TRIGGER people_grant_deputy BEFORE INSERT ON people_grant WHEN NEW.deputy_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM people_grant o
    WHERE o.id = NEW.deputy_of_id AND o.person_id <> NEW.person_id AND o.deputy_of_id IS NULL AND o.role = NEW.role
    AND o.scope_kind = NEW.scope_kind AND o.scope_id = NEW.scope_id AND NEW.starts_on >= o.starts_on
    AND NEW.ends_on IS NOT NULL AND (o.ends_on IS NULL OR NEW.ends_on <= o.ends_on)) BEGIN SELECT RAISE(ABORT, 'people_grant_deputy: a deputy does what another may, for some of her days'); END
""",
    ("people_grant_ends", "people_grant"): r"""
CREATE TRIGGER people_grant_ends BEFORE UPDATE ON people_grant WHEN NEW.ends_on IS NULL OR NEW.ended_at IS NULL OR NEW.ends_on >= OLD.ends_on BEGIN SELECT RAISE(ABORT, 'people_grant_ends: the end of a grant only comes nearer'); END
""",
    ("people_grant_frozen", "people_grant"): r"""
CREATE TRIGGER people_grant_frozen BEFORE UPDATE ON people_grant WHEN NEW.id IS NOT OLD.id OR NEW.person_id IS NOT OLD.person_id OR NEW.role IS NOT OLD.role OR NEW.scope_kind IS NOT OLD.scope_kind OR NEW.scope_id IS NOT OLD.scope_id OR NEW.starts_on IS NOT OLD.starts_on OR NEW.given_by_id IS NOT OLD.given_by_id OR NEW.reason IS NOT OLD.reason OR NEW.deputy_of_id IS NOT OLD.deputy_of_id BEGIN SELECT RAISE(ABORT, 'people_grant: id, person_id, role, scope_kind, scope_id, starts_on, given_by_id, reason, deputy_of_id never change'); END
""",
    ("people_grant_no_delete", "people_grant"): r"""
CREATE TRIGGER people_grant_no_delete BEFORE DELETE ON people_grant BEGIN SELECT RAISE(ABORT, 'people_grant is append-only: no delete'); END
""",
    ("people_grant_no_replace", "people_grant"): r"""
CREATE TRIGGER people_grant_no_replace BEFORE INSERT ON people_grant WHEN EXISTS (SELECT 1 FROM people_grant WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'people_grant is append-only: no replace'); END
""",
    ("roles_deputy_wish_frozen", "roles_deputy_wish"): r"""
CREATE TRIGGER roles_deputy_wish_frozen BEFORE UPDATE ON roles_deputy_wish WHEN NEW.id IS NOT OLD.id OR NEW.grant_id IS NOT OLD.grant_id OR NEW.person_id IS NOT OLD.person_id OR NEW.starts_on IS NOT OLD.starts_on OR NEW.ends_on IS NOT OLD.ends_on OR NEW.reason IS NOT OLD.reason OR NEW.wished_by_id IS NOT OLD.wished_by_id OR NEW.wished_at IS NOT OLD.wished_at BEGIN SELECT RAISE(ABORT, 'roles_deputy_wish: id, grant_id, person_id, starts_on, ends_on, reason, wished_by_id, wished_at never change'); END
""",
    ("roles_deputy_wish_no_delete", "roles_deputy_wish"): r"""
CREATE TRIGGER roles_deputy_wish_no_delete BEFORE DELETE ON roles_deputy_wish BEGIN SELECT RAISE(ABORT, 'roles_deputy_wish is append-only: no delete'); END
""",
    ("roles_deputy_wish_no_replace", "roles_deputy_wish"): r"""
CREATE TRIGGER roles_deputy_wish_no_replace BEFORE INSERT ON roles_deputy_wish WHEN EXISTS (SELECT 1 FROM roles_deputy_wish WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'roles_deputy_wish is append-only: no replace'); END
""",
    ("roles_deputy_wish_answered", "roles_deputy_wish"): r"""
CREATE TRIGGER roles_deputy_wish_answered BEFORE UPDATE ON roles_deputy_wish WHEN OLD.answer IS NOT NULL BEGIN SELECT RAISE(ABORT, 'roles_deputy_wish_answered: a wish is answered once'); END
""",
}

POSTGRESQL = {
    ("people_grant_duties", "people_grant"): r"""
CREATE FUNCTION people_grant_duties() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); PERFORM 1 FROM people_person p WHERE p.id IN (SELECT person_id FROM added WHERE role <> 'volunteer')
  ORDER BY p.id FOR NO KEY UPDATE; IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT 1 FROM people_grant g WHERE g.person_id = added.person_id
    AND (g.ends_on IS NULL OR (g.ends_on >= added.starts_on AND g.ends_on >= g.starts_on))
    AND (added.ends_on IS NULL OR g.starts_on <= added.ends_on)
    AND ((((g.role = 'cashier' AND added.role = 'accountant') OR (g.role = 'accountant' AND added.role = 'cashier'))
    AND (g.scope_kind = 'alliance' OR added.scope_kind = 'alliance'
      OR (g.scope_kind = added.scope_kind AND g.scope_id = added.scope_id)))
    OR (g.role = 'supervisor' AND added.role NOT IN ('supervisor', 'volunteer'))
    OR (added.role = 'supervisor' AND g.role NOT IN ('supervisor', 'volunteer'))))) THEN RAISE EXCEPTION 'people_grant_duties: duties that must be apart lie in one hand'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER people_grant_duties AFTER INSERT ON people_grant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people_grant_duties()
""",
    ("people_grant_begins", "people_grant"): r"""
CREATE FUNCTION people_grant_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.ended_at IS NOT NULL) THEN RAISE EXCEPTION 'people_grant_begins: a grant does not begin with its end'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER people_grant_begins AFTER INSERT ON people_grant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people_grant_begins()
""",
    ("people_grant_deputy", "people_grant"): r"""
CREATE FUNCTION people_grant_deputy() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.deputy_of_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM people_grant o
    WHERE o.id = added.deputy_of_id AND o.person_id <> added.person_id AND o.deputy_of_id IS NULL AND o.role = added.role
    AND o.scope_kind = added.scope_kind AND o.scope_id = added.scope_id AND added.starts_on >= o.starts_on
    AND added.ends_on IS NOT NULL AND (o.ends_on IS NULL OR added.ends_on <= o.ends_on))) THEN RAISE EXCEPTION 'people_grant_deputy: a deputy does what another may, for some of her days'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER people_grant_deputy AFTER INSERT ON people_grant REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION people_grant_deputy()
""",
    ("people_grant_ends", "people_grant"): r"""
CREATE FUNCTION people_grant_ends() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.ends_on IS NULL OR NEW.ended_at IS NULL OR NEW.ends_on >= OLD.ends_on THEN RAISE EXCEPTION 'people_grant_ends: the end of a grant only comes nearer'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER people_grant_ends BEFORE UPDATE ON people_grant FOR EACH ROW EXECUTE FUNCTION people_grant_ends()
""",
    ("people_grant_frozen", "people_grant"): r"""
CREATE FUNCTION people_grant_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.role IS DISTINCT FROM OLD.role OR NEW.scope_kind IS DISTINCT FROM OLD.scope_kind OR NEW.scope_id IS DISTINCT FROM OLD.scope_id OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.given_by_id IS DISTINCT FROM OLD.given_by_id OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.deputy_of_id IS DISTINCT FROM OLD.deputy_of_id THEN RAISE EXCEPTION 'people_grant: id, person_id, role, scope_kind, scope_id, starts_on, given_by_id, reason, deputy_of_id never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER people_grant_frozen BEFORE UPDATE ON people_grant FOR EACH ROW EXECUTE FUNCTION people_grant_frozen()
""",
    ("people_grant_no_delete", "people_grant"): r"""
CREATE FUNCTION people_grant_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'people_grant is append-only: no delete'; END $guard$;
CREATE TRIGGER people_grant_no_delete BEFORE DELETE ON people_grant FOR EACH ROW EXECUTE FUNCTION people_grant_no_delete()
""",
    ("people_grant_no_truncate", "people_grant"): r"""
CREATE FUNCTION people_grant_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'people_grant is append-only: no truncate'; END $guard$;
CREATE TRIGGER people_grant_no_truncate BEFORE TRUNCATE ON people_grant FOR EACH STATEMENT EXECUTE FUNCTION people_grant_no_truncate()
""",
    ("roles_deputy_wish_frozen", "roles_deputy_wish"): r"""
CREATE FUNCTION roles_deputy_wish_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.grant_id IS DISTINCT FROM OLD.grant_id OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.starts_on IS DISTINCT FROM OLD.starts_on OR NEW.ends_on IS DISTINCT FROM OLD.ends_on OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.wished_by_id IS DISTINCT FROM OLD.wished_by_id OR NEW.wished_at IS DISTINCT FROM OLD.wished_at THEN RAISE EXCEPTION 'roles_deputy_wish: id, grant_id, person_id, starts_on, ends_on, reason, wished_by_id, wished_at never change'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER roles_deputy_wish_frozen BEFORE UPDATE ON roles_deputy_wish FOR EACH ROW EXECUTE FUNCTION roles_deputy_wish_frozen()
""",
    ("roles_deputy_wish_no_delete", "roles_deputy_wish"): r"""
CREATE FUNCTION roles_deputy_wish_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'roles_deputy_wish is append-only: no delete'; END $guard$;
CREATE TRIGGER roles_deputy_wish_no_delete BEFORE DELETE ON roles_deputy_wish FOR EACH ROW EXECUTE FUNCTION roles_deputy_wish_no_delete()
""",
    ("roles_deputy_wish_no_truncate", "roles_deputy_wish"): r"""
CREATE FUNCTION roles_deputy_wish_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'roles_deputy_wish is append-only: no truncate'; END $guard$;
CREATE TRIGGER roles_deputy_wish_no_truncate BEFORE TRUNCATE ON roles_deputy_wish FOR EACH STATEMENT EXECUTE FUNCTION roles_deputy_wish_no_truncate()
""",
    ("roles_deputy_wish_answered", "roles_deputy_wish"): r"""
CREATE FUNCTION roles_deputy_wish_answered() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.answer IS NOT NULL THEN RAISE EXCEPTION 'roles_deputy_wish_answered: a wish is answered once'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER roles_deputy_wish_answered BEFORE UPDATE ON roles_deputy_wish FOR EACH ROW EXECUTE FUNCTION roles_deputy_wish_answered()
""",
}


def upgrade() -> None:
    """Nothing points at the table of grants yet, and it has no triggers: SQLite may build it anew."""
    with op.batch_alter_table("people_grant") as grants:
        grants.add_column(sa.Column("deputy_of_id", Id, nullable=True))
        grants.add_column(sa.Column("ended_at", Moment, nullable=True))
        grants.add_column(sa.Column("ended_by_id", Id, nullable=True))
        grants.add_column(sa.Column("end_reason", sa.String(), nullable=True))
        grants.drop_constraint(op.f(ENDS), type_="check")
        for name, rule in CHECKS.items():
            grants.create_check_constraint(op.f(name), rule)
        for column, table in KEYS.items():
            grants.create_foreign_key(op.f(f"fk_people_grant_{column}"), table, [column], ["id"])
    op.create_index(op.f("ix_people_grant_deputy_of_id"), "people_grant", ["deputy_of_id"])
    _make_wishes()
    for statement in (SQLITE if _is_sqlite() else POSTGRESQL).values():
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Grants that never counted are gone: the older version has no way to say so."""
    for name, table in SQLITE if _is_sqlite() else POSTGRESQL:
        op.execute(f"DROP TRIGGER {name}" if _is_sqlite() else f"DROP TRIGGER {name} ON {table}")
        if not _is_sqlite():
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("roles_deputy_wish")
    op.drop_index(op.f("ix_people_grant_deputy_of_id"), table_name="people_grant")
    op.execute("UPDATE people_grant SET deputy_of_id = NULL")
    op.execute("DELETE FROM people_grant WHERE ends_on < starts_on")
    with op.batch_alter_table("people_grant") as grants:
        for column in KEYS:
            grants.drop_constraint(op.f(f"fk_people_grant_{column}"), type_="foreignkey")
        for name in reversed(CHECKS):
            grants.drop_constraint(op.f(name), type_="check")
        grants.create_check_constraint(op.f(ENDS), ENDS_BEFORE)
        for column in ("end_reason", "ended_by_id", "ended_at", "deputy_of_id"):
            grants.drop_column(column)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _make_wishes() -> None:
    table = "roles_deputy_wish"
    keys = {"grant_id": "people_grant"} | dict.fromkeys(
        ("person_id", "wished_by_id", "answered_by_id"), "people_person"
    )
    checks = {
        "ends_after_start": "ends_on >= starts_on",
        "answer_known": "answer IN ('confirmed', 'refused', 'withdrawn')",
        "answered_by_somebody": "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by_id IS NULL)",
        "confirmed_by_a_third": "answer IS NULL OR answer <> 'confirmed' OR answered_by_id NOT IN (wished_by_id, person_id)",
        "somebody_else": "person_id <> wished_by_id",
    }
    op.create_table(
        table,
        sa.Column("id", Id, nullable=False),
        sa.Column("grant_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("wished_by_id", Id, nullable=False),
        sa.Column("wished_at", Moment, nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by_id", Id, nullable=True),
        sa.Column("answered_at", Moment, nullable=True),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in checks.items()),
        *(sa.ForeignKeyConstraint([key], [f"{of}.id"], name=op.f(f"fk_{table}_{key}")) for key, of in keys.items()),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    is_open = sa.text("answer IS NULL")
    op.create_index(
        "uq_roles_deputy_wish_open",
        table,
        ["grant_id", "person_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
