"""CPU and memory of a server: all its processes, read from /proc."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

Task = tuple[int, int]
"""A process and one of its threads."""

AFTERMATH = 0.005
"""Seconds in which a server comes to rest after its last answer."""

PROC = Path("/proc")


@dataclass
class Bill:
    """What was used: CPU in seconds, user and system."""

    seconds: float = 0.0


@contextmanager
def metered(bill: Bill, *pids: int) -> Iterator[None]:
    """Add to the bill what these processes and their children use in the block."""
    before = used(*pids)
    yield
    time.sleep(AFTERMATH)
    bill.seconds += sum(ns - before.get(task, 0) for task, ns in used(*pids).items()) / 1e9


def used(*pids: int) -> Mapping[Task, int]:
    """Nanoseconds that each thread of the processes and of all their children has run so far.

    schedstat counts user and system time like utime and stime, but not in hundredths of a second.
    """
    return {task: _ran(task) for pid in family(*pids) for task in _tasks(pid)}


def family(*pids: int) -> list[int]:
    """The processes, their children and their children's children."""
    parents = {int(place.name): parent for place in PROC.glob("[0-9]*") if (parent := _parent(place)) is not None}
    found = list(pids)
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid and child not in found)
    return found


def workers(server: int) -> list[int]:
    """The web workers of a server: its forks, which were started by no command of their own."""
    command = command_of(server)
    return [pid for pid in family(server) if pid != server and command_of(pid) == command]


def command_of(pid: int) -> bytes:
    """The words of a process's command, with a NUL behind each; none for one that is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return b""


def resident(pid: int) -> int:
    """Bytes of memory that the process occupies."""
    line = next(line for line in (PROC / str(pid) / "status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def _parent(place: Path) -> int | None:
    try:
        return int((place / "stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return None


def _tasks(pid: int) -> list[Task]:
    try:
        return [(pid, int(place.name)) for place in (PROC / str(pid) / "task").iterdir()]
    except OSError:
        return []


def _ran(task: Task) -> int:
    pid, thread = task
    try:
        return int((PROC / str(pid) / "task" / str(thread) / "schedstat").read_text().split()[0])
    except OSError:
        return 0
