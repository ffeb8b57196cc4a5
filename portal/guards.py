"""Rules that the database itself keeps, as triggers: declared here, made by migrations, compared by `portal check`.

A table that is only ever added to says so with `append_only`; one that may change, but not in some columns, with
`frozen` and `not_replaced`; a room with rules of its own registers a `Guard`.
Migrations hold a frozen copy of the SQL, so an old migration never changes its meaning.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

GUARDS: dict[str, "Guard"] = {}

Keys = tuple[str | tuple[str, ...], ...]
"""The unique keys of a table; a key of several columns is a tuple."""


# A temporary table of the same name must not stand in for ours: look in the table's own schema first.
_AT_HOME = "PERFORM set_config('search_path', quote_ident(TG_TABLE_SCHEMA) || ', pg_temp', true);"

# Settings of the function's own bound what it sets inside. The first plan is kept for the whole session, and may be
# made while the tables are empty: it must go by index, row by row. OFFSET 0 keeps the planner from turning it round.
_SETTINGS = (
    "SET search_path FROM CURRENT SET enable_seqscan = off SET enable_hashjoin = off "
    "SET enable_mergejoin = off SET enable_material = off SET jit = off"
)
ONE = "LIMIT 1 OFFSET 0"


@dataclass(frozen=True)
class Guard:
    """One trigger by name on one table. `sqlite` and `postgresql` are the whole statements, functions included."""

    name: str
    table: str
    sqlite: str
    postgresql: str

    def statement(self, dialect: str) -> str:
        return self.sqlite if dialect == "sqlite" else self.postgresql


def declare(guard: Guard) -> Guard:
    """Add a guard to the list that the database must have."""
    GUARDS[guard.name] = guard
    return guard


def append_only(table: str, *, keys: Keys = ("id",)) -> None:
    """Refuse to change, delete, replace or truncate rows of a table. `keys` are its unique keys.

    SQLite's INSERT OR REPLACE slips past delete triggers through any unique key, so existing keys are refused too.
    """
    for verb in ("update", "delete"):
        declare(_refusal(table, verb))
    declare(_no_truncate(table))
    declare(_no_replace(table, keys))


def only_resealed(table: str, *, sealed: tuple[str, ...], others: tuple[str, ...]) -> None:
    """For a table that is only added to and holds sealed texts: these alone may be sealed anew, when keys change.

    In place of the guard of `append_only` that refuses each change. `others` are all its other columns. A text that is
    none stays none, and only a sealed one takes its place; that it says the same, its seal shows, not the database.
    """
    same = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in others)
    anew = " OR ".join(
        f"(NEW.{column} IS NULL) <> (OLD.{column} IS NULL) OR NEW.{column} NOT LIKE 'v2.%'" for column in sealed
    )
    name, changed = f"{table}_no_update", f"{same} OR {anew}"
    declare(_no_change(name, table, changed, f"{table} is append-only: no update"))


def not_replaced(table: str, *, keys: Keys = ("id",)) -> None:
    """Refuse SQLite's INSERT OR REPLACE on a table whose rows may otherwise change."""
    declare(_no_replace(table, keys))


def not_deleted(table: str) -> None:
    """Refuse to delete or truncate rows of a table whose rows may otherwise change."""
    declare(_refusal(table, "delete"))
    declare(_no_truncate(table))


def frozen(table: str, *columns: str) -> None:
    """Refuse to change these columns once a row is there."""
    name, sentence = f"{table}_frozen", f"{table}: {', '.join(columns)} never change"
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    declare(_no_change(name, table, changed, sentence))


def installed(connection: Connection) -> dict[str, str]:
    """The triggers that the database has: name → definition (SQLite: the statement; PostgreSQL: the body)."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    else:
        rows = connection.execute(
            text(
                "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE NOT t.tgisinternal AND n.nspname = current_schema() AND t.tgenabled IN ('O', 'A')"
            )
        )
    return {str(name): str(body) for name, body in rows}


def differences(connection: Connection) -> Iterator[str]:
    """What is missing, changed or too many among the triggers, a sentence each."""
    dialect, there = connection.dialect.name, installed(connection)
    for name, guard in GUARDS.items():
        statement = guard.statement(dialect)
        if not statement:
            continue
        if name not in there:
            yield f"trigger {name} on {guard.table} is missing"
        elif _bare(there[name]) not in _bare(statement):
            yield f"trigger {name} on {guard.table} is not what it must be"
    yield from (f"trigger {name} is unknown" for name in there if name not in GUARDS)


def _bare(sql: str) -> str:
    return " ".join(sql.split()).removesuffix(";")


def postgresql_trigger(name: str, table: str, when: str, body: str) -> str:
    """The function and the trigger of one guard; `when` reads like `BEFORE UPDATE ON t FOR EACH ROW`."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $guard$ {body} $guard$;\n"
        f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {name}()"
    )


def tally(table: str, verb: str, *, rows: str, when: str = "", sqlite: str, postgresql: str) -> None:
    """Declare a guard that keeps sums beside a table: SQLite's row by row, PostgreSQL's once a statement over `rows`.

    `rows` names what is seen, like `NEW TABLE AS added`; `when` spares SQLite the rows that change no sum.
    """
    name = f"{table}_tally_{verb.lower()}"
    event = f"AFTER {verb} ON {table} REFERENCING {rows} FOR EACH STATEMENT"
    declare(
        Guard(
            name,
            table,
            sqlite=f"CREATE TRIGGER {name} AFTER {verb} ON {table}{when}\nBEGIN{sqlite}\nEND",
            postgresql=postgresql_trigger(name, table, event, postgresql),
        )
    )


def refusing(name: str, table: str, *, verb: str, when: str, sentence: str, first: str = "") -> Guard:
    """A guard that refuses each row for which `when` is true; `when` uses NEW, OLD and `IS NOT` for "differs from".

    It may look into other tables: on PostgreSQL only those of the table's own schema count, and what is inserted is
    looked at once a statement, when it is there. `first` is what PostgreSQL, where others write meanwhile, does before.
    """
    return Guard(
        name,
        table,
        sqlite=f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{name}: {sentence}'); END",
        postgresql=_postgresql(name, table, verb, when, f"RAISE EXCEPTION '{name}: {sentence}'", first),
    )


def _postgresql(name: str, table: str, verb: str, when: str, refusal: str, first: str = "") -> str:
    when = re.sub(r" IS NOT (?!NULL)", " IS DISTINCT FROM ", when)
    if verb == "INSERT":
        when = f"EXISTS (SELECT FROM added WHERE {when.replace('NEW.', 'added.')})"
        event, answer = f"AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT", "NULL"
    else:
        event, answer = f"BEFORE {verb} ON {table} FOR EACH ROW", "OLD" if verb == "DELETE" else "NEW"
    before = f"{first} " if first else ""
    body = f"BEGIN {_AT_HOME} {before}IF {when} THEN {refusal}; END IF; RETURN {answer}; END"
    function = postgresql_trigger(name, table, event, body)
    return function.replace("LANGUAGE plpgsql AS", f"LANGUAGE plpgsql {_SETTINGS} AS", 1)


def _refusal(table: str, verb: str) -> Guard:
    name, sentence = f"{table}_no_{verb}", f"{table} is append-only: no {verb}"
    return Guard(
        name,
        table,
        sqlite=f"CREATE TRIGGER {name} BEFORE {verb.upper()} ON {table} BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
        postgresql=postgresql_trigger(
            name,
            table,
            f"BEFORE {verb.upper()} ON {table} FOR EACH ROW",
            f"BEGIN RAISE EXCEPTION '{sentence}'; END",
        ),
    )


def _no_change(name: str, table: str, changed: str, sentence: str) -> Guard:
    """Refuse an update of a row for which `changed` is true; there `IS NOT` means "differs from"."""
    differs = re.sub(r" IS NOT (?!NULL)", " IS DISTINCT FROM ", changed)
    body = f"BEGIN IF {differs} THEN RAISE EXCEPTION '{sentence}'; END IF; RETURN NEW; END"
    return Guard(
        name,
        table,
        sqlite=f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {changed} "
        f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END",
        postgresql=postgresql_trigger(name, table, f"BEFORE UPDATE ON {table} FOR EACH ROW", body),
    )


def _no_truncate(table: str) -> Guard:
    name = f"{table}_no_truncate"
    body = f"BEGIN RAISE EXCEPTION '{table} is append-only: no truncate'; END"
    return Guard(
        name,
        table,
        sqlite="",
        postgresql=postgresql_trigger(name, table, f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT", body),
    )


def _no_replace(table: str, keys: Keys) -> Guard:
    name = f"{table}_no_replace"
    exists = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {_is_new(key)})" for key in keys)  # noqa: S608 # names of our own tables
    statement = (
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {exists} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: no replace'); END"
    )
    return Guard(name, table, sqlite=statement, postgresql="")


def _is_new(key: str | tuple[str, ...]) -> str:
    return " AND ".join(f"{column} = NEW.{column}" for column in ((key,) if isinstance(key, str) else key))
