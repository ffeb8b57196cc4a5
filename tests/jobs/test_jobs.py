from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.db import db
from portal.jobs import enqueue, handler
from portal.jobs.actions import HANDLERS, MOST_ATTEMPTS, lease
from portal.jobs.models import Job
from portal.jobs.worker import work_one

AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)


@pytest.fixture
def done(session: object) -> Iterator[list[Any]]:
    """What the handler `test.note` was called with; it fails when asked to."""
    calls: list[Any] = []

    @handler("test.note")
    def note(payload: dict[str, Any]) -> None:
        calls.append(payload["what"])
        if payload["what"] == "poison":
            raise RuntimeError("as asked")

    yield calls
    del HANDLERS["test.note"]


def ask(what: str, key: str | None = None) -> int:
    job = enqueue("test.note", {"what": what}, at=AT, key=key)
    db.session.commit()
    return job.id


def job(job_id: int) -> Job:
    found = db.session.get(Job, job_id, populate_existing=True)
    assert found is not None
    return found


def test_a_job_is_done_once(done: list[Any]) -> None:
    job_id = ask("greet")
    with clock.frozen(AT):
        assert work_one()
        assert not work_one()
    assert done == ["greet"]
    assert job(job_id).status == "done"


def test_what_is_rolled_back_was_never_asked(done: list[Any]) -> None:
    enqueue("test.note", {"what": "never"}, at=AT)
    db.session.rollback()
    with clock.frozen(AT):
        assert not work_one()


def test_the_same_key_asks_once(done: list[Any]) -> None:
    assert ask("greet", key="import:7") == ask("greet", key="import:7")
    with clock.frozen(AT):
        while work_one():
            pass
    assert done == ["greet"]


def test_a_failed_job_is_tried_again_later_and_later(done: list[Any]) -> None:
    job_id = ask("poison")
    with clock.frozen(AT):
        assert work_one()
        assert not work_one()
    assert timedelta(seconds=5) <= job(job_id).run_after - AT <= timedelta(seconds=6.25)


def test_a_job_that_always_fails_is_set_aside(done: list[Any]) -> None:
    job_id = ask("poison")
    moment = AT
    for _ in range(MOST_ATTEMPTS + 3):
        with clock.frozen(moment):
            work_one()
        moment += timedelta(hours=2)
    assert len(done) == MOST_ATTEMPTS
    assert job(job_id).status == "failed"


def test_a_job_whose_worker_died_is_taken_by_another(done: list[Any]) -> None:
    job_id = ask("greet")
    assert lease(at=AT) is not None
    db.session.commit()
    with clock.frozen(AT + timedelta(minutes=1)):
        assert not work_one()
    with clock.frozen(AT + timedelta(minutes=3)):
        assert work_one()
    assert (done, job(job_id).attempts) == (["greet"], 2)


def test_a_job_that_kills_its_workers_is_set_aside(done: list[Any]) -> None:
    job_id = ask("greet")
    for hour in range(MOST_ATTEMPTS + 2):
        lease(at=AT + timedelta(hours=hour))
        db.session.commit()
    assert job(job_id).status == "failed"
    assert job(job_id).attempts == MOST_ATTEMPTS
