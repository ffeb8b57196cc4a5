"""The servers that a measurement compares, with as many workers and threads each."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.cli.serving import THREADS
from tests.bench.ground import Ground
from tests.live import Live, free_port, running

WORKERS = 2


@contextmanager
def hello(folder: Path) -> Iterator[Live]:
    """A bare Flask page under the server that `portal serve` uses; its log lies in `folder`."""
    folder.mkdir()
    port = free_port()
    manner = ["--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-access-log"]
    command = [sys.executable, "-m", "granian", *manner, "--host", "127.0.0.1", "--port", str(port)]
    with running([*command, "tests.bench.hello:app"], folder, port) as live:
        yield live


@contextmanager
def portal_on(ground: Ground) -> Iterator[Live]:
    """The portal on the data that lie there, with its job worker."""
    port = free_port()
    command = [sys.executable, "-m", "portal", "serve", "--port", str(port), "--workers", str(WORKERS)]
    with running(command, ground.instance, port, ground.database) as live:
        yield live
