"""Lists of gifts from the command line: the cashier's half and the accountant's half."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from portal import clock
from portal.cli.application import person_called, with_app
from portal.db import db, let_go
from portal.files import keep
from portal.files.inspection import shown_name
from portal.funds.models import Fund, Method
from portal.funds.queries import fund_by_slug
from portal.lists.actions import bring_unread, hand_over, withdraw
from portal.lists.models import DonationImport
from portal.lists.policy import can_upload, is_accountant
from portal.lists.reader import read_here
from portal.lists.reading import Reading, Unread, read_list
from portal.lists.summaries import Look, summary
from portal.people.models import Person
from portal.problems import DomainError, NotAllowed
from portal.receipts.booking import confirm_and_book

METHODS = [method.value for method in Method]


@click.group("import")
def import_() -> None:
    """Bring lists in."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--fund", "slug", required=True, help="The fund's short name, for example 919.")
@click.option("--as", "login", required=True, metavar="USER", help="The cashier.")
@click.option("--confirm-as", "second", metavar="USER", help="The accountant: confirm and book at once.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column of the list means.")
@click.option("--method", type=click.Choice(METHODS), default=Method.BANK.value, show_default=True)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day of gifts whose list names none.")
@click.option("--leave-out", "left_out", multiple=True, type=int, metavar="ROW", help="A row not to book.")
@click.option("--dry-run", is_flag=True, help="Only look: nothing is kept.")
@with_app
def donations(
    file: Path,
    slug: str,
    login: str,
    second: str | None,
    maps: tuple[str, ...],
    method: str,
    day: datetime | None,
    left_out: tuple[int, ...],
    dry_run: bool,
) -> None:
    """Read a list of gifts and hand it over to the accountant. The last line is JSON."""
    cashier, fund = person_called(login), _fund(slug)
    unread = Unread(shown_name(file.name), method, day.date() if day else None, column_map(maps))
    try:
        if not can_upload(cashier, fund):
            raise NotAllowed
        reading, look = _looked_at(file, unread, fund, left_out)
        if dry_run or look.earlier:
            click.echo(json.dumps(look.summary()))
            return
        look.require_ready()
        imported = _handed_over(reading, unread, fund, left_out, by=cashier)
    except DomainError:
        db.session.rollback()
        click.echo(json.dumps(summary(None)))
        raise
    _print(_confirmed(imported, person_called(second)) if second else imported)


def _looked_at(file: Path, unread: Unread, fund: Fund, left_out: Sequence[int]) -> tuple[Reading, Look]:
    """What stands in the file and what it would come to. No transaction is open while it is read."""
    fund_id = fund.id
    let_go()
    reading = read_list(file, today=clock.today(), **asdict(unread))
    if reading.refusal:
        raise reading.refusal
    look = Look(fund_id, reading, left_out)
    let_go()
    return reading, look


def _handed_over(
    reading: Reading, unread: Unread, fund: Fund, left_out: Sequence[int], *, by: Person
) -> DonationImport:
    """Keep the list a chunk at a time and hand it over; one that another was quicker with is taken back."""
    stored = keep(reading.content, name=unread.filename, by=by, at=clock.now())
    imported = bring_unread(fund, unread, stored, by=by, at=clock.now(), leave_out=left_out)
    with click.progressbar(length=len(reading.parsed.rows) if reading.parsed else 0, label="读入") as bar:
        imported = read_here(imported, reading, progress=lambda kept, _: bar.update(kept - bar.pos))
    try:
        hand_over(imported, by=by, at=clock.now())
    except DomainError:
        db.session.rollback()
        withdraw(imported, by=by, at=clock.now())
        db.session.commit()
        raise
    db.session.commit()
    return imported


@click.command()
@click.argument("import_id", metavar="ID", type=int)
@click.option("--as", "login", required=True, metavar="USER", help="The accountant.")
@with_app
def confirm(import_id: int, login: str) -> None:
    """Confirm a list that waits, and book it. Called again after a crash it books what is left."""
    imported = db.session.get(DonationImport, import_id)
    if imported is None:
        raise click.ClickException(f"没有第 {import_id} 号名单。")
    _print(_confirmed(imported, person_called(login)))


def _confirmed(imported: DonationImport, accountant: Person) -> DonationImport:
    if not is_accountant(accountant, imported):
        raise NotAllowed
    with click.progressbar(length=imported.accepted, label="入账") as bar:
        return confirm_and_book(
            imported, by=accountant, at=clock.now(), progress=lambda booked, _: bar.update(booked - bar.pos)
        )


def _fund(slug: str) -> Fund:
    fund = fund_by_slug(slug)
    if fund is None:
        raise click.ClickException(f"没有叫「{slug}」的基金。")
    return fund


def column_map(maps: tuple[str, ...]) -> dict[str, str]:
    """COLUMN=FIELD pairs as title → field."""
    pairs = [pair.rpartition("=") for pair in maps]
    if wrong := [pair for pair in pairs if not pair[0]]:
        raise click.UsageError(f"--map takes COLUMN=FIELD, not {wrong[0][2]!r}")
    return {column: field for column, _, field in pairs}


def _print(imported: DonationImport) -> None:
    click.echo(json.dumps(summary(imported)))
