"""Which pg_dump is taken, and what it is told: never a password on a command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from portal.backup import postgresql
from portal.backup.postgresql import PostgresqlPlace
from portal.backup.problems import BackupProblem
from tests.backup.portals import Portal

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
SECRET = "very-secret-word"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Programs of the test's own instead of the installed ones: `(version, what pg_dump does)`."""
    monkeypatch.setattr(postgresql, "PROGRAMS", tmp_path / "programs")
    monkeypatch.setenv("PATH", "/nowhere")

    def add(version: str, does: str) -> Path:
        program = tmp_path / "programs" / version / "bin" / "pg_dump"
        program.parent.mkdir(parents=True)
        says = f'[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {version}.3 (Debian)" && exit 0'
        program.write_text(f"#!/bin/sh\n{says}\n{does}\n")
        program.chmod(0o755)
        return program

    return add


def dumped(place: PostgresqlPlace) -> bytes:
    with place.snapshot(lambda _: None) as snapshot:
        return b"".join(snapshot.blocks)


def test_a_password_goes_by_the_environment_only(
    busy: Portal, programs: Callable[[str, str], Path], tmp_path: Path
) -> None:
    programs("99", f'echo "$@" > {tmp_path}/said; echo "password=$PGPASSWORD" > {tmp_path}/kept; echo dumped')
    url = busy.engine.url.replace("portal@", f"portal:{SECRET}@")
    place = PostgresqlPlace(create_engine(url), tmp_path)
    assert dumped(place) == b"dumped\n"
    assert (tmp_path / "kept").read_text() == f"password={SECRET}\n"
    said = (tmp_path / "said").read_text()
    assert SECRET not in said
    assert "host=" in said
    assert "dbname=" in said


def test_the_oldest_program_that_is_new_enough_is_taken(
    busy: Portal, programs: Callable[[str, str], Path], tmp_path: Path
) -> None:
    for version in ("9", "98", "97", "99"):
        programs(version, f"echo {version}")
    assert dumped(PostgresqlPlace(create_engine(busy.engine.url), tmp_path)) == b"97\n"


def test_a_program_older_than_the_server_is_not_taken(
    busy: Portal, programs: Callable[[str, str], Path], tmp_path: Path
) -> None:
    programs("9", "echo dumped")
    with pytest.raises(BackupProblem, match=r"需要 PostgreSQL \d+ .* pg_dump，请安装 postgresql-client"):
        dumped(PostgresqlPlace(create_engine(busy.engine.url), tmp_path))


def test_a_program_that_fails_half_way_leaves_no_backup(
    busy: Portal, programs: Callable[[str, str], Path], tmp_path: Path
) -> None:
    programs("99", "echo half; echo 'pg_dump: error: no more' >&2; exit 3")
    with pytest.raises(BackupProblem, match="pg_dump 没有完成（3）：pg_dump: error: no more"):
        busy.backup(tmp_path / "b")
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "b.partial").exists()


def test_a_database_that_is_away_is_said_in_a_sentence(engine_name: str, tmp_path: Path) -> None:
    place = PostgresqlPlace(create_engine(f"postgresql+psycopg://portal@/none?host={tmp_path}"), tmp_path)
    with pytest.raises(BackupProblem, match="连不上数据库"):
        place.require_empty()
    assert list(tmp_path.iterdir()) == []
