"""A PostgreSQL server of the tests' own: in memory, reached by a socket only, gone with the test run.

The main process starts it once and names its folder in the environment, where xdist's workers find it.
"""

import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import psycopg

from tests import places

VARIABLE = "PORTAL_TEST_POSTGRES"
"""The folder of the running server's socket; "" says that there is none."""

DEADLINE = 30.0
"""Seconds that the server may take to answer."""

OPTIONS = (
    "listen_addresses=",
    "fsync=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=100",
    "shared_buffers=64MB",
    "jit=off",
    "log_min_messages=warning",
)
FORGETFUL = ("synchronous_commit=off", "full_page_writes=off")
"""Quicker, but a server that is killed forgets what it has promised."""


@dataclass
class Server:
    """A running server and its folder."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    options: tuple[str, ...] = FORGETFUL

    def kill(self) -> None:
        """Take its power away: no goodbye to anybody."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """The same data under a new process, after `kill`. It waits for the last one's children to be gone."""
        bin_folder = programs()
        assert bin_folder is not None
        self.process = _running(bin_folder, self.folder, self.options).process

    def stop(self) -> None:
        """Stop at once: nothing in it is worth keeping."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def programs() -> Path | None:
    """The folder of the newest server programs, or None when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).parent if elsewhere else None


def start(options: tuple[str, ...] = FORGETFUL) -> Server | None:
    """A new server with its one superuser `postgres`, or None when PostgreSQL is not installed."""
    bin_folder = programs()
    if bin_folder is None:
        return None
    shared = Path("/dev/shm")
    folder = places.folder(shared if os.access(shared, os.W_OK) else Path(gettempdir()))
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    subprocess.run(
        [
            *_as_ordinary_user(),
            str(bin_folder / "initdb"),
            *("--pgdata", str(folder / "data"), "--username", "postgres", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
    server = _running(bin_folder, folder, options)
    with connect(str(folder)) as connection:
        connection.execute("CREATE ROLE portal LOGIN")
    return server


def connect(folder: str, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
    """A connection of the superuser in which every statement commits by itself."""
    return psycopg.connect(host=folder, dbname=database, user="postgres", autocommit=True)


def folder_of_server() -> str:
    """The socket's folder as the main process left it; "" when there is no server."""
    return os.environ.get(VARIABLE, "")


def _running(bin_folder: Path, folder: Path, options: tuple[str, ...]) -> Server:
    command = [*_as_ordinary_user(), str(bin_folder / "postgres"), "-D", str(folder / "data"), "-k", str(folder)]
    for option in (*OPTIONS, *options):
        command += ["-c", option]
    deadline = time.monotonic() + DEADLINE
    while True:
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
        if _answers(process, folder, deadline):
            return Server(process, folder, options)
        if time.monotonic() > deadline or b"shared memory block" not in (folder / "log").read_bytes():
            process.kill()
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.1)


def _answers(process: "subprocess.Popen[bytes]", folder: Path, deadline: float) -> bool:
    while process.poll() is None and time.monotonic() < deadline:
        try:
            connect(str(folder)).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return True
    return False


def _as_ordinary_user() -> list[str]:
    """PostgreSQL refuses to run as root; the signal stops it when the test run is killed."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    root = os.getuid() == 0
    user = ["--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env"] if root else []
    return [setpriv, *user, "--pdeathsig", "INT", "--"]
