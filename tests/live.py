"""The portal as its users meet it: the real server and its job worker as processes, on demo data."""

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from portal.log.outside import FILE
from tests import commands
from tests.applications import clean_environment

ROOT = Path(__file__).parent.parent
DEADLINE = 30.0
"""Seconds that a server may take to answer for the first time, or to stop."""


@dataclass(frozen=True)
class Live:
    """A running server. Its files and, unless `database` names another, its database `portal.db` lie in `instance`."""

    url: str
    instance: Path
    process: "subprocess.Popen[bytes]"
    database: str = ""

    @property
    def log(self) -> str:
        return (self.instance / "server.log").read_text(errors="replace")

    def portal(self, *arguments: str) -> str:
        """Run a command on this server's data, e.g. `portal("check")`; raises CalledProcessError. Its output."""
        return portal(*arguments, instance=self.instance, database=self.database)


def settings(instance: Path, database: str = "") -> dict[str, str]:
    """The environment of a portal whose data lie in `instance`; keys are fixed, so that data can be copied."""
    return clean_environment() | {
        "DATABASE_URL": database,
        "PORTAL_ENV": "development",
        "PORTAL_INSTANCE": str(instance),
        "PORTAL_SECRET_KEY": "secret-key-of-a-live-portal-0123456",
        "PORTAL_DATA_KEY": "data-key-of-a-live-portal-0123456789",
        "PORTAL_LOG_KEY": "log-key-of-a-live-portal-01234567890",
        "PYTHONUNBUFFERED": "1",
    }


def portal(*arguments: str, instance: Path, database: str = "") -> str:
    """Run a command on an instance's data; raises CalledProcessError. What it printed."""
    done = commands.run(*arguments, env=settings(instance, database))
    done.check_returncode()
    return done.stdout


def demo_instance(shared: Path) -> Path:
    """An instance with demo data, made by whichever worker comes first. To be copied, not used."""
    instance = shared / "demo-instance"
    with (shared / "demo-instance.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (instance / ".finished").exists():
            instance.mkdir(exist_ok=True)
            portal("demo", "--if-empty", instance=instance)
            (instance / ".finished").touch()
    return instance


@contextmanager
def serving(demo: Path, instance: Path, *options: str, variables: Sequence[str] = ()) -> Iterator[Live]:
    """Serve a copy of the demo data until the end of the block.

    `options` go to `portal serve`; `variables` are settings such as `PORTAL_RATES=database`.
    """
    shutil.copytree(demo, instance)
    port = free_port()
    few = ("--workers", "1", "--renderers", "1")
    portal = ["env", *variables, sys.executable, "-m", "portal"]
    with running([*portal, "serve", "--port", str(port), *few, *options], instance, port) as live:
        yield live


class Standing:
    """One server for many tests: each finds the demo data as they were made, whatever the one before did to them.

    To start a server takes five seconds of a processor, to put its data back a fiftieth of one. What it counts lies in
    the database, so that it begins anew as well.
    """

    def __init__(self, demo: Path, folder: Path) -> None:
        self._demo, self._folder = demo, folder
        self._until_then = ExitStack()
        self._live: Live | None = None
        self._started = 0

    def fresh(self) -> Live:
        """The server with fresh data; started when there is none, or when a test before has broken it."""
        if self._live is None or not _is_idle(self._live):
            self.stop()
            self._live = self._until_then.enter_context(self._serving())
        self._put_back(self._live.instance)
        return self._live

    def stop(self) -> None:
        self._live = None
        self._until_then.close()

    def _serving(self) -> AbstractContextManager[Live]:
        self._started += 1
        return serving(self._demo, self._folder / f"instance{self._started}", variables=["PORTAL_RATES=database"])

    def _put_back(self, instance: Path) -> None:
        shutil.rmtree(instance / "files", ignore_errors=True)
        shutil.copytree(self._demo / "files", instance / "files")
        copy_database(self._demo / "portal.db", instance / "portal.db")
        # The log of yesterday would not go on below a newer checkpoint.
        shutil.copy2(self._demo / FILE, instance / FILE)


def copy_database(source: Path, target: Path) -> None:
    """Put what one SQLite file holds into another, which may be open elsewhere."""
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)


@contextmanager
def running(command: Sequence[str], instance: Path, port: int, database: str = "") -> Iterator[Live]:
    """Run a server until the end of the block; begun when it answers."""
    with (instance / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=settings(instance, database),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    live = Live(f"http://127.0.0.1:{port}", instance, process, database)
    try:
        _wait_for(live)
        yield live
    finally:
        _stop(process)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_for(live: Live) -> None:
    deadline = time.monotonic() + DEADLINE
    while not _answers(live.url):
        if live.process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start:\n{live.log}")
        time.sleep(0.05)


def _is_idle(live: Live) -> bool:
    """Whether it is there and has ended, within a while, the background work that it was at."""
    deadline = time.monotonic() + DEADLINE
    with closing(sqlite3.connect(live.instance / "portal.db")) as database:
        while database.execute("SELECT EXISTS (SELECT 1 FROM jobs_job WHERE status = 'leased')").fetchone()[0]:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    return live.process.poll() is None and _answers(live.url)


def _answers(url: str) -> bool:
    try:
        urlopen(f"{url}/healthz", timeout=5).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask politely, then end the whole group: the server's workers and its job worker."""
    process.terminate()
    try:
        process.wait(timeout=DEADLINE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
