"""The command line: the same actions as the pages, for people who run the portal.

Exit codes: 0 done, 1 refused or a problem found (a sentence on stderr), 2 wrong usage.
"""

import json
import os

import click
from flask_migrate import upgrade

from portal.cli import lists
from portal.cli.application import application, with_app
from portal.db import db


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """爱心联盟: the portal of a community's volunteers and charity funds."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--no-jobs", is_flag=True, help="Start no job worker beside the server.")
def serve(host: str, port: int, workers: int, no_jobs: bool) -> None:
    """Serve the portal, with one job worker unless told not to."""
    from portal.cli import serving

    os.environ.setdefault("PORTAL_BASE_URL", f"http://{host}:{port}")
    with application().app_context():
        serving.require_current_tables()
    serving.serve(host, port, workers=workers, with_jobs=not no_jobs)


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

    results = []
    for result in run_all(db.session()):
        results.append(result)
        if not as_json:
            click.echo(f"{'ok  ' if result.holds else 'FAIL'} {result.name}: {result.count:,}")
            for problem in result.problems:
                click.echo(f"     {problem}")
    if as_json:
        rows = [{"name": r.name, "count": r.count, "problems": list(r.problems)} for r in results]
        click.echo(json.dumps(rows, ensure_ascii=False))
    if not all(result.holds for result in results):
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


main.add_command(lists.import_)
main.add_command(lists.confirm)
