"""Books with everything in them that a file could stumble over."""

from datetime import date, datetime

from portal.clock import CHINA
from portal.db import db, dialect
from portal.ledger import accounts
from portal.ledger.actions import open_account, open_entity, open_pool, post, reverse
from portal.ledger.drafts import EntryDraft, LineDraft
from portal.ledger.models import EntryKind, LegalEntity, Pool
from portal.ledger.patterns import gift_lines, interest_lines, spending_lines, transfer_lines
from tests.ledger.books import AT, DAY, Books

LATER = datetime(2027, 3, 9, 10, tzinfo=CHINA)
MEMOS = (
    "quotes \"both\" and 'single'",
    'a backslash \\ and \\n, \\" and one at the end \\',
    "two\nlines\r\nand more\ttabs\x00null\x0b\x0c\x1b[31m\u2028\u2029\x85end",
    "半角;分号；全角 ; comment: tag:value, date:not-a-day [2026-99-99] |payee",
    "🎉👨‍👩‍👧‍👦🏳️‍🌈 ﷽ 𠮷 é é",
    "\u202eעברית العربية\u2066 turned\u2069",
    "* not a flag ! (code) =2026-01-01 @ {1 CNY} ^link #tag",
    "= 100.00 CNY",
    "长" * 20_000,
    "\u3000 \ufeff blanks around \u3000",
    '2026-03-02 * "another entry"\n  Assets:X  1.00 CNY',
)
ENTITIES = ('Haining  Charity ; "Inc." (2)', "\u202eעמותה", "×××", "1-海宁市甲慈善会", "名" * 300)
POOLS = ("919-chairs", "爱心/椅;子", "a", "A", "\u0301", "9:1|9", "x" * 90, "x" * 91)


def written(books: Books) -> Books:
    """Write them, committed: entries, corrections, transfers, a year's closing and its taking back."""
    open_account("1002 01", "工商银行", by=None, at=AT)
    open_account("1002 01 01", "银行存款—工商银行: 一般户", by=None, at=AT)
    for memo in MEMOS:
        # PostgreSQL keeps no null bytes.
        memo = memo if dialect() == "sqlite" else memo.replace("\0", " ")
        _post(books, memo, gift_lines(books.love, 1_000_001))
    _corrections(books)
    _others(books)
    _pools(books)
    _closing(books)
    db.session.commit()
    return books


def _post(books: Books, memo: str, lines: tuple[LineDraft, ...], *, on: date = DAY, **more: object) -> int:
    draft = EntryDraft(on=on, kind=EntryKind(str(more.get("kind", "gift"))), memo=memo, lines=lines)
    return post(draft, by=books.cashier, checked_by=books.accountant, at=AT).id


def _corrections(books: Books) -> None:
    wrong = books.gift("88.88")
    books.spend("0.01")
    people = {"by": books.cashier, "checked_by": books.accountant}
    reverse(wrong, reason='重复入账;\n"银行" \\ 已退 [1/1]', at=AT, **people)
    reverse(books.spend("5"), reason="记错了", at=LATER, **people)


def _others(books: Books) -> None:
    """Transfers, pools below zero, lines in no pool, sub-accounts, days in no order, the year's last second."""
    books.post(EntryKind.TRANSFER, transfer_lines(books.love, books.chairs, 300))
    books.spend("7.77", books.free, on=date(2026, 2, 28))
    books.post(EntryKind.INTEREST, interest_lines(books.chairs, 1), on=date(2026, 12, 31))
    books.gift("0.01", on=date(2024, 2, 29))
    books.post(EntryKind.GIFT, gift_lines(books.foreign, 10**13), on=date(2025, 1, 1))
    memo = 'a line; with: a "memo" [2026-01-01]\nand more'
    lines = (
        LineDraft("1002 01", debit_fen=500, pool_id=books.love.id, memo=memo),
        LineDraft("1002 01 01", debit_fen=1, pool_id=books.love.id),
        LineDraft(accounts.BANK, credit_fen=501),
    )
    _post(books, "部分在专项资金之外", lines)


def _pools(books: Books) -> None:
    for name in ENTITIES:
        entity: LegalEntity = open_entity(name, name[:4], by=None, at=AT)
        code = f"of{entity.id}"
        _post(books, name, gift_lines(open_pool(entity, code, name, is_restricted=True, by=None, at=AT), 1))
    for code in POOLS:
        pool: Pool = open_pool(books.host, code, "同名", is_restricted=False, by=None, at=AT)
        _post(books, code, gift_lines(pool, 12_345))
        _post(books, code, spending_lines(pool, 45), kind="spending")


def _closing(books: Books) -> None:
    """Income goes to net assets at the year's end; taken back in March, where only the day is of that month."""
    lines = (
        LineDraft(accounts.RESTRICTED_GIFTS, debit_fen=1_000, pool_id=books.love.id),
        LineDraft(accounts.RESTRICTED_NET_ASSETS, credit_fen=1_000, pool_id=books.love.id),
    )
    draft = EntryDraft(on=date(2026, 12, 31), kind=EntryKind.CLOSING, memo="年末结转", lines=lines)
    people = {"by": books.cashier, "checked_by": books.accountant}
    closed = post(draft, at=AT, **people)
    reverse(closed, reason="结转重做", at=LATER, **people)
    books.gift("3.21", on=date(2027, 12, 1))
