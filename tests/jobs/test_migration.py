"""The tables of background work as they were before, with rows in them, there and back."""

from pathlib import Path

from sqlalchemy import text

from portal import migrating
from portal.db import db
from portal.rooms import tables
from tests.applications import application
from tests.engines import Engine

OLD = (
    "INSERT INTO jobs_job (id, name, payload, status, attempts, run_after, created_at, last_error) VALUES "
    "(1, 'x', '{}', 'leased', 2, '2026-03-02 01:00:00', '2026-03-02 01:00:00', 'ValueError: 王建国'), "
    "(2, 'x', '{}', 'waiting', 0, '2026-03-02 01:00:00', '2026-03-02 01:00:00', NULL)"
)


def test_jobs_outlive_the_migration_and_forget_what_their_errors_quoted(empty_engine: Engine, tmp_path: Path) -> None:
    tables()
    with application(empty_engine, tmp_path / "instance").app_context():
        migrating.upgrade("20261122_list_reading")
        with db.engine.begin() as connection:
            connection.execute(text(OLD))
        migrating.upgrade("20261122_jobs")
        assert rows("id, attempts, takes, faults, last_error") == [(1, 2, 2, 0, "lost"), (2, 0, 0, 0, None)]
        migrating.downgrade("20261122_list_reading")
        assert rows("id, status, attempts") == [(1, "leased", 2), (2, "waiting", 0)]
        migrating.upgrade("20261122_jobs")
        assert rows("id, takes") == [(1, 2), (2, 0)]
        db.engine.dispose()


def rows(columns: str) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM jobs_job ORDER BY id"))]
