"""Search that finds names of two characters.

Revision: 20261122_search
After: 20261122_public_version
"""

from alembic import op

revision = "20261122_search"
down_revision = "20261122_public_version"
branch_labels = None
depends_on = None

LONGEST_CUT = 1_000

# Frozen here: what portal/search.py says today may change, what this migration made may not.
SQLITE = (
    r"""
CREATE VIRTUAL TABLE funds_gift_search USING fts5(pairs, content='', columnsize=0, detail=none, tokenize='ascii')
""",
    r"""
CREATE VIRTUAL TABLE funds_gift_search_pairs USING fts5vocab(funds_gift_search, instance)
""",
    r"""
INSERT INTO funds_gift_search (rowid, pairs) SELECT id, coalesce((SELECT group_concat('x' || funds_gift.fund_id || 'y' || hex(substr(lower(funds_gift.public_name), n, 2)), ' ') FROM search_number WHERE n <= length(funds_gift.public_name)), '') || ' ' || coalesce((SELECT group_concat('x' || funds_gift.fund_id || 'y' || hex(substr(lower(funds_gift.intention), n, 2)), ' ') FROM search_number WHERE n <= length(funds_gift.intention)), '') || ' ' || CASE WHEN length(funds_gift.public_name) > 1000 OR length(funds_gift.intention) > 1000 THEN 'x' || funds_gift.fund_id || 'y' || 'long' ELSE '' END FROM funds_gift
""",
    r"""
CREATE VIRTUAL TABLE activities_activity_search USING fts5(pairs, content='', columnsize=0, detail=none, tokenize='ascii')
""",
    r"""
CREATE VIRTUAL TABLE activities_activity_search_pairs USING fts5vocab(activities_activity_search, instance)
""",
    r"""
INSERT INTO activities_activity_search (rowid, pairs) SELECT id, coalesce((SELECT group_concat(hex(substr(lower(activities_activity.name), n, 2)), ' ') FROM search_number WHERE n <= length(activities_activity.name)), '') || ' ' || coalesce((SELECT group_concat(hex(substr(lower(activities_activity.place), n, 2)), ' ') FROM search_number WHERE n <= length(activities_activity.place)), '') || ' ' || CASE WHEN length(activities_activity.name) > 1000 OR length(activities_activity.place) > 1000 THEN 'long' ELSE '' END FROM activities_activity
""",
    r"""
CREATE VIRTUAL TABLE funds_spending_search USING fts5(pairs, content='', columnsize=0, detail=none, tokenize='ascii')
""",
    r"""
CREATE VIRTUAL TABLE funds_spending_search_pairs USING fts5vocab(funds_spending_search, instance)
""",
    r"""
INSERT INTO funds_spending_search (rowid, pairs) SELECT id, coalesce((SELECT group_concat('x' || funds_spending.fund_id || 'y' || hex(substr(lower(funds_spending.purpose), n, 2)), ' ') FROM search_number WHERE n <= length(funds_spending.purpose)), '') || ' ' || coalesce((SELECT group_concat('x' || funds_spending.fund_id || 'y' || hex(substr(lower(funds_spending.voucher_no), n, 2)), ' ') FROM search_number WHERE n <= length(funds_spending.voucher_no)), '') || ' ' || CASE WHEN length(funds_spending.purpose) > 1000 OR length(funds_spending.voucher_no) > 1000 THEN 'x' || funds_spending.fund_id || 'y' || 'long' ELSE '' END FROM funds_spending
""",
)

TRIGGERS = {
    "funds_gift_search_insert": r"""
CREATE TRIGGER funds_gift_search_insert AFTER INSERT ON funds_gift BEGIN INSERT INTO funds_gift_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.public_name), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.public_name)), '') || ' ' || coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.intention), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.intention)), '') || ' ' || CASE WHEN length(NEW.public_name) > 1000 OR length(NEW.intention) > 1000 THEN 'x' || NEW.fund_id || 'y' || 'long' ELSE '' END); END
""",
    "funds_gift_search_update": r"""
CREATE TRIGGER funds_gift_search_update AFTER UPDATE ON funds_gift WHEN NEW.public_name IS NOT OLD.public_name OR NEW.intention IS NOT OLD.intention BEGIN INSERT INTO funds_gift_search (funds_gift_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.public_name), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.public_name)), '') || ' ' || coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.intention), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.intention)), '') || ' ' || CASE WHEN length(OLD.public_name) > 1000 OR length(OLD.intention) > 1000 THEN 'x' || OLD.fund_id || 'y' || 'long' ELSE '' END); INSERT INTO funds_gift_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.public_name), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.public_name)), '') || ' ' || coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.intention), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.intention)), '') || ' ' || CASE WHEN length(NEW.public_name) > 1000 OR length(NEW.intention) > 1000 THEN 'x' || NEW.fund_id || 'y' || 'long' ELSE '' END); END
""",
    "funds_gift_search_delete": r"""
CREATE TRIGGER funds_gift_search_delete AFTER DELETE ON funds_gift BEGIN INSERT INTO funds_gift_search (funds_gift_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.public_name), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.public_name)), '') || ' ' || coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.intention), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.intention)), '') || ' ' || CASE WHEN length(OLD.public_name) > 1000 OR length(OLD.intention) > 1000 THEN 'x' || OLD.fund_id || 'y' || 'long' ELSE '' END); END
""",
    "activities_activity_search_insert": r"""
CREATE TRIGGER activities_activity_search_insert AFTER INSERT ON activities_activity BEGIN INSERT INTO activities_activity_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat(hex(substr(lower(NEW.name), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.name)), '') || ' ' || coalesce((SELECT group_concat(hex(substr(lower(NEW.place), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.place)), '') || ' ' || CASE WHEN length(NEW.name) > 1000 OR length(NEW.place) > 1000 THEN 'long' ELSE '' END); END
""",
    "activities_activity_search_update": r"""
CREATE TRIGGER activities_activity_search_update AFTER UPDATE ON activities_activity WHEN NEW.name IS NOT OLD.name OR NEW.place IS NOT OLD.place BEGIN INSERT INTO activities_activity_search (activities_activity_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat(hex(substr(lower(OLD.name), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.name)), '') || ' ' || coalesce((SELECT group_concat(hex(substr(lower(OLD.place), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.place)), '') || ' ' || CASE WHEN length(OLD.name) > 1000 OR length(OLD.place) > 1000 THEN 'long' ELSE '' END); INSERT INTO activities_activity_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat(hex(substr(lower(NEW.name), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.name)), '') || ' ' || coalesce((SELECT group_concat(hex(substr(lower(NEW.place), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.place)), '') || ' ' || CASE WHEN length(NEW.name) > 1000 OR length(NEW.place) > 1000 THEN 'long' ELSE '' END); END
""",
    "activities_activity_search_delete": r"""
CREATE TRIGGER activities_activity_search_delete AFTER DELETE ON activities_activity BEGIN INSERT INTO activities_activity_search (activities_activity_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat(hex(substr(lower(OLD.name), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.name)), '') || ' ' || coalesce((SELECT group_concat(hex(substr(lower(OLD.place), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.place)), '') || ' ' || CASE WHEN length(OLD.name) > 1000 OR length(OLD.place) > 1000 THEN 'long' ELSE '' END); END
""",
    "funds_spending_search_insert": r"""
CREATE TRIGGER funds_spending_search_insert AFTER INSERT ON funds_spending BEGIN INSERT INTO funds_spending_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.purpose), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.purpose)), '') || ' ' || coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.voucher_no), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.voucher_no)), '') || ' ' || CASE WHEN length(NEW.purpose) > 1000 OR length(NEW.voucher_no) > 1000 THEN 'x' || NEW.fund_id || 'y' || 'long' ELSE '' END); END
""",
    "funds_spending_search_update": r"""
CREATE TRIGGER funds_spending_search_update AFTER UPDATE ON funds_spending WHEN NEW.purpose IS NOT OLD.purpose OR NEW.voucher_no IS NOT OLD.voucher_no BEGIN INSERT INTO funds_spending_search (funds_spending_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.purpose), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.purpose)), '') || ' ' || coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.voucher_no), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.voucher_no)), '') || ' ' || CASE WHEN length(OLD.purpose) > 1000 OR length(OLD.voucher_no) > 1000 THEN 'x' || OLD.fund_id || 'y' || 'long' ELSE '' END); INSERT INTO funds_spending_search (rowid, pairs) VALUES (NEW.id, coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.purpose), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.purpose)), '') || ' ' || coalesce((SELECT group_concat('x' || NEW.fund_id || 'y' || hex(substr(lower(NEW.voucher_no), n, 2)), ' ') FROM search_number WHERE n <= length(NEW.voucher_no)), '') || ' ' || CASE WHEN length(NEW.purpose) > 1000 OR length(NEW.voucher_no) > 1000 THEN 'x' || NEW.fund_id || 'y' || 'long' ELSE '' END); END
""",
    "funds_spending_search_delete": r"""
CREATE TRIGGER funds_spending_search_delete AFTER DELETE ON funds_spending BEGIN INSERT INTO funds_spending_search (funds_spending_search, rowid, pairs) VALUES ('delete', OLD.id, coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.purpose), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.purpose)), '') || ' ' || coalesce((SELECT group_concat('x' || OLD.fund_id || 'y' || hex(substr(lower(OLD.voucher_no), n, 2)), ' ') FROM search_number WHERE n <= length(OLD.voucher_no)), '') || ' ' || CASE WHEN length(OLD.purpose) > 1000 OR length(OLD.voucher_no) > 1000 THEN 'x' || OLD.fund_id || 'y' || 'long' ELSE '' END); END
""",
}

POSTGRESQL = {
    "search_pairs": r"""
CREATE FUNCTION search_pairs(mark text, texts text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
AS $search$
  SELECT array_to_tsvector(array(
    SELECT DISTINCT mark || substr(small, n, 2)
    FROM (SELECT lower(one) AS small FROM unnest(texts) AS one) AS cut, generate_series(1, length(small)) AS n
  ))
$search$
""",
    "search_asked": r"""
CREATE FUNCTION search_asked(q text, mark text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $search$
  SELECT (
    string_agg('''' || mark || replace(replace(substr(small, n, 2), '\', '\\'), '''', '''''') || '''', ' & ')
    || CASE WHEN max(length(small)) = 1 THEN ':*' ELSE '' END
  )::tsquery
  FROM (SELECT lower(q) AS small) AS asked, generate_series(1, greatest(1, length(small) - 1)) AS n
$search$
""",
}

INDEXES = {
    "funds_gift_search": "CREATE INDEX funds_gift_search ON funds_gift USING gin (search_pairs('x' || CAST(fund_id AS text) || ':', ARRAY[public_name, intention])) WITH (gin_pending_list_limit = 256)",
    "activities_activity_search": "CREATE INDEX activities_activity_search ON activities_activity USING gin (search_pairs('', ARRAY[name, place])) WITH (gin_pending_list_limit = 256)",
    "funds_spending_search": "CREATE INDEX funds_spending_search ON funds_spending USING gin (search_pairs('x' || CAST(fund_id AS text) || ':', ARRAY[purpose, voucher_no])) WITH (gin_pending_list_limit = 256)",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _number()
        statements = [*SQLITE, *TRIGGERS.values()]
    else:
        statements = [*POSTGRESQL.values(), *INDEXES.values()]
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _number() -> None:
    op.execute("CREATE TABLE search_number (n INTEGER PRIMARY KEY)")
    op.execute(
        "INSERT INTO search_number WITH RECURSIVE numbers (n) AS "
        f"(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {LONGEST_CUT}) SELECT n FROM numbers"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        for name in INDEXES:
            op.execute(f"DROP TABLE {name}_pairs")
            op.execute(f"DROP TABLE {name}")
        op.execute("DROP TABLE search_number")
    else:
        for name in INDEXES:
            op.execute(f"DROP INDEX {name}")
        op.execute("DROP FUNCTION search_pairs(text, text[])")
        op.execute("DROP FUNCTION search_asked(text, text)")
