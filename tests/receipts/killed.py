"""A portal whose job worker is killed with -9 at random moments, while volunteers log their hours by HTTP."""

import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Union

from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.db import db, reading
from portal.jobs.models import Job
from tests import commands
from tests.applications import clean_environment, environment
from tests.commands import Command
from tests.engines import Engine
from tests.faults.visitor import Busy, Visitor, hours_form
from tests.live import ROOT, free_port

DEADLINE = 120.0
Process = Union["subprocess.Popen[bytes]", Command]


@dataclass
class Place:
    """The portal's processes on one database; `app` is the same portal in this process, to look at what they did."""

    app: Flask
    engine: Engine
    folder: Path
    chance: random.Random
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = clean_environment() | environment(self.engine, self.folder)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The web server, without a job worker. Gives its address."""
        port = free_port()
        few = ("--no-jobs", "--workers", "1", "--renderers", "1")
        command = [sys.executable, "-m", "portal", "serve", *few, "--port", str(port)]

        def server(log: IO[bytes]) -> Process:
            return subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

        with self._running(server) as served:
            visitor, deadline = Visitor(f"http://127.0.0.1:{port}"), time.monotonic() + DEADLINE
            while not visitor.once("GET", "/login")[0]:
                assert served.poll() is None, (self.folder / "processes.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"

    def _worker(self, log: IO[bytes]) -> Process:
        return Command("jobs", "work", env=self.environment, stdout=log, stderr=log)

    @contextmanager
    def _running(self, start: Callable[[IO[bytes]], Process]) -> Iterator[Process]:
        with (self.folder / "processes.log").open("ab") as log:
            process = start(log)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(DEADLINE)

    def kill_workers(self, job: str, *, times: int, within: float) -> None:
        """Let workers begin the job and kill each after a random while, in the midst of its work."""
        killed = 0
        while killed < times:
            assert not self.is_done(job), "the list is too short to be killed so often"
            with self._running(self._worker) as worker:
                self._wait_until(lambda: self._status(job) == "leased")
                time.sleep(self.chance.uniform(0, within))
                worker.send_signal(signal.SIGKILL)
                worker.wait(DEADLINE)
            killed += not self.is_done(job)
            self._let_leases_run_out()

    def work_to_the_end(self, job: str) -> float:
        """A worker that nobody kills. Gives the seconds it took."""
        began = time.monotonic()
        with self._running(self._worker):
            self._wait_until(lambda: self.is_done(job))
        return time.monotonic() - began

    def check(self) -> str:
        """What `portal check` says; raises CalledProcessError where something is wrong."""
        done = commands.run("check", env=self.environment)
        done.check_returncode()
        return done.stdout

    def is_done(self, job: str) -> bool:
        return self._status(job) == "done"

    def _status(self, job: str) -> str | None:
        """Of the newest job of this name, asked without a turn to write."""
        newest = select(Job.status).where(Job.name == job).order_by(Job.id.desc()).limit(1)
        with self.app.app_context(), reading() as session:
            return session.scalar(newest)

    def _let_leases_run_out(self) -> None:
        """Two minutes go by."""
        with self.app.app_context():
            past = clock.now() - timedelta(seconds=1)
            db.session.execute(update(Job).where(Job.status == "leased").values(leased_until=past))
            db.session.commit()

    def _wait_until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + DEADLINE
        while not is_so():
            assert time.monotonic() < deadline, (self.folder / "processes.log").read_text()[-4000:]
            time.sleep(0.02)


class Logger(Busy):
    """A volunteer who logs the hours of one activity after the other; `waits` are the seconds each answer took."""

    def __init__(self, visitor: Visitor, activities: tuple[int, ...], day: str) -> None:
        super().__init__(visitor)
        self._left, self._day = list(activities), day
        self.logged = 0
        self.waits: list[float] = []

    def go_on(self) -> bool:
        activity = self._left.pop()
        form = hours_form(self.visitor, activity, self._day, key=f"hours-{id(self)}-{activity}")
        began = time.monotonic()
        status, body = self.visitor.once("POST", "/hours/new", form)
        self.waits.append(time.monotonic() - began)
        assert status == 303, (status, re.sub(r"<[^>]+>", "", body)[:1000])
        self.logged += 1
        time.sleep(0.05)
        return bool(self._left)
