"""The databases that the tests use: migrated once, and put back as they were after each test.

Tests commit for real. A rolled-back outer transaction would hide deferred constraints, and TRUNCATE is refused by
the portal's own triggers; so SQLite is copied back from a kept file, and PostgreSQL is refilled from a kept
schema with triggers asleep.
"""

import sqlite3
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import psycopg

from tests import postgres

ENGINES = ("sqlite", "postgresql")


class LeftOpen(AssertionError):
    """The test left a transaction open, so that the database could not be put back."""


class Engine(Protocol):
    """One database of the tests. `url` is what DATABASE_URL would be.

    `outside` are the files in which its portals keep the log's highest checkpoint: they are put back with the database.
    """

    name: str
    outside: set[Path]

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
    outside: set[Path] = field(default_factory=set)
    _keepers: dict[Path, sqlite3.Connection] = field(default_factory=dict)
    _is_as: tuple[str, int] = ("", 0)
    """The scene that the file held last, and its version then: unless another connection commits, they stay."""
    _tables: int = 0
    """The number of the tables' version when the file was kept or restored last."""

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    def keep(self, scene: str = "pristine") -> None:
        self._copied(self.file, self._kept(scene))
        self._is_as, self._tables = (scene, self._version()), self._asked("schema_version")

    def restore(self, scene: str = "pristine") -> None:
        _forget(self.outside)
        try:
            # A copy waits for ever for a lock that is never given back: ask for the lock first.
            self._keeper(self.file).execute("BEGIN IMMEDIATE")
            self._keeper(self.file).rollback()
        except sqlite3.OperationalError as error:
            raise LeftOpen(str(error)) from error
        if self._is_as != (scene, self._version()):
            self._copy_back(scene)
            self._is_as = scene, self._version()

    def _kept(self, scene: str) -> Path:
        return self.file.with_suffix(f".{scene}")

    def _copied(self, source: Path, target: Path) -> None:
        self._keeper(source).backup(self._keeper(target))

    def _copy_back(self, scene: str) -> None:
        """A copy counts as other tables: all connections would read them anew, in the midst of a statement at times."""
        before = self._asked("schema_version")
        self._copied(self._kept(scene), self.file)
        if before == self._tables:
            self._keeper(self.file).execute(f"PRAGMA schema_version = {before}")
        self._tables = self._asked("schema_version")

    def _version(self) -> int:
        return self._asked("data_version")

    def _asked(self, pragma: str) -> int:
        return int(self._keeper(self.file).execute(f"PRAGMA {pragma}").fetchone()[0])

    def _keeper(self, file: Path) -> sqlite3.Connection:
        """One connection for all tests: opening it anew would treble the time."""
        if file not in self._keepers:
            self._keepers[file] = sqlite3.connect(file, timeout=2, check_same_thread=False)
        return self._keepers[file]


@dataclass
class Postgresql:
    """A database on the tests' own server; its tables belong to the role `portal`, which is no superuser."""

    folder: str
    database: str
    name: str = "postgresql"
    outside: set[Path] = field(default_factory=set)

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
        _forget(self.outside)
        left_open = self._keeper.execute(END_OPEN_TRANSACTIONS).fetchall()
        self._keeper.execute(f"CALL {scene}.restore()")
        if left_open:
            raise LeftOpen(f"last statements: {[query for _, query in left_open]}")

    @cached_property
    def _keeper(self) -> "psycopg.Connection[tuple[object, ...]]":
        """One connection for all tests, in which triggers sleep: opening it anew would double the time."""
        connection = postgres.connect(self.folder, self.database)
        # Said once: whoever changes the role makes PostgreSQL forget all its plans.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET lock_timeout = '2s'")
        return connection


def _forget(outside: set[Path]) -> None:
    for file in outside:
        file.unlink(missing_ok=True)


def empty(name: str, folder: Path, label: str) -> Engine:
    """A new database without tables; `folder` is for files, `label` tells databases on one server apart."""
    if name == "sqlite":
        return Sqlite(folder / f"{label}.db")
    engine = Postgresql(postgres.folder_of_server(), label)
    engine.create()
    return engine


END_OPEN_TRANSACTIONS = """
SELECT pg_terminate_backend(pid, 2000), query FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
"""

# Generated columns cannot be filled, so each table that holds something keeps the list of those that can. What restores
# is written down table by table, so that PostgreSQL plans each step once and not at each call.
KEPT = """
DROP SCHEMA IF EXISTS scene CASCADE;
CREATE SCHEMA scene;

CREATE TABLE scene.counters AS
SELECT format('public.%I', sequencename)::regclass AS name, coalesce(last_value, start_value) AS value,
       last_value IS NOT NULL AS is_used
FROM pg_sequences WHERE schemaname = 'public';

DO $$
DECLARE
    content record;
    is_filled boolean;
    steps text := '';
BEGIN
    FOR content IN
        SELECT c.relname AS name, 'of_' || c.relname AS kept,
               string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        GROUP BY c.relname
    LOOP
        steps := steps || format('IF EXISTS (SELECT FROM public.%1$I) THEN DELETE FROM public.%1$I; END IF;',
                                 content.name);
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', content.name) INTO is_filled;
        IF is_filled THEN
            EXECUTE format('CREATE TABLE scene.%I AS SELECT %s FROM public.%I',
                           content.kept, content.columns, content.name);
            steps := steps || format('INSERT INTO public.%I (%s) OVERRIDING SYSTEM VALUE SELECT * FROM scene.%I;',
                                     content.name, content.columns, content.kept);
        END IF;
    END LOOP;
    EXECUTE format('CREATE PROCEDURE scene.restore() LANGUAGE plpgsql AS %L',
        'BEGIN ' || steps || 'PERFORM setval(name, value, is_used) FROM scene.counters; END');
END $$;
"""
