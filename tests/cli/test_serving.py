"""The server as a process: what it needs to start, and what it does when its worker dies."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.request import urlopen

from tests.live import ROOT, portal, serving, settings


def workers_of(parent: int) -> list[int]:
    """The ids of the job workers that a process started."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    threads = Path(f"/proc/{parent}/task").iterdir()
    children += [child for thread in threads for child in (thread / "children").read_text().split()]
    return [int(child) for child in set(children) if b"jobs" in _command_line(child)]


def _command_line(process: str) -> bytes:
    """Nothing for a process that has ended meanwhile."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""


def wait_for_worker(parent: int, *, other_than: int = 0) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if others := [worker for worker in workers_of(parent) if worker != other_than]:
            return others[0]
        time.sleep(0.1)
    raise AssertionError("no job worker came")


def test_a_worker_that_is_killed_is_replaced(demo_data: Path, tmp_path: Path) -> None:
    with serving(demo_data, tmp_path / "instance") as live:
        first = wait_for_worker(live.process.pid)
        os.kill(first, signal.SIGKILL)
        assert wait_for_worker(live.process.pid, other_than=first) != first


def test_nothing_is_served_from_tables_of_another_version(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-m", "portal", "serve", "--port", "1"],
        env=settings(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert refused.returncode == 1
    assert "portal migrate" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_migrating_twice_is_as_good_as_once(tmp_path: Path) -> None:
    portal("migrate", instance=tmp_path)
    portal("migrate", instance=tmp_path)
    assert "FAIL" not in portal("check", instance=tmp_path)


def test_visitors_on_slow_lines_keep_nobody_waiting(demo_data: Path, tmp_path: Path) -> None:
    with serving(demo_data, tmp_path / "instance", "--no-jobs") as live, ExitStack() as lines:
        host, port = live.url.removeprefix("http://").split(":")
        head = f"POST /verify HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {live.url}\r\nContent-Length: 1000\r\n\r\na"
        for _ in range(4):
            line = lines.enter_context(socket.create_connection((host, int(port))))
            line.sendall(head.encode())
        for _ in range(3):
            with urlopen(f"{live.url}/funds", timeout=10) as answer:
                assert answer.status == 200
