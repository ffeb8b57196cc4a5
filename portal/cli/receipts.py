"""Confirmations from the command line: a fund's year as PDFs."""

import os
import time
from pathlib import Path

import click

from portal import clock
from portal.cli.application import person_called, with_app
from portal.funds.models import Fund
from portal.funds.queries import fund_by_slug
from portal.people.models import Person
from portal.problems import NotAllowed
from portal.receipts.policy import can_list_receipts
from portal.receipts.year import Rendered, announce, render_year
from portal.settings import current_settings

CORES = len(os.sched_getaffinity(0))


@click.group()
def receipts() -> None:
    """Confirmations."""


@receipts.command()
@click.option("--fund", "slug", required=True, help="The fund's short name, for example 919.")
@click.option("--year", required=True, type=click.IntRange(2000, 2999))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.zip")
@click.option("--jobs", default=CORES, show_default="one a core", type=click.IntRange(1, 64), help="Who draw at once.")
@click.option("--as", "login", metavar="USER", help="On whose behalf; it stands in the audit either way.")
@click.option("--force", is_flag=True, help="Replace a finished FILE.zip.")
@with_app
def render(slug: str, year: int, out: Path, jobs: int, login: str | None, force: bool) -> None:
    """Put a year's confirmations into a ZIP file. Called again after a crash it goes on where it was."""
    person, fund = person_called(login) if login else None, _fund(slug)
    if person and not can_list_receipts(person, fund):
        raise NotAllowed
    if not out.parent.is_dir():
        raise click.UsageError(f"there is no folder {out.parent}")
    if out.exists() and not force:
        raise click.ClickException(f"{out} 已经有了。要重新做，请加 --force。")
    began = time.monotonic()
    rendered = _rendered(fund, year, out, jobs, by=person)
    click.echo(_sentence(rendered, out, time.monotonic() - began, cores=min(jobs, CORES)))


def _rendered(fund: Fund, year: int, out: Path, jobs: int, *, by: Person | None) -> Rendered:
    fund_id, base_url = fund.id, current_settings().base_url
    count = announce(fund, year, by=by, at=clock.now())
    try:
        with click.progressbar(length=count, label="生成") as bar:
            return render_year(
                fund_id, year, out, base_url=base_url, processes=jobs, progress=lambda done: bar.update(done - bar.pos)
            )
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.ClickException(f"写不进 {out}：{reason}。已经生成的都留着，再运行一次就接着做。") from error


def _sentence(rendered: Rendered, out: Path, seconds: float, *, cores: int) -> str:
    rate = rendered.drawn / seconds
    return (
        f"{out}: {rendered.confirmations:,} confirmations, {rendered.void:,} of them void; "
        f"drew {rendered.drawn:,} in {seconds:,.1f} s, {rate:.1f} a second, {rate / cores:.1f} a second and core"
    )


def _fund(slug: str) -> Fund:
    fund = fund_by_slug(slug)
    if fund is None:
        raise click.ClickException(f"没有叫「{slug}」的基金。")
    return fund
