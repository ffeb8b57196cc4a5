"""Dated rules with their legal source; the first day; series that go on from paper; a host charity's credit code.

Revision: 20261122_rules
After: 20261122_post
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_rules"
down_revision = "20261122_post"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

SQLITE = {
    ("rules_value_no_update", "rules_value"): r"""
CREATE TRIGGER rules_value_no_update BEFORE UPDATE ON rules_value BEGIN SELECT RAISE(ABORT, 'rules_value is append-only: no update'); END
""",
    ("rules_value_no_delete", "rules_value"): r"""
CREATE TRIGGER rules_value_no_delete BEFORE DELETE ON rules_value BEGIN SELECT RAISE(ABORT, 'rules_value is append-only: no delete'); END
""",
    ("rules_value_no_replace", "rules_value"): r"""
CREATE TRIGGER rules_value_no_replace BEFORE INSERT ON rules_value WHEN EXISTS (SELECT 1 FROM rules_value WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM rules_value WHERE rule = NEW.rule AND seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'rules_value is append-only: no replace'); END
""",
    ("administration_set_up_over", "administration_set_up"): r"""
CREATE TRIGGER administration_set_up_over BEFORE UPDATE ON administration_set_up WHEN OLD.done_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'administration_set_up_over: the first day is over'); END
""",
    ("administration_set_up_no_delete", "administration_set_up"): r"""
CREATE TRIGGER administration_set_up_no_delete BEFORE DELETE ON administration_set_up BEGIN SELECT RAISE(ABORT, 'administration_set_up is append-only: no delete'); END
""",
    ("administration_set_up_no_replace", "administration_set_up"): r"""
CREATE TRIGGER administration_set_up_no_replace BEFORE INSERT ON administration_set_up WHEN EXISTS (SELECT 1 FROM administration_set_up WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'administration_set_up is append-only: no replace'); END
""",
}

POSTGRESQL = {
    ("rules_value_no_update", "rules_value"): r"""
CREATE FUNCTION rules_value_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'rules_value is append-only: no update'; END $guard$;
CREATE TRIGGER rules_value_no_update BEFORE UPDATE ON rules_value FOR EACH ROW EXECUTE FUNCTION rules_value_no_update()
""",
    ("rules_value_no_delete", "rules_value"): r"""
CREATE FUNCTION rules_value_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'rules_value is append-only: no delete'; END $guard$;
CREATE TRIGGER rules_value_no_delete BEFORE DELETE ON rules_value FOR EACH ROW EXECUTE FUNCTION rules_value_no_delete()
""",
    ("rules_value_no_truncate", "rules_value"): r"""
CREATE FUNCTION rules_value_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'rules_value is append-only: no truncate'; END $guard$;
CREATE TRIGGER rules_value_no_truncate BEFORE TRUNCATE ON rules_value FOR EACH STATEMENT EXECUTE FUNCTION rules_value_no_truncate()
""",
    ("administration_set_up_over", "administration_set_up"): r"""
CREATE FUNCTION administration_set_up_over() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.done_at IS NOT NULL THEN RAISE EXCEPTION 'administration_set_up_over: the first day is over'; END IF; RETURN NEW; END $guard$;
CREATE TRIGGER administration_set_up_over BEFORE UPDATE ON administration_set_up FOR EACH ROW EXECUTE FUNCTION administration_set_up_over()
""",
    ("administration_set_up_no_delete", "administration_set_up"): r"""
CREATE FUNCTION administration_set_up_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'administration_set_up is append-only: no delete'; END $guard$;
CREATE TRIGGER administration_set_up_no_delete BEFORE DELETE ON administration_set_up FOR EACH ROW EXECUTE FUNCTION administration_set_up_no_delete()
""",
    ("administration_set_up_no_truncate", "administration_set_up"): r"""
CREATE FUNCTION administration_set_up_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'administration_set_up is append-only: no truncate'; END $guard$;
CREATE TRIGGER administration_set_up_no_truncate BEFORE TRUNCATE ON administration_set_up FOR EACH STATEMENT EXECUTE FUNCTION administration_set_up_no_truncate()
""",
}

# Where numbers go on from paper, a run begins later than with 1.
GAPLESS = ("receipts_receipt_gapless", "receipts_receipt")
GAPLESS_NOW = {
    "sqlite": r"""
CREATE TRIGGER receipts_receipt_gapless BEFORE INSERT ON receipts_receipt WHEN NEW.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.fund_id = NEW.fund_id AND r.year = NEW.year AND r.serial = NEW.serial - 1 LIMIT 1 OFFSET 0
) AND NOT EXISTS (
  SELECT 1 FROM funds_fund f JOIN series_series s ON s.name = 'receipt:' || f.slug || ':' || NEW.year
  WHERE f.id = NEW.fund_id AND s.first = NEW.serial LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_gapless: numbers run without a gap'); END
""",
    "postgresql": r"""
CREATE FUNCTION receipts_receipt_gapless() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.fund_id = added.fund_id AND r.year = added.year AND r.serial = added.serial - 1 LIMIT 1 OFFSET 0
) AND NOT EXISTS (
  SELECT 1 FROM funds_fund f JOIN series_series s ON s.name = 'receipt:' || f.slug || ':' || added.year
  WHERE f.id = added.fund_id AND s.first = added.serial LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_receipt_gapless: numbers run without a gap'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER receipts_receipt_gapless AFTER INSERT ON receipts_receipt REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_receipt_gapless()
""",
}
GAPLESS_BEFORE = {
    "sqlite": r"""
CREATE TRIGGER receipts_receipt_gapless BEFORE INSERT ON receipts_receipt WHEN NEW.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.fund_id = NEW.fund_id AND r.year = NEW.year AND r.serial = NEW.serial - 1 LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'receipts_receipt_gapless: numbers run without a gap'); END
""",
    "postgresql": r"""
CREATE FUNCTION receipts_receipt_gapless() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.serial <> 1 AND NOT EXISTS (
  SELECT 1 FROM receipts_receipt r WHERE r.fund_id = added.fund_id AND r.year = added.year AND r.serial = added.serial - 1 LIMIT 1 OFFSET 0
)) THEN RAISE EXCEPTION 'receipts_receipt_gapless: numbers run without a gap'; END IF; RETURN NULL; END $guard$;
CREATE TRIGGER receipts_receipt_gapless AFTER INSERT ON receipts_receipt REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION receipts_receipt_gapless()
""",
}


def upgrade() -> None:
    # Columns are added in place, without Alembic's batch mode: the tables keep their rows, their keys and triggers.
    op.add_column("series_series", sa.Column("first", Id, nullable=False, server_default="1"))
    op.add_column("ledger_entity", sa.Column("credit_code", sa.String(), nullable=True))
    op.create_index("uq_ledger_entity_credit_code", "ledger_entity", ["credit_code"], unique=True)
    _values()
    _first_day()
    dialect = op.get_bind().dialect.name
    for statement in (SQLITE if dialect == "sqlite" else POSTGRESQL).values():
        op.execute(statement)
    _drop(*GAPLESS)
    op.execute(GAPLESS_NOW[dialect])


def _values() -> None:
    op.create_table(
        "rules_value",
        sa.Column("id", Id, nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("seq", Id, nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("applies_from", sa.Date(), nullable=False),
        sa.Column("set_by_id", Id, nullable=False),
        sa.Column("set_by_name", sa.String(), nullable=False),
        sa.Column("set_at", Moment, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_rules_value_seq_positive")),
        sa.CheckConstraint("length(reason) BETWEEN 5 AND 300", name=op.f("ck_rules_value_reason_given")),
        sa.ForeignKeyConstraint(["set_by_id"], ["people_person.id"], name=op.f("fk_rules_value_set_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules_value")),
        sa.UniqueConstraint("rule", "seq", name=op.f("uq_rules_value_rule_seq")),
    )


def _first_day() -> None:
    op.create_table(
        "administration_set_up",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("token_digest", sa.String(), nullable=True),
        sa.Column("token_until", Moment, nullable=True),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("alliance_name", sa.String(), nullable=True),
        sa.Column("done_at", Moment, nullable=True),
        sa.Column("done_by_id", Id, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_administration_set_up_single_row")),
        sa.CheckConstraint(
            "(token_digest IS NULL) = (token_until IS NULL)", name=op.f("ck_administration_set_up_token_ends")
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by_id IS NULL)", name=op.f("ck_administration_set_up_done_by_somebody")
        ),
        sa.CheckConstraint(
            "done_at IS NULL OR token_digest IS NULL", name=op.f("ck_administration_set_up_no_token_once_done")
        ),
        sa.ForeignKeyConstraint(["done_by_id"], ["people_person.id"], name=op.f("fk_administration_set_up_done_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administration_set_up")),
    )


def _drop(name: str, table: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {table}")
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {name}()")


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    _drop(*GAPLESS)
    op.execute(GAPLESS_BEFORE[dialect])
    for name, table in SQLITE if dialect == "sqlite" else POSTGRESQL:
        _drop(name, table)
    op.drop_table("administration_set_up")
    op.drop_table("rules_value")
    op.drop_index("uq_ledger_entity_credit_code", table_name="ledger_entity")
    op.drop_column("ledger_entity", "credit_code")
    op.drop_column("series_series", "first")
