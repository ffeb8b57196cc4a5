"""What `portal check` prints."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import click
from sqlalchemy import func, select

from portal.cli.application import application
from portal.db import db
from portal.invariants import INVARIANTS, Result, look_at, run_all
from portal.log.models import Leaf

MANY = 50_000
"""Facts in the public log from which on it pays to look with all processors."""

SLOW = ("log.leaves say what their facts say", "ledger.trace computed anew")
"""They take half of the time, so they are begun first."""


def say_results() -> bool:
    """A line for each invariant as soon as it is known, and its problems. Whether all hold."""
    unsound = 0
    for result in _results():
        _say(result)
        unsound += not result.holds
    return not unsound


def say_as_json() -> bool:
    """All invariants as JSON. Whether all hold."""
    results = list(_results())
    rows = [{"name": r.name, "count": r.count, "problems": list(r.problems), "seconds": r.seconds} for r in results]
    click.echo(json.dumps(rows, ensure_ascii=False))
    return all(result.holds for result in results)


def _results() -> Iterator[Result]:
    """In the order of their names. Over many facts each processor looks at some: a start of its own takes a second."""
    facts = db.session.scalar(select(func.max(Leaf.idx))) or 0
    return _by_processes() if facts > MANY else run_all(db.session())


def _by_processes() -> Iterator[Result]:
    db.session.rollback()
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=_make_ready) as pool:
        first_the_slow = sorted(INVARIANTS, key=lambda name: (name not in SLOW, name))
        looks = {name: pool.submit(_look_at, name) for name in first_the_slow}
        for name in sorted(looks):
            yield looks[name].result()


def _make_ready() -> None:
    """A process of its own has an application of its own, for as long as it lives."""
    application().app_context().push()


def _look_at(name: str) -> Result:
    # Whoever only reads waits for no turn at SQLite's lock.
    db.session.info["read_only"] = True
    try:
        return look_at(name, db.session())
    finally:
        db.session.rollback()


def _say(result: Result) -> None:
    click.echo(f"{'ok  ' if result.holds else 'FAIL'} {result.name}: {result.count:,}")
    for problem in result.problems:
        click.echo(f"     {problem}")
