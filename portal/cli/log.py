"""The public log from the command line: checking all of it, its checkpoint, its keys, its witnesses."""

import secrets
from pathlib import Path

import click

from portal import clock
from portal.cli.application import with_app
from portal.db import committed, db
from portal.jobs.problems import Away
from portal.log import heads, keys, verifying, witnesses
from portal.log.proofs import checkpoint_of
from portal.log.queries import signed_head
from portal.settings import LONG_ENOUGH

THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
LARGEST_NOTE = 64 * 1024


@click.group()
def log() -> None:
    """The public log."""


@log.command()
@click.option("--checkpoint", "kept", type=THERE, metavar="FILE", help="A checkpoint kept earlier, here or by others.")
@with_app
def verify(kept: Path | None) -> None:
    """Write every leaf anew from the rows of its fact, and compare it with the tree and with what was published."""
    db.session.info["read_only"] = True
    head, note = signed_head(), _note(kept)
    if head is None and note is None:
        click.echo("公开日志还是空的。")
        return
    with click.progressbar(length=head.size if head else 0, label="核对") as bar:
        problems = list(verifying.everything(bar.update, note))
    for problem in problems:
        click.echo(f"     {problem}", err=True)
    if problems or head is None:
        raise click.ClickException("公开日志没有通过核对（见上面）。")
    click.echo(f"核对无误：{head.size:,} 条，根值 {keys.read(head.note).root.hex()}。")


@log.command()
@with_app
def checkpoint() -> None:
    """Print the signed note, and what witnesses signed of it. Keep it somewhere else: it shows every later change."""
    db.session.info["read_only"] = True
    head = signed_head()
    if head is None:
        raise click.ClickException("公开日志还是空的。")
    click.echo(checkpoint_of(head), nl=False)


@log.command()
def keygen() -> None:
    """Make a secret for PORTAL_LOG_KEY. Nothing is changed."""
    click.echo(secrets.token_urlsafe(LONG_ENOUGH + 16))
    click.echo(
        "把它设为 PORTAL_LOG_KEY，另存一份（portal keys export），不要给别人看。\n"
        "日志已经在用的，换上以后运行 portal log declare --reason 原因，新的公钥才会公布；在那之前不能记账。",
        err=True,
    )


@log.command()
@click.option("--reason", required=True, help="Why. It is public.")
@click.option("--new-origin", is_flag=True, help="Go on under another name: after an older database was put back.")
@with_app
def declare(reason: str, new_origin: bool) -> None:
    """Let the log go on under the key that is set now, or under a new name. Old keys and proofs stay valid."""
    with committed():
        vkey = heads.declare(reason, at=clock.now(), new_origin=new_origin)
    click.echo(vkey)
    click.echo("已经公布，公开日志可以接着记了。请见证人也换成这把公钥。", err=True)


@log.command()
@with_app
def witness() -> None:
    """Ask each witness of PORTAL_WITNESSES for its signature now, and say what came of it."""
    asked = witnesses.witnesses()
    if not asked:
        raise click.ClickException("没有设见证人（PORTAL_WITNESSES）。")
    signed = [_is_signed_by(one) for one in asked]
    if not all(signed):
        raise SystemExit(1)


def _is_signed_by(one: witnesses.Witness) -> bool:
    try:
        is_new = witnesses.ask(one)
    except Away:
        db.session.rollback()
        click.echo(f"{one.name}：没有回答", err=True)
        return False
    except witnesses.WitnessRefuses as problem:
        db.session.rollback()
        click.echo(f"{one.name}：{problem.sentence}", err=True)
        return False
    click.echo(f"{one.name}：{'签了' if is_new else '已经签过'}")
    return True


def _note(file: Path | None) -> str | None:
    """What a kept checkpoint says; whatever it is, it is text."""
    if file is None:
        return None
    with file.open("rb") as kept:
        return kept.read(LARGEST_NOTE).decode(errors="replace")
