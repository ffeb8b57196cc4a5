"""Rosters of volunteers from the command line: in and out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from sqlalchemy import select

from portal import clock
from portal.cli.application import person_called, with_app, write_whole
from portal.cli.lists import column_map, import_
from portal.consents.models import Purpose
from portal.db import db, let_go
from portal.exports import begin
from portal.files import keep
from portal.files.inspection import first_look, shown_name
from portal.orgs.models import Organisation
from portal.orgs.queries import team_by_slug
from portal.people.models import Person
from portal.problems import DomainError, NotAllowed
from portal.rosters import actions, policy
from portal.rosters.booking import book, outcomes_of
from portal.rosters.exporting import HEAD, Bounds, count_of, record_full_look, signed_lines
from portal.rosters.keeping import packed
from portal.rosters.models import Outcome, Roster
from portal.rosters.reader import read_here
from portal.web.exports import Cell, csv_parts
from portal.web.workbooks import xlsx_parts

TAKEN = {
    "identity": Purpose.IDENTITY,
    "health": Purpose.HEALTH,
    "ethnic": Purpose.ETHNIC,
    "party": Purpose.PARTY,
}


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="A community worker or an organisation's admin.")
@click.option("--organisation", "slug", help="Whose volunteers; without it the whole alliance's.")
@click.option("--team", "team_slug", help="Where rows belong that name no team.")
@click.option("--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column of the file means.")
@click.option("--take", "takes", multiple=True, type=click.Choice(list(TAKEN)), help="A sensitive column to take.")
@click.option("--consents", metavar="PLACE", help="Where the signed consents lie. Without it nothing is entered.")
@click.option("--dry-run", is_flag=True, help="Only look: nothing is entered.")
@with_app
def volunteers(
    file: Path,
    login: str,
    slug: str | None,
    team_slug: str | None,
    maps: tuple[str, ...],
    takes: tuple[str, ...],
    consents: str | None,
    dry_run: bool,
) -> None:
    """Read a roster and enter what is new and what has changed. The last line is JSON."""
    by, bounds = person_called(login), _bounds(slug, team_slug)
    if not policy.can_import_for(by, bounds.organisation_id):
        raise NotAllowed
    if not (consents or dry_run):
        raise click.UsageError("--consents says where the signed consents lie")
    try:
        roster = _read(file, bounds, column_map(maps), frozenset(TAKEN[one] for one in takes), consents, by=by)
        told = _looked_at(roster, by=by) if dry_run else _entered(roster, by=by)
    except DomainError:
        db.session.rollback()
        click.echo(json.dumps({"status": "refused"}))
        raise
    click.echo(json.dumps(told))


def _read(
    file: Path, bounds: Bounds, maps: dict[str, str], takes: frozenset[Purpose], place: str | None, *, by: Person
) -> Roster:
    """A preview of the file. What cannot be read is withdrawn again."""
    content, filename = file.read_bytes(), shown_name(file.name)
    let_go()
    first_look(content, filename)
    parts, at = packed(content), clock.now()
    said = f"{by.name}于 {at:%Y-%m-%d %H:%M} 声明：名册中各人签字的同意书存放于：{place or '（只核对，不登记）'}\n"
    paper = keep(said.encode(), name="同意书存放说明.txt", by=by, at=at)
    what = actions.Bringing(filename, parts, bounds.organisation_id, bounds.team_id, takes, paper, maps)
    roster = actions.bring(what, by=by, at=at)
    with click.progressbar(length=1, label="读入") as bar:
        roster = read_here(roster, progress=lambda kept, of: _advance(bar, kept, of))
    if roster.refusal:
        refusal = str(roster.refusal["zh"])
        actions.withdraw(roster, by=by, at=clock.now())
        db.session.commit()
        raise DomainError(refusal)
    return roster


def _looked_at(roster: Roster, *, by: Person) -> dict[str, object]:
    told = {"status": "preview", **_counts(roster)}
    actions.withdraw(roster, by=by, at=clock.now())
    db.session.commit()
    return told


def _entered(roster: Roster, *, by: Person) -> dict[str, object]:
    """Enter it; what a person must decide stays on the roster's page, and nothing is entered before."""
    if roster.undecided:
        return {"status": "waiting", **_counts(roster)}
    told = _counts(roster)
    if not roster.new + roster.updates:
        actions.withdraw(roster, by=by, at=clock.now())
        db.session.commit()
        return {"status": "already-imported", **told}
    actions.confirm(roster, by=by, at=clock.now())
    db.session.commit()
    roster_id = roster.id
    with click.progressbar(length=roster.rows, label="登记") as bar:
        book(roster_id, progress=lambda booked, of: _advance(bar, booked, of))
    done = db.session.get_one(Roster, roster_id)
    return {"status": "booked", **told, "changed_meanwhile": outcomes_of(done).get(Outcome.CHANGED.value, 0)}


def _counts(roster: Roster) -> dict[str, object]:
    names = ("rows", "new", "updates", "same", "doubts", "wrong")
    return {"import": roster.id, **{name: getattr(roster, name) for name in names}}


@click.group()
def export() -> None:
    """Take lists away."""


@export.command("volunteers")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), required=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="Who takes the file.")
@click.option("--organisation", "slug", help="Whose volunteers; without it the whole alliance's.")
@click.option("--team", "team_slug", help="Only a team's.")
@click.option("--purpose", required=True, help="What the file is for; it stands in the file.")
@click.option("--in-full", is_flag=True, help="Numbers of papers, birth dates and contacts as they are.")
@with_app
def export_volunteers(
    kind: str, out: Path, login: str, slug: str | None, team_slug: str | None, purpose: str, in_full: bool
) -> None:
    """Volunteers with the portal's own headers. The last line is JSON."""
    by, bounds, at = person_called(login), _bounds(slug, team_slug), clock.now()
    _require_export(by, bounds, team_slug, in_full=in_full)
    count = count_of(bounds, today=at.date())
    taken = begin(by, what=f"志愿者名册（{bounds.name or '整个联盟'}）", purpose=purpose, count=count, at=at)
    if in_full:
        record_full_look(taken, bounds, by=by, at=at)
    lines = signed_lines(bounds, taken, in_full=in_full, today=at.date())
    db.session.commit()
    _write(out, kind, lines)
    click.echo(json.dumps({"rows": count, "file": str(out), "expires_on": str(taken.expires_on)}))


def _require_export(by: Person, bounds: Bounds, team_slug: str | None, *, in_full: bool) -> None:
    """Raises NotAllowed."""
    team = team_by_slug(team_slug) if team_slug else None
    is_allowed = policy.can_export_organisation(by, bounds.organisation_id)
    if not (is_allowed or (team and policy.can_export_team(by, team))):
        raise NotAllowed
    if in_full and not policy.can_export_in_full(by, bounds.organisation_id):
        raise NotAllowed


def _write(out: Path, kind: str, lines: Iterator[Sequence[Cell]]) -> None:
    if kind == "csv":
        write_whole(out, (part.encode() for part in csv_parts(HEAD, lines)))
    else:
        write_whole(out, xlsx_parts("志愿者", HEAD, lines))


def _bounds(slug: str | None, team_slug: str | None) -> Bounds:
    """Raises ClickException for names that nothing has."""
    if team_slug:
        team = team_by_slug(team_slug)
        if team is None or (slug and team.organisation.slug != slug):
            raise click.ClickException(f"没有叫「{team_slug}」的服务队。")
        return Bounds(team.id, team.organisation_id, team.name)
    if slug:
        organisation = db.session.scalar(select(Organisation).where(Organisation.slug == slug))
        if organisation is None:
            raise click.ClickException(f"没有叫「{slug}」的组织。")
        return Bounds(None, organisation.id, organisation.name)
    return Bounds()


def _advance(bar: "click._termui_impl.ProgressBar[int]", done: int, of: int) -> None:
    bar.length = of
    bar.update(done - bar.pos)
