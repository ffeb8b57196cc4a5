"""The ledger of one moment, read on a connection of its own: entries in the order of booking, sums month by month."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Select, case, func, select
from sqlalchemy.orm import aliased

from portal.books.naming import Named
from portal.db import db
from portal.funds.spending import FOR_FEW, UNTOLD
from portal.ledger.models import NO_POOL, Account, AccountKind, Balance, Entry, EntryKind, LegalEntity, Line, Pool

TITLE = "公开账簿"
OUTSIDE = 0
"""The account of what lies outside the pools of a part."""

ROWS_AT_ONCE = 1_000
_CLOSING = "%-13"

_Reversed = aliased(Entry)

_LINES = (
    select(
        *(Entry.id, Entry.entity_id, Entry.number_year.label("year"), Entry.number, Entry.on, Entry.kind),
        case((FOR_FEW, UNTOLD), else_=Entry.memo).label("memo"),
        Entry.reason,
        *(_Reversed.number_year.label("reversed_year"), _Reversed.number.label("reversed_number")),
        *(Line.account_id, Line.pool_id, (Line.debit_fen - Line.credit_fen).label("fen")),
        case((FOR_FEW, None), else_=Line.memo).label("line_memo"),
    )
    .select_from(Line)
    .join(Entry, Entry.id == Line.entry_id)
    .outerjoin(_Reversed, _Reversed.id == Entry.reverses_id)
    .order_by(Line.entry_id, Line.position)
)


Wanted = Select[*tuple[Any, ...]]


class Place(NamedTuple):
    """Where a line lies: in an account and a pool (0: none) of a legal entity."""

    entity_id: int
    account_id: int
    pool_id: int


class BookLine(NamedTuple):
    """`fen` is debit less credit."""

    place: Place
    fen: int
    memo: str | None


class BookEntry(NamedTuple):
    """An entry as everybody may read it. `reverses` is year and number of what it takes back."""

    entity_id: int
    year: int
    number: str
    on: date
    kind: str
    memo: str
    reason: str | None
    reverses: tuple[int, str] | None
    lines: list[BookLine]


class Bounds(NamedTuple):
    """Of what: a pool's code and those inside it (`919`, `919/chairs`), and how that is called."""

    code: str
    name: str


class MonthEnd(NamedTuple):
    """What lies in places at the end of a month, debit less credit, in 分. `month` is its first day."""

    month: date
    fen: dict[Place, int]


@dataclass(frozen=True)
class Ledger:
    """The books, or those of some pools, as they stand while the connection is open."""

    connection: Connection
    pool_ids: tuple[int, ...] | None
    title: str
    entities: list[Named]
    accounts: list[Named]
    pools: list[Named]
    kinds: dict[int, AccountKind]

    def places(self) -> list[Place]:
        """Where anything was ever booked."""
        return sorted({Place(*row) for row in self._rows(self._bounded(_PLACES, Balance.pool_id))})

    def entries(self) -> Iterator[BookEntry]:
        """In the order of booking; of some pools, only the lines that lie in them."""
        lines = self._rows(self._bounded(_LINES, Line.pool_id), yield_per=ROWS_AT_ONCE)
        for _, run in groupby(lines, key=attrgetter("id")):
            yield _entry(list(run), is_part=self.pool_ids is not None)

    def month_ends(self) -> Iterator[MonthEnd]:
        """For each month with entries the places that changed; for the last month all of them."""
        changes = self._changes()
        standing: dict[Place, int] = defaultdict(int)
        for month in sorted(changes):
            for place, fen in changes[month].items():
                standing[place] += fen
            yield MonthEnd(_day(month), {place: standing[place] for place in sorted(changes[month])})
        if changes:
            whole = self._rows(self._bounded(_WHOLE, Balance.pool_id))
            yield MonthEnd(_day(max(changes)), {Place(*place): int(fen) for *place, fen in whole})

    def first_day(self) -> date:
        """The first day of the first month with entries."""
        return _day(min(self._changes(), default="2000-01"))

    def _changes(self) -> dict[str, dict[Place, int]]:
        """By month. Closing entries stand in a month 13 of the balances, but in the files under their own day."""
        changes: dict[str, dict[Place, int]] = defaultdict(lambda: defaultdict(int))
        for month, *place, fen in self._rows(self._bounded(_MONTHS, Balance.pool_id)):
            changes[month][Place(*place)] += int(fen)
        for on, *place, fen in self._rows(self._bounded(_CLOSINGS, Line.pool_id)):
            changes[f"{on:%Y-%m}"][Place(*place)] += fen
        return changes

    def _bounded(self, wanted: Wanted, pool_id: Any) -> Wanted:
        return wanted if self.pool_ids is None else wanted.where(pool_id.in_(self.pool_ids))

    def _rows(self, wanted: Wanted, **options: Any) -> Any:
        return self.connection.execute(wanted, execution_options=options)


_FEN = Balance.debit_fen - Balance.credit_fen
_PLACE = (Balance.entity_id, Balance.account_id, Balance.pool_id)
_PLACES = select(*_PLACE).distinct()
_MONTHS = select(Balance.month, *_PLACE, _FEN).where(~Balance.month.like(_CLOSING))
_WHOLE = select(*_PLACE, func.sum(_FEN)).group_by(*_PLACE).order_by(*_PLACE)
_CLOSINGS = (
    select(Entry.on, Entry.entity_id, Line.account_id, func.coalesce(Line.pool_id, NO_POOL))
    .add_columns(Line.debit_fen - Line.credit_fen)
    .join(Line, Line.entry_id == Entry.id)
    .where(Entry.kind == EntryKind.CLOSING)
)


def for_reading() -> Engine:
    """The database as it stands at one moment; whoever only reads takes no turn."""
    engine = db.engine.execution_options(portal_read_only=True, postgresql_readonly=True)
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


@contextmanager
def opened(engine: Engine, bounds: Bounds | None = None) -> Iterator[Ledger]:
    """The ledger of this moment until the end of the block."""
    with engine.connect() as connection:
        yield _ledger(connection, bounds)


def _ledger(connection: Connection, bounds: Bounds | None) -> Ledger:
    chart = list(connection.execute(select(Account.id, Account.code, Account.name, Account.kind).order_by(Account.id)))
    pools = [Named(*row) for row in connection.execute(select(Pool.id, Pool.code, Pool.name).order_by(Pool.id))]
    entities = connection.execute(select(LegalEntity.id, LegalEntity.name).order_by(LegalEntity.id))
    return Ledger(
        connection,
        tuple(pool.id for pool in pools if _is_inside(pool.code, bounds.code)) if bounds else None,
        bounds.name if bounds else TITLE,
        [Named(id, str(id), name) for id, name in entities],
        [Named(id, code, name) for id, code, name, _ in chart],
        pools,
        {id: AccountKind(kind) for id, _, _, kind in chart},
    )


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _is_inside(code: str, above: str) -> bool:
    return code == above or code.startswith(f"{above}/")


def _entry(rows: Sequence[Any], *, is_part: bool) -> BookEntry:
    first = rows[0]
    reverses = None if first.reversed_number is None else (first.reversed_year, first.reversed_number)
    lines = [
        BookLine(Place(row.entity_id, row.account_id, row.pool_id or NO_POOL), row.fen, row.line_memo) for row in rows
    ]
    # Of an entry that also touches other pools a part is seen: what the rest of it comes to lies outside.
    if is_part and (rest := sum(line.fen for line in lines)):
        lines.append(BookLine(Place(first.entity_id, OUTSIDE, NO_POOL), -rest, None))
    return BookEntry(
        *(first.entity_id, first.year, first.number, first.on, first.kind, first.memo, first.reason, reverses), lines
    )


def _place(row: Any) -> Place:
    return Place(row.entity_id, row.account_id, row.pool_id or NO_POOL)
