"""Commands run inside the application, as somebody."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import click
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal import create_app, logbook
from portal.db import db, throw_away
from portal.faults import fault_of
from portal.people.models import Person
from portal.people.queries import person_by_login
from portal.problems import DomainError
from portal.rooms import tables
from portal.settings import SettingsError

P = ParamSpec("P")


def application() -> Flask:
    """The application by the environment's settings; a wrong setting is said in one line."""
    try:
        app = create_app()
    except SettingsError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    logbook.of(app.extensions["portal_settings"])
    tables()
    return app


def with_app(command: Callable[P, None]) -> Callable[P, None]:
    """Run a command inside the application; what a rule refuses becomes a sentence and exit code 1."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        with application().app_context(), plainly():
            command(*args, **kwargs)

    return wrapped


@contextmanager
def plainly() -> Iterator[None]:
    """What a rule refuses, and a database or disk that is not there, become a sentence and exit code 1."""
    try:
        yield
    except DomainError as problem:
        db.session.rollback()
        raise click.ClickException(str(problem.sentence)) from problem
    except (SQLAlchemyError, OSError) as error:
        fault = fault_of(error)
        if fault is None:
            raise
        throw_away()
        raise click.ClickException(str(fault.sentence)) from error


def person_called(login: str) -> Person:
    """Who signs in by this name."""
    person = person_by_login(login)
    if person is None or not person.is_active:
        raise click.ClickException(f"没有登录名为「{login}」的人。")
    return person


def write_whole(out: Path, parts: Iterable[bytes]) -> None:
    """The file appears when it is whole."""
    half = out.with_name(f".{out.name}.part")
    try:
        with half.open("wb") as file:
            file.writelines(parts)
        half.replace(out)
    finally:
        half.unlink(missing_ok=True)
