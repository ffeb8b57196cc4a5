"""Gifts, payments, fees, transfers and reversals in any order: no fen is lost, none is spent twice."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from portal.db import db
from portal.ledger.actions import post, reverse
from portal.ledger.drafts import PAYS_FROM, CannotReverse, EntryDraft, PoolWouldGoBelowZero
from portal.ledger.models import Entry, EntryKind, Pool, Source, Trace
from portal.ledger.patterns import fee_lines, gift_lines, spending_lines, transfer_lines
from portal.ledger.trace_writing import GiftSpent
from tests.ledger.books import AT, DAY, Books, check

POOLS = ("love", "chairs", "free")
pools = st.sampled_from(POOLS)
amounts = st.integers(1, 300)
REFUSALS = (PoolWouldGoBelowZero, GiftSpent, CannotReverse)


class TraceMachine(RuleBasedStateMachine):
    """`came` is what every gift brought; what is left of all sources must be what the pools have."""

    books: Books

    def start(self, books: Books) -> None:
        self.books = books
        self.entries: list[Entry] = []
        self.gifts: list[tuple[Entry, str]] = []

    @rule(pool=pools, fen=amounts)
    def give(self, pool: str, fen: int) -> None:
        entry = self._post(EntryKind.GIFT, gift_lines(self._pool(pool), fen))
        if entry:
            self.gifts.append((entry, pool))

    @rule(pool=pools, fen=amounts)
    def spend(self, pool: str, fen: int) -> None:
        self._post(EntryKind.SPENDING, spending_lines(self._pool(pool), fen))

    @rule(data=st.data(), fen=st.integers(1, 40))
    def charge(self, data: st.DataObject, fen: int) -> None:
        """A fee of one gift takes of that gift as much as is left of it."""
        if not self.gifts:
            return
        gift, pool = data.draw(st.sampled_from(self.gifts))
        left = self._left_of(gift)
        lines = fee_lines(self._pool(pool), fen)
        fee = self._post(EntryKind.FEE, lines, source=PAYS_FROM, source_id=gift.id)
        if fee:
            assert left - self._left_of(gift) >= min(left, fen)

    @rule(there=pools, back=pools, fen=amounts)
    def transfer(self, there: str, back: str, fen: int) -> None:
        self._post(EntryKind.TRANSFER, transfer_lines(self._pool(there), self._pool(back), fen))

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        if not self.entries:
            return
        entry = data.draw(st.sampled_from(self.entries))
        people: dict[str, Any] = {"by": self.books.cashier, "checked_by": self.books.accountant}
        try:
            reverse(entry, reason="测试", at=AT, **people)
        except REFUSALS:
            return
        db.session.expire(entry, ["reversed_by"])

    @invariant()
    def what_is_left_is_what_the_pools_have(self) -> None:
        left = select(func.coalesce(func.sum(Source.rest_fen), 0)).where(Source.pool_id == Pool.id)
        for balance, rests in db.session.execute(select(Pool.balance_fen, left.scalar_subquery())):
            assert balance == rests

    @invariant()
    def nothing_is_taken_that_is_not_there(self) -> None:
        taken = select(func.coalesce(func.sum(Trace.fen), 0)).where(Trace.source_id == Source.id).scalar_subquery()
        for fen, rest, gone in db.session.execute(select(Source.fen, Source.rest_fen, taken)):
            assert rest == fen - gone
            assert min(0, fen) <= rest <= max(0, fen)

    @invariant()
    def pools_that_may_not_go_below_zero_owe_nothing(self) -> None:
        owed = select(func.count()).join(Pool, Pool.id == Source.pool_id).select_from(Source)
        assert db.session.scalar(owed.where(Source.fen < 0, ~Pool.may_go_below_zero)) == 0

    def teardown(self) -> None:
        check()
        db.session.rollback()

    def _pool(self, name: str) -> Pool:
        pool: Pool = getattr(self.books, name)
        return pool

    def _left_of(self, gift: Entry) -> int:
        return db.session.scalar(select(func.sum(Source.rest_fen)).where(Source.entry_id == gift.id)) or 0

    def _post(self, kind: EntryKind, lines: Any, **more: Any) -> Entry | None:
        draft = EntryDraft(on=DAY, kind=kind, memo="测试", lines=lines, **more)
        try:
            entry = post(draft, by=self.books.cashier, checked_by=self.books.accountant, at=AT)
        except PoolWouldGoBelowZero:
            return None
        self.entries.append(entry)
        return entry


def test_no_fen_is_lost_and_none_spent_twice_whatever_happens(books: Books) -> None:
    class Machine(TraceMachine):
        @initialize()
        def begin(self) -> None:
            self.start(books)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        ),
    )
