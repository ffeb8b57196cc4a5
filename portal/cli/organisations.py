"""Lists of organisations from the command line."""

import json
from pathlib import Path

import click

from portal import clock
from portal.cli.application import person_called, with_app
from portal.db import db, let_go
from portal.files.inspection import shown_name
from portal.orgs.lists import Line, bring, lines_of_file
from portal.orgs.policy import can_keep_registry
from portal.problems import DomainError, NotAllowed


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, metavar="USER", help="A community worker or administrator.")
@click.option("--leave-out", "left_out", multiple=True, type=int, metavar="ROW", help="A row not to bring in.")
@click.option("--dry-run", is_flag=True, help="Only look: nothing is kept.")
@with_app
def organisations(file: Path, login: str, left_out: tuple[int, ...], dry_run: bool) -> None:
    """Register organisations, and make member units of those with a day of joining. The last line is JSON."""
    by = person_called(login)
    try:
        if not can_keep_registry(by):
            raise NotAllowed
        let_go()
        lines = [line for line in lines_of_file(file, filename=shown_name(file.name)) if line.no not in left_out]
        for line in lines:
            if line.problem:
                click.echo(f"第 {line.no} 行 {line.name[:40]}：{line.problem}", err=True)
        if dry_run or all(line.is_repeat for line in lines):
            click.echo(_summary(lines, "preview" if dry_run else "already-imported"))
            return
        _require_ready(lines)
        bring(lines, by=by, at=clock.now())
        db.session.commit()
    except DomainError:
        db.session.rollback()
        click.echo(json.dumps({"status": "refused"}))
        raise
    click.echo(_summary(lines, "imported"))


def _require_ready(lines: list[Line]) -> None:
    """Raises DomainError: all of it comes in, or nothing."""
    if count := sum(bool(line.problem) for line in lines):
        raise DomainError(f"有 {count} 行有问题，一行也没有导入。请改好，或用 --leave-out 剔除这些行。")


def _summary(lines: list[Line], status: str) -> str:
    told = {
        "status": status,
        "rows": len(lines),
        "accepted": sum(line.is_new or line.joins for line in lines),
        "registered": sum(line.is_new for line in lines),
        "joined": sum(line.joins for line in lines),
        "repeats": sum(line.is_repeat for line in lines),
        "problems": sum(bool(line.problem) for line in lines),
    }
    return json.dumps(told)
