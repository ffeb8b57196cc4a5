"""48,740 gifts in one transaction: the size of the largest list that was ever imported."""

import time

import pytest
from sqlalchemy import text

from portal.db import db
from portal.ledger.actions import post_many
from portal.ledger.models import EntryKind
from portal.ledger.patterns import gift_lines
from tests.ledger.books import AT, DAY, Books, check, draft

GIFTS = 48_740


def test_a_list_of_48740_gifts_is_posted_in_one_transaction(books: Books) -> None:
    days = [DAY.replace(month=1 + number % 12) for number in range(GIFTS)]
    drafts = [
        draft(EntryKind.GIFT, gift_lines(books.love, 1 + number), on=day, key=f"list:1:{number}")
        for number, day in enumerate(days)
    ]
    began, busy = time.perf_counter(), time.process_time()
    posted = post_many(drafts, by=books.cashier, checked_by=books.accountant, at=AT)
    db.session.commit()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(f"{db.engine.dialect.name}: {GIFTS:,} entries in {took:.1f} s, of which {busy:.1f} s in this process")
    assert posted[-1].number == f"记-{GIFTS}"
    assert books.love.balance_fen == GIFTS * (GIFTS + 1) // 2
    check()


def test_one_posting_after_many_reads_no_table_through(books: Books) -> None:
    """PostgreSQL keeps the first plan of a trigger for the session: made for 1,000 rows, used for one."""
    run = [draft(EntryKind.GIFT, gift_lines(books.love, 1)) for _ in range(5_000)]
    post_many(run, by=books.cashier, checked_by=None, at=AT)
    db.session.commit()
    if db.engine.dialect.name == "postgresql":
        read = "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'ledger_line'"
        # What the transaction before read is reported up to a second later, so it may still stand here.
        before = db.session.execute(text(read)).one()
        books.gift("1.00")
        after = db.session.execute(text(read)).one()
        assert after[0] - before[0] == 0
        assert 0 < after[1] - before[1] < 20
    db.session.commit()
    check()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_session_that_knew_the_books_empty_still_posts_by_index(books: Books) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as outside:
        outside.execute(text("VACUUM ledger_entry"))
        outside.execute(text("VACUUM ledger_line"))
    # After five times PostgreSQL keeps a plan for good.
    for _ in range(10):
        books.gift("1.00")
        db.session.commit()
    before = _read_through()
    post_many(
        [draft(EntryKind.GIFT, gift_lines(books.love, 1)) for _ in range(3_000)],
        by=books.cashier,
        checked_by=None,
        at=AT,
    )
    db.session.commit()
    # Nine millions otherwise. What other sessions have read before may be reported only now.
    assert _read_through() - before < 1_000_000


def _read_through() -> int:
    """Rows of the entries that were read because a table was read through."""
    db.session.execute(text("SELECT pg_stat_force_next_flush()"))
    db.session.commit()
    read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'ledger_entry'"
    rows = int(db.session.execute(text(read)).scalar_one())
    db.session.commit()
    return rows
