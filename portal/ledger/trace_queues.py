"""A pool's open sources in the order in which they are taken, read on only as far as they are needed."""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple, Protocol

FIRST_PAGE, LAST_PAGE = 64, 2_000
"""Sources read at once: mostly a handful pays, sometimes thousands do."""


class Made(NamedTuple):
    """A source as it is now, in 分."""

    id: int
    pool_id: int
    origin_id: int | None
    fen: int
    rest_fen: int

    @property
    def root(self) -> int:
        """The source that the money first came from."""
        return self.origin_id or self.id


class Took(NamedTuple):
    """A trace row, and the pool of its source."""

    source_id: int
    pool_id: int
    fen: int


NewSource = tuple[int, int, int, int | None, int]
"""id, pool, entry, origin, 分."""
NewTrace = tuple[int, int, int]
"""entry, source, 分."""


class Store(Protocol):
    """Where sources and traces lie: the database, or the memory of whoever computes them once more."""

    def next_id(self) -> int:
        """The id of the next source."""

    def keep(self, sources: list[NewSource], traces: list[NewTrace]) -> None:
        """Sources first, then traces; rests follow by themselves."""

    def open_after(self, pool_id: int, after: int, count: int) -> list[Made]:
        """The pool's next sources with something left, in order."""

    def owed(self, pool_id: int) -> list[Made]:
        """The pool's open debts, in order."""

    def made_by(self, entry_id: int) -> list[Made]:
        """All sources that an entry made, in order."""

    def took_by(self, entry_id: int) -> list[Took]:
        """What an entry took of sources, in order."""


@dataclass(slots=True)
class Rest:
    """What is left of a source, in 分, and the source that it first came from."""

    source_id: int
    root: int
    fen: int


class Queue:
    """A pool's open sources: those in the store, then those made since."""

    def __init__(self, store: Store, pool_id: int) -> None:
        self._store, self._pool_id = store, pool_id
        self._read: deque[Rest] = deque()
        self._new: deque[Rest] = deque()
        self._after, self._page, self._is_more = 0, FIRST_PAGE, True

    def add(self, rest: Rest) -> None:
        self._new.append(rest)

    def take(self, fen: int) -> list[Rest]:
        """Up to so many 分, oldest first: what was taken of which source."""
        taken = []
        while fen and (first := self._first()):
            part = min(first.fen, fen)
            taken.append(Rest(first.source_id, first.root, part))
            first.fen -= part
            fen -= part
        return taken

    def _first(self) -> Rest | None:
        while self._read or self._is_more:
            if not self._read:
                self._read_on()
            elif self._read[0].fen:
                return self._read[0]
            else:
                self._read.popleft()
        while self._new and not self._new[0].fen:
            self._new.popleft()
        return self._new[0] if self._new else None

    def _read_on(self) -> None:
        found = self._store.open_after(self._pool_id, self._after, self._page)
        self._is_more = len(found) == self._page
        self._page = min(2 * self._page, LAST_PAGE)
        self._read.extend(Rest(one.id, one.root, one.rest_fen) for one in found)
        if found:
            self._after = found[-1].id
