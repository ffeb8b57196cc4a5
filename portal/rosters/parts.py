"""Long files of sealed data, read a part at a time when the request itself has ended."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from flask import Flask, current_app
from sqlalchemy import Connection, Engine

from portal.db import db

T = TypeVar("T")

Part = tuple[int, Sequence[T]]
"""The number to go on behind, and what was read."""


def in_parts(read: Callable[[Connection, int], Part[T] | None]) -> Iterator[T]:
    """What `read` gives, beginning behind 0, until it gives None: each part on a connection of its own.

    What is sealed is opened with the application's keys, so each part is read inside its context.
    """
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined] # a proxy, to the stubs an app
    engine = cast("Engine", db.session.get_bind())

    def all_of_it() -> Iterator[T]:
        part = _part(app, engine, read, 0)
        while part is not None:
            after, some = part
            yield from some
            part = _part(app, engine, read, after)

    return all_of_it()


def _part(app: Flask, engine: Engine, read: Callable[[Connection, int], Part[T] | None], after: int) -> Part[T] | None:
    with app.app_context(), engine.connect() as connection:
        return read(connection, after)
