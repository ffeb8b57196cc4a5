"""Demo data of a scale on one engine, made for a measurement and gone after it."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres
from tests.bench.cpu import Bill, metered
from tests.engines import Postgresql
from tests.live import ROOT, settings


@dataclass(frozen=True)
class Ground:
    """Where the data lie. `pids` are the database's own processes; `took` is seconds by the clock, by command."""

    engine: str
    instance: Path
    database: str
    pids: tuple[int, ...]
    took: dict[str, float] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return settings(self.instance, self.database)

    def portal(self, *arguments: str) -> str:
        """Run a command on these data; raises CalledProcessError. What it printed."""
        command = [sys.executable, "-m", "portal", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
        return done.stdout

    def timed(self, *arguments: str) -> str:
        """The same, and how long it took is kept."""
        began = time.monotonic()
        printed = self.portal(*arguments)
        self.took[" ".join(arguments)] = time.monotonic() - began
        return printed

    @contextmanager
    def charged(self, bill: Bill) -> Iterator[None]:
        """What the database uses in the block goes on the bill."""
        with metered(bill, *self.pids):
            yield


@contextmanager
def made(engine: str, scale: str, folder: Path, data: Path | None = None) -> Iterator[Ground]:
    """Demo data on `sqlite` or `postgresql`, checked. `data`: an instance to copy instead, which SQLite can."""
    instance = folder / engine
    with _database(engine) as (url, pids):
        ground = Ground(engine, instance, url, pids)
        if data and engine == "sqlite":
            shutil.copytree(data, instance)
        else:
            instance.mkdir(parents=True)
            ground.timed("demo", "--scale", scale)
        ground.timed("check")
        yield ground


@contextmanager
def _database(engine: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    if engine == "sqlite":
        yield "", ()
        return
    # It forgets nothing when it is killed: what it promises it has written, which is part of the cost.
    server = postgres.start(options=())
    if server is None:
        raise SystemExit("PostgreSQL is not installed; --engine sqlite leaves it out.")
    try:
        database = Postgresql(str(server.folder), "bench")
        database.create()
        yield database.url, (server.process.pid,)
    finally:
        server.stop()
