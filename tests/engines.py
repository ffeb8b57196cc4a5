"""The databases that the tests use: migrated once, and put back as they were after each test.

Tests commit for real. A rolled-back outer transaction would hide deferred constraints, and TRUNCATE is refused by
the portal's own triggers; so SQLite is copied back from a kept file, and PostgreSQL is refilled from a kept
schema with triggers asleep.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import psycopg

from tests import postgres

ENGINES = ("sqlite", "postgresql")


class LeftOpen(AssertionError):
    """The test left a transaction open, so that the database could not be put back."""


class Engine(Protocol):
    """One database of the tests. `url` is what DATABASE_URL would be."""

    name: str

    @property
    def url(self) -> str: ...

    def keep(self, scene: str = "pristine") -> None:
        """Remember what is there now under this name."""

    def restore(self, scene: str = "pristine") -> None:
        """Put the database back as it was when kept; raises LeftOpen."""


@dataclass
class Sqlite:
    """A file and its copies."""

    file: Path
    name: str = "sqlite"

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def _kept(self, scene: str) -> Path:
        return self.file.with_suffix(f".{scene}")

    def keep(self, scene: str = "pristine") -> None:
        _copy(self.file, self._kept(scene))

    def restore(self, scene: str = "pristine") -> None:
        with closing(sqlite3.connect(self.file, timeout=2)) as writer:
            try:
                # A copy waits for ever for a lock that is never given back: ask for the lock first.
                writer.execute("BEGIN IMMEDIATE")
                writer.rollback()
            except sqlite3.OperationalError as error:
                raise LeftOpen(str(error)) from error
        _copy(self._kept(scene), self.file)


@dataclass
class Postgresql:
    """A database on the tests' own server; its tables belong to the role `portal`, which is no superuser."""

    folder: str
    database: str
    name: str = "postgresql"

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://portal@/{self.database}?host={self.folder}"

    def create(self) -> None:
        with postgres.connect(self.folder) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{self.database}" OWNER portal')

    def keep(self, scene: str = "pristine") -> None:
        self._keeper.execute(KEPT.replace("scene", scene))

    def restore(self, scene: str = "pristine") -> None:
        left_open = self._keeper.execute(END_OPEN_TRANSACTIONS).fetchall()
        self._keeper.execute(f"CALL {scene}.restore()")
        if left_open:
            raise LeftOpen(f"last statements: {[query for _, query in left_open]}")

    @cached_property
    def _keeper(self) -> "psycopg.Connection[tuple[object, ...]]":
        """One connection for all tests: opening it anew would double the time."""
        return postgres.connect(self.folder, self.database)


def empty(name: str, folder: Path, label: str) -> Engine:
    """A new database without tables; `folder` is for files, `label` tells databases on one server apart."""
    if name == "sqlite":
        return Sqlite(folder / f"{label}.db")
    engine = Postgresql(postgres.folder_of_server(), label)
    engine.create()
    return engine


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)


END_OPEN_TRANSACTIONS = """
SELECT pg_terminate_backend(pid, 2000), query FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
"""

# Generated columns cannot be filled, so each table keeps the list of those that can.
KEPT = """
DROP SCHEMA IF EXISTS scene CASCADE;
CREATE SCHEMA scene;

CREATE TABLE scene.contents AS
SELECT c.relname AS name,
       string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
       false AS is_filled
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
GROUP BY c.relname;

DO $$
DECLARE content record;
BEGIN
    FOR content IN SELECT * FROM scene.contents LOOP
        EXECUTE format('CREATE TABLE scene.%I AS SELECT %s FROM public.%I',
                       'of_' || content.name, content.columns, content.name);
        EXECUTE format('UPDATE scene.contents SET is_filled = EXISTS (SELECT FROM scene.%I) WHERE name = %L',
                       'of_' || content.name, content.name);
    END LOOP;
END $$;

CREATE TABLE scene.counters AS
SELECT format('public.%I', sequencename) AS name, coalesce(last_value, start_value) AS value,
       last_value IS NOT NULL AS is_used
FROM pg_sequences WHERE schemaname = 'public';

CREATE PROCEDURE scene.restore() LANGUAGE plpgsql AS $$
DECLARE
    content record;
    is_filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '2s';
    FOR content IN SELECT * FROM scene.contents LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', content.name) INTO is_filled;
        IF is_filled THEN
            EXECUTE format('DELETE FROM public.%I', content.name);
        END IF;
        IF content.is_filled THEN
            EXECUTE format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT * FROM scene.%I',
                           content.name, content.columns, 'of_' || content.name);
        END IF;
    END LOOP;
    PERFORM setval(name, value, is_used) FROM scene.counters;
END $$;
"""
