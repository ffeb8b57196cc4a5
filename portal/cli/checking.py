"""What `portal check` prints."""

import json
from collections.abc import Iterator

import click

from portal.db import db
from portal.invariants import Result, run_all


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
    return run_all(db.session())


def _say(result: Result) -> None:
    click.echo(f"{'ok  ' if result.holds else 'FAIL'} {result.name}: {result.count:,}")
    for problem in result.problems:
        click.echo(f"     {problem}")
