"""A person's own rows of any table, as its holding declares them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, Table, func, or_, select, type_coerce
from sqlalchemy.sql.elements import KeyedColumnElement

from portal.db import Base, db, rows
from portal.holdings import HOLDINGS, Holding
from portal.privacy import Sealed, Unreadable, opened

PEOPLE = "people_person"

Selves = tuple[int, ...]
"""The ids under which a person is known: her own, and those of entries merged into hers (`Person.selves`)."""


class Deed(NamedTuple):
    """She did something to a row that is not about her: which, and how the column calls it."""

    table: str
    column: str
    row: str


def table_of(holding: Holding) -> Table:
    return Base.metadata.tables[holding.table]


def is_hers(holding: Holding, selves: Selves) -> ColumnElement[bool]:
    """The condition by which rows are her own; a table reached through another one follows it."""
    table = table_of(holding)
    if holding.through is None:
        return or_(*(table.c[name].in_(selves) for name in holding.own))
    column, parent = holding.through
    above = table_of(HOLDINGS[parent])
    (key,) = above.primary_key.columns
    return table.c[column].in_(select(key).where(is_hers(HOLDINGS[parent], selves)))


def count_of(holding: Holding, selves: Selves) -> int:
    """How many rows are hers; for work that she only did, how many she had a hand in."""
    table = table_of(holding)
    mine = is_hers(holding, selves) if holding.is_hers else did(holding, selves)
    return db.session.scalar(select(func.count()).select_from(table).where(mine)) or 0


def did(holding: Holding, selves: Selves) -> ColumnElement[bool]:
    table = table_of(holding)
    return or_(*(table.c[name].in_(selves) for name in holding.deeds))


def own_rows(holding: Holding, selves: Selves) -> Iterator[dict[str, Any]]:
    """Her rows, oldest first, without what is hidden. Of other people in them only that it was somebody else."""
    table = table_of(holding)
    columns = [column for column in table.columns if column.name not in holding.hidden]
    wanted: Select[Any] = select(*map(_as_it_lies, columns)).where(is_hers(holding, selves))
    for row in rows(wanted.order_by(*table.primary_key.columns)):
        yield {column.name: _read(column, value, selves) for column, value in zip(columns, row, strict=True)}


def deeds_of(holding: Holding, selves: Selves) -> Iterator[Deed]:
    """What she did, by number alone: the rows themselves are others'."""
    table = table_of(holding)
    keys = list(table.primary_key.columns)
    for name in holding.deeds:
        wanted = select(*keys).where(table.c[name].in_(selves))
        if holding.is_hers:
            wanted = wanted.where(~is_hers(holding, selves))
        for row in rows(wanted.order_by(*keys)):
            yield Deed(holding.table, name, "-".join(map(str, row)))


def _as_it_lies(column: KeyedColumnElement[Any]) -> ColumnElement[Any]:
    """Sealed texts are opened one by one: a single one that cannot be read must not keep her from the rest."""
    return type_coerce(column, String()).label(column.name) if isinstance(column.type, Sealed) else column


def _read(column: Any, value: Any, selves: Selves) -> Any:
    if value is not None and isinstance(column.type, Sealed):
        try:
            return opened(value, place=column.type.place)
        except Unreadable:
            return "（读不出来，请联系管理员）"
    if value is not None and any(key.column.table.name == PEOPLE for key in column.foreign_keys):
        return "本人" if value in selves else "工作人员或他人"
    return value
