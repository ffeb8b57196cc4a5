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

from tests.bench.cpu import command_of, family
from tests.live import ROOT, free_port

DEADLINE = 60.0
PARTS = {
    "web": b"\0serve\0",
    "worker": b"\0jobs\0work",
    "service": b"\0portal.documents.service\0",
    "renderer": b"\0portal.documents.renderer\0",
}
"""Words in the command line of each kind of child."""


@dataclass
class House:
    """A running `portal serve`, its children and what they were started with."""

    environment: dict[str, str]
    log: Path
    port: int = field(default_factory=free_port)
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
        below = family(self.process.pid)[1:]
        self.process.terminate()
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in below:
            _kill(pid)

    def children(self, part: str) -> Iterator[int]:
        """Ids of the children of one kind, see PARTS."""
        assert self.process is not None
        for pid in family(self.process.pid)[1:]:
            if PARTS[part] in command_of(pid):
                yield pid

    def _kill_all(self) -> None:
        """A machine that loses its power: nobody is left to tidy up."""
        assert self.process is not None
        below = family(self.process.pid)[1:]
        self.process.kill()
        self.process.wait()
        for pid in below:
            _kill(pid)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
