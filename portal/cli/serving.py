"""The server and, beside it, a job worker that is started again when it ends."""

import signal
import subprocess
import sys
import threading

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from granian import Granian
from granian.constants import Interfaces

from portal import resources
from portal.db import db

SECONDS_BEFORE_ANOTHER = 1.0
SECONDS_TO_FINISH = 30.0
THREADS = 8


class KeptWorker:
    """One job worker as a process. Whatever ends it, another takes its place: jobs it had are leased again."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it finish the chunk it is at."""
        self._stopping.set()
        self._process.send_signal(signal.SIGTERM)
        self._thread.join(SECONDS_TO_FINISH)

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "portal", "jobs", "work"])

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(SECONDS_BEFORE_ANOTHER):
                return
            self._process = self._start()


def require_current_tables() -> None:
    """Refuse to serve a database whose tables are of another version."""
    migrations = ScriptDirectory(str(resources().migrations))
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != migrations.get_current_head():
        raise click.ClickException("数据库的表还不是这个版本的，请先运行 portal migrate。")


def serve(host: str, port: int, *, workers: int, with_jobs: bool) -> None:
    """Serve until asked to stop."""
    worker = KeptWorker() if with_jobs else None
    server = Granian(
        "portal.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # One thread would be quicker by a little, but then two slow uploads keep everybody waiting.
        blocking_threads=THREADS,
        log_access=False,
    )
    click.echo(f"爱心联盟：http://{host}:{port}（按 Ctrl+C 停止）")
    try:
        server.serve()
    finally:
        if worker is not None:
            worker.stop()
