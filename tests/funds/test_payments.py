"""Many payments at once: the same rows and entries as one by one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from portal.clock import CHINA
from portal.db import db
from portal.funds.models import Fund
from portal.funds.spending import Payment, Spending, record_spending, record_spending_many
from portal.invariants import run_all
from portal.ledger.drafts import PoolWouldGoBelowZero
from portal.ledger.models import Balance, Entry, Line, Pool
from portal.problems import AlreadyDone, DomainError
from tests.bulk import same_rows
from tests.giving import DAY, Giving
from tests.volunteers import lines

AT = datetime.combine(DAY, time(18), CHINA)
COUNT = 1_200
"""More than go into one statement."""


def payments(giving: Giving, count: int = 3) -> list[Payment]:
    first = Payment(
        paid_on=DAY, purpose="油费", fen=100, voucher_no="1", handler=giving.cashier, approver=giving.accountant
    )
    return [
        replace(first, paid_on=DAY - timedelta(days=number % 40), fen=100 + number, voucher_no=f"{number}")
        for number in range(count)
    ]


def record_all(giving: Giving, rows: list[Payment]) -> None:
    record_spending_many(giving.fund, rows, by=giving.cashier, checked_by=giving.accountant, at=AT)


def test_many_payments_are_recorded_as_one_by_one(giving: Giving) -> None:
    giving.gift(fen=100_000)
    rows = [*payments(giving), replace(payments(giving)[0], voucher_no="z", beneficiaries=3)]

    def single() -> None:
        for payment in rows:
            record_spending(giving.fund, payment, by=giving.cashier, checked_by=giving.accountant, at=AT)

    same_rows(single, lambda: record_all(giving, rows), Spending, Entry, without=("id", "entry_id", "tx"))
    same_rows(single, lambda: record_all(giving, rows), Pool, Balance, Line, without=("entry_id", "tx"))


def test_each_payment_says_what_the_fund_had_left(giving: Giving) -> None:
    giving.gift(fen=10_000_000)
    record_all(giving, payments(giving, COUNT))
    left = 10_000_000
    for spent in db.session.scalars(select(Spending).order_by(Spending.id)):
        left -= spent.fen
        assert spent.balance_fen == left
    assert db.session.scalar(select(Pool.balance_fen).where(Pool.id == giving.fund.pool_id)) == left
    assert lines("funds.spendings.recorded") == 1
    db.session.commit()
    assert [result.problems for result in run_all(db.session()) if not result.holds] == []


def wrong_payments(giving: Giving) -> Iterator[tuple[Payment, str]]:
    good = payments(giving)[0]
    yield replace(good, purpose=" "), "请写明用途"
    yield replace(good, fen=0), "金额必须大于零"
    yield replace(good, handler=giving.accountant), "经办人和审批人不能是同一个人"


def test_one_wrong_payment_is_named_and_nothing_is_paid(giving: Giving) -> None:
    giving.gift(fen=100_000)
    for wrong, sentence in wrong_payments(giving):
        with pytest.raises(DomainError, match=f"第 4 条：{sentence}"):
            record_all(giving, [*payments(giving), wrong])
    record_all(giving, [])
    assert balance(giving.fund) == 100_000


def test_a_batch_beyond_the_balance_is_refused_as_a_whole(giving: Giving) -> None:
    giving.gift(fen=302)
    with pytest.raises(PoolWouldGoBelowZero):
        record_all(giving, payments(giving))
    db.session.rollback()
    assert (balance(giving.fund), db.session.scalar(select(func.count(Spending.id)))) == (302, 0)


def test_the_same_voucher_is_not_paid_twice(giving: Giving) -> None:
    giving.gift(fen=100_000)
    record_all(giving, payments(giving))
    db.session.commit()
    first = payments(giving)[0]
    for again in ([first], [replace(first, fen=1)], [replace(first, voucher_no="new")] * 2):
        with pytest.raises(AlreadyDone):
            record_all(giving, again)
        db.session.rollback()
    with pytest.raises(AlreadyDone):
        record_spending(giving.fund, first, by=giving.cashier, checked_by=giving.accountant, at=AT)
    db.session.rollback()
    assert db.session.scalar(select(func.count(Spending.id))) == 3


def balance(fund: Fund) -> int:
    db.session.refresh(fund.pool)
    return fund.pool.balance_fen
