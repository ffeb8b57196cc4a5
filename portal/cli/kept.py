"""Processes that stand beside the server and are started again when they end."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

AT_ONCE = 0.1
"""Seconds before another takes the place of one that had lived for a while."""

LATER = 1.0
"""Seconds before another takes the place of one that ended soon after its start; twice as long each time it does so."""

MUCH_LATER = 60.0

A_WHILE = 5.0
SECONDS_TO_FINISH = 30.0


class Kept:
    """One Python module as a process. Whatever ends it, another takes its place.

    Its input is a pipe that nobody writes to: it ends when the server does, by force too.
    """

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self._arguments, self._environment = arguments, environment
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let it finish what it is at."""
        self._stopping.set()
        self._process.send_signal(signal.SIGTERM)
        self._thread.join(SECONDS_TO_FINISH)
        if self._process.poll() is None:
            self._process.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", *self._arguments]
        return subprocess.Popen(command, env=self._environment, stdin=subprocess.PIPE)  # noqa: S603 - our own words

    def _keep(self) -> None:
        pause = LATER
        while True:
            began = time.monotonic()
            with self._process as process:
                process.wait()
            lives = time.monotonic() - began > A_WHILE
            if self._stopping.wait(AT_ONCE if lives else pause):
                return
            pause = LATER if lives else min(MUCH_LATER, pause * 2)
            self._process = self._start()
