"""PostgreSQL: pg_dump and pg_restore, on one snapshot that the counts and the list of uploads are read from too.

Triggers are restored after the rows, so that the guards do not refuse what is in order; all in one transaction.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from portal.backup.members import BLOCK
from portal.backup.parts import Advance, Snapshot, Upload
from portal.backup.problems import BackupProblem

PROGRAMS = Path("/usr/lib/postgresql")


class PostgresqlPlace:
    """The database behind an engine. `staging` is the folder where a dump may wait."""

    engine = "postgresql"

    def __init__(self, engine: Engine, staging: Path) -> None:
        self._database, self._staging = engine, staging
        # As it was asked for, not as libpq filled it in: psycopg's own may be newer than the programs'.
        _, asked = engine.dialect.create_connect_args(engine.url)
        self._password = str(asked.pop("password", ""))
        asked.pop("context", None)
        self._target = f"--dbname={make_conninfo(**asked)}"

    @contextmanager
    def snapshot(self, advance: Advance) -> Iterator[Snapshot]:
        with self._connected(read_only=True) as connection:
            tables = _tables(connection)
            if "alembic_version" not in tables:
                raise BackupProblem("数据库里还没有表，没有可以备份的内容。请先运行 portal migrate。")
            # Nothing is said on this connection while pg_dump works.
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            yield Snapshot(
                server=".".join(map(str, divmod(_info(connection).server_version, 10_000))),
                revision=str(connection.scalar(text("SELECT version_num FROM alembic_version"))),
                tables=tables,
                uploads=_uploads(connection),
                size=_dump_size(connection),
                blocks=self._dump(connection, advance),
            )

    def require_empty(self) -> None:
        with self._connected(read_only=True) as connection:
            if _names(connection):
                raise BackupProblem("数据库里已经有表。恢复只写入空的数据库，请换一个空的位置。")

    def stage(self) -> Path:
        return self._staging / "database.restoring"

    def prove(self, staged: Path, tables: dict[str, int]) -> None:
        """pg_restore can list what it is to restore; whether the rows are all there is seen when they are in place."""
        with self._connected(read_only=True) as connection:
            self._run(_program("pg_restore", connection), "--list", str(staged))

    def put_in_place(self, staged: Path, tables: dict[str, int]) -> None:
        self.require_empty()
        with self._connected(read_only=True) as connection:
            program = _program("pg_restore", connection)
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]
        self._run(program, *options, self._target, str(staged))
        with self._connected(read_only=False) as connection:
            # Nothing is known of the new rows: until the server looks by itself, it would plan for empty tables.
            connection.execute(text("ANALYZE"))
            connection.commit()
            if _tables(connection) != tables:
                raise BackupProblem("恢复后的行数与备份的清单不符。")

    @contextmanager
    def _connected(self, *, read_only: bool) -> Iterator[Connection]:
        try:
            connection = self._database.connect()
        except OperationalError as error:
            raise BackupProblem("连不上数据库，请检查 DATABASE_URL 和数据库服务。") from error
        with connection:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if read_only else {}
            yield connection.execution_options(**options)

    def _dump(self, connection: Connection, advance: Advance) -> Iterator[bytes]:
        """pg_dump's own output, as it comes. It is compressed later, with everything else."""
        program, snapshot = _program("pg_dump", connection), connection.scalar(text("SELECT pg_export_snapshot()"))
        options = ["--format=custom", "--compress=0", f"--snapshot={snapshot}", "--lock-wait-timeout=60s"]
        # A comment on an extension would need its owner.
        options += ["--no-owner", "--no-privileges", "--no-comments", "--no-password"]
        with tempfile.TemporaryFile() as said:
            with self._started([program, *options, self._target], stdout=subprocess.PIPE, stderr=said) as dumping:
                assert dumping.stdout is not None
                try:
                    while block := dumping.stdout.read(BLOCK):
                        advance(len(block))
                        yield block
                except BaseException:
                    dumping.kill()
                    raise
            _require_done(program, dumping.returncode, said)

    def _run(self, *command: str) -> None:
        with tempfile.TemporaryFile() as said:
            with self._started(command, stdout=subprocess.DEVNULL, stderr=said) as running:
                try:
                    code = running.wait()
                except BaseException:
                    running.kill()
                    raise
            _require_done(command[0], code, said)

    def _started(self, command: Sequence[str], *, stdout: int, stderr: IO[bytes]) -> "subprocess.Popen[bytes]":
        """A password goes by the child's environment: command lines are for everybody to see."""
        environment = dict(os.environ) | ({"PGPASSWORD": self._password} if self._password else {})
        return subprocess.Popen(command, stdout=stdout, stderr=stderr, env=environment)  # noqa: S603 # no shell


def _require_done(program: str, code: int, said: IO[bytes]) -> None:
    if code:
        said.seek(0)
        lines = said.read(BLOCK).decode(errors="replace").strip().splitlines()
        raise BackupProblem(f"{Path(program).name} 没有完成（{code}）：{lines[0] if lines else '没有说明原因'}")


def _program(name: str, connection: Connection) -> str:
    """The oldest program that is no older than the server: a newer one may write what the server does not know."""
    wanted = _info(connection).server_version // 10_000
    found = [str(path) for path in PROGRAMS.glob(f"*/bin/{name}")]
    found += [path] if (path := shutil.which(name)) else []
    able = [(major, path) for path in found if (major := _major(path)) >= wanted]
    if not able:
        raise BackupProblem(f"需要 PostgreSQL {wanted} 或更新版本的 {name}，请安装 postgresql-client-{wanted}。")
    return min(able)[1]


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 # no shell
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0


def _info(connection: Connection) -> psycopg.ConnectionInfo:
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    return raw.info


def _names(connection: Connection) -> list[str]:
    wanted = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    return list(connection.scalars(text(wanted)))


def _tables(connection: Connection) -> dict[str, int]:
    return {
        name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0  # noqa: S608 # names of our own tables
        for name in _names(connection)
    }


def _uploads(connection: Connection) -> list[Upload]:
    rows = connection.execute(text("SELECT sha256, max(size) FROM files_file GROUP BY sha256 ORDER BY sha256"))
    return [Upload(*row) for row in rows]


def _dump_size(connection: Connection) -> int:
    """About how long the dump will be: rows without their indexes."""
    wanted = "SELECT coalesce(sum(pg_table_size(c.oid)), 0)::bigint FROM pg_class c WHERE c.relkind = 'r'"
    return int(connection.scalar(text(f"{wanted} AND c.relnamespace = current_schema()::regnamespace")) or 0)
