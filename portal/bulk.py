"""Thousands of rows at once. The ORM would be thirty times slower.

PostgreSQL gets one array a column and one statement: its triggers look once, and no statement of ten thousand
parameters has to be written and read. SQLite gets the rows one after the other, as it likes them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert, Row, column, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from portal.db import Model, db

ROWS_A_STATEMENT = 1_000


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
    if connection.dialect.name == "postgresql":
        found: list[Row[Any]] = []
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            statement = _from_arrays(model, rows[start : start + ROWS_A_STATEMENT], common)
            result = connection.execute(statement.returning(*returning) if returning else statement)
            found += result.all() if returning else []
        return found
    whole = [{**row, **common} for row in rows]
    if not returning:
        connection.execute(insert(model), whole)
        return []
    return list(connection.execute(insert(model).returning(*returning), whole))


def _from_arrays(model: type[Model], rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any]) -> Insert:
    columns = model.__table__.c
    names = list(rows[0])
    arrays = [literal([row[name] for row in rows], ARRAY(columns[name].type, dimensions=1)) for name in names]
    given = func.unnest(*arrays).table_valued(*(column(name, columns[name].type) for name in names)).render_derived()
    same = [literal(value, columns[name].type) for name, value in common.items()]
    return insert(model).from_select([*names, *common], select(*given.c, *same))
