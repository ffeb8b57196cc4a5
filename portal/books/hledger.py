"""The ledger as a journal of hledger (1.25): `hledger check -s -f ledger.hledger` adds it up."""

from calendar import monthrange
from collections.abc import Iterator

from portal.books.accounts import Accounts
from portal.books.queries import BookEntry, Ledger, MonthEnd
from portal.books.texts import one_line, yuan
from portal.ledger.models import AccountKind

ROOTS = {
    AccountKind.ASSET: "资产",
    AccountKind.LIABILITY: "负债",
    AccountKind.NET_ASSETS: "净资产",
    AccountKind.INCOME: "收入",
    AccountKind.EXPENSE: "费用",
}
_TYPES = {
    AccountKind.ASSET: "A",
    AccountKind.LIABILITY: "L",
    AccountKind.NET_ASSETS: "E",
    AccountKind.INCOME: "R",
    AccountKind.EXPENSE: "X",
}
_WIDE = str.maketrans(";|:[],", "；｜：［］，")
"""A semicolon ends a description; in comments colons make tags, and brackets dates."""


def hledger(ledger: Ledger) -> Iterator[str]:
    """Parts of the file. Amounts are debit less credit."""
    accounts = Accounts(ledger, ROOTS)
    yield f"; {_text(ledger.title)}\n\ncommodity 1000.00 CNY\n"
    yield "".join(f"account {root}  ; type: {_TYPES[kind]}\n" for kind, root in ROOTS.items())
    yield "".join(f"account {name}\n" for name in accounts.all())
    for entry in ledger.entries():
        yield _entry(entry, accounts)
    # Of one day hledger takes what stands first in the file first: so these stand last.
    for end in ledger.month_ends():
        yield _balances(end, accounts)


def _entry(entry: BookEntry, accounts: Accounts) -> str:
    code = f"{entry.entity_id}-{entry.year}-{entry.number[2:]}"
    head = f"\n{entry.on} * ({code}) {_text(entry.memo)}  ; kind:{entry.kind}, number:{entry.number}\n"
    more = ""
    if entry.reverses:
        year, number = entry.reverses
        more = f"    ; reverses:{year} {number}\n    ; reason:{_text(entry.reason or '')}\n"
    return head + more + "".join(_line(accounts.name(one.place), one.fen, one.memo) for one in entry.lines)


def _line(name: str, fen: int, memo: str | None) -> str:
    return f"    {name}  {yuan(fen)} CNY{f'  ; {_text(memo)}' if memo else ''}\n"


def _balances(end: MonthEnd, accounts: Accounts) -> str:
    day = end.month.replace(day=monthrange(end.month.year, end.month.month)[1])
    lines = (f"    {accounts.name(at)}  0.00 CNY = {yuan(fen)} CNY\n" for at, fen in end.fen.items())
    return f"\n{day} * 月末余额\n{''.join(lines)}"


def _text(text: str) -> str:
    return one_line(text).translate(_WIDE)
