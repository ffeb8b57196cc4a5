"""A rendering service for a test, and what can be done to its processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.documents import line, process
from portal.documents.line import Standing

LONG = 60.0
"""Seconds after which a machine that is merely busy would have done it."""


class Beside:
    """A running service at `address`."""

    def __init__(self, address: Path, popen: "subprocess.Popen[bytes]") -> None:
        self.address, self.popen = str(address), popen

    @property
    def standing(self) -> Standing:
        standing = line.standing(self.address, timeout=LONG)
        assert standing is not None
        return standing

    def wait_until(self, holds: Callable[[Standing], bool]) -> Standing:
        """How the service stands when it stands so at last."""
        until = time.monotonic() + LONG
        while not holds(standing := self.standing):
            assert time.monotonic() < until, standing
            time.sleep(0.02)
        return standing

    @contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile no rendering process comes on with its work."""
        processes = self.standing.processes
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        yield
        for pid in set(processes) & set(self.standing.processes):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def service(address: Path, **limits: float) -> Iterator[Beside]:
    """A service until the end of the block. `limits`: renderers, places, patience, documents."""
    options = [word for name, number in limits.items() for word in (f"--{name}", str(number))]
    popen = subprocess.Popen(
        [sys.executable, "-m", "portal.documents.service", "--socket", str(address), *options],
        stdin=subprocess.PIPE,
        env=process.environment(),
    )
    try:
        until = time.monotonic() + LONG
        while line.standing(str(address)) is None:
            assert popen.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield Beside(address, popen)
    finally:
        popen.kill()
        popen.wait()
        assert popen.stdin is not None
        popen.stdin.close()
