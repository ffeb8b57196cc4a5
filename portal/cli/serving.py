"""The server and, beside it, a job worker and a rendering service that are started again when they end."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import click
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings

from portal import logbook, migrating
from portal.cli.kept import Kept
from portal.documents import keyfile, line, process
from portal.settings import Settings

THREADS = 8
LONGEST_HEAD = 64 * 1024
"""Bytes."""

METRICS = "PROMETHEUS_MULTIPROC_DIR"
# Named after their kind and their process: a database that lies there too is none of them.
_OF_A_PROCESS = re.compile(r"(counter|histogram|summary|gauge_[a-z]+)_\d+\.db")


@contextmanager
def metrics_folder() -> Iterator[Path]:
    """A private folder in which all processes of this server count, empty at its start, gone at its end.

    Enter it before the application is made: prometheus_client looks for it once, when it is imported.
    """
    given = os.environ.get(METRICS)
    folder = Path(given or mkdtemp(prefix="portal-metrics-"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left_over in folder.iterdir():
        if _OF_A_PROCESS.fullmatch(left_over.name):
            left_over.unlink()
    os.environ[METRICS] = str(folder)
    try:
        yield folder
    finally:
        if not given:
            shutil.rmtree(folder, ignore_errors=True)
            del os.environ[METRICS]


@contextmanager
def rendering(instance: Path, *, renderers: int, places: int) -> Iterator[None]:
    """A rendering service, whose address all processes started inside find in their environment.

    The service itself knows neither the database nor the keys. `places` is how many may wait for their turn.
    """
    place = line.place(instance)
    os.environ[line.VARIABLE] = str(place)
    numbers = ("--renderers", str(renderers), "--places", str(places))
    service = Kept("portal.documents.service", "--socket", str(place), *numbers, environment=process.environment())
    try:
        yield
    finally:
        service.stop()
        line.clear(place)
        del os.environ[line.VARIABLE]


@contextmanager
def working(*, with_jobs: bool) -> Iterator[None]:
    """A job worker, if one is wanted."""
    worker = Kept("portal", "jobs", "work", "--until-input-ends") if with_jobs else None
    try:
        yield
    finally:
        if worker is not None:
            worker.stop()


def require_key_file(settings: Settings) -> None:
    """Nobody shall learn from a donor's first document that none can be signed. Development makes its demo key here."""
    try:
        file = keyfile.standing(settings)
        if file:
            keyfile.read(file)
    except keyfile.BadKeyFile as error:
        raise click.ClickException(str(error)) from error


def require_current_tables() -> None:
    """Refuse to serve a database whose tables are of another version."""
    if not migrating.is_current():
        raise click.ClickException("数据库的表还不是这个版本的，请先运行 portal migrate。")


def serve(
    host: str, port: int, *, instance: Path, workers: int, renderers: int, with_jobs: bool, log_kind: str
) -> None:
    """Serve until asked to stop."""
    # Each thread would get a store of memory of its own, and keep what one long page needed: 6 MB a worker.
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    # Half of all threads at most wait for documents: the other half goes on answering pages.
    places = workers * THREADS // 2
    with rendering(instance, renderers=renderers, places=places), working(with_jobs=with_jobs):
        server = Granian(
            "portal.wsgi:app",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            # One thread would be quicker by a little, but then two slow uploads keep everybody waiting.
            blocking_threads=THREADS,
            # A process that dies takes nobody's page with it but its own: the others serve on.
            respawn_failed_workers=True,
            # Heads of requests, which are read before anything is known of the visitor.
            http1_settings=HTTP1Settings(max_buffer_size=LONGEST_HEAD),
            log_access=False,
            log_dictconfig=logbook.for_server(log_kind),
        )
        click.echo(f"爱心联盟：http://{host}:{port}（按 Ctrl+C 停止）")
        server.serve()
