"""The ledger in beancount's language (3.2): `bean-check ledger.beancount` adds it up."""

from collections.abc import Iterator
from datetime import timedelta

from portal.books.accounts import Accounts
from portal.books.queries import BookEntry, Ledger, MonthEnd
from portal.books.texts import one_line, yuan
from portal.ledger.models import AccountKind

ROOTS = {
    AccountKind.ASSET: "Assets",
    AccountKind.LIABILITY: "Liabilities",
    AccountKind.NET_ASSETS: "Equity",
    AccountKind.INCOME: "Income",
    AccountKind.EXPENSE: "Expenses",
}
"""Programs for beancount look for these; below them the names are Chinese."""


def beancount(ledger: Ledger) -> Iterator[str]:
    """Parts of the file. Amounts are debit less credit."""
    accounts = Accounts(ledger, ROOTS)
    yield f'option "title" {_text(ledger.title)}\noption "operating_currency" "CNY"\n\n'
    first = ledger.first_day()
    yield f"{first} commodity CNY\n"
    yield "".join(f"{first} open {name} CNY\n" for name in accounts.all())
    for entry in ledger.entries():
        yield _entry(entry, accounts)
    for end in ledger.month_ends():
        yield _balances(end, accounts)


def _entry(entry: BookEntry, accounts: Accounts) -> str:
    head = f"\n{entry.on} * {_text(entry.memo)} #{entry.kind} ^{entry.entity_id}-{entry.year}-{entry.number[2:]}\n"
    said = [("number", entry.number)]
    if entry.reverses:
        said += [("reverses", f"{entry.reverses[0]} {entry.reverses[1]}"), ("reason", entry.reason or "")]
    more = "".join(f"  {name}: {_text(value)}\n" for name, value in said)
    return head + more + "".join(_line(accounts.name(one.place), one.fen, one.memo) for one in entry.lines)


def _line(name: str, fen: int, memo: str | None) -> str:
    told = f"    memo: {_text(memo)}\n" if memo else ""
    return f"  {name}  {yuan(fen)} CNY\n{told}"


def _balances(end: MonthEnd, accounts: Accounts) -> str:
    """beancount asks at the day's beginning, and allows for a fen unless told otherwise."""
    day = (end.month + timedelta(days=31)).replace(day=1)
    return "\n" + "".join(f"{day} balance {accounts.name(at)}  {yuan(fen)} ~ 0.00 CNY\n" for at, fen in end.fen.items())


def _text(text: str) -> str:
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
