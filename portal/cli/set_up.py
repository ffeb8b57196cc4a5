"""The first day from the command line: a token for the pages, or all of it from a file."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import click

from portal import clock, migrating
from portal.administration.actions import found_portal, new_token
from portal.administration.plans import Administrator, FundPlan, Plan
from portal.administration.queries import is_over
from portal.cli.application import with_app
from portal.cli.serving import require_current_tables
from portal.db import analyze, db
from portal.problems import DomainError

THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
PARTS = {"alliance": {"name", "last_volunteer"}, "administrator": {"name", "login"}}
FUND = set(FundPlan.__dataclass_fields__)
OPTIONAL = {"last_volunteer", "last_receipt"}


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
    told = _read(file)
    password = _password(secret)
    migrating.upgrade()
    administrator = Administrator(told["administrator"]["name"], told["administrator"]["login"], password)
    person = found_portal(administrator, _plan(told), at=clock.now())
    name, login = person.name, person.login
    db.session.commit()
    analyze()
    click.echo(f"门户设立好了。{name}用登录名 {login} 登录。")


def _plan(told: dict[str, Any]) -> Plan:
    alliance, today, plan = told["alliance"], clock.today(), Plan()
    plan = plan.with_alliance(alliance["name"], alliance.get("last_volunteer", 0))
    for number, fund in enumerate(told["funds"], 1):
        try:
            plan = plan.with_fund(FundPlan(**fund), today=today)
        except DomainError as problem:
            raise click.ClickException(f"第 {number} 个基金（{problem.field}）：{problem.sentence}") from problem
    return plan


def _read(file: Path) -> dict[str, Any]:
    """The file's tables, of which nothing is missing and nothing unknown. Raises ClickException."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise click.ClickException(f"{file} 不是能读的 TOML 文件：{wrong}") from wrong
    _require_keys("文件", told, {*PARTS, "funds"})
    for part, names in PARTS.items():
        _require_keys(f"[{part}]", told[part], names)
    if not isinstance(told["funds"], list):
        raise click.ClickException("基金要写成 [[funds]]。")
    for fund in told["funds"]:
        _require_keys("[[funds]]", fund, FUND)
    return told


def _require_keys(where: str, there: Any, names: set[str]) -> None:
    if not isinstance(there, dict):
        raise click.ClickException(f"{where} 要是一个表。")
    if missing := sorted(names - OPTIONAL - there.keys()):
        raise click.ClickException(f"{where} 里缺 {'、'.join(missing)}。")
    if unknown := sorted(there.keys() - names):
        raise click.ClickException(f"{where} 里不认识 {'、'.join(unknown)}。")
    for name in names & there.keys():
        is_number = name in OPTIONAL or name in ("founded_year", "council_size")
        if name not in (*PARTS, "funds") and not isinstance(there[name], int if is_number else str):
            raise click.ClickException(f"{where} 里的 {name} 要是{'数' if is_number else '引号里的文字'}。")


def _password(secret: Path | None) -> str:
    """From a file or asked for; never from the command line or the TOML file, which others can see."""
    if secret:
        return secret.read_text(encoding="utf-8").partition("\n")[0].removesuffix("\r")
    if sys.stdin.isatty():
        return str(click.prompt("管理员的密码", hide_input=True, confirmation_prompt="再输一遍"))
    raise click.ClickException("没有密码：请用 --password-file。")
