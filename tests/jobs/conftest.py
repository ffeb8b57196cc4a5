"""Work for tests: a handler that does what its payload says."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from portal.clock import CHINA
from portal.db import db
from portal.jobs import enqueue, handler
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job

AT = datetime(2026, 3, 2, 9, tzinfo=CHINA)
NAME = "test.do"

Deed = Callable[[dict[str, Any]], None]


class Work:
    """What the handler does next; `calls` are the payloads it was called with."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.deed: Deed = lambda payload: None

    def __call__(self, payload: dict[str, Any]) -> None:
        self.calls.append(payload)
        self.deed(payload)

    def ask(self, **payload: Any) -> int:
        job = enqueue(NAME, payload, at=AT)
        db.session.commit()
        return job.id


@pytest.fixture
def work(session: object) -> Iterator[Work]:
    """Work that jobs called `test.do` do."""
    made = Work()
    handler(NAME)(made)
    yield made
    del HANDLERS[NAME]


def job_now(job_id: int) -> Job:
    """The job as the database has it."""
    found = db.session.get(Job, job_id, populate_existing=True)
    assert found is not None
    return found
