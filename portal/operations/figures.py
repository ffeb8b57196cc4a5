"""Figures read when Prometheus asks: jobs, the oldest that waits, workers, memory of the server's processes."""

import os
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.db import throw_away
from portal.documents.client import standing
from portal.operations.queries import count_by_state, is_alive, waits_since, workers_seen
from portal.web import metrics

PAGE = os.sysconf("SC_PAGE_SIZE")


class Figures(Collector):
    """Without a database its figures are left out, and `portal_database_up` is 0."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand: the registry would otherwise ask for the figures twice."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield _memory()
        yield from _of_documents()
        try:
            yield from list(_of_jobs())
            up = 1
        except (SQLAlchemyError, OSError):
            throw_away()
            up = 0
        yield GaugeMetricFamily("portal_database_up", "Whether the database answered.", value=up)


def _of_jobs() -> Iterator[Metric]:
    now = clock.now()
    jobs = GaugeMetricFamily("portal_jobs", "Background jobs remembered, by state.", labels=["state"])
    for state, count in count_by_state().items():
        jobs.add_metric([state], count)
    yield jobs
    since = waits_since()
    waited = max(0.0, (now - since).total_seconds()) if since else 0.0
    yield GaugeMetricFamily("portal_jobs_oldest_seconds", "How long the oldest due job has waited.", value=waited)
    alive = sum(is_alive(worker, at=now) for worker in workers_seen(at=now))
    yield GaugeMetricFamily("portal_job_workers", "Job workers that gave a sign of life within a minute.", value=alive)


def _of_documents() -> Iterator[Metric]:
    """Nothing where each process draws for itself, or while the service is away."""
    if service := standing():
        yield GaugeMetricFamily("portal_documents_waiting", "Documents that wait for a turn.", value=service.waiting)
        yield GaugeMetricFamily("portal_documents_drawing", "Documents being drawn.", value=service.drawing)


def _memory() -> Metric:
    resident = GaugeMetricFamily(
        "portal_process_resident_bytes", "Memory of each process of this server.", labels=["process"]
    )
    for pid in metrics.processes():
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            continue
        resident.add_metric([str(pid)], pages * PAGE)
    return resident
