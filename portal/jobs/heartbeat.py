"""A worker that lives says so every few seconds, from a thread of its own: also in the middle of a long chunk."""

import os
import socket
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.db import db, throw_away
from portal.jobs.models import Worker

BEAT = 15.0
"""Seconds between two signs of life. On SQLite each takes the write lock for a moment."""

SILENT = timedelta(minutes=1)
"""After so long without a sign a worker counts as gone."""


def own_name() -> str:
    """This process among workers, on whatever machine."""
    return f"{socket.gethostname()}-{os.getpid()}"


def dead_here(names: Iterable[str]) -> list[str]:
    """Which of these workers were processes of this machine and are no more."""
    mine = f"{socket.gethostname()}-"
    return [name for name in names if name.startswith(mine) and not _is_alive(name.removeprefix(mine))]


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


class Heartbeat:
    """Begins with `start`, ends with `stop`. A database that is away costs beats, nothing else."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._ended = threading.Event()
        self._started_at = clock.now()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> "Heartbeat":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._ended.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        with self._app.app_context():
            while True:
                self._beat()
                if self._ended.wait(BEAT):
                    break
            self._beat(stopped=True)

    def _beat(self, *, stopped: bool = False) -> None:
        try:
            sign_of_life(own_name(), since=self._started_at, stopped=stopped)
            db.session.commit()
        except (SQLAlchemyError, OSError):
            throw_away()


def sign_of_life(name: str, *, since: datetime, stopped: bool = False) -> None:
    """Write down that this worker lives, or that it has stopped in good order."""
    now = clock.now()
    worker = db.session.scalar(select(Worker).where(Worker.name == name))
    if worker is None:
        worker = Worker(name=name)
        db.session.add(worker)
    worker.started_at, worker.seen_at, worker.stopped_at = since, now, now if stopped else None
