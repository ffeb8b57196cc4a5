"""Background work from the command line."""

import click

from portal import clock
from portal.cli.application import person_called, with_app
from portal.db import db
from portal.jobs.handlers import name_of
from portal.operations.actions import NotSetAside, try_again, try_all_again
from portal.operations.pages import STATE_NAMES, why
from portal.operations.policy import can_operate
from portal.operations.queries import STATES, job_by_id, jobs_found
from portal.people.models import Person
from portal.problems import NotAllowed
from portal.web.tables import Listing

MOST = 1_000


@click.group()
def jobs() -> None:
    """Background work."""


@jobs.command()
@click.option("--once", is_flag=True, help="Do what is due and stop.")
@click.option("--until-input-ends", is_flag=True, hidden=True, help="Stop when whoever started this is gone.")
@with_app
def work(once: bool, until_input_ends: bool) -> None:
    """Do jobs as they fall due."""
    from portal.jobs.worker import stop_when_input_ends
    from portal.jobs.worker import work as keep_working

    if until_input_ends:
        stop_when_input_ends()
    done = keep_working(once=once)
    click.echo(f"{done} jobs done")


@jobs.command("list")
@click.option("--state", type=click.Choice([*STATES, "all"]), help="Only those; unless told, what is not done yet.")
@with_app
def list_(state: str | None) -> None:
    """List jobs, a line each: number, state, work, why the last try failed."""
    found = jobs_found(Listing(per_page=MOST, extra={"state": state} if state else {}))
    for job in found.jobs:
        words = (str(job.id), str(STATE_NAMES[job.state]), name_of(job.name), why(job.last_error))
        click.echo("\t".join(words).rstrip())
    if found.listing.total > MOST:
        click.echo(f"… {found.listing.total - MOST}")


@jobs.command()
@click.argument("job_id", metavar="ID", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="All that are set aside.")
@click.option("--as", "login", required=True, metavar="USER", help="The administrator.")
@with_app
def retry(job_id: int | None, everything: bool, login: str) -> None:
    """Have a job tried again that was set aside."""
    if (job_id is None) != everything:
        raise click.UsageError("ID or --all, one of them")
    person = person_called(login)
    if not can_operate(person):
        raise NotAllowed
    count = try_all_again(by=person, at=clock.now()) if job_id is None else _retried(job_id, person)
    db.session.commit()
    click.echo(f"{count} jobs wait again")


def _retried(job_id: int, person: Person) -> int:
    job = job_by_id(job_id)
    if job is None:
        raise NotSetAside(f"没有第 {job_id} 号工作。")
    try_again(job, by=person, at=clock.now())
    return 1
