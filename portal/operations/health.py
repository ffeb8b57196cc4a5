"""Whether this portal can do its work: asked by machines, each part answered by itself."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal import clock, migrating
from portal.db import db, throw_away
from portal.faults import fault_of
from portal.operations.queries import is_any_alive
from portal.settings import Settings

LEAST_FREE = 200 * 1024 * 1024
"""Bytes that must be free where database and uploads lie: the longest list and its booking fit."""


class Part(NamedTuple):
    """One thing looked at. `about` holds figures for whoever looks closer."""

    is_ok: bool
    about: dict[str, Any]


def parts(settings: Settings) -> dict[str, Part]:
    """Every part, in the order in which they rest on each other."""
    found = {"database": _looked(_database), "disk": _looked(lambda: _disk(settings))}
    for name, look in (("tables", _tables), ("worker", _worker)):
        # A database that does not answer is waited for once, not three times.
        found[name] = _looked(look) if found["database"].is_ok else Part(False, {"problem": "database"})
    return found


def _looked(look: Callable[[], Part]) -> Part:
    try:
        return look()
    except (SQLAlchemyError, OSError) as error:
        throw_away()
        fault = fault_of(error)
        return Part(False, {"problem": fault.value if fault else type(error).__name__})


def _database() -> Part:
    began = time.perf_counter()
    name = db.session.get_bind().dialect.name
    in_recovery = db.session.scalar(text("SELECT pg_is_in_recovery()" if name == "postgresql" else "SELECT 0"))
    about = {"engine": name, "ms": round((time.perf_counter() - began) * 1000, 1)}
    return Part(not in_recovery, about | ({"problem": "read_only"} if in_recovery else {}))


def _tables() -> Part:
    return Part(migrating.is_current(), {"version": migrating.newest()})


def _worker() -> Part:
    lives = is_any_alive(at=clock.now())
    return Part(lives, {} if lives else {"problem": "no worker has been seen for a minute"})


def _disk(settings: Settings) -> Part:
    folders = {str(_existing(folder)) for folder in (settings.instance, settings.files)}
    free = min(shutil.disk_usage(folder).free for folder in folders)
    about: dict[str, Any] = {"free_mb": free // (1024 * 1024)}
    if not all(os.access(folder, os.W_OK) for folder in folders):
        return Part(False, about | {"problem": "read_only"})
    return Part(free >= LEAST_FREE, about | ({} if free >= LEAST_FREE else {"problem": "full"}))


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there already."""
    return next(place for place in (folder, *folder.parents) if place.exists())
