"""Whatever is posted in whatever order, the pools are what a child would reckon, and the check holds."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from portal.db import db
from portal.ledger.actions import reverse
from portal.ledger.drafts import CannotReverse, PoolWouldGoBelowZero
from portal.ledger.models import Entry, EntryKind, Pool, Source
from portal.ledger.patterns import Lines, fee_lines, gift_lines, spending_lines, transfer_lines
from portal.ledger.trace_writing import GiftSpent
from tests.ledger.books import AT, Books, check

POOLS = ("love", "chairs", "free")
amounts = st.integers(1, 1_000)
pools = st.sampled_from(POOLS)


def left_of(entry: Entry, pool: str) -> int:
    """What is left in a pool of what the entry brought there."""
    wanted = select(func.coalesce(func.sum(Source.rest_fen), 0)).join(Pool, Pool.id == Source.pool_id)
    code = {"love": "919", "chairs": "919/chairs"}[pool]
    return db.session.scalar(wanted.where(Source.entry_id == entry.id, Pool.code == code)) or 0


class LedgerMachine(RuleBasedStateMachine):
    """Money moves between three pools; `sums` is what they must have. `free` alone may go below zero."""

    books: Books

    def start(self, books: Books) -> None:
        self.books = books
        self.sums = dict.fromkeys(POOLS, 0)
        self.posted: list[tuple[Entry, dict[str, int]]] = []

    @rule(pool=pools, fen=amounts)
    def give(self, pool: str, fen: int) -> None:
        self._post(EntryKind.GIFT, gift_lines(getattr(self.books, pool), fen), {pool: fen})

    @rule(pool=pools, fen=amounts, lines=st.sampled_from([spending_lines, fee_lines]))
    def spend(self, pool: str, fen: int, lines: Callable[..., Lines]) -> None:
        self._post(EntryKind.SPENDING, lines(getattr(self.books, pool), fen), {pool: -fen})

    @rule(there=pools, back=pools, fen=amounts)
    def transfer(self, there: str, back: str, fen: int) -> None:
        lines = transfer_lines(getattr(self.books, there), getattr(self.books, back), fen)
        self._post(EntryKind.TRANSFER, lines, {} if there == back else {there: -fen, back: fen})

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        if not self.posted:
            return
        entry, moved = data.draw(st.sampled_from(self.posted))
        back = {pool: -fen for pool, fen in moved.items()}
        if entry.reversed_by is None:
            self._try_to_take_back(entry, back)
        else:
            self._refused(CannotReverse, lambda: self._reverse(entry))

    @invariant()
    def pools_are_as_reckoned(self) -> None:
        assert {pool: getattr(self.books, pool).balance_fen for pool in POOLS} == self.sums

    def teardown(self) -> None:
        check()
        db.session.rollback()

    def _post(self, kind: EntryKind, lines: Lines, moved: dict[str, int]) -> None:
        entry = self._try(lambda: self.books.post(kind, lines), moved)
        if entry is not None:
            self.posted.append((entry, moved))

    def _try(self, act: Callable[[], Entry], moved: dict[str, int]) -> Entry | None:
        """Act, and expect a refusal exactly where a restricted pool would go below zero."""
        after = self.sums | {pool: self.sums[pool] + fen for pool, fen in moved.items()}
        if any(after[pool] < 0 for pool in moved if pool != "free"):
            self._refused(PoolWouldGoBelowZero, act)
            return None
        self.sums = after
        return act()

    def _try_to_take_back(self, entry: Entry, back: dict[str, int]) -> None:
        """What an entry brought is taken back from that alone, not from what others gave to the pool."""
        is_spent = any(fen < 0 and pool != "free" and left_of(entry, pool) < -fen for pool, fen in back.items())
        if is_spent and all(self.sums[pool] + fen >= 0 for pool, fen in back.items() if pool != "free"):
            self._refused(GiftSpent, lambda: self._reverse(entry))
        else:
            self._try(lambda: self._reverse(entry), back)

    def _reverse(self, entry: Entry) -> Entry:
        people: dict[str, Any] = {"by": self.books.cashier, "checked_by": self.books.accountant}
        reversal = reverse(entry, reason="测试冲销", at=AT, **people)
        db.session.expire(entry, ["reversed_by"])
        return reversal

    def _refused(self, error: type[Exception], act: Callable[[], object]) -> None:
        """And what was refused left nothing behind."""
        try:
            act()
        except error:
            return
        raise AssertionError(f"no {error.__name__}")


def test_pools_are_as_reckoned_whatever_happens(books: Books) -> None:
    class Machine(LedgerMachine):
        @initialize()
        def begin(self) -> None:
            self.start(books)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
