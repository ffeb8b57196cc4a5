"""Portals to back up and empty places to restore into, each with a database and a folder of its own."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from portal.backup import make_backup, restore_backup
from portal.backup.actions import Progress
from portal.backup.manifest import Closing, Manifest
from portal.backup.restoring import Restored
from portal.db import db
from portal.files import StoredFile, keep, path_of
from portal.invariants import run_all
from portal.people.models import Person
from tests import commands
from tests.applications import application, clean_environment, environment
from tests.engines import Engine
from tests.factories import BEGINNING

PASSPHRASE = "口令要够长 correct horse"


def silently(done: int, total: int) -> None:
    assert 0 < done <= total


@dataclass
class Portal:
    """One portal. Its settings are those of `environment`, with `more` on top."""

    engine: Engine
    folder: Path
    app: Flask

    @classmethod
    def at(cls, engine: Engine, folder: Path, **more: str) -> "Portal":
        return cls(engine, folder, application(engine, folder, **more))

    def backup(self, target: Path, *, progress: Progress = silently) -> tuple[Manifest, Closing]:
        with self.app.app_context():
            return make_backup(target, PASSPHRASE, progress=progress)

    def restore(self, source: Path, *, passphrase: str = PASSPHRASE) -> Restored:
        with self.app.app_context():
            return restore_backup(source, passphrase, progress=silently)

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """A command of the portal on this portal's data, as a process."""
        return commands.run(*words, env=self.environment(**more))

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "portal", *words]

    def environment(self, **more: str) -> dict[str, str]:
        settings = environment(self.engine, self.folder) | {"PORTAL_BACKUP_PASSPHRASE": PASSPHRASE} | more
        return clean_environment() | settings

    def check(self) -> None:
        """`portal check` finds nothing."""
        with self.app.app_context():
            results = list(run_all(db.session()))
            assert len(results) > 20
            assert [problem for result in results for problem in result.problems] == []

    def contents(self) -> dict[str, list[str]]:
        """Every row of every table, as text; SQLite's indexes for search through the tables that they lie in."""
        with self.app.app_context():
            virtual = "SELECT name FROM pragma_table_list WHERE type = 'virtual'"
            unread = set(db.session.scalars(text(virtual))) if self.engine.name == "sqlite" else set()
            tables = set(db.inspect(db.session.connection()).get_table_names()) - unread
            return {
                table: sorted(str(tuple(row)) for row in db.session.execute(text(f'SELECT * FROM "{table}"')))
                for table in tables
            }

    def uploads(self) -> dict[str, bytes]:
        """What lies in the folder of uploads, by its path there."""
        folder = self.folder / "files"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def upload(self, content: bytes, name: str, *, by: Person) -> Path:
        """Keep a file, committed. Call inside an application context."""
        stored: StoredFile = keep(content, name=name, by=by, at=BEGINNING)
        db.session.commit()
        return path_of(stored)


def left_in(*folders: Path) -> set[str]:
    """What a backup or a restore has left besides what belongs there."""
    endings = (".partial", ".restoring")
    names = {path.name for folder in folders for path in folder.iterdir()}
    return {name for name in names if name.endswith(endings) or name.startswith(".backup-")}
