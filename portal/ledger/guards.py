"""What the database itself refuses, on both engines. Lines come first; the entry comes last, is checked, and seals.

- An entry without lines, out of balance, with another total, of another year, or with lines in another legal entity's
  pools; a pool below zero; a line for an entry that is there already; any change of what is posted.
- PostgreSQL has many writers: lines and entry carry the stamp of their transaction, and the deferred foreign key on
  both columns refuses what a second transaction adds while the first one seals. SQLite has one writer, so no stamp.
- PostgreSQL checks and books once a statement, not once a row: rewriting one pool's row 48,740 times inside one
  transaction walks an ever longer chain of dead versions.
- SQLite lets the outer statement's OR IGNORE or OR FAIL overrule a CHECK that fails inside a trigger, so a pool
  below zero is refused by name before its row is touched.
- A source's rest follows the trace rows by itself, and stays between nothing and the whole. What a sealed entry's trace
  says stands in the public log by its hash: nothing is added to it once the leaf is there.
"""

from portal.guards import Guard, append_only, declare, frozen, not_deleted, not_replaced, postgresql_trigger, refusing

BELOW_ZERO = "ck_ledger_pool_not_below_zero"
OVERTAKEN = "ck_ledger_source_rest_within"

# A temporary table of the same name must not stand in for ours: look in the table's own schema first.
_AT_HOME = "PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);"

_STAMP = "BEGIN NEW.tx := pg_current_xact_id()::text::bigint; RETURN NEW; END"

_MOVES_POOL = "a.kind IN ('asset', 'liability')"


def _refuse(sentence: str, *, constraint: str) -> str:
    return f"RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = '{constraint}', MESSAGE = {sentence};"


# The first plan is kept for the whole session, and may be made while the tables are empty: it must go by index,
# entry by entry, or one posting would come to read millions of lines. OFFSET 0 keeps the planner from turning it round.
_SETTINGS = (
    "SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off "
    "SET enable_mergejoin = off SET enable_material = off SET jit = off"
)
_LINES_OF_SEALED = "sealed e CROSS JOIN LATERAL (SELECT * FROM ledger_line WHERE entry_id = e.id OFFSET 0) l"


def _with_settings(function: str) -> str:
    """Settings of the function's own, which also bound what it sets inside."""
    return function.replace("LANGUAGE plpgsql AS", f"LANGUAGE plpgsql {_SETTINGS} AS", 1)


# ── lines ───────────────────────────────────────────────────────────────────────────────────────────
_LINE_SEALED_SQLITE = """
CREATE TRIGGER ledger_line_not_sealed BEFORE INSERT ON ledger_line
WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'ledger_line_not_sealed: the entry is sealed'); END
"""

_LINE_SEALED_POSTGRESQL = f"""
BEGIN
  {_AT_HOME}
  IF EXISTS (SELECT FROM added WHERE EXISTS (SELECT FROM ledger_entry e WHERE e.id = added.entry_id OFFSET 0)) THEN
    {_refuse("'ledger_line_not_sealed: the entry is sealed'", constraint="ledger_line_not_sealed")}
  END IF;
  RETURN NULL;
END
"""

# ── the seal ────────────────────────────────────────────────────────────────────────────────────────
_PERIOD = {
    "sqlite": "CASE NEW.kind WHEN 'closing' THEN NEW.number_year || '-13' ELSE substr(NEW.\"on\", 1, 7) END",
    "postgresql": "CASE e.kind WHEN 'closing' THEN e.number_year || '-13' ELSE to_char(e.\"on\", 'YYYY-MM') END",
}

_SEAL_SQLITE = f"""
CREATE TRIGGER ledger_entry_seal AFTER INSERT ON ledger_entry
BEGIN
  SELECT RAISE(ABORT, 'ledger_entry_seal: empty, out of balance, or of another year or legal entity')
    FROM (
      SELECT sum(l.debit_fen) AS debit, sum(l.credit_fen) AS credit, max(p.entity_id <> NEW.entity_id) AS elsewhere
      FROM ledger_line l LEFT JOIN ledger_pool p ON p.id = l.pool_id WHERE l.entry_id = NEW.id
    )
    WHERE debit IS NULL OR debit <> credit OR debit <> NEW.total_fen OR elsewhere
      OR CAST(substr(NEW."on", 1, 4) AS INTEGER) <> NEW.number_year;
  UPDATE ledger_pool SET balance_fen = CASE
      WHEN may_go_below_zero OR balance_fen + change.fen >= 0 THEN balance_fen + change.fen
      ELSE RAISE(ABORT, '{BELOW_ZERO}: the pool would go below zero') END
    FROM (
      SELECT l.pool_id, sum(l.debit_fen - l.credit_fen) AS fen
      FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id
      WHERE l.entry_id = NEW.id AND l.pool_id IS NOT NULL AND {_MOVES_POOL} GROUP BY l.pool_id
    ) AS change WHERE id = change.pool_id;
  INSERT INTO ledger_balance (pool_id, account_id, month, entity_id, debit_fen, credit_fen)
    SELECT coalesce(pool_id, 0), account_id, {_PERIOD["sqlite"]}, NEW.entity_id, debit_fen, credit_fen
    FROM ledger_line WHERE entry_id = NEW.id
    ON CONFLICT (pool_id, account_id, month, entity_id) DO UPDATE
    SET debit_fen = debit_fen + excluded.debit_fen, credit_fen = credit_fen + excluded.credit_fen;
END
"""

# Without a percent sign, which drivers take for a parameter.
_BAD_ENTRY = "'ledger_entry_seal: empty, out of balance, or of another year or legal entity: entry ' || bad"

_SEAL_POSTGRESQL = f"""
DECLARE bad bigint;
BEGIN
  {_AT_HOME}
  SELECT e.id INTO bad FROM sealed e CROSS JOIN LATERAL (
      SELECT sum(l.debit_fen) AS debit, sum(l.credit_fen) AS credit, bool_or(p.entity_id <> e.entity_id) AS elsewhere
      FROM ledger_line l LEFT JOIN ledger_pool p ON p.id = l.pool_id WHERE l.entry_id = e.id
    ) lines
    WHERE debit IS NULL OR debit <> credit OR debit <> e.total_fen OR elsewhere
      OR extract(year FROM e."on") <> e.number_year
    LIMIT 1;
  IF bad IS NOT NULL THEN
    {_refuse(_BAD_ENTRY, constraint="ledger_entry_seal")}
  END IF;
  UPDATE ledger_pool p SET balance_fen = p.balance_fen + change.fen FROM (
    SELECT l.pool_id, sum(l.debit_fen - l.credit_fen)::bigint AS fen
    FROM {_LINES_OF_SEALED} JOIN ledger_account a ON a.id = l.account_id
    WHERE l.pool_id IS NOT NULL AND {_MOVES_POOL} GROUP BY l.pool_id
  ) change WHERE p.id = change.pool_id;
  INSERT INTO ledger_balance AS b (pool_id, account_id, month, entity_id, debit_fen, credit_fen)
    SELECT coalesce(l.pool_id, 0), l.account_id, {_PERIOD["postgresql"]}, e.entity_id,
      sum(l.debit_fen)::bigint, sum(l.credit_fen)::bigint
    FROM {_LINES_OF_SEALED} GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    ON CONFLICT (pool_id, account_id, month, entity_id) DO UPDATE
    SET debit_fen = b.debit_fen + excluded.debit_fen, credit_fen = b.credit_fen + excluded.credit_fen;
  RETURN NULL;
END
"""

# ── sources and traces ──────────────────────────────────────────────────────────────────────────────
_TAKE_SQLITE = f"""
CREATE TRIGGER ledger_trace_takes AFTER INSERT ON ledger_trace
BEGIN
  UPDATE ledger_source SET rest_fen = CASE
      WHEN (fen > 0 AND rest_fen - NEW.fen BETWEEN 0 AND fen) OR (fen < 0 AND rest_fen - NEW.fen BETWEEN fen AND 0)
      THEN rest_fen - NEW.fen
      ELSE RAISE(ABORT, '{OVERTAKEN}: more than there is of the source') END
    WHERE id = NEW.source_id;
END
"""

_TAKE_POSTGRESQL = f"""
BEGIN
  {_AT_HOME}
  UPDATE ledger_source s SET rest_fen = s.rest_fen - taken.fen
    FROM (SELECT source_id, sum(fen)::bigint AS fen FROM added GROUP BY source_id ORDER BY source_id) taken
    WHERE s.id = taken.source_id;
  RETURN NULL;
END
"""

_IN_LOG = "EXISTS (SELECT 1 FROM log_leaf WHERE kind = 'entry' AND ref = NEW.entry_id)"
_IN_LOG_SENTENCE = "the entry stands in the public log already"
_WHOLE_SENTENCE = "what is taken of a source is said by its trace alone"

# ── pools ───────────────────────────────────────────────────────────────────────────────────────────
_POOL_EMPTY = "ledger_pool_opens_empty: money comes into a pool by entries only"


def _stamp(table: str) -> Guard:
    name = f"{table}_stamp"
    when = f"BEFORE INSERT ON {table} FOR EACH ROW"
    return Guard(name, table, sqlite="", postgresql=postgresql_trigger(name, table, when, _STAMP))


def _after_statement(name: str, table: str, rows: str, *, sqlite: str, postgresql: str) -> Guard:
    when = f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS {rows} FOR EACH STATEMENT"
    return Guard(name, table, sqlite.strip(), _with_settings(postgresql_trigger(name, table, when, postgresql)))


def _opens_empty() -> Guard:
    name, table = "ledger_pool_opens_empty", "ledger_pool"
    return Guard(
        name,
        table,
        sqlite=f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN NEW.balance_fen <> 0 "
        f"BEGIN SELECT RAISE(ABORT, '{_POOL_EMPTY}'); END",
        postgresql=postgresql_trigger(
            name,
            table,
            f"BEFORE INSERT ON {table} FOR EACH ROW",
            f"BEGIN IF NEW.balance_fen <> 0 THEN RAISE EXCEPTION '{_POOL_EMPTY}'; END IF; RETURN NEW; END",
        ),
    )


append_only("ledger_entry", keys=("id", ("entity_id", "number_year", "number"), "idempotency_key", "reverses_id"))
append_only("ledger_line", keys=(("entry_id", "position"),))
declare(_stamp("ledger_entry"))
declare(_stamp("ledger_line"))
declare(
    _after_statement(
        "ledger_line_not_sealed",
        "ledger_line",
        "added",
        sqlite=_LINE_SEALED_SQLITE,
        postgresql=_LINE_SEALED_POSTGRESQL,
    )
)
declare(
    _after_statement("ledger_entry_seal", "ledger_entry", "sealed", sqlite=_SEAL_SQLITE, postgresql=_SEAL_POSTGRESQL)
)
declare(_opens_empty())
frozen("ledger_pool", "id", "entity_id", "is_restricted")
not_replaced("ledger_pool", keys=("id", "code"))
not_deleted("ledger_pool")
frozen("ledger_account", "id", "code", "kind")
not_replaced("ledger_account", keys=("id", "code"))
not_deleted("ledger_account")
not_replaced("ledger_entity", keys=("id", "name"))
not_deleted("ledger_balance")
append_only("ledger_trace", keys=(("entry_id", "source_id"),))
frozen("ledger_source", "id", "pool_id", "entry_id", "origin_id", "fen")
not_deleted("ledger_source")
not_replaced("ledger_source", keys=("id",))
for _table in ("ledger_source", "ledger_trace"):
    _name = f"{_table}_before_leaf"
    declare(refusing(_name, _table, verb="INSERT", when=_IN_LOG, sentence=_IN_LOG_SENTENCE))
declare(
    refusing(
        "ledger_source_opens_whole",
        "ledger_source",
        verb="INSERT",
        when="NEW.rest_fen IS NOT NEW.fen",
        sentence=_WHOLE_SENTENCE,
    )
)
declare(
    _after_statement("ledger_trace_takes", "ledger_trace", "added", sqlite=_TAKE_SQLITE, postgresql=_TAKE_POSTGRESQL)
)
