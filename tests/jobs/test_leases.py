"""Who holds a job, for how long, and what an end of any kind makes of it."""

import errno
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from socket import gethostname
from typing import Any

import pytest
from sqlalchemy import Integer, bindparam, select, update
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.db import db
from portal.jobs import actions
from portal.jobs.actions import (
    HELD,
    LEASE,
    MOST_ATTEMPTS,
    MOST_FAULTS,
    STOPPING,
    Lease,
    breathe,
    drop,
    fail,
    finish,
    hand_back,
    holding,
    keep_lease,
    lease,
    let_go_of,
    put_back,
    refuse,
    try_again,
    try_all_again,
    try_job_again,
)
from portal.jobs.heartbeat import dead_here, own_name
from portal.jobs.models import Attempt, Job
from portal.jobs.problems import Interrupted, LeaseLost
from portal.jobs.queries import is_anything_due, workers_with_leases
from portal.jobs.worker import work_one
from portal.problems import DomainError
from portal.words import _l
from tests.jobs.conftest import AT, Work, job_now

HOUR = timedelta(hours=1)
ENDINGS: list[Callable[..., None]] = [
    finish,
    lambda held, *, at: fail(held, "E", at=at),
    lambda held, *, at: put_back(held, "E", at=at),
]


def taken(at: datetime, worker: str = "a") -> Lease:
    held = lease(at=at, worker=worker)
    assert held is not None
    db.session.commit()
    return held


def history(job_id: int) -> list[tuple[int, str, str | None]]:
    attempts = db.session.scalars(select(Attempt).where(Attempt.job_id == job_id).order_by(Attempt.number))
    return [(attempt.number, attempt.outcome, attempt.error) for attempt in attempts]


def disk_full() -> OperationalError:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = 13
    return OperationalError("COMMIT", None, full)


# ── two workers ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("ending", [*ENDINGS, lambda held, *, at: keep_lease(held.job_id, at=at)])
def test_a_worker_whose_lease_was_taken_over_changes_nothing(work: Work, ending: Any) -> None:
    job_id = work.ask()
    first = taken(AT, "first")
    second = taken(AT + HOUR, "second")
    with pytest.raises(LeaseLost), holding(first):
        ending(first, at=AT + HOUR)
    db.session.rollback()
    finish(second, at=AT + HOUR)
    db.session.commit()
    for late in ENDINGS:
        with pytest.raises(LeaseLost):
            late(first, at=AT + 2 * HOUR)
        db.session.rollback()
    assert (job_now(job_id).status, job_now(job_id).worker) == ("done", "second")
    assert history(job_id) == [(1, "lost", "lost"), (2, "done", None)]


def test_without_the_fence_a_late_worker_undoes_what_was_done(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    anybody = update(Job).where(Job.id == bindparam("job"), bindparam("take", type_=Integer) > 0).returning(Job.id)
    monkeypatch.setattr(actions, "_HELD", anybody)
    job_id = work.ask()
    first, second = taken(AT), taken(AT + HOUR)
    finish(second, at=AT + HOUR)
    fail(first, "E", at=AT + HOUR)
    db.session.commit()
    assert job_now(job_id).status == "waiting"


def test_a_chunk_of_a_worker_that_lost_its_lease_is_not_kept(work: Work) -> None:
    def slow(payload: dict[str, Any]) -> None:
        taken(AT + HOUR, "second")
        db.session.add(Attempt(job_id=payload["job_id"], number=99, worker="chunk", started_at=AT))
        keep_lease(payload["job_id"], at=AT + HOUR)
        db.session.commit()

    work.deed = slow
    job_id = work.ask()
    with clock.frozen(AT):
        assert work_one()
    assert (job_now(job_id).status, job_now(job_id).takes) == ("leased", 2)
    assert db.session.scalar(select(Attempt.id).where(Attempt.worker == "chunk")) is None


def test_two_workers_at_once_hold_two_jobs(work: Work) -> None:
    work.ask()
    work.ask()
    assert taken(AT).job_id != taken(AT).job_id
    assert lease(at=AT) is None


# ── ends ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_worker_dead_for_an_hour_loses_nothing(work: Work) -> None:
    jobs = [work.ask(number=number) for number in range(3)]
    taken(AT, "dead")
    with clock.frozen(AT + HOUR):
        while work_one():
            pass
    assert sorted(call["number"] for call in work.calls) == [0, 1, 2]
    assert {job_now(job_id).status for job_id in jobs} == {"done"}


def test_what_a_killed_process_of_this_machine_held_is_free_at_once(work: Work) -> None:
    work.ask()
    ended = subprocess.Popen(["true"])
    ended.wait()
    held = taken(AT, f"{gethostname()}-{ended.pid}")
    assert dead_here(workers_with_leases()) == [f"{gethostname()}-{ended.pid}"]
    let_go_of(dead_here(workers_with_leases()), at=AT)
    db.session.commit()
    assert taken(AT, own_name()).take == held.take + 1
    assert dead_here([own_name(), "another-machine-1"]) == []


def test_a_job_that_gets_on_outlives_any_number_of_its_workers(work: Work) -> None:
    job_id = work.ask()
    for death in range(2 * MOST_ATTEMPTS):
        at = AT + death * HOUR
        with holding(taken(at)):
            keep_lease(job_id, at=at, got_on=True)
            db.session.commit()
    assert job_now(job_id).status == "leased"


def test_a_lease_is_kept_until_it_runs_out(work: Work) -> None:
    work.ask()
    held = taken(AT)
    with holding(held):
        keep_lease(held.job_id, at=AT + timedelta(minutes=1))
    db.session.commit()
    assert not is_anything_due(at=AT + timedelta(minutes=1) + LEASE)
    assert is_anything_due(at=AT + timedelta(minutes=2) + LEASE)


def test_a_crash_is_told_by_kind_and_place_and_names_nobody(work: Work) -> None:
    def crash(_: dict[str, Any]) -> None:
        int("王建国")

    work.deed = crash
    job_id = work.ask()
    with clock.frozen(AT):
        work_one()
    [(_, outcome, error)] = history(job_id)
    assert outcome == "failed"
    assert error is not None
    assert error.startswith("ValueError jobs/worker.py:")
    assert "王建国" not in f"{error}{job_now(job_id).last_error}"


def test_a_rule_that_says_no_is_not_asked_again(work: Work) -> None:
    class TooLate(DomainError):
        pass

    def refused(_: dict[str, Any]) -> None:
        raise TooLate(_l("%(name)s 的名单已经撤回。", name="王建国"))

    work.deed = refused
    job_id = work.ask()
    with clock.frozen(AT):
        work_one()
    with clock.frozen(AT + 9 * HOUR):
        assert not work_one()
    assert len(work.calls) == 1
    assert (job_now(job_id).status, job_now(job_id).last_error) == ("failed", "TooLate: %(name)s 的名单已经撤回。")


@pytest.mark.parametrize("fault", [disk_full(), OSError(errno.EROFS, "read-only")])
def test_a_full_disk_counts_for_no_attempt(work: Work, fault: Exception) -> None:
    def broken(_: dict[str, Any]) -> None:
        raise fault

    work.deed = broken
    job_id = work.ask()
    moment = AT
    for _ in range(MOST_ATTEMPTS * 3):
        with clock.frozen(moment):
            assert work_one()
        moment += HOUR
    job = job_now(job_id)
    assert (job.status, job.attempts, job.faults) == ("waiting", 0, MOST_ATTEMPTS * 3)
    assert timedelta(seconds=300) <= job.run_after - (moment - HOUR) <= timedelta(seconds=375)
    work.deed = lambda payload: None
    with clock.frozen(moment):
        assert work_one()
    assert job_now(job_id).status == "done"


def test_a_fault_that_does_not_pass_is_set_aside_in_the_end(work: Work) -> None:
    job_id = work.ask()
    job_now(job_id).faults = MOST_FAULTS
    db.session.flush()
    put_back(taken(AT), "full", at=AT)
    assert (job_now(job_id).status, job_now(job_id).last_error) == ("failed", "full")


def test_work_unknown_to_this_version_waits_for_another(session: object) -> None:
    job_id = actions.enqueue("of.tomorrow", {}, at=AT).id
    db.session.commit()
    with clock.frozen(AT):
        assert work_one()
        assert not work_one()
    job = job_now(job_id)
    assert (job.status, job.attempts, job.last_error) == ("waiting", 0, "unknown")
    assert job.run_after > AT


def test_a_worker_asked_to_stop_finishes_its_chunk_and_hands_the_rest_back(work: Work) -> None:
    def chunks(payload: dict[str, Any]) -> None:
        for _ in range(9):
            done.append(1)
            db.session.commit()
            STOPPING.set()
            breathe()

    done: list[int] = []
    work.deed = chunks
    job_id = work.ask()
    try:
        with clock.frozen(AT):
            work_one()
    finally:
        STOPPING.clear()
    assert done == [1]
    job = job_now(job_id)
    assert (job.status, job.attempts, job.run_after) == ("waiting", 0, AT)
    assert history(job_id) == [(1, "put_back", "stopped")]


def test_outside_a_job_nobody_is_interrupted() -> None:
    STOPPING.set()
    try:
        breathe()
        with pytest.raises(Interrupted), holding(Lease(1, 1, 1, 0, "x", {}, None)):
            breathe()
    finally:
        STOPPING.clear()
    assert HELD.get() is None


def test_each_pause_is_longer_and_none_is_like_the_other(work: Work) -> None:
    pauses: list[timedelta] = []
    job_id, moment = work.ask(), AT
    for _ in range(MOST_ATTEMPTS - 1):
        fail(taken(moment), "E", at=moment)
        db.session.commit()
        pauses.append(job_now(job_id).run_after - moment)
        moment += HOUR
    for pause, least in zip(pauses, (5, 20, 80, 320), strict=True):
        assert timedelta(seconds=least) <= pause <= timedelta(seconds=least * 1.25)


# ── what people decide ──────────────────────────────────────────────────────────────────────────────
def test_what_was_set_aside_starts_anew_with_all_its_attempts(work: Work) -> None:
    job_id = work.ask()
    refuse(taken(AT), "E", at=AT)
    db.session.commit()
    assert try_job_again(job_id, at=AT + HOUR)
    assert not try_job_again(job_id, at=AT + HOUR)
    job = job_now(job_id)
    assert (job.status, job.attempts, job.takes, job.run_after) == ("waiting", 0, 1, AT + HOUR)
    assert taken(AT + HOUR).take == 2


def test_what_is_given_up_is_not_among_all_that_are_tried_again(work: Work) -> None:
    dropped, kept = work.ask(), work.ask()
    for _ in range(2):
        refuse(taken(AT), "E", at=AT)
    assert drop(dropped, at=AT)
    assert not drop(dropped, at=AT)
    assert list(try_all_again(at=AT)) == [kept]
    assert job_now(dropped).dropped_at == AT
    assert try_job_again(dropped, at=AT)
    assert job_now(dropped).dropped_at is None


def test_a_job_is_found_again_by_its_key(work: Work) -> None:
    actions.enqueue("test.do", {}, at=AT, key="import:7")
    assert not try_again("import:7", at=AT)
    refuse(taken(AT), "E", at=AT)
    assert try_again("import:7", at=AT)


def test_handing_back_counts_for_nothing(work: Work) -> None:
    job_id = work.ask()
    for _ in range(MOST_ATTEMPTS + 2):
        hand_back(taken(AT), "stopped", at=AT)
        db.session.commit()
    assert (job_now(job_id).status, job_now(job_id).attempts) == ("waiting", 0)
