"""What is counted about requests, for Prometheus. Labels are rules of addresses, never addresses: no one is in them.

Several server processes count into files of one folder (prometheus_client's multiprocess mode), which `portal serve`
makes and names in PROMETHEUS_MULTIPROC_DIR before this module is imported.
"""

import os
import re
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

# A second line for each figure, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]
_own = CollectorRegistry()
_registry = None if os.environ.get(FOLDER) else _own
_requests = Histogram(
    "portal_request_seconds",
    "Requests, from their arrival to their answer; _count is how many.",
    ["route", "method", "status"],
    buckets=SECONDS,
    registry=_registry,
)
_kept = Counter("portal_kept_pages", "Public pages answered from memory, or not.", ["hit"], registry=_registry)
_connections = Gauge(
    "portal_database_connections_in_use",
    "Connections that requests of a process held when one of them ended.",
    multiprocess_mode="liveall",
    registry=_registry,
)
_lent_out = 0


def request(route: str, method: str, status: int, seconds: float) -> None:
    """Count one request."""
    _of(route, method if method in METHODS else "other", status // 100).observe(seconds)


def kept(hit: str, times: int = 1) -> None:
    """Count looks for a kept page: `hit`, `miss` or whatever else the keeper tells apart."""
    _kept_as(hit).inc(times)


def connections(count: int) -> None:
    """How many connections this process's pool has lent out. Written down when it changes: most requests leave 0."""
    global _lent_out
    if count != _lent_out:
        _lent_out = count
        _connections.set(count)


def text(*more: Collector) -> bytes:
    """Everything in Prometheus's text format; `more` are collectors asked now."""
    registry = CollectorRegistry()
    folder = os.environ.get(FOLDER)
    if folder:
        _forget_dead(folder)
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]
    for collector in more:
        registry.register(collector)
    return (b"" if folder else generate_latest(_own)) + generate_latest(registry)


def processes() -> list[int]:
    """The processes that count here and are alive."""
    folder = os.environ.get(FOLDER)
    return sorted(pid for pid in _pids(folder) if _is_alive(pid)) if folder else [os.getpid()]


@cache
def _of(route: str, method: str, hundreds: int) -> Histogram:
    """Looking labels up each time costs as much as the counting."""
    return _requests.labels(route, method, f"{hundreds}xx")


@cache
def _kept_as(hit: str) -> Counter:
    return _kept.labels(hit)


def _forget_dead(folder: str) -> None:
    """Counts of a dead process stay true; what it held does not."""
    for pid in _pids(folder):
        if not _is_alive(pid):
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def _pids(folder: str) -> set[int]:
    return {int(found[1]) for file in Path(folder).glob("*.db") if (found := re.search(r"_(\d+)\.db$", file.name))}


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
