"""Public lists from the command line: the ledger for other programs, gifts and payments as everybody sees them."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from portal.books.files import Kind, parts_of
from portal.books.queries import Bounds
from portal.cli.application import with_app, write_whole
from portal.db import db
from portal.funds.exports import GIFT_HEAD, SPENDING_HEAD, gift_cells, payment_cells
from portal.funds.public_gifts import every_gift
from portal.funds.queries import FundLine, all_funds, every_payment, fund_by_slug
from portal.web.exports import Cell, csv_parts
from portal.web.tables import Listing, read_listing
from portal.web.workbooks import xlsx_parts

Row = Sequence[Cell]

_out = click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
_fund = click.option("--fund", "slug", help="Only this fund's; without it everything.")
_table = click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), required=True)


def add_to(group: click.Group) -> None:
    for command in (ledger, donations, spending):
        group.add_command(command)


@click.command()
@click.option("--format", "kind", type=click.Choice([str(kind) for kind in Kind]), required=True)
@_fund
@_out
@with_app
def ledger(kind: str, slug: str | None, out: Path) -> None:
    """The whole ledger, or a fund's with the projects inside it, for other programs to check. The last line is JSON."""
    write_whole(out, parts_of(Kind(kind), _bounds(slug)))
    _say(out)


@click.command()
@_table
@_fund
@_out
@with_app
def donations(kind: str, slug: str | None, out: Path) -> None:
    """Gifts with the columns that everybody sees. The last line is JSON."""
    funds = _funds(slug)
    _write(out, kind, "捐赠", GIFT_HEAD, _of_each(funds, lambda one: gift_cells(one.name, every_gift(one, _all()))))


@click.command()
@_table
@_fund
@_out
@with_app
def spending(kind: str, slug: str | None, out: Path) -> None:
    """Payments with the columns that everybody sees. The last line is JSON."""
    funds = _funds(slug)
    lines = _of_each(funds, lambda one: payment_cells(one.name, every_payment(one, _all())))
    _write(out, kind, "支出", SPENDING_HEAD, lines)


def _bounds(slug: str | None) -> Bounds | None:
    """Raises ClickException for a fund that is not there."""
    if slug is None:
        return None
    fund = fund_by_slug(slug)
    if fund is None:
        raise click.ClickException(f"没有叫「{slug}」的基金。")
    return Bounds(fund.pool.code, fund.full_name)


def _funds(slug: str | None) -> list[FundLine]:
    """Raises ClickException likewise. From here on the session only reads, and so takes no writer's turn."""
    db.session().info["read_only"] = True
    funds = [fund for fund in all_funds() if slug in (None, fund.slug)]
    if slug and not funds:
        raise click.ClickException(f"没有叫「{slug}」的基金。")
    return funds


def _all() -> Listing:
    return read_listing({}, path="", sorts=("date",))


def _of_each(funds: Sequence[FundLine], rows: Callable[[FundLine], Iterator[Row]]) -> Iterator[Row]:
    for fund in funds:
        yield from rows(fund)


def _write(out: Path, kind: str, sheet: str, head: Sequence[str], lines: Iterator[Row]) -> None:
    if kind == "csv":
        write_whole(out, (part.encode() for part in csv_parts(head, lines)))
    else:
        write_whole(out, xlsx_parts(sheet, head, lines))
    _say(out)


def _say(out: Path) -> None:
    click.echo(json.dumps({"file": str(out), "bytes": out.stat().st_size}))
