"""SQLite: a copy page by page from one snapshot. Readers and writers go on: in WAL mode a snapshot blocks nobody."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from portal.backup.members import BLOCK
from portal.backup.parts import Advance, Snapshot, Upload
from portal.backup.problems import BackupProblem
from portal.backup.whole import synced

PAGES = 256
"""Pages that are copied between two looks at the clock: 1 MiB."""


class SqlitePlace:
    """A database file."""

    engine = "sqlite"

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextmanager
    def snapshot(self, advance: Advance) -> Iterator[Snapshot]:
        if not self.file.exists():
            raise BackupProblem("数据库还没有建立，没有可以备份的内容。请先运行 portal migrate。")
        with closing(_reader(self.file)) as source, _nameless(self.file.parent) as (copy, path):
            # Held until the end: a copy in steps begins anew whenever the source's snapshot moves.
            source.execute("BEGIN")
            tables = _tables(source)
            if "alembic_version" not in tables:
                raise BackupProblem("数据库里还没有表，没有可以备份的内容。请先运行 portal migrate。")
            pages = int(source.execute("PRAGMA page_count").fetchone()[0])
            yield Snapshot(
                server=sqlite3.sqlite_version,
                revision=_revision(source),
                tables=tables,
                uploads=_uploads(source),
                size=2 * pages * _page(source),
                blocks=_blocks(source, copy, path, advance),
            )

    def require_empty(self) -> None:
        if not self.file.exists():
            return
        with closing(_reader(self.file)) as there:
            if there.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise BackupProblem("数据库里已经有表。恢复只写入空的数据库，请换一个空的位置。")

    def stage(self) -> Path:
        return self.file.with_name(f"{self.file.name}.restoring")

    def prove(self, staged: Path, tables: dict[str, int]) -> None:
        with closing(sqlite3.connect(staged)) as restored:
            # Nobody else knows this file: without this, opening it would leave a journal beside it.
            restored.execute("PRAGMA locking_mode=EXCLUSIVE")
            faults = restored.execute("PRAGMA quick_check(1)").fetchone()[0]
            if faults != "ok" or _tables(restored) != tables:
                raise BackupProblem(f"备份里的数据库与它的清单不符：{faults}。")

    def put_in_place(self, staged: Path, tables: dict[str, int]) -> None:
        self.require_empty()
        for ending in ("-wal", "-journal"):
            left = self.file.with_name(self.file.name + ending)
            if left.exists() and left.stat().st_size:
                # SQLite would take it for the restored database's own and write it into it.
                raise BackupProblem(f"{left} 是另一个数据库留下的，请先把它移开。")
            left.unlink(missing_ok=True)
        self.file.with_name(f"{self.file.name}-shm").unlink(missing_ok=True)
        staged.replace(self.file)
        synced(self.file.parent)


def _reader(file: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=30)
    reader.execute("PRAGMA query_only=ON")
    return reader


@contextmanager
def _nameless(folder: Path) -> Iterator[tuple[sqlite3.Connection, BinaryIO]]:
    """A file whose name is gone at once: clear text must not outlive us, even when we are killed."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".backup-")
    with os.fdopen(descriptor, "rb") as content, closing(sqlite3.connect(name)) as copy:
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("PRAGMA synchronous=OFF")
        Path(name).unlink()
        yield copy, content


def _blocks(
    source: sqlite3.Connection, copy: sqlite3.Connection, content: BinaryIO, advance: Advance
) -> Iterator[bytes]:
    page, before = _page(source), [0]

    def progress(_: int, remaining: int, total: int) -> None:
        advance((total - remaining - before[0]) * page)
        before[0] = total - remaining

    try:
        source.backup(copy, pages=PAGES, progress=progress)
    except sqlite3.Error as error:
        raise BackupProblem(f"数据库复制不下来：{error}。数据库所在的磁盘要有放得下一份副本的空间。") from error
    while block := content.read(BLOCK):
        advance(len(block))
        yield block


def _tables(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows by table. What SQLite keeps for itself and for its search is left out."""
    wanted = (
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    )
    names = [name for (name,) in connection.execute(wanted)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608 # names of our own tables


def _revision(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _uploads(connection: sqlite3.Connection) -> list[Upload]:
    rows = connection.execute("SELECT sha256, max(size) FROM files_file GROUP BY sha256 ORDER BY sha256")
    return [Upload(*row) for row in rows]


def _page(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA page_size").fetchone()[0])
