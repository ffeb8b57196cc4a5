"""Versions of the tables: which one the database has, which one this portal wants, and the way between them.

Alembic is loaded by whoever changes tables only: a web worker just compares versions, and is 12 MB smaller for it.
"""

import re
from functools import cache

from flask import current_app
from sqlalchemy import inspect, text

from portal import resources
from portal.db import db

_STEP = re.compile(r'^revision = "(.+)"\ndown_revision = (?:"(.+)"|None)$', re.MULTILINE)


@cache
def known() -> dict[str, str | None]:
    """The versions this portal knows, each with the one before it."""
    files = (resources().migrations / "versions").glob("*.py")
    steps = [_STEP.search(file.read_text(encoding="utf-8")) for file in files]
    return {step[1]: step[2] for step in steps if step}


def newest() -> str:
    """The version this portal wants. Raises ValueError when two follow the same one."""
    (last,) = known().keys() - set(known().values())
    return last


def of_database() -> str | None:
    """The version the database has; None before the first migration."""
    if not inspect(db.session.connection()).has_table("alembic_version"):
        return None
    return str(db.session.scalar(text("SELECT version_num FROM alembic_version")))


def is_current() -> bool:
    """Whether the database has exactly the tables of this version."""
    return of_database() == newest()


def upgrade(revision: str = "head") -> None:
    """Bring the tables up to that version."""
    import flask_migrate

    _prepare()
    flask_migrate.upgrade(revision=revision)


def downgrade(revision: str) -> None:
    """Take the tables back to that version; "base" is before the first."""
    import flask_migrate

    _prepare()
    flask_migrate.downgrade(revision=revision)


def _prepare() -> None:
    from flask_migrate import Migrate

    Migrate(current_app, db, directory=str(resources().migrations))
