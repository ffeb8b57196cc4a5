"""One rendering process seen from outside: start it, ask it within a time, end it."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from portal.documents import wire

FONTS = Path(__file__).with_name("fonts.conf")
ROOT = Path(__file__).parents[2]
KEPT_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME")
"""What a rendering process may know of its worker's environment: no keys, no database."""


class Gone(Exception):
    """The rendering process ended before it answered."""


class Process:
    """A running `python -m portal.documents.renderer` and the two pipes to it. It ends when its input ends."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "portal.documents.renderer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env=environment(),
        )
        self._input, self._output = _pipe(self._popen.stdin), _pipe(self._popen.stdout)

    @property
    def pid(self) -> int:
        return self._popen.pid

    def is_alive(self) -> bool:
        return self._popen.poll() is None

    def ask(self, request: bytes, *, until: float) -> tuple[wire.Head, bytes]:
        """The answer, by the monotonic time `until`. Raises TimeoutError or Gone, and is then good for nothing more."""
        try:
            self._write(request, until)
            head = wire.head(self._read(wire.HEAD.size, until))
            return head, self._read(head.length, until)
        except (BrokenPipeError, ConnectionResetError):
            raise Gone from None

    def kill(self) -> None:
        """End it at once, by its id, whoever is asking it just now: that one sees Gone."""
        self._popen.kill()

    def end(self) -> None:
        """End it at once; it has nothing to save."""
        self.kill()
        self._popen.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close the pipes only: after a fork the process belongs to the parent."""
        self._popen.returncode = self._popen.returncode or 0
        self._input.close()
        self._output.close()

    def _write(self, data: bytes, until: float) -> None:
        rest = memoryview(data)
        while rest:
            _wait(self._input, select.POLLOUT, until)
            rest = rest[os.write(self._input.fileno(), rest) :]

    def _read(self, length: int, until: float) -> bytes:
        data = bytearray()
        while len(data) < length:
            _wait(self._output, select.POLLIN, until)
            part = os.read(self._output.fileno(), length - len(data))
            if not part:
                raise Gone
            data += part
        return bytes(data)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise RuntimeError("the rendering process has no pipe")
    os.set_blocking(pipe.fileno(), False)
    return pipe


def _wait(pipe: IO[bytes], event: int, until: float) -> None:
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError


def environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return kept | {"FONTCONFIG_FILE": str(FONTS), "PYTHONPATH": str(ROOT)}
