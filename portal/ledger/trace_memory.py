"""Sources and traces in memory, for whoever follows all entries once more and compares."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from portal.ledger.trace_queues import Made, NewSource, NewTrace, Took


class _Pool:
    """A pool's sources in order. All before place `start` are used up."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.start = 0


class InMemory:
    """What the tables would hold."""

    def __init__(self) -> None:
        self.sources: list[NewSource] = []
        self.traces: dict[tuple[int, int], int] = {}
        self._rests: list[int] = []
        self._pools: dict[int, _Pool] = defaultdict(_Pool)
        self._debts: dict[int, list[int]] = defaultdict(list)
        self._of_entry: dict[int, list[int]] = defaultdict(list)
        self._by_entry: dict[int, list[int]] = defaultdict(list)

    def rows(self) -> Iterator[NewSource]:
        return iter(self.sources)

    def next_id(self) -> int:
        return len(self.sources) + 1

    def keep(self, sources: list[NewSource], traces: list[NewTrace]) -> None:
        for source in sources:
            id, pool_id, entry_id, _, fen = source
            self.sources.append(source)
            self._rests.append(fen)
            self._of_entry[entry_id].append(id)
            (self._pools[pool_id].ids if fen > 0 else self._debts[pool_id]).append(id)
        for entry_id, source_id, fen in traces:
            self.traces[entry_id, source_id] = self.traces.get((entry_id, source_id), 0) + fen
            self._by_entry[entry_id].append(source_id)
            self._take(source_id, fen)

    def open_after(self, pool_id: int, after: int, count: int) -> list[Made]:
        pool = self._pools[pool_id]
        while pool.start < len(pool.ids) and not self._rests[pool.ids[pool.start] - 1]:
            pool.start += 1
        first = max(pool.start, bisect_right(pool.ids, after))
        still_open = (id for id in islice(pool.ids, first, None) if self._rests[id - 1])
        return [self._made(id) for id in islice(still_open, count)]

    def owed(self, pool_id: int) -> list[Made]:
        return [self._made(id) for id in self._debts[pool_id] if self._rests[id - 1]]

    def made_by(self, entry_id: int) -> list[Made]:
        return [self._made(id) for id in self._of_entry.get(entry_id, ())]

    def took_by(self, entry_id: int) -> list[Took]:
        ids = sorted(set(self._by_entry.get(entry_id, ())))
        return [Took(id, self.sources[id - 1][1], self.traces[entry_id, id]) for id in ids]

    def _take(self, source_id: int, fen: int) -> None:
        self._rests[source_id - 1] -= fen
        if fen < 0 < self.sources[source_id - 1][4]:
            pool = self._pools[self.sources[source_id - 1][1]]
            pool.start = min(pool.start, bisect_right(pool.ids, source_id - 1))

    def _made(self, id: int) -> Made:
        _, pool_id, _, origin_id, fen = self.sources[id - 1]
        return Made(id, pool_id, origin_id, fen, self._rests[id - 1])
