"""Secrets in a copy of the data: each private text of each row becomes one that is found nowhere else."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import JSON, Column, String, Table, Text, bindparam, inspect, select, text, update

from portal.db import Base, Moment, db
from portal.rooms import tables
from tests.site.access_table import ROLES
from tests.site.private import NEVER, OPEN, PRIVATE
from tests.site.seeing import Row

MOST_ROWS = 400
"""Rows of a table that hold secrets: the first and the last ones."""

MOBILE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SECRET = re.compile(r"Zq[0-9a-f]{12}|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)18[89]\d-\d\d-\d\d(?!\d)")
"""What is planted; a mobile number stays what it is, since codes are sent there, and is looked for as it is. A day
of birth becomes one of long ago: pages reckon with it."""
KEYLIKE = re.compile(r"[0-9a-f]{32,}|\$argon2id\$[^\s\"'<]+")


@dataclass(frozen=True)
class Planted:
    """Where a secret lies."""

    table: str
    column: str
    row: Row

    def __str__(self) -> str:
        return f"{self.table}.{self.column} of row {self.row.get('id')}"


def is_text(column: Column[Any]) -> bool:
    """Text, sealed text or JSON; moments and numbers can hold no secret."""
    kind = column.type
    inner = getattr(kind, "impl", kind)
    return not isinstance(kind, Moment) and isinstance(inner, String | Text | JSON)


def unclassified() -> list[str]:
    """Columns that nobody has thought about, and names of columns that are no more."""
    tables()
    named = {(table, name) for part in (NEVER, PRIVATE, OPEN) for table, names in part.items() for name in names}
    every = [column for table in Base.metadata.tables.values() for column in table.c]
    there = {(column.table.name, column.name) for column in every if is_text(column)}
    return sorted(f"{table}.{name}" for table, name in named ^ there)


def plant() -> dict[str, Planted]:
    """Fill the database; gives secret → where it lies. The guards that refuse sleep meanwhile."""
    planted: dict[str, Planted] = {}
    with _guards_asleep():
        for name, columns in PRIVATE.items():
            planted |= _planted(Base.metadata.tables[name], list(columns))
    db.session.commit()
    return planted


def keys() -> set[str]:
    """The values that may leave the database for nobody, as they are."""
    found: set[str] = set()
    for name, columns in NEVER.items():
        table = Base.metadata.tables[name]
        for column in columns:
            found |= {str(value) for value in db.session.scalars(select(table.c[column])) if value}
    return found


def _planted(table: Table, columns: list[str]) -> dict[str, Planted]:
    planted: dict[str, Planted] = {}
    key = list(inspect(table).primary_key)
    for row in _some(table, key):
        if table.name == "people_person" and row["login"] in ROLES:
            # The cast's own names stand on everything that they do, for their colleagues to see.
            continue
        values = {}
        for column in columns:
            if row[column] is not None:
                secret = _secret(table.name, column, [row[part.name] for part in key])
                if mobile := MOBILE.fullmatch(str(row[column])):
                    secret = mobile[1]
                elif DAY.fullmatch(str(row[column])):
                    values[column] = secret = _day(secret)
                else:
                    values[column] = _with(row[column], secret)
                planted[secret] = Planted(table.name, column, row)
        if values:
            same = [part == bindparam(f"key_{part.name}", row[part.name]) for part in key]
            db.session.execute(update(table).where(*same).values(values))
    return planted


def _some(table: Table, key: list[Column[Any]]) -> list[Row]:
    first = db.session.execute(select(table).order_by(*key).limit(MOST_ROWS // 2)).mappings().all()
    last = db.session.execute(select(table).order_by(*(part.desc() for part in key)).limit(MOST_ROWS // 2))
    return list({tuple(row[part.name] for part in key): row for row in (*first, *last.mappings())}.values())


def _secret(table: str, column: str, key: list[Any]) -> str:
    return "Zq" + hashlib.sha256(f"{table}.{column}.{key}".encode()).hexdigest()[:12]


def _day(secret: str) -> str:
    """A day of the years from 1880 to 1899 that belongs to the secret."""
    return (date(1880, 1, 1) + timedelta(days=int(secret[2:], 16) % 7_300)).isoformat()


def _with(value: Any, secret: str) -> Any:
    """The secret in the value's place; in JSON it hangs on as one more text."""
    if isinstance(value, dict):
        return {**value, "note": secret}
    if isinstance(value, list):
        return [*value, secret]
    return f"{secret}@example.org" if "@" in str(value) else secret


@contextmanager
def _guards_asleep() -> Iterator[None]:
    """Triggers that refuse are taken away and put back; those that keep copies and sums go on."""
    wanted = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(%'")
    asleep: Mapping[str, str] = {str(name): str(sql) for name, sql in db.session.execute(wanted)}
    for name in asleep:
        db.session.execute(text(f"DROP TRIGGER {name}"))
    yield
    for statement in asleep.values():
        db.session.connection().exec_driver_sql(statement)
