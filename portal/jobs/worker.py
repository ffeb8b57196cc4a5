"""The worker's loop: lease, do, finish; what fails is tried again, what is below us and away is waited for."""

import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from flask import current_app
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal import clock, logbook
from portal.db import db, throw_away
from portal.faults import fault_of
from portal.jobs.actions import (
    STOPPING,
    Lease,
    ask_for_daily,
    enqueue,
    fail,
    finish,
    hand_back,
    holding,
    lease,
    let_go_of,
    put_back,
    refuse,
)
from portal.jobs.handlers import DAILY, HANDLERS, WHENEVER
from portal.jobs.heartbeat import Heartbeat, dead_here, own_name
from portal.jobs.problems import UNKNOWN, Away, Interrupted, LeaseLost, kind_of
from portal.jobs.queries import is_anything_due, is_asked, workers_with_leases
from portal.problems import DomainError

IDLE = 0.5
"""Seconds between two looks when nothing is due."""

LONGEST_WAIT = 30.0
"""Seconds between two tries to reach a database that is away."""

Ending = Callable[..., None]
log = logging.getLogger(__name__)


def work(*, once: bool = False) -> int:
    """Do due jobs until asked to stop (or, with `once`, until none is due). Returns how many were done."""
    if threading.current_thread() is threading.main_thread():
        for wish in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wish, lambda *_: STOPPING.set())
    if once:
        return _work_once()
    heartbeat = Heartbeat(current_app._get_current_object()).start()  # type: ignore[attr-defined]
    try:
        return _work_on()
    finally:
        heartbeat.stop()


def stop_when_input_ends() -> None:
    """A worker beside a server does not outlive it, however the server ended: its input is the server's."""

    def wait() -> None:
        with suppress(OSError):
            while os.read(0, 1024):
                pass
        STOPPING.set()

    threading.Thread(target=wait, name="input", daemon=True).start()


def work_one(patience: "Patience | None" = None) -> bool:
    """Do the next due job. False when there is none."""
    # Asked without the write lock: most looks find nothing.
    if not is_anything_due(at=clock.now()):
        return False
    held = lease(at=clock.now(), worker=own_name())
    db.session.commit()
    if held is None:
        return False
    with logbook.during(request_id=held.request_id, job_id=held.job_id):
        _do(held, patience)
    return True


class Patience:
    """How a worker waits for a database or disk: longer each time, one line at the beginning and one at the end."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._tries = 0

    def wait(self, error: BaseException) -> None:
        """Say so, once, and wait; returns early when asked to stop. Raises the error when it will not pass."""
        fault = fault_of(error)
        if fault is None:
            raise error
        if self._since is None:
            self._since = time.monotonic()
            log.warning("the database or the disk is %s; waiting for it", fault.value)
        seconds = min(LONGEST_WAIT, 2.0**self._tries) * random.uniform(0.75, 1)  # noqa: S311 - no secret
        self._tries += 1
        STOPPING.wait(seconds)

    def over(self) -> None:
        """It answered."""
        if self._since is not None:
            log.warning("the database is back after %d s", time.monotonic() - self._since)
        self._since, self._tries = None, 0


def _work_once() -> int:
    count = 0
    while not STOPPING.is_set() and work_one():
        count += 1
    return count


def _work_on() -> int:
    count, patience, asked_for = 0, Patience(), None
    while not STOPPING.is_set():
        try:
            today = clock.today()
            if asked_for != today:
                _bury_the_dead()
                _ask_for_daily()
                asked_for = today
            did = work_one(patience)
            patience.over()
            count += did
            if not did and not _ask_for_wanted():
                STOPPING.wait(IDLE)
        except (SQLAlchemyError, OSError) as error:
            throw_away()
            patience.wait(error)
    return count


def _bury_the_dead() -> None:
    """Whoever held a job on this machine and is gone, as after kill -9: a new worker goes on with it at once."""
    if dead := dead_here(workers_with_leases()):
        let_go_of(dead, at=clock.now())
        db.session.commit()


def _ask_for_daily() -> None:
    at = clock.now()
    if all(is_asked(f"{name}:{at.date()}") for name in DAILY):
        return
    try:
        ask_for_daily(at=at)
        db.session.commit()
    except IntegrityError:
        # Another worker was quicker.
        db.session.rollback()


def _ask_for_wanted() -> bool:
    """Ask for what nobody asks for by name, because something waits for it. False when nothing does."""
    wanted = [name for name, is_wanted in WHENEVER.items() if is_wanted()]
    for name in wanted:
        enqueue(name, {}, at=clock.now())
    db.session.commit()
    return bool(wanted)


def _do(held: Lease, patience: Patience | None) -> None:
    began = time.perf_counter()
    with holding(held):
        ending = _outcome(held)
    if ending is not None:
        _write_down(ending, patience)
    about = {"job": held.name, "take": held.take, "ms": round((time.perf_counter() - began) * 1000)}
    log.info("job done" if ending is None else "job not done", extra={"about": about})


def _outcome(held: Lease) -> Ending | None:
    """Do it. None when it is done, otherwise how its lease is to be ended."""
    function = HANDLERS.get(held.name)
    if function is None:
        log.warning("no handler for %s in this version", held.name)
        return partial(put_back, held, UNKNOWN)
    try:
        function({**held.payload, "job_id": held.job_id})
        finish(held, at=clock.now())
        db.session.commit()
    except Exception as error:
        throw_away() if fault_of(error) else db.session.rollback()
        return _verdict(held, error)
    return None


def _verdict(held: Lease, error: Exception) -> Ending:
    kind = kind_of(error)
    if isinstance(error, LeaseLost):
        return _nothing
    if isinstance(error, Interrupted):
        return partial(hand_back, held, kind)
    if isinstance(error, DomainError):
        return partial(refuse, held, kind)
    if isinstance(error, Away) or fault_of(error):
        log.warning("job put back: %s", kind)
        return partial(put_back, held, kind)
    log.exception("job failed")
    return partial(fail, held, kind)


def _write_down(ending: Ending, patience: Patience | None) -> None:
    """End the lease. Without a database the worker keeps the word until it can be written, or until it must stop."""
    while True:
        try:
            ending(at=clock.now())
            db.session.commit()
            return
        except LeaseLost:
            db.session.rollback()
            log.warning("another worker has the job by now")
            return
        except (SQLAlchemyError, OSError) as error:
            throw_away()
            if patience is None or STOPPING.is_set():
                raise
            patience.wait(error)


def _nothing(*, at: datetime) -> None:
    """The lease is another's: nothing to write."""
    raise LeaseLost
