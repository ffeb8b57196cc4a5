"""Backups from the command line: making one, putting one back, and the keys apart."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click

from portal import clock
from portal.backup import make_backup, restore_backup
from portal.backup.actions import Progress
from portal.backup.keys import export_keys, read_keys, write_environment, write_into_instance
from portal.backup.restoring import Restored
from portal.backup.sealed import SHORTEST
from portal.cli.application import with_app
from portal.cli.checking import say_results
from portal.db import committed
from portal.log.restored import GoesOn, go_on, shut
from portal.problems import DomainError
from portal.settings import BACKUP_PASSPHRASE, Settings, SettingsError, instance_folder

P = ParamSpec("P")

LARGEST_NOTE = 64 * 1024
A_FILE = click.Path(dir_okay=False, path_type=Path)
THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
PASSPHRASE_FILE = click.option(
    "--passphrase-file", "secret", type=THERE, help=f"Its first line is the passphrase; otherwise {BACKUP_PASSPHRASE}."
)


@click.command()
@click.argument("file", type=A_FILE)
@PASSPHRASE_FILE
@with_app
def backup(file: Path, secret: Path | None) -> None:
    """Write database and uploads to one encrypted file, while the portal goes on working. Keys are not in it."""
    passphrase = _passphrase(secret, is_new=True)
    tidy_up_when_stopped()
    with _bar("备份") as progress:
        manifest, closing = make_backup(file, passphrase, progress=progress)
    size = file.stat().st_size / 1_000_000
    click.echo(f"已备份到 {file}：{manifest.rows:,} 行，{manifest.files:,} 个文件，{size:,.1f} MB，已加密。")
    click.echo("密钥不在里面，请另用 portal keys export 保存，并分开存放。", err=True)
    if closing.lost:
        raise click.ClickException(
            f"备份已写好，但有 {len(closing.lost)} 个上传的文件早已丢失或损坏：{closing.lost[0]} …"
        )


@click.command()
@click.argument("file", type=THERE)
@PASSPHRASE_FILE
@click.option(
    "--same-log", "newest", type=THERE, help="The newest checkpoint, kept elsewhere: no newer log is out there."
)
@with_app
def restore(file: Path, secret: Path | None, newest: Path | None) -> None:
    """Put a backup into an empty database and an empty folder, let its log go on under a new name, and check it."""
    passphrase = _passphrase(secret, is_new=False)
    tidy_up_when_stopped()
    with shut(), _bar("恢复") as progress:
        restored = restore_backup(file, passphrase, progress=progress)
    _let_log_go_on(newest)
    manifest = restored.manifest
    click.echo(f"已恢复 {manifest.moment:%Y-%m-%d %H:%M:%S} 的备份：{manifest.rows:,} 行，{manifest.files:,} 个文件。")
    if not restored.has_same_data_key:
        click.echo(
            "注意：现在的数据密钥（PORTAL_DATA_KEY）与备份时的不同，已发出的查询码都打不开。"
            "请用 portal keys import 取回原来的密钥。",
            err=True,
        )
    elif not restored.has_seal_keys:
        click.echo(
            "注意：备份里有些内容是用现在没有的封存密钥（PORTAL_SEAL_KEYS）加密的，读不出来。"
            "请用 portal keys import 取回，写在现在的密钥后面。",
            err=True,
        )
    _say_whether_sound(restored)


def tidy_up_when_stopped() -> None:
    """Asked to stop, leave nothing readable lying about: without this SIGTERM ends the process where it stands."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _let_log_go_on(newest: Path | None) -> None:
    note = newest.read_bytes()[:LARGEST_NOTE].decode(errors="replace") if newest else None
    with committed():
        how = go_on(note, at=clock.now())
    if how is GoesOn.RENAMED:
        if newest:
            click.echo(f"{newest} 不是这份备份的最新凭据。", err=True)
        click.echo("公开日志换了名称接着记，新的公钥已经公布；以前的证明照旧有效。", err=True)
    elif how is GoesOn.SAME:
        click.echo("公开日志就是最新的，接着记。", err=True)


def _say_whether_sound(restored: Restored) -> None:
    """Raises ClickException when something is off; the last line says what to do next."""
    if not restored.is_current:
        click.echo("备份的表是旧版本的：请运行 portal migrate，再运行 portal check，然后重新启动服务。")
    elif not say_results():
        raise click.ClickException("恢复的数据没有通过核对（见上面的 FAIL）。")
    if restored.lost:
        raise click.ClickException(f"备份时就缺 {len(restored.lost)} 个上传的文件：{restored.lost[0]} …")
    if restored.is_current:
        click.echo("核对无误。请重新启动服务。")


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────
def _plainly(command: Callable[P, None]) -> Callable[P, None]:
    """These commands need no database, and no keys in the settings: what is refused is still one sentence."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except (DomainError, SettingsError) as problem:
            raise click.ClickException(str(problem)) from problem

    return wrapped


@click.group()
def keys() -> None:
    """The portal's keys, kept apart from the backups."""


@keys.command("export")
@click.argument("file", type=A_FILE)
@PASSPHRASE_FILE
@_plainly
def export(file: Path, secret: Path | None) -> None:
    """Write the keys to an encrypted file. Take another passphrase than for the backups, and keep them apart."""
    export_keys(Settings.from_environment(os.environ), file, _passphrase(secret, is_new=True))
    click.echo(f"密钥已加密保存到 {file}。请与备份分开存放，口令也要不同。")


@keys.command("import")
@click.argument("file", type=THERE)
@click.option("--to", "target", type=A_FILE, help="Write lines NAME=value there, for systemd or Docker.")
@PASSPHRASE_FILE
@_plainly
def import_(file: Path, target: Path | None, secret: Path | None) -> None:
    """Take the keys out of their file: into the instance folder, or as settings. Never over keys that are there."""
    values = read_keys(file, _passphrase(secret, is_new=False))
    if target:
        write_environment(values, target)
    else:
        write_into_instance(values, instance_folder(os.environ))
    click.echo(f"密钥已取回到 {target or instance_folder(os.environ)}。请重新启动服务。")


# ── passphrase and progress ─────────────────────────────────────────────────────────────────────────
def _passphrase(secret: Path | None, *, is_new: bool) -> str:
    """From a file, from the environment, or asked for; never from the command line, which others can see."""
    if secret:
        text = secret.read_text().partition("\n")[0].removesuffix("\r")
    elif BACKUP_PASSPHRASE in os.environ:
        text = os.environ[BACKUP_PASSPHRASE]
    elif sys.stdin.isatty():
        text = click.prompt("口令", hide_input=True, confirmation_prompt="再输一遍" if is_new else False)
    else:
        raise click.ClickException(f"没有口令：请设 {BACKUP_PASSPHRASE}，或者用 --passphrase-file。")
    if len(text) < SHORTEST:
        raise click.ClickException(f"口令太短：至少 {SHORTEST} 个字符。")
    return text


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    with click.progressbar(length=1, label=label) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
