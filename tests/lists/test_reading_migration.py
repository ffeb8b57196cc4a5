"""A database that has lists in it goes to the migration that lets them be read by a job, and back."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from portal import migrating
from portal.db import db
from portal.guards import differences
from portal.rooms import tables
from tests.applications import application
from tests.engines import Engine

FIRST, BEFORE, READING = "20261121_first_tables", "20261122_tallies", "20261122_list_reading"
AT = "2026-11-20 10:00:00.000000"

# As the first version of the portal wrote them, table by table.
LISTS = (
    "INSERT INTO people_person (id, name, is_open, created_at) VALUES (1, '沈知秋', FALSE, :at)",
    "INSERT INTO ledger_entity (id, name, short_name) VALUES (1, '海宁市××慈善会', '慈善会')",
    "INSERT INTO ledger_pool (id, entity_id, code, name, is_restricted, may_go_below_zero) "
    "VALUES (1, 1, '919', '919爱心基金', TRUE, FALSE)",
    "INSERT INTO funds_fund (id, slug, name, entity_id, pool_id, purpose, founded_year, council_size, is_demo, "
    "created_at) VALUES (1, '919', '919爱心基金', 1, 1, '帮困', 2013, 7, FALSE, :at)",
    "INSERT INTO files_file (id, sha256, name, size, kept_by_id, kept_at) VALUES (1, 'a', '名单.csv', 1, 1, :at)",
)
ONE_LIST = """
INSERT INTO lists_import (id, fund_id, file_id, filename, status, content_hash, columns, column_map, reading, method,
  rows, listed_fen, accepted, problems, repeats, in_the_way, booked_before, left_out, left_out_fen, total_fen, booked,
  uploaded_by_id, uploaded_at)
VALUES (:id, 1, 1, '名单.csv', :status, 'h', '{}', '{}', '{}', 'bank', 1, 100, 1, 0, 0, 0, 0, 0, 0, 100, 0, 1, :at)
"""
ONE_ROW = """
INSERT INTO lists_row (id, import_id, row_no, received_on, donor_name, is_anonymous, fen, method, intention, order_no,
  memo, problem_words, is_bad, is_repeat, is_left_out)
VALUES (:id, :id, 2, '2026-11-01', '𠮷女士', FALSE, 100, 'bank', '', '', '', '[]', FALSE, FALSE, FALSE)
"""
HANDED = "UPDATE lists_import SET status = 'waiting', handed_by_id = 1, handed_at = :at WHERE id = 2"


@pytest.fixture
def old(empty_engine: Engine, tmp_path: Path) -> Flask:
    """The first version's tables, with a preview (1) and a list that waits for its accountant (2)."""
    tables()
    app = application(empty_engine, tmp_path)
    with app.app_context():
        migrating.upgrade(FIRST)
        done(*LISTS)
        for number in (1, 2):
            done(ONE_LIST, id=number, status="preview")
            done(ONE_ROW, id=number)
        done(HANDED)
    return app


def done(*statements: str, **values: object) -> None:
    """By the driver alone: whatever today's portal does beside a write, the first version had no tables for."""
    connection = db.engine.raw_connection()
    try:
        for statement in statements:
            connection.cursor().execute(filled(statement, {"at": AT, **values}))
        connection.commit()
    finally:
        connection.close()


def filled(statement: str, values: dict[str, object]) -> str:
    for name, value in values.items():
        statement = re.sub(rf"(?<!:):{name}\b", repr(value), statement)
    return statement


def stored() -> list[tuple[object, ...]]:
    """All that stands in the two tables, and what keeps it right."""
    with db.engine.connect() as connection:
        lists = [tuple(row) for row in connection.execute(text("SELECT * FROM lists_import ORDER BY id"))]
        rows = [tuple(row) for row in connection.execute(text("SELECT * FROM lists_row ORDER BY id"))]
        indexes = sorted(str(index["name"]) for index in inspect(connection).get_indexes("lists_import"))
        return [*lists, *rows, tuple(indexes)]


def refuses(statement: str, **values: object) -> bool:
    try:
        done(statement, **values)
    except Exception as error:
        assert type(error).__name__ in {"IntegrityError", "RaiseException", "CheckViolation"}, error
        return True
    return False


def test_lists_live_through_the_way_up_and_down(old: Flask) -> None:
    with old.app_context():
        before = stored()
        migrating.upgrade(READING)
        assert stored() == before
        migrating.downgrade(BEFORE)
        assert stored() == before
        migrating.upgrade()
        assert stored() == before
        with db.engine.connect() as connection:
            assert [one for one in differences(connection) if "lists_" in one] == []


def test_a_list_can_be_read_by_a_job_from_then_on_and_not_before(old: Flask) -> None:
    with old.app_context():
        assert refuses(ONE_LIST, id=3, status="reading")
        migrating.upgrade(READING)
        done(ONE_LIST, id=3, status="reading")
        assert refuses(ONE_LIST, id=4, status="nonsense")
        done("UPDATE lists_import SET status = 'reading' WHERE id = 1")
        assert refuses("UPDATE lists_import SET status = 'reading' WHERE id = 2")
        assert refuses("UPDATE lists_row SET fen = 1 WHERE id = 2")


@pytest.mark.parametrize("revision", [BEFORE, FIRST])
def test_on_the_way_back_a_half_read_list_is_taken_back(old: Flask, revision: str) -> None:
    with old.app_context():
        migrating.upgrade(READING)
        done(ONE_LIST, id=3, status="reading")
        done(ONE_ROW, id=3)
        migrating.downgrade(revision)
        kept = "(SELECT count(*) FROM lists_row WHERE import_id = 3)"
        left = text(f"SELECT {kept}, status, rows, accepted FROM lists_import WHERE id = 3")
        assert tuple(db.session.execute(left).one()) == (0, "withdrawn", 0, 0)
        db.session.rollback()
        assert refuses(ONE_LIST, id=4, status="reading")
        assert refuses("DELETE FROM lists_import WHERE id = 1")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_table_that_is_not_ours_is_not_rewritten(old: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """SQLite keeps a table's CHECK as text: where that text is another, the migration stops and changes nothing."""
    with old.app_context():
        migrating.upgrade(BEFORE)
        with_writable_schema("UPDATE sqlite_master SET sql = replace(sql, 'returned', 'sent_back') WHERE name = :name")
        with pytest.raises(SystemExit):
            migrating.upgrade(READING)
        assert "not as the migrations made it" in caplog.text
        assert refuses(ONE_LIST, id=3, status="reading")
        done(ONE_LIST, id=3, status="preview")


def with_writable_schema(statement: str) -> None:
    done("PRAGMA writable_schema = ON", statement, "PRAGMA writable_schema = OFF", name="lists_import")
    db.engine.dispose()
