"""Changing the keys that seal: which ones there are, and sealing all texts anew under the first."""

from typing import Any

import click
from sqlalchemy import Column

from portal.cli.application import with_app
from portal.cli.backup import keys
from portal.db import db
from portal.resealing import Resealed, count_sealed, reseal, sealed_columns
from portal.sealing import key_ids
from portal.settings import current_settings

__all__ = ["keys"]


@keys.command("show")
@with_app
def show() -> None:
    """Name the keys by their ids, the one that seals first, and count what lies under it and under others."""
    first, *others = key_ids(current_settings())
    click.echo(f"封存用 {first}" + (f"，还能打开 {'、'.join(others)}" if others else ""))
    total = old = 0
    for column in sealed_columns():
        count, under_others = count_sealed(column)
        total, old = total + count, old + under_others
        if under_others:
            click.echo(f"  {column.table.name}.{column.name}：{under_others:,}")
    click.echo(f"共 {total:,} 处，其中 {old:,} 处还在旧密钥下。")


@keys.command("rotate")
@with_app
def rotate() -> None:
    """Seal every text anew under the first key. May be interrupted at any moment, and called again."""
    done = [_column(column) for column in sealed_columns()]
    count, lost = sum(one.count for one in done), sum(len(one.unreadable) for one in done)
    click.echo(f"重新封存了 {count:,} 处。")
    if lost:
        raise click.ClickException(f"{lost:,} 处打不开，没有动它们。找到原来的密钥之前，不要丢掉任何旧密钥。")
    waiting = sum(count_sealed(column)[1] for column in sealed_columns())
    db.session.rollback()
    if waiting:
        raise click.ClickException(f"还有 {waiting:,} 处在旧密钥下，刚才有人在写。请再运行一次。")
    click.echo("全部在新密钥下。以前的备份仍要旧密钥才能读，请和备份一起保存。")


def _column(column: Column[Any]) -> Resealed:
    result = reseal(column, between=_say)
    for key in result.unreadable:
        click.echo(f"     {result.place} 第 {key} 行打不开", err=True)
    if result.count:
        click.echo(f"{result.place}：{result.count:,}")
    return result


def _say(result: Resealed) -> None:
    """A line a chunk, for whoever watches and for logs."""
    click.echo(f"{result.place} … {result.count:,}", err=True)
