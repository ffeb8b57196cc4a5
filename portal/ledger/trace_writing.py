"""Which source paid for what: written as entries are posted, first in, first out inside each pool.

By its net movement of a pool (assets less liabilities) an entry makes a source there, or takes sources:

- money comes in: a source; carried on from the sources that the same entry takes in another pool (a transfer);
- money goes out: the pool's sources, oldest first; a fee takes its own gift first;
- the reversal of a payment gives the same sources back; the reversal of a gift takes from that gift alone;
- what no source covers, in a pool that may go below zero, is a debt: a source below zero, which the pool's next income
  settles before anything else is paid from it.

So for each entry and pool: what it moved = the sources it made − what it took of sources.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from portal.ledger.trace_queues import Made, NewSource, NewTrace, Queue, Rest, Store, Took
from portal.money import yuan
from portal.problems import DomainError
from portal.words import _l


class Way(NamedTuple):
    """What an entry does to pools, in 分, in the order of their ids; what it takes back; the gift a fee belongs to."""

    entry_id: int
    moves: Mapping[int, int]
    reverses_id: int | None = None
    pays_from: int | None = None


class GiftSpent(DomainError):
    """A gift is taken back of which a part was spent, and nothing covers that part. `lacking_fen` in 分."""

    def __init__(self, lacking_fen: int) -> None:
        words = _l("这笔钱已经用出 %(yuan)s 元：冲销时要同时记下由谁补上，或记一笔应收款。", yuan=yuan(lacking_fen))
        super().__init__(words, field="amount")
        self.lacking_fen = lacking_fen


class NotTraced(DomainError):
    """No source stands for the money that is paid: older books have not been traced yet."""

    def __init__(self) -> None:
        super().__init__(_l("以前的账还没有追踪到来源。请管理员运行 portal migrate，再记这一笔。"))


Shares = dict[int, int]
"""By source: what the entry takes of it, in 分; below zero what it gives back."""


class Tracer:
    """Follows entries one after the other. `owing`: pools that may go below zero.

    Not `strict`: books from before sources were kept, where a gift could be taken back after it was spent.
    """

    def __init__(self, store: Store, owing: Collection[int], *, strict: bool = True) -> None:
        self._store, self._owing, self._strict = store, owing, strict
        self._sources: list[NewSource] = []
        self._traces: list[NewTrace] = []
        self._queues: dict[int, Queue] = {}
        self._debts: dict[int, deque[Rest]] = {}
        self._next = 0

    def follow(self, ways: Iterable[Way]) -> None:
        """Trace all of them and keep it. Raises GiftSpent, NotTraced."""
        for way in ways:
            if way.reverses_id is not None:
                self._apart(way, self._take_back(way, way.reverses_id))
            elif way.pays_from is not None:
                self._apart(way, self._take_own_gift(way, way.pays_from))
            else:
                self._enter(way)
        self._keep()

    def _apart(self, way: Way, first: tuple[Shares, Mapping[int, int]]) -> None:
        """An entry that reaches for certain sources: what was read of the pools before counts no more."""
        shares, left = first
        self._write(way.entry_id, shares)
        self._keep()
        self._enter(way._replace(moves=left))

    def _enter(self, way: Way) -> None:
        """Out first, so that what comes in elsewhere knows where it is from."""
        shares: Shares = defaultdict(int)
        taken: deque[Rest] = deque()
        for pool_id, fen in way.moves.items():
            if fen < 0:
                taken += self._pay(way.entry_id, pool_id, -fen, shares)
        for pool_id, fen in way.moves.items():
            if fen > 0:
                self._bring(way.entry_id, pool_id, fen, taken, shares)
        self._write(way.entry_id, shares)

    def _write(self, entry_id: int, shares: Shares) -> None:
        self._traces += [(entry_id, source_id, fen) for source_id, fen in shares.items() if fen]

    def _keep(self) -> None:
        if self._sources or self._traces:
            self._store.keep(self._sources, self._traces)
            self._sources, self._traces = [], []
        self._queues.clear()
        self._debts.clear()

    # ── out ─────────────────────────────────────────────────────────────────────────────────────────
    def _pay(self, entry_id: int, pool_id: int, fen: int, shares: Shares) -> list[Rest]:
        taken = self._queue(pool_id).take(fen)
        for part in taken:
            shares[part.source_id] += part.fen
            fen -= part.fen
        if fen:
            self._owe(entry_id, pool_id, fen)
        return taken

    def _owe(self, entry_id: int, pool_id: int, fen: int) -> None:
        if self._strict and pool_id not in self._owing:
            raise NotTraced
        debts = self._owed(pool_id)
        debt = self._make(entry_id, pool_id, None, -fen)
        debts.append(Rest(debt, debt, -fen))

    # ── in ──────────────────────────────────────────────────────────────────────────────────────────
    def _bring(self, entry_id: int, pool_id: int, fen: int, taken: deque[Rest], shares: Shares) -> None:
        for origin_id, part in _by_origin(taken, fen):
            source_id = self._make(entry_id, pool_id, origin_id, part)
            rest = Rest(source_id, origin_id or source_id, part)
            self._settle(pool_id, rest, shares)
            self._queue(pool_id).add(rest)

    def _settle(self, pool_id: int, rest: Rest, shares: Shares) -> None:
        """Before anything else, new money pays what the pool owes."""
        if pool_id not in self._owing and self._strict:
            return
        debts = self._owed(pool_id)
        while debts and rest.fen:
            part = min(rest.fen, -debts[0].fen)
            shares[rest.source_id] += part
            shares[debts[0].source_id] -= part
            rest.fen -= part
            debts[0].fen += part
            if not debts[0].fen:
                debts.popleft()

    # ── certain sources ─────────────────────────────────────────────────────────────────────────────
    def _take_own_gift(self, way: Way, gift_id: int) -> tuple[Shares, Mapping[int, int]]:
        """A fee is paid from its own gift, as far as that reaches."""
        self._keep()
        shares: Shares = defaultdict(int)
        left = dict(way.moves)
        for source in self._store.made_by(gift_id):
            if source.fen > 0 > left.get(source.pool_id, 0):
                left[source.pool_id] += _take(source, -left[source.pool_id], shares)
        return shares, left

    def _take_back(self, way: Way, entry_id: int) -> tuple[Shares, Mapping[int, int]]:
        """Give back what the entry took, take what it brought. Raises GiftSpent."""
        self._keep()
        made, took = self._store.made_by(entry_id), self._store.took_by(entry_id)
        brought = {source.pool_id for source in made if source.fen > 0}
        shares: Shares = defaultdict(int)
        left = dict(way.moves)
        for pool_id, fen in way.moves.items():
            of_pool = [one for one in made if one.pool_id == pool_id], [one for one in took if one.pool_id == pool_id]
            if fen > 0 and pool_id not in brought:
                left[pool_id] -= _give_back(*of_pool, fen, shares)
            elif fen < 0 and pool_id in brought:
                left[pool_id] += _take_brought(*of_pool, -fen, shares)
                self._require_covered(way.entry_id, pool_id, left)
        return shares, left

    def _require_covered(self, entry_id: int, pool_id: int, left: dict[int, int]) -> None:
        lacking = -left[pool_id]
        if not lacking or (not self._strict and pool_id not in self._owing):
            return
        if pool_id not in self._owing:
            raise GiftSpent(lacking)
        self._owe(entry_id, pool_id, lacking)
        left[pool_id] = 0

    # ── what is known ───────────────────────────────────────────────────────────────────────────────
    def _make(self, entry_id: int, pool_id: int, origin_id: int | None, fen: int) -> int:
        self._next = self._next + 1 if self._next else self._store.next_id()
        self._sources.append((self._next, pool_id, entry_id, origin_id, fen))
        return self._next

    def _queue(self, pool_id: int) -> Queue:
        if pool_id not in self._queues:
            self._queues[pool_id] = Queue(self._store, pool_id)
        return self._queues[pool_id]

    def _owed(self, pool_id: int) -> deque[Rest]:
        """The pool's open debts; read before the first of these entries makes one."""
        if pool_id not in self._debts:
            found = self._store.owed(pool_id)
            self._debts[pool_id] = deque(Rest(one.id, one.root, one.rest_fen) for one in found)
        return self._debts[pool_id]


def _by_origin(taken: deque[Rest], fen: int) -> list[tuple[int | None, int]]:
    """What comes in, by the source it first came from; None where it comes from outside. Uses `taken` up."""
    parts: dict[int | None, int] = defaultdict(int)
    while taken and fen:
        part = min(taken[0].fen, fen)
        parts[taken[0].root] += part
        taken[0].fen -= part
        fen -= part
        if not taken[0].fen:
            taken.popleft()
    if fen:
        parts[None] = fen
    return list(parts.items())


def _take(source: Made, fen: int, shares: Shares) -> int:
    part = min(source.rest_fen, fen)
    shares[source.id] += part
    return part


def _give_back(made: list[Made], took: list[Took], fen: int, shares: Shares) -> int:
    """Debts of the entry are struck first, then its sources get theirs back; gives how much of `fen` that was."""
    given = 0
    for source_id, most in [*((one.id, -one.rest_fen) for one in made), *((one.source_id, one.fen) for one in took)]:
        part = min(most, fen - given)
        shares[source_id] -= part
        given += part
    return given


def _take_brought(made: list[Made], took: list[Took], fen: int, shares: Shares) -> int:
    """What is left of the entry's own money, then what it settled of debts, which are open again; gives how much."""
    taken = 0
    for source in made:
        taken += _take(source, fen - taken, shares)
    for settled in took:
        if settled.fen < 0:
            part = min(-settled.fen, fen - taken)
            shares[settled.source_id] += part
            taken += part
    return taken
