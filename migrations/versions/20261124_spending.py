"""Expenses, from being entered to being posted.

Revision: 20261124_spending
After: 20261124_receipts
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_spending"
down_revision = "20261124_receipts"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)

# Frozen here: what portal.guards says today may change, what this migration made may not.
SQLITE = r"""
CREATE TRIGGER spending_expense_frozen BEFORE UPDATE ON spending_expense WHEN NEW.id IS NOT OLD.id OR NEW.fund_id IS NOT OLD.fund_id OR NEW.fen IS NOT OLD.fen OR NEW.purpose IS NOT OLD.purpose OR NEW.beneficiaries IS NOT OLD.beneficiaries OR NEW.voucher_no IS NOT OLD.voucher_no OR NEW.entered_by_id IS NOT OLD.entered_by_id OR NEW.entered_at IS NOT OLD.entered_at BEGIN SELECT RAISE(ABORT, 'spending_expense: id, fund_id, fen, purpose, beneficiaries, voucher_no, entered_by_id, entered_at never change'); END;;
CREATE TRIGGER spending_expense_no_delete BEFORE DELETE ON spending_expense BEGIN SELECT RAISE(ABORT, 'spending_expense is append-only: no delete'); END;;
CREATE TRIGGER spending_expense_no_replace BEFORE INSERT ON spending_expense WHEN EXISTS (SELECT 1 FROM spending_expense WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'spending_expense is append-only: no replace'); END;;
CREATE TRIGGER spending_approval_no_update BEFORE UPDATE ON spending_approval BEGIN SELECT RAISE(ABORT, 'spending_approval is append-only: no update'); END;;
CREATE TRIGGER spending_approval_no_delete BEFORE DELETE ON spending_approval BEGIN SELECT RAISE(ABORT, 'spending_approval is append-only: no delete'); END;;
CREATE TRIGGER spending_approval_no_replace BEFORE INSERT ON spending_approval WHEN EXISTS (SELECT 1 FROM spending_approval WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM spending_approval WHERE expense_id = NEW.expense_id AND person_id = NEW.person_id) BEGIN SELECT RAISE(ABORT, 'spending_approval is append-only: no replace'); END;;
CREATE TRIGGER spending_undoing_frozen BEFORE UPDATE ON spending_undoing WHEN NEW.id IS NOT OLD.id OR NEW.expense_id IS NOT OLD.expense_id OR NEW.reason IS NOT OLD.reason OR NEW.asked_by_id IS NOT OLD.asked_by_id OR NEW.asked_at IS NOT OLD.asked_at BEGIN SELECT RAISE(ABORT, 'spending_undoing: id, expense_id, reason, asked_by_id, asked_at never change'); END;;
CREATE TRIGGER spending_undoing_no_delete BEFORE DELETE ON spending_undoing BEGIN SELECT RAISE(ABORT, 'spending_undoing is append-only: no delete'); END;;
CREATE TRIGGER spending_undoing_no_replace BEFORE INSERT ON spending_undoing WHEN EXISTS (SELECT 1 FROM spending_undoing WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'spending_undoing is append-only: no replace'); END;;
CREATE TRIGGER spending_expense_begins BEFORE INSERT ON spending_expense WHEN NEW.stage <> 'entered' BEGIN SELECT RAISE(ABORT, 'spending_expense_begins: an expense begins by being entered'); END;;
CREATE TRIGGER spending_expense_stays_ended BEFORE UPDATE ON spending_expense WHEN OLD.stage IN ('posted', 'returned', 'refused', 'withdrawn') BEGIN SELECT RAISE(ABORT, 'spending_expense_stays_ended: what is posted or ended stays as it is'); END;;
CREATE TRIGGER spending_expense_approved BEFORE UPDATE ON spending_expense WHEN NEW.stage IN ('approved', 'paid', 'posted') AND NOT EXISTS (SELECT 1 FROM spending_approval a WHERE a.expense_id = NEW.id LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'spending_expense_approved: nothing is paid that nobody approved'); END;;
CREATE TRIGGER spending_expense_in_books BEFORE UPDATE ON spending_expense WHEN NEW.entry_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id AND e.kind = 'spending' AND e.total_fen = NEW.fen
  AND e."on" = NEW.paid_on AND e.made_by_id = NEW.paid_by_id AND e.checked_by_id = NEW.checked_by_id LIMIT 1 OFFSET 0
) BEGIN SELECT RAISE(ABORT, 'spending_expense_in_books: a posted expense says what its entry says'); END;;
CREATE TRIGGER spending_approval_by_another BEFORE INSERT ON spending_approval WHEN NOT EXISTS (SELECT 1 FROM spending_expense e WHERE e.id = NEW.expense_id AND e.stage = 'entered' AND e.entered_by_id <> NEW.person_id LIMIT 1 OFFSET 0) BEGIN SELECT RAISE(ABORT, 'spending_approval_by_another: whoever enters an expense does not approve it'); END;;
CREATE TRIGGER spending_undoing_once BEFORE UPDATE ON spending_undoing WHEN OLD.status <> 'asked' BEGIN SELECT RAISE(ABORT, 'spending_undoing_once: what was decided stays decided'); END
"""
POSTGRESQL = r"""
CREATE FUNCTION spending_expense_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.fund_id IS DISTINCT FROM OLD.fund_id OR NEW.fen IS DISTINCT FROM OLD.fen OR NEW.purpose IS DISTINCT FROM OLD.purpose OR NEW.beneficiaries IS DISTINCT FROM OLD.beneficiaries OR NEW.voucher_no IS DISTINCT FROM OLD.voucher_no OR NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id OR NEW.entered_at IS DISTINCT FROM OLD.entered_at THEN RAISE EXCEPTION 'spending_expense: id, fund_id, fen, purpose, beneficiaries, voucher_no, entered_by_id, entered_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER spending_expense_frozen BEFORE UPDATE ON spending_expense FOR EACH ROW EXECUTE FUNCTION spending_expense_frozen();;
CREATE FUNCTION spending_expense_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_expense is append-only: no delete'; END $guard$;;
CREATE TRIGGER spending_expense_no_delete BEFORE DELETE ON spending_expense FOR EACH ROW EXECUTE FUNCTION spending_expense_no_delete();;
CREATE FUNCTION spending_expense_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_expense is append-only: no truncate'; END $guard$;;
CREATE TRIGGER spending_expense_no_truncate BEFORE TRUNCATE ON spending_expense FOR EACH STATEMENT EXECUTE FUNCTION spending_expense_no_truncate();;
CREATE FUNCTION spending_approval_no_update() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_approval is append-only: no update'; END $guard$;;
CREATE TRIGGER spending_approval_no_update BEFORE UPDATE ON spending_approval FOR EACH ROW EXECUTE FUNCTION spending_approval_no_update();;
CREATE FUNCTION spending_approval_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_approval is append-only: no delete'; END $guard$;;
CREATE TRIGGER spending_approval_no_delete BEFORE DELETE ON spending_approval FOR EACH ROW EXECUTE FUNCTION spending_approval_no_delete();;
CREATE FUNCTION spending_approval_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_approval is append-only: no truncate'; END $guard$;;
CREATE TRIGGER spending_approval_no_truncate BEFORE TRUNCATE ON spending_approval FOR EACH STATEMENT EXECUTE FUNCTION spending_approval_no_truncate();;
CREATE FUNCTION spending_undoing_frozen() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN IF NEW.id IS DISTINCT FROM OLD.id OR NEW.expense_id IS DISTINCT FROM OLD.expense_id OR NEW.reason IS DISTINCT FROM OLD.reason OR NEW.asked_by_id IS DISTINCT FROM OLD.asked_by_id OR NEW.asked_at IS DISTINCT FROM OLD.asked_at THEN RAISE EXCEPTION 'spending_undoing: id, expense_id, reason, asked_by_id, asked_at never change'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER spending_undoing_frozen BEFORE UPDATE ON spending_undoing FOR EACH ROW EXECUTE FUNCTION spending_undoing_frozen();;
CREATE FUNCTION spending_undoing_no_delete() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_undoing is append-only: no delete'; END $guard$;;
CREATE TRIGGER spending_undoing_no_delete BEFORE DELETE ON spending_undoing FOR EACH ROW EXECUTE FUNCTION spending_undoing_no_delete();;
CREATE FUNCTION spending_undoing_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'spending_undoing is append-only: no truncate'; END $guard$;;
CREATE TRIGGER spending_undoing_no_truncate BEFORE TRUNCATE ON spending_undoing FOR EACH STATEMENT EXECUTE FUNCTION spending_undoing_no_truncate();;
CREATE FUNCTION spending_expense_begins() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE added.stage <> 'entered') THEN RAISE EXCEPTION 'spending_expense_begins: an expense begins by being entered'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER spending_expense_begins AFTER INSERT ON spending_expense REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION spending_expense_begins();;
CREATE FUNCTION spending_expense_stays_ended() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.stage IN ('posted', 'returned', 'refused', 'withdrawn') THEN RAISE EXCEPTION 'spending_expense_stays_ended: what is posted or ended stays as it is'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER spending_expense_stays_ended BEFORE UPDATE ON spending_expense FOR EACH ROW EXECUTE FUNCTION spending_expense_stays_ended();;
CREATE FUNCTION spending_expense_approved() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.stage IN ('approved', 'paid', 'posted') AND NOT EXISTS (SELECT 1 FROM spending_approval a WHERE a.expense_id = NEW.id LIMIT 1 OFFSET 0) THEN RAISE EXCEPTION 'spending_expense_approved: nothing is paid that nobody approved'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER spending_expense_approved BEFORE UPDATE ON spending_expense FOR EACH ROW EXECUTE FUNCTION spending_expense_approved();;
CREATE FUNCTION spending_expense_in_books() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF NEW.entry_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id AND e.kind = 'spending' AND e.total_fen = NEW.fen
  AND e."on" = NEW.paid_on AND e.made_by_id = NEW.paid_by_id AND e.checked_by_id = NEW.checked_by_id LIMIT 1 OFFSET 0
) THEN RAISE EXCEPTION 'spending_expense_in_books: a posted expense says what its entry says'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER spending_expense_in_books BEFORE UPDATE ON spending_expense FOR EACH ROW EXECUTE FUNCTION spending_expense_in_books();;
CREATE FUNCTION spending_approval_by_another() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF EXISTS (SELECT FROM added WHERE NOT EXISTS (SELECT 1 FROM spending_expense e WHERE e.id = added.expense_id AND e.stage = 'entered' AND e.entered_by_id <> added.person_id LIMIT 1 OFFSET 0)) THEN RAISE EXCEPTION 'spending_approval_by_another: whoever enters an expense does not approve it'; END IF; RETURN NULL; END $guard$;;
CREATE TRIGGER spending_approval_by_another AFTER INSERT ON spending_approval REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION spending_approval_by_another();;
CREATE FUNCTION spending_undoing_once() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off AS $guard$ BEGIN PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true); IF OLD.status <> 'asked' THEN RAISE EXCEPTION 'spending_undoing_once: what was decided stays decided'; END IF; RETURN NEW; END $guard$;;
CREATE TRIGGER spending_undoing_once BEFORE UPDATE ON spending_undoing FOR EACH ROW EXECUTE FUNCTION spending_undoing_once()
"""
FUNCTIONS = (
    "spending_expense_frozen",
    "spending_expense_no_delete",
    "spending_expense_no_truncate",
    "spending_approval_no_update",
    "spending_approval_no_delete",
    "spending_approval_no_truncate",
    "spending_undoing_frozen",
    "spending_undoing_no_delete",
    "spending_undoing_no_truncate",
    "spending_expense_begins",
    "spending_expense_stays_ended",
    "spending_expense_approved",
    "spending_expense_in_books",
    "spending_approval_by_another",
    "spending_undoing_once",
)


def upgrade() -> None:
    op.create_table(
        "spending_expense",
        sa.Column("id", Id, nullable=False),
        sa.Column("fund_id", Id, nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("fen", Id, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("beneficiaries", Id, nullable=True),
        sa.Column("voucher_no", sa.String(), nullable=False),
        sa.Column("entered_by_id", Id, nullable=False),
        sa.Column("entered_at", Moment, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_by_id", Id, nullable=True),
        sa.Column("paid_at", Moment, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("checked_by_id", Id, nullable=True),
        sa.Column("entry_id", Id, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("ended_by_id", Id, nullable=True),
        sa.Column("ended_at", Moment, nullable=True),
        sa.CheckConstraint(
            "(stage = 'posted') = (entry_id IS NOT NULL)", name=op.f("ck_spending_expense_posted_in_books")
        ),
        sa.CheckConstraint(
            "(stage IN ('paid', 'posted')) = (paid_on IS NOT NULL)", name=op.f("ck_spending_expense_paid_has_day")
        ),
        sa.CheckConstraint(
            "(stage IN ('returned', 'refused', 'withdrawn')) = (reason IS NOT NULL)",
            name=op.f("ck_spending_expense_ended_with_reason"),
        ),
        sa.CheckConstraint("purpose <> '' AND voucher_no <> ''", name=op.f("ck_spending_expense_says_what")),
        sa.CheckConstraint(
            "stage IN ('entered', 'approved', 'paid', 'posted', 'returned', 'refused', 'withdrawn')",
            name=op.f("ck_spending_expense_stage_known"),
        ),
        sa.CheckConstraint(
            "(entry_id IS NULL) = (checked_by_id IS NULL)", name=op.f("ck_spending_expense_checked_by_somebody")
        ),
        sa.CheckConstraint(
            "(paid_on IS NULL) = (paid_by_id IS NULL)", name=op.f("ck_spending_expense_paid_by_somebody")
        ),
        sa.CheckConstraint(
            "(reason IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_spending_expense_ended_by_somebody")
        ),
        sa.CheckConstraint(
            "beneficiaries IS NULL OR beneficiaries > 0", name=op.f("ck_spending_expense_beneficiaries_positive")
        ),
        sa.CheckConstraint(
            "checked_by_id IS NULL OR checked_by_id <> paid_by_id", name=op.f("ck_spending_expense_two_people")
        ),
        sa.CheckConstraint("fen > 0 AND CAST(fen AS BIGINT) = fen", name=op.f("ck_spending_expense_fen_positive")),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["people_person.id"], name=op.f("fk_spending_expense_checked_by_id")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people_person.id"], name=op.f("fk_spending_expense_ended_by_id")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["people_person.id"], name=op.f("fk_spending_expense_entered_by_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entry.id"], name=op.f("fk_spending_expense_entry_id")),
        sa.ForeignKeyConstraint(["fund_id"], ["funds_fund.id"], name=op.f("fk_spending_expense_fund_id")),
        sa.ForeignKeyConstraint(["paid_by_id"], ["people_person.id"], name=op.f("fk_spending_expense_paid_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_expense")),
    )
    op.create_index("ix_spending_expense_fund", "spending_expense", ["fund_id", "id"])
    op.create_index("uq_spending_expense_entry", "spending_expense", ["entry_id"], unique=True)
    op.create_index(
        "uq_spending_expense_voucher",
        "spending_expense",
        ["fund_id", "voucher_no"],
        unique=True,
        sqlite_where=sa.text("stage IN ('entered', 'approved', 'paid', 'posted')"),
        postgresql_where=sa.text("stage IN ('entered', 'approved', 'paid', 'posted')"),
    )
    op.create_table(
        "spending_approval",
        sa.Column("id", Id, nullable=False),
        sa.Column("expense_id", Id, nullable=False),
        sa.Column("person_id", Id, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["expense_id"], ["spending_expense.id"], name=op.f("fk_spending_approval_expense_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_spending_approval_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_approval")),
    )
    op.create_index("uq_spending_approval_person", "spending_approval", ["expense_id", "person_id"], unique=True)
    op.create_table(
        "spending_undoing",
        sa.Column("id", Id, nullable=False),
        sa.Column("expense_id", Id, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("decided_by_id", Id, nullable=True),
        sa.Column("decided_at", Moment, nullable=True),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_by_id IS NULL)", name=op.f("ck_spending_undoing_decided_by_somebody")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_spending_undoing_reason_given")),
        sa.CheckConstraint("status IN ('asked', 'done', 'refused')", name=op.f("ck_spending_undoing_status_known")),
        sa.CheckConstraint(
            "(decided_by_id IS NULL) = (decided_at IS NULL)", name=op.f("ck_spending_undoing_decided_at")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> asked_by_id", name=op.f("ck_spending_undoing_two_people")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people_person.id"], name=op.f("fk_spending_undoing_asked_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["people_person.id"], name=op.f("fk_spending_undoing_decided_by_id")
        ),
        sa.ForeignKeyConstraint(["expense_id"], ["spending_expense.id"], name=op.f("fk_spending_undoing_expense_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_undoing")),
    )
    op.create_index(
        "uq_spending_undoing_one",
        "spending_undoing",
        ["expense_id"],
        unique=True,
        sqlite_where=sa.text("status <> 'refused'"),
        postgresql_where=sa.text("status <> 'refused'"),
    )
    for statement in (SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL).split(";;\n"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("spending_undoing")
    op.drop_table("spending_approval")
    op.drop_table("spending_expense")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
