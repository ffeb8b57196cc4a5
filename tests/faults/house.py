"""The portal's processes, seen from outside: who they are, and how to take one away."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.live import ROOT

DEADLINE = 60.0
PARTS = {"worker": b"\0jobs\0work", "renderer": b"\0portal.documents", "web": b"\0serve\0"}
"""Words in the command line of each kind of child."""


@dataclass
class House:
    """A running `portal serve`, its children and what they were started with."""

    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=lambda: _free_port())
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Start the server, as systemd would after a crash, and wait until it answers."""
        command = [sys.executable, "-m", "portal", "serve", "--port", str(self.port), "--workers", "2"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + DEADLINE
        while not _listens(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def tend(self) -> None:
        """Start it again if it has ended by itself, which it does when one worker dies twice within seconds."""
        if self.process is None or self.process.poll() is not None:
            self.open()

    def kill(self, part: str) -> bool:
        """kill -9 of the server with all its children, or of one child; False when there is none just now."""
        if part == "server":
            self._kill_all()
            return True
        found = list(self.children(part))
        if not found:
            return False
        _kill(found[0])
        return True

    def close(self) -> None:
        """Ask politely, then end whatever is left, each by its id."""
        if self.process is None:
            return
        below = list(_below(self.process.pid))
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in below:
            _kill(pid)

    def children(self, part: str) -> Iterator[int]:
        """Ids of the children of one kind: worker, renderer or web."""
        assert self.process is not None
        for pid in _below(self.process.pid):
            if PARTS[part] in _command(pid):
                yield pid

    def _kill_all(self) -> None:
        """A machine that loses its power: nobody is left to tidy up."""
        assert self.process is not None
        below = list(_below(self.process.pid))
        self.process.kill()
        self.process.wait()
        for pid in below:
            _kill(pid)


def _below(pid: int) -> Iterator[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for thread in _threads(pid):
        children += thread
    for child in dict.fromkeys(children):
        yield int(child)
        yield from _below(int(child))


def _threads(pid: int) -> Iterator[list[str]]:
    """Children belong to the thread that started them."""
    try:
        tasks = [path for path in Path(f"/proc/{pid}/task").iterdir() if path.name != str(pid)]
    except OSError:
        return
    for task in tasks:
        try:
            yield (task / "children").read_text().split()
        except OSError:
            continue


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
