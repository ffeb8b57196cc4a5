"""The indexes that the models declare: which ones the database lacks, and how a million rows are written without them.

Kept up row by row and in no order, indexes cost more than the rows; made when the rows are there, they cost seconds.
"""

from collections.abc import Container, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Index, Table, text
from sqlalchemy.orm import Session

from portal.db import Base, Model, db
from portal.invariants import Found, invariant


def declared() -> list[Index]:
    """Every index of the models, in the order of the tables and names. Keys and UNIQUE constraints are none."""
    tables = Base.metadata.sorted_tables
    return [index for table in tables for index in sorted(table.indexes, key=lambda one: str(one.name))]


def missing(connection: Connection) -> list[Index]:
    """What is declared and not there."""
    if connection.dialect.name == "sqlite":
        names = text("SELECT name FROM sqlite_master WHERE type = 'index'")
    else:
        names = text("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
    there = set(connection.scalars(names))
    return [index for index in declared() if index.name not in there]


def put_back() -> None:
    """Make what is missing. Commits."""
    connection = db.session.connection()
    for index in missing(connection):
        index.create(connection)
    db.session.commit()


@contextmanager
def made_later(*models: type[Model], but: Container[str] = ()) -> Iterator[None]:
    """Fill tables without their indexes, which are made at the end: only when alone with an empty database. Commits.

    Unique ones stay, since they are rules, and those named in `but`, since somebody looks up by them meanwhile.
    A process killed inside leaves them missing: `portal check` says so and `portal demo --reset` puts them back.
    """
    tables = [model.__table__ for model in models]
    connection = db.session.connection()
    for index in declared():
        if index.table in tables and not index.unique and index.name not in but:
            index.drop(connection)
    db.session.commit()
    try:
        yield
        db.session.commit()
    finally:
        db.session.rollback()
        put_back()


@invariant("database.indexes")
def indexes_are_there(session: Session) -> Found:
    """Without one nothing is wrong, only slow: nobody would notice."""
    lacking = missing(session.connection())
    return len(declared()), (f"index {index.name} on {_of(index).name} is missing" for index in lacking)


def _of(index: Index) -> Table:
    assert index.table is not None
    return index.table
