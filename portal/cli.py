"""The command line: the same actions as the pages, for people who run the portal.

Exit codes: 0 done, 1 refused or a problem found (a sentence on stderr), 2 wrong usage.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from flask import Flask
from flask_migrate import upgrade

from portal import create_app
from portal.db import db
from portal.problems import DomainError
from portal.rooms import tables
from portal.settings import SettingsError

P = ParamSpec("P")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """爱心联盟: the portal of a community's volunteers and charity funds."""


def with_app(command: Callable[P, None]) -> Callable[P, None]:
    """Run a command inside the application; what a rule refuses becomes a sentence and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with _app().app_context():
            try:
                command(*args, **kwargs)
            except DomainError as problem:
                db.session.rollback()
                raise click.ClickException(str(problem.sentence)) from problem

    return wrapped


def _app() -> Flask:
    try:
        app = create_app()
    except SettingsError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    tables()
    return app


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-jobs", is_flag=True, help="Start no job worker beside the server.")
def serve(host: str, port: int, workers: int, no_jobs: bool) -> None:
    """Serve the portal, with one job worker unless told not to."""
    from granian import Granian
    from granian.constants import Interfaces

    os.environ.setdefault("PORTAL_BASE_URL", f"http://{host}:{port}")
    _app()
    worker = None if no_jobs else subprocess.Popen([sys.executable, "-m", "portal.cli", "jobs", "work"])
    server = Granian(
        "portal.wsgi:app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=1,
        log_access=False,
    )
    try:
        server.serve()
    finally:
        if worker is not None:
            worker.send_signal(signal.SIGTERM)
            worker.wait(timeout=30)


@main.command()
@with_app
def migrate() -> None:
    """Bring the database to this version's tables."""
    upgrade()


@main.command()
@click.option("--scale", type=click.Choice(["small"]), default="small", show_default=True)
@click.option("--seed", default=919, show_default=True, help="The same seed makes the same data.")
@click.option("--reset", is_flag=True, help="Throw away what the database holds. Never in production.")
@click.option("--if-empty", is_flag=True, help="Do nothing, and say so, when there is data already.")
@with_app
def demo(scale: str, seed: int, reset: bool, if_empty: bool) -> None:
    """Migrate, then fill an empty database with invented people, activities and gifts."""
    from portal import demo as demonstration

    demonstration.make(seed=seed, reset=reset, if_empty=if_empty, say=click.echo)


@main.command()
@click.option("--json", "as_json", is_flag=True)
@with_app
def check(as_json: bool) -> None:
    """Recompute every invariant; a line a check with its count; exit 1 when one fails."""
    from portal.invariants import run_all

    results = list(run_all())
    if as_json:
        click.echo(json.dumps([result.as_dict() for result in results], ensure_ascii=False))
    else:
        for result in results:
            click.echo(result.line())
    if any(result.problems for result in results):
        raise SystemExit(1)


@main.group()
def jobs() -> None:
    """Background work."""


@jobs.command()
@click.option("--once", is_flag=True, help="Do what is due and stop.")
@with_app
def work(once: bool) -> None:
    """Do jobs as they fall due."""
    from portal.jobs.worker import work as keep_working

    done = keep_working(once=once)
    click.echo(f"{done} jobs done")


@main.group("import")
def import_() -> None:
    """Bring lists in."""


if __name__ == "__main__":
    main()
