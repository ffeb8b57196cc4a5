"""Every sealed text under the first key: after keys were changed, so that old ones can be thrown away.

Rows are sealed anew a chunk a transaction, by key; what was sealed anew is passed over, so whoever was killed goes on,
and twice is as good as once. A row that somebody else writes meanwhile is left as they wrote it, under the first key.
What cannot be opened stays as it is and is told.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, String, Table, and_, func, literal, select, tuple_, type_coerce, update

from portal.db import Base, db, rows
from portal.privacy import Sealed
from portal.sealing import Unreadable, current_prefix, opened, sealed

CHUNK = 200


@dataclass
class Resealed:
    """How it went for one column: sealed anew, and what could not be opened, by key."""

    place: str
    count: int = 0
    unreadable: list[str] = field(default_factory=list)


def sealed_columns() -> Iterator[Column[Any]]:
    """Every sealed column of every table."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Sealed))


def reseal(column: Column[Any], *, between: Callable[[Resealed], None] = lambda _: None) -> Resealed:
    """Seal a column anew, chunk by chunk, committing each; `between` is called after each."""
    result, after = Resealed(_place(column)), None
    while found := _chunk(column, after):
        for key, text in found:
            _one(column, key, text, result)
        after = found[-1][0]
        db.session.commit()
        between(result)
    return result


def count_sealed(column: Column[Any]) -> tuple[int, int]:
    """How many texts there are, and how many of them under another key than the first."""
    lies = _raw(column)
    counted = select(func.count(lies), func.count(lies).filter(~lies.startswith(current_prefix(), autoescape=True)))
    row = rows(counted.select_from(column.table)).one()
    return int(row[0]), int(row[1])


def unreadable(column: Column[Any], *, most: int) -> Iterator[str]:
    """Where a text cannot be opened: of the first and the last `most` rows by key."""
    table = _table(column)
    keys = list(table.primary_key.columns)
    seen: set[tuple[Any, ...]] = set()
    for order in (keys, [key.desc() for key in keys]):
        wanted = select(*keys, _raw(column)).where(column.is_not(None)).order_by(*order).limit(most)
        for *key, text in rows(wanted):
            if tuple(key) not in seen and not _opens(column, text):
                yield f"{_place(column)} of row {_named(tuple(key))}"
            seen.add(tuple(key))


def _chunk(column: Column[Any], after: tuple[Any, ...] | None) -> list[tuple[tuple[Any, ...], str]]:
    """The next texts under another key than the first, by key of their rows."""
    table, lies = _table(column), _raw(column)
    keys = list(table.primary_key.columns)
    other = (column.is_not(None), ~lies.startswith(current_prefix(), autoescape=True))
    wanted = select(*keys, lies).where(*other).order_by(*keys).limit(CHUNK)
    if after is not None:
        place = tuple(literal(value, key.type) for key, value in zip(keys, after, strict=True))
        wanted = wanted.where(tuple_(*keys) > tuple_(*place) if len(keys) > 1 else keys[0] > place[0])
    return [(tuple(key), str(text)) for *key, text in rows(wanted)]


def _one(column: Column[Any], key: tuple[Any, ...], text: str, result: Resealed) -> None:
    place = column.type.place if isinstance(column.type, Sealed) else ""
    try:
        anew = sealed(opened(text, place=place), place=place)
    except Unreadable:
        result.unreadable.append(_named(key))
        return
    table = _table(column)
    same = and_(*(one == value for one, value in zip(table.primary_key.columns, key, strict=True)))
    # Only what still lies there as it was read: whoever wrote since has sealed it with the first key.
    write = update(table).where(same, _raw(column) == text).values({column.name: type_coerce(anew, String())})
    result.count += rows(write).rowcount


def _opens(column: Column[Any], text: str) -> bool:
    assert isinstance(column.type, Sealed)
    try:
        opened(text, place=column.type.place)
    except Unreadable:
        return False
    return True


def _raw(column: Column[Any]) -> Any:
    """The text as it lies there."""
    return type_coerce(column, String())


def _table(column: Column[Any]) -> Table:
    assert isinstance(column.table, Table)
    return column.table


def _place(column: Column[Any]) -> str:
    return f"{_table(column).name}.{column.name}"


def _named(key: tuple[Any, ...]) -> str:
    return "-".join(map(str, key))
