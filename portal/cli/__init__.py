"""The command line: the same actions as the pages, for people who run the portal.

Exit codes: 0 done, 1 refused or a problem found (a sentence on stderr), 2 wrong usage.
"""

import os

import click

from portal import migrating
from portal.cli import (
    backup,
    exporting,
    jobs,
    keys,
    lists,
    log,
    organisations,
    people,
    receipts,
    rosters,
    set_up,
    verifying,
)
from portal.cli.application import application, plainly, with_app
from portal.cli.checking import say_as_json, say_results
from portal.db import analyze
from portal.ledger.trace_replay import trace_existing
from portal.log.existing import enter_existing


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """爱心联盟: the portal of a community's volunteers and charity funds."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--renderers", default=2, show_default=True, type=click.IntRange(1, 64), help="Who draw documents.")
@click.option("--no-jobs", is_flag=True, help="Start no job worker beside the server.")
def serve(host: str, port: int, workers: int, renderers: int, no_jobs: bool) -> None:
    """Serve the portal, with one job worker unless told not to, and a rendering service for documents."""
    from portal.cli import serving

    os.environ.setdefault("PORTAL_BASE_URL", f"http://{host}:{port}")
    with serving.metrics_folder():
        app = application()
        with app.app_context(), plainly():
            serving.require_current_tables()
            set_up.say_token_if_empty()
        settings = app.extensions["portal_settings"]
        serving.require_key_file(settings)
        serving.serve(
            host,
            port,
            instance=settings.instance,
            workers=workers,
            renderers=renderers,
            with_jobs=not no_jobs,
            log_kind=settings.log,
        )


@main.command()
@with_app
def migrate() -> None:
    """Bring the database to this version's tables; trace old entries to their sources, enter old facts into the log."""
    migrating.upgrade()
    trace_existing()
    enter_existing()
    analyze()


@main.command()
@click.option("--scale", type=click.Choice(["small", "full"]), default="small", show_default=True)
@click.option("--seed", default=919, show_default=True, help="The same seed makes the same data.")
@click.option("--reset", is_flag=True, help="Throw away what the database holds. Never in production.")
@click.option("--if-empty", is_flag=True, help="Do nothing, and say so, when there is data already.")
@with_app
def demo(scale: str, seed: int, reset: bool, if_empty: bool) -> None:
    """Migrate, then fill an empty database with invented people, activities and gifts."""
    from portal import demo as demonstration

    demonstration.make(seed=seed, reset=reset, if_empty=if_empty, say=click.echo, scale=demonstration.SCALES[scale])


@main.command()
@click.option("--json", "as_json", is_flag=True)
@with_app
def check(as_json: bool) -> None:
    """Recompute every invariant; a line a check with its count; exit 1 when one fails."""
    if not (say_as_json() if as_json else say_results()):
        raise SystemExit(1)


main.add_command(jobs.jobs)
lists.import_.add_command(organisations.organisations)
main.add_command(lists.import_)
main.add_command(lists.confirm)
main.add_command(log.log)
exporting.add_to(rosters.export)
main.add_command(rosters.export)
main.add_command(receipts.receipts)
main.add_command(verifying.verify)
main.add_command(backup.backup)
main.add_command(backup.restore)
main.add_command(keys.keys)
main.add_command(people.user)
main.add_command(people.grant)
main.add_command(set_up.set_up)
main.add_command(set_up.set_up_token)
