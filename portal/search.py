"""Search by index, for words of Chinese too: what is found is what LIKE finds, but without reading the table through.

A table says which columns are searched:

    GIFTS = indexed("funds_gift", "public_name", "intention", within="fund_id")

The database keeps every pair of neighbouring characters of these columns, small letters only, and each column's last
character alone: so a name of two characters is a key, and one of one character the beginning of keys. On SQLite the
pairs lie in a full-text table that triggers keep (in hexadecimal, so that no tokenizer takes a character for a gap); on
PostgreSQL in a GIN index of a function. The index only narrows: whoever asks must ask `holds` as well.

Migrations hold a frozen copy of the SQL; `differences` compares it with the database for `portal check`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session, aliased

from portal.db import Model, dialect
from portal.guards import Guard, declare
from portal.invariants import Found, invariant

M = TypeVar("M", bound=Model)
Most = int | BindParameter[int]

MOST_COUNTED = 1_000
"""A free search counts no further: beyond it the list says "1,000+"."""

MOST_CANDIDATES = 2_000
"""So many rows are looked at one by one; where the index finds more, the list's own order is walked instead."""

LONGEST_CUT = 1_000
"""Characters of a text that SQLite cuts into pairs; a longer text is a candidate of every search."""

NUMBERS = "search_number"
"""SQLite's table of the numbers 1 to LONGEST_CUT: triggers know no recursion."""

INDEXES: dict[str, "Searched"] = {}

_PATTERN, _SOUGHT, _MARK = (bindparam(name, type_=String) for name in ("pattern", "sought", "mark"))


def like(text: str) -> str:
    """A LIKE pattern that finds `text` anywhere, its wildcards taken literally (escape character: backslash)."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def holds(q: str | None, *columns: Any) -> ColumnElement[bool]:
    """That one of the columns holds the text somewhere, in small letters or capitals.

    Here and below None leaves a place for the text: `Searched.values` fills it in.
    """
    # SQLite's LIKE knows no difference between them as it is, and lower() would double the time.
    is_sqlite, pattern = _is_sqlite(), _PATTERN if q is None else like(q)
    return or_(*((one.like if is_sqlite else one.ilike)(pattern, escape="\\") for one in columns))


def indexed(table: str, *columns: str, within: str | None = None) -> "Searched":
    """Declare the search of a table. `within`: a column that never changes and of which each search asks one value."""
    index = INDEXES[f"{table}_search"] = Searched(table, columns, within)
    for guard in index.guards():
        declare(guard)
    return index


@dataclass(frozen=True)
class Searched:
    """The search of one table, which has a key `id`."""

    table: str
    columns: tuple[str, ...]
    within: str | None = None

    @property
    def name(self) -> str:
        return f"{self.table}_search"

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────
    def values(self, q: str, *, within: int | None = None) -> dict[str, str]:
        """What goes into a statement that leaves a place for the text."""
        sought = self._match(q, within) if _is_sqlite() else q
        return {"pattern": like(q), "sought": sought, "mark": self._scope(within)}

    def is_rare(self, q: str | None, *, within: int | None = None) -> ColumnElement[bool]:
        """Whether the index finds at most MOST_CANDIDATES rows."""
        some = self._ids(q, within).limit(MOST_CANDIDATES + 1).subquery()
        return select(func.count()).select_from(some).scalar_subquery() <= MOST_CANDIDATES

    def candidates(
        self, model: type[M], q: str | None, *, within: int | None = None, most: Most = MOST_CANDIDATES
    ) -> type[M]:
        """The model as if only `most` rows that the index finds were there, on SQLite the newest."""
        rows, columns = model.__table__, model.__table__.c
        if _is_sqlite():
            ids = self._ids(q, within).limit(most).subquery()
            found = select(*columns).select_from(ids).join(rows, columns.id == ids.c.id)
        else:
            found = select(*columns).where(self._has(q, within)).limit(most)
        return aliased(model, found.subquery())

    def _ids(self, q: str | None, within: int | None) -> Select[Any]:
        if not _is_sqlite():
            return select(literal_column("id")).select_from(table(self.table)).where(self._has(q, within))
        rowid = table(self.name, column("rowid", Integer)).c.rowid
        wanted = literal_column(self.name).op("MATCH")(_SOUGHT if q is None else self._match(q, within))
        return select(rowid.label("id")).where(wanted).order_by(rowid.desc())

    def _has(self, q: str | None, within: int | None) -> ColumnElement[bool]:
        asked = (_SOUGHT, _MARK) if q is None else (q, self._scope(within))
        # The very expression of the index, or it would not be used.
        return literal_column(self._expression).op("@@")(func.search_asked(*asked))

    def _scope(self, within: int | None) -> str:
        return "" if within is None else f"x{within}:"

    def _match(self, q: str, within: int | None) -> str:
        """SQLite's question: all pairs of the text, or a text too long to be cut."""
        # SQLite's own LIKE and lower() know capitals of ASCII only.
        small = "".join(one.lower() if one.isascii() else one for one in q)
        mark = "" if within is None else f"x{within}y"
        pairs = sorted({small[at : at + 2].encode().hex() for at in range(max(1, len(small) - 1))})
        found = " AND ".join(f'"{mark}{pair}"' for pair in pairs)
        return f'({found}{" *" if len(small) == 1 else ""}) OR "{mark}long"'

    # ── what the database keeps ─────────────────────────────────────────────────────────────────────
    def guards(self) -> Iterator[Guard]:
        """SQLite's triggers; PostgreSQL keeps its index by itself."""
        add = f"INSERT INTO {self.name} (rowid, pairs) VALUES (NEW.id, {self._pairs('NEW')});"
        take = f"INSERT INTO {self.name} ({self.name}, rowid, pairs) VALUES ('delete', OLD.id, {self._pairs('OLD')});"
        changed = " OR ".join(f"NEW.{one} IS NOT OLD.{one}" for one in self.columns)
        for verb, when, body in (
            ("insert", "", add),
            ("update", f" WHEN {changed}", f"{take} {add}"),
            ("delete", "", take),
        ):
            name = f"{self.name}_{verb}"
            event = f"AFTER {verb.upper()} ON {self.table}{when}"
            yield Guard(name, self.table, sqlite=f"CREATE TRIGGER {name} {event} BEGIN {body} END", postgresql="")

    def statements(self, dialect: str) -> list[str]:
        """What makes the index, of the rows that are there as well; triggers are the guards'."""
        if dialect != "sqlite":
            # New rows wait in a short list, which every search reads through, until they are sorted in.
            options = "WITH (gin_pending_list_limit = 256)"
            return [f"CREATE INDEX {self.name} ON {self.table} USING gin ({self._expression}) {options}"]
        options = "content='', columnsize=0, detail=none, tokenize='ascii'"
        return [
            f"CREATE VIRTUAL TABLE {self.name} USING fts5(pairs, {options})",
            f"CREATE VIRTUAL TABLE {self.name}_pairs USING fts5vocab({self.name}, instance)",
            f"INSERT INTO {self.name} (rowid, pairs) SELECT id, {self._pairs(self.table)} FROM {self.table}",
        ]

    def wrong_pairs(self, session: Session) -> Iterator[str]:
        """What SQLite's triggers have left out or left behind, a sentence each, at most a hundred of a kind."""
        own = self.table
        cut = [
            f"SELECT id, lower({self._pair(own, one)}) FROM {own} JOIN {NUMBERS} ON n <= length({one})"
            for one in self.columns
        ]
        cut.append(f"SELECT id, {self._mark(own)}'long' FROM {own} WHERE {self._is_long(own)}")
        real, kept = " UNION ALL ".join(cut), f"SELECT doc, term FROM {self.name}_pairs"
        for what, more, less in (("too many", kept, real), ("missing", real, kept)):
            for id, _ in session.execute(text(f"SELECT * FROM ({more}) EXCEPT SELECT * FROM ({less}) LIMIT 100")):
                yield f"{self.name}: a pair of row {id} is {what}"

    @property
    def _expression(self) -> str:
        mark = f"'x' || CAST({self.within} AS text) || ':'" if self.within else "''"
        return f"search_pairs({mark}, ARRAY[{', '.join(self.columns)}])"

    def _pairs(self, row: str) -> str:
        """The pairs of a row's texts as SQLite cuts them, a word each."""
        cut = [
            f"coalesce((SELECT group_concat({self._pair(row, one)}, ' ') FROM {NUMBERS} "
            f"WHERE n <= length({row}.{one})), '')"
            for one in self.columns
        ]
        return " || ' ' || ".join([*cut, f"CASE WHEN {self._is_long(row)} THEN {self._mark(row)}'long' ELSE '' END"])

    def _pair(self, row: str, column: str) -> str:
        return f"{self._mark(row)}hex(substr(lower({row}.{column}), n, 2))"

    def _mark(self, row: str) -> str:
        return f"'x' || {row}.{self.within} || 'y' || " if self.within else ""

    def _is_long(self, row: str) -> str:
        return " OR ".join(f"length({row}.{one}) > {LONGEST_CUT}" for one in self.columns)


POSTGRESQL = {
    "search_pairs": """
CREATE FUNCTION search_pairs(mark text, texts text[]) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
AS $search$
  SELECT array_to_tsvector(array(
    SELECT DISTINCT mark || substr(small, n, 2)
    FROM (SELECT lower(one) AS small FROM unnest(texts) AS one) AS cut, generate_series(1, length(small)) AS n
  ))
$search$
""",
    "search_asked": r"""
CREATE FUNCTION search_asked(q text, mark text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $search$
  SELECT (
    string_agg('''' || mark || replace(replace(substr(small, n, 2), '\', '\\'), '''', '''''') || '''', ' & ')
    || CASE WHEN max(length(small)) = 1 THEN ':*' ELSE '' END
  )::tsquery
  FROM (SELECT lower(q) AS small) AS asked, generate_series(1, greatest(1, length(small) - 1)) AS n
$search$
""",
}
"""The functions by name. `mark` stands before each pair and says in which scope it is."""


def is_of_models(name: str | None, kind: str, _: object) -> bool:
    """For Alembic's comparison: whether models describe this table or index; of what search needs they know nothing."""
    if kind not in ("table", "index") or name is None:
        return True
    return name != NUMBERS and not any(name == index or name.startswith(f"{index}_") for index in INDEXES)


def differences(connection: Connection) -> Iterator[str]:
    """What is missing of the indexes or not what it must be, a sentence each."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        wanted = {name: index.statements("sqlite")[0] for name, index in INDEXES.items()}
    else:
        rows = connection.execute(
            text(
                "SELECT c.relname, 'index' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
                "WHERE c.relnamespace = current_schema()::regnamespace AND i.indisvalid UNION ALL "
                "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace"
            )
        )
        wanted = dict.fromkeys(INDEXES, "index") | POSTGRESQL
    there = {name: str(made).strip() for name, made in rows}
    yield from (f"{name} is not what it must be" for name, made in wanted.items() if there.get(name, "?") not in made)


@invariant("database.search")
def search_finds_everything(session: Session) -> Found:
    """The indexes are there, and those that triggers keep hold the pairs of the rows, no fewer and no others."""
    problems = list(differences(session.connection()))
    if problems or not _is_sqlite():
        return len(INDEXES), problems
    return len(INDEXES), (problem for index in INDEXES.values() for problem in index.wrong_pairs(session))


def _is_sqlite() -> bool:
    return dialect() == "sqlite"
