"""The portal's commands as processes of their own that need not begin with nothing.

To import the portal takes a command longer than most of what it does. So one process imports it, once for each of
xdist's workers, and forks for every command: a fork has memory, files, environment, limits and a death of its own.
Servers are started anew (`tests.live`), and so is a command whose very start is what a test is about.
"""

import atexit
import gc
import json
import os
import resource
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parent.parent
MOST = 1 << 18
"""Bytes of one order: words and environment."""


class Command:
    """A command that runs, like a subprocess.Popen. `program` is Python to run instead of the portal's command line.

    `largest_file` is how many bytes a file of its may have. Standard input is empty.
    """

    def __init__(
        self,
        *words: str,
        env: Mapping[str, str],
        stdout: IO[Any],
        stderr: IO[Any],
        program: str | None = None,
        largest_file: int | None = None,
    ) -> None:
        order = {"words": words, "env": dict(env), "program": program, "largest_file": largest_file}
        self._answers, theirs = _pair()
        with theirs, Path(os.devnull).open("rb") as nothing:
            files = [nothing.fileno(), stdout.fileno(), stderr.fileno(), theirs.fileno()]
            socket.send_fds(_nurse(), [json.dumps(order).encode()], files)
        self.returncode: int | None = None
        self.pid = int(self._answer())

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """The exit code at the end. Raises TimeoutError."""
        code = self._ended(timeout)
        if code is None:
            raise TimeoutError
        return code

    def send_signal(self, number: int) -> None:
        """Tell it something, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None:
            self._answers.settimeout(timeout)
            try:
                self.returncode = int(self._answer())
            except (BlockingIOError, TimeoutError):
                return None
            self._answers.close()
        return self.returncode

    def _answer(self) -> bytes:
        answer = self._answers.recv(20)
        assert answer, "nobody knows what became of the command"
        return answer


def run(*words: str, env: Mapping[str, str], **more: Any) -> "subprocess.CompletedProcess[str]":
    """What became of a command and what it said; `more` goes to Command."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        code = Command(*words, env=env, stdout=said, stderr=complained, **more).wait()
        told = [_read(said), _read(complained)]
    return subprocess.CompletedProcess(list(words), code, *told)


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


@cache
def _nurse() -> socket.socket:
    """The way to the process that forks. It ends when this one does, and closes the way."""
    ours, theirs = _pair()
    with theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST)
        nurse = subprocess.Popen(
            [sys.executable, "-m", "tests.commands", str(theirs.fileno())],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(nurse.wait)
    atexit.register(ours.close)
    return ours


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two ends between which each message stays one."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


# ── in the process that forks ───────────────────────────────────────────────────────────────────────
def _nurse_commands(way: socket.socket) -> None:
    """Fork for each order. Each fork has a guardian, who waits for it and tells its end."""
    while True:
        order, files, _, _ = socket.recv_fds(way, MOST, 4)
        if not order:
            return
        if not os.fork():
            way.close()
            _guard(order, files)
            return
        for file in files:
            os.close(file)
        _reap()


def _guard(order: bytes, files: list[int]) -> None:
    """Fork once more and tell who it is and how it ends; returns in the fork, when it is done."""
    answers = files.pop()
    if not (child := os.fork()):
        os.close(answers)
        _become(files, **json.loads(order))
        return
    for file in files:
        os.close(file)
    # The test may have gone.
    with suppress(BrokenPipeError):
        os.write(answers, str(child).encode())
        _, status = os.waitpid(child, 0)
        os.write(answers, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(
    files: Sequence[int], *, words: list[str], env: dict[str, str], program: str | None, largest_file: int | None
) -> None:
    """Run the command in this process."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(env)
    if largest_file:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    sys.argv = ["portal", *words]
    if program:
        exec(program, {"__name__": "__main__"})
    else:
        runpy.run_module("portal", run_name="__main__")


def _reap() -> None:
    """Guardians that have gone leave nothing behind."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _import_everything() -> None:
    import portal.cli
    import portal.demo
    import portal.migrating  # noqa: F401
    from portal import rooms

    rooms.tables()
    rooms.blueprints()


if __name__ == "__main__":
    # A command that may write no large files could leave half a byte code.
    sys.dont_write_bytecode = True
    _import_everything()
    gc.freeze()
    _nurse_commands(socket.socket(fileno=int(sys.argv[1])))
