"""Thousands of rows at once. The ORM would be thirty times slower.

PostgreSQL gets one array a column and one statement: its triggers look once, and no statement of ten thousand
parameters has to be written and read. SQLite gets the rows by the hundred, in one prepared statement.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, Self, TypeVar, cast

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Insert,
    Row,
    Select,
    Table,
    bindparam,
    column,
    func,
    insert,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from portal.clock import in_china
from portal.db import Model, Moment, db
from portal.problems import DomainError
from portal.words import _l

ROWS_A_STATEMENT = 1_000
ROWS_A_BLOCK = 100

T = TypeVar("T")


def in_row(row: int, problem: DomainError) -> DomainError:
    """The same refusal, naming the row of the batch (from 1) that it is about."""
    return type(problem)(_l("第 %(row)d 条：%(problem)s", row=row, problem=problem.sentence), field=problem.field)


def pieces(rows: Sequence[T], size: int = ROWS_A_STATEMENT) -> Iterator[Sequence[T]]:
    """The rows in order, so many at a time."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@contextmanager
def alone() -> Iterator[None]:
    """While nobody else uses the database: what was read stays known after a commit, and SQLite gets more memory.

    192 MB of pages instead of half a one, changed pages are moved from the log into the file only every 400 MB, and no
    commit waits for the disk: after a power cut one starts afresh.
    """
    session = db.session()
    session.expire_on_commit = False
    # A million rows are made and forgotten: looking for circles among them every 700 costs a tenth of the time.
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    # A second connection in the pool would take turns with the first, and each would forget its pages every time.
    session.close()
    db.engine.dispose()
    _sqlite_pragmas("cache_size=-196608", "wal_autocheckpoint=100000", "synchronous=OFF")
    try:
        yield
    finally:
        session.expire_on_commit = True
        gc.set_threshold(*usual)
        _sqlite_pragmas("synchronous=FULL", "wal_checkpoint(TRUNCATE)")
        db.engine.dispose()


def _sqlite_pragmas(*pragmas: str) -> None:
    if db.engine.dialect.name == "sqlite":
        with closing(db.engine.raw_connection()) as connection:
            for pragma in pragmas:
                connection.cursor().execute(f"PRAGMA {pragma}")


def insert_many(
    model: type[Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    common: Mapping[str, Any] | None = None,
    returning: Sequence[Any] = (),
) -> list[Row[Any]]:
    """Insert rows that all have the same columns, in their order; `common` holds what is the same for all.

    Gives the columns `returning` of each row, in no certain order. Pending objects are flushed first.
    """
    if not rows:
        return []
    db.session.flush()
    common = common or {}
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        return _prepared(connection, model, rows, common, returning)
    found: list[Row[Any]] = []
    for some in pieces(rows):
        statement = _from_arrays(model, some, common)
        result = connection.execute(statement.returning(*returning) if returning else statement)
        found += result.all() if returning else []
    return found


def _prepared(
    connection: Connection,
    model: type[Model],
    rows: Sequence[Mapping[str, Any]],
    common: Mapping[str, Any],
    returning: Sequence[Any],
) -> list[Row[Any]]:
    """By prepared statements. The rows are read again by their ids: nobody else writes meanwhile."""
    table = cast("Table", model.__table__)
    last = connection.scalar(_last_row(table)) if returning else None
    same = _defaults(table) | dict(common)
    given = {name: [row[name] for row in rows] for name in rows[0]}
    _insert_columns(connection, table, given | {n: [v] * len(rows) for n, v in same.items() if n not in given})
    if not returning:
        return []
    return list(connection.execute(_rows_after(tuple(returning)), {"last": last or 0}))


@cache
def _last_row(table: Table) -> Select[int]:
    return select(func.max(column("rowid"))).select_from(table)


@cache
def _rows_after(returning: tuple[Any, ...]) -> Select[*tuple[Any, ...]]:
    return select(*returning).where(literal_column("rowid") > bindparam("last"))


def _defaults(table: Table) -> dict[str, Any]:
    """What a column holds that nobody names, where the model says so."""
    scalars = ((column.name, column.default) for column in table.columns)
    return {name: default.arg for name, default in scalars if isinstance(default, ScalarElementColumnDefault)}


def insert_rows(model: type[Model], names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows given as tuples of these columns, all that have no default: the quickest way on both engines."""
    connection, table = db.session.connection(), cast("Table", model.__table__)
    for some in pieces(rows):
        _insert_columns(connection, table, dict(zip(names, map(list, zip(*some, strict=True)), strict=True)))


def _insert_columns(connection: Connection, table: Table, given: Mapping[str, list[Any]]) -> None:
    """A prepared statement of a hundred rows on SQLite, one statement of arrays on PostgreSQL."""
    dialect = connection.dialect
    quote = dialect.identifier_preparer.quote
    into = f"INSERT INTO {quote(table.name)} ({', '.join(quote(name) for name in given)})"
    sent = {name: _as_sent(table.c[name], values, dialect) for name, values in given.items()}
    if dialect.name == "sqlite":
        _insert_blocks(connection, into, list(zip(*sent.values(), strict=True)))
    else:
        arrays = [_Array.of(table.c[name], values, dialect) for name, values in sent.items()]
        select_ = ", ".join(array.sql for array in arrays)
        connection.exec_driver_sql(f"{into} SELECT {select_}", tuple(array.value for array in arrays))


def _insert_blocks(connection: Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
    """Rows by the hundred, what is left one by one.

    Where triggers look, SQLite keeps aside every page that a statement touches, in case it must be taken back: of a
    hundred rows in one statement each page once, which halves what they cost.
    """
    one = f"({', '.join('?' * len(rows[0]))})"
    whole = len(rows) - len(rows) % ROWS_A_BLOCK
    if whole:
        blocks = [tuple(chain.from_iterable(block)) for block in pieces(rows[:whole], ROWS_A_BLOCK)]
        connection.exec_driver_sql(f"{into} VALUES {', '.join([one] * ROWS_A_BLOCK)}", blocks)
    if whole < len(rows):
        connection.exec_driver_sql(f"{into} VALUES {one}", rows[whole:])


class _Array(NamedTuple):
    """A column of rows on their way to PostgreSQL: an array to unnest, or one value where all are the same."""

    sql: str
    value: Any

    @classmethod
    def of(cls, column: Column[Any], values: list[Any], dialect: Dialect) -> Self:
        # A collation belongs to the column, and stands in no cast.
        kind = column.type.compile(dialect).partition(" COLLATE ")[0]
        if len(set(values)) == 1:
            return cls(f"%s::{kind}", values[0])
        return cls(f"unnest(%s::{kind}[])", values)


def _as_sent(column: Column[Any], values: list[Any], dialect: Dialect) -> list[Any]:
    """The values as the driver takes them; equal ones are turned once."""
    if isinstance(column.type, Moment) and dialect.name == "sqlite":
        return _moments_as_text(values)
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    if isinstance(column.type, JSON):
        return [process(value) for value in values]
    turned = {value: process(value) for value in set(values)}
    return [turned[value] for value in values]


def _moments_as_text(moments: list[datetime | None]) -> list[str | None]:
    """What is the same object for many rows is turned once. Equal ones are not looked for: that costs as much."""
    texts = {key: moment_as_text(moment) for key, moment in {id(moment): moment for moment in moments}.items()}
    return [texts[id(moment)] for moment in moments]


def moment_as_text(moment: datetime | None) -> str | None:
    """A moment as SQLite keeps it: what `Moment` and SQLAlchemy make of it, in half the time."""
    if moment is None:
        return None
    utc = (moment if moment.tzinfo else in_china(moment)).astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]


def _from_arrays(model: type[Model], rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any]) -> Insert:
    columns = model.__table__.c
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(columns[name].type, dimensions=1)) for name in names]
    given = func.unnest(*arrays).table_valued(*(column(name, columns[name].type) for name in names)).render_derived()
    same = [literal(value, columns[name].type) for name, value in common.items()]
    return insert(model).from_select([*names, *common], select(*given.c, *same))
