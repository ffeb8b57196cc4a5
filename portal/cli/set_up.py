"""The first day from the command line: a token for the pages, or all of it from a file."""

import sys
from pathlib import Path

import click

from portal import clock, migrating
from portal.administration.actions import found_portal, new_token
from portal.administration.plan_files import administrator_of, plan_of, read_file
from portal.administration.queries import is_over
from portal.cli.application import with_app
from portal.cli.serving import require_current_tables
from portal.db import analyze, db

THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("set-up-token")
@with_app
def set_up_token() -> None:
    """Print a token that opens the set-up page of an empty portal for 24 hours. The one before counts no more."""
    require_current_tables()
    say_token()


def say_token() -> None:
    """Make a token and print it. Raises AlreadySetUp."""
    token = new_token(at=clock.now())
    db.session.commit()
    click.echo(f"设立口令：{token}")
    click.echo("打开门户的任何一页，把它填进去；24 小时内有效。")


def say_token_if_empty() -> None:
    """For the server's start: an empty portal waits for whoever sets it up."""
    if not is_over():
        say_token()


@click.command("set-up")
@click.argument("file", type=THERE)
@click.option("--password-file", "secret", type=THERE, help="Its first line is the administrator's password.")
@with_app
def set_up(file: Path, secret: Path | None) -> None:
    """Migrate, then set an empty portal up from a TOML file: administrator, alliance, funds, host charities."""
    told = read_file(file)
    administrator = administrator_of(told, _password(secret))
    migrating.upgrade()
    person = found_portal(administrator, plan_of(told, today=clock.today()), at=clock.now())
    name, login = person.name, person.login
    db.session.commit()
    analyze()
    click.echo(f"门户设立好了。{name}用登录名 {login} 登录。")


def _password(secret: Path | None) -> str:
    """From a file or asked for; never from the command line or the TOML file, which others can see."""
    if secret:
        return secret.read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r")
    if sys.stdin.isatty():
        return str(click.prompt("管理员的密码", hide_input=True, confirmation_prompt="再输一遍"))
    raise click.ClickException("没有密码：请用 --password-file。")
