"""Entries, followed one after the other to the balances of pools."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from sys import intern
from typing import Any, NamedTuple

from .report import Broken, Report

LARGEST = 2**53 - 1


def read_fact(idx: int, leaf: bytes, report: Report) -> dict[str, Any]:
    """The fact; it must be the one canonical text of what it says, of version 1."""
    try:
        fact = json.loads(leaf)
        told = json.dumps(fact, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    except ValueError as error:
        raise Broken(f"fact {idx} is no JSON") from error
    if told != leaf or not is_plain(fact):
        report.wrong("facts", f"fact {idx} is not written in the one canonical form")
    if not isinstance(fact, dict) or fact.get("v") != 1:
        raise Broken(f"fact {idx} is of a version that is not known here")
    return fact


def is_plain(value: Any) -> bool:
    """Only what has one way of being written: no fractions, no numbers beyond 2^53, ASCII keys."""
    if isinstance(value, dict):
        return all(key.isascii() and is_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is None or isinstance(value, str | bool) or (isinstance(value, int) and abs(value) <= LARGEST)


Voucher = tuple[int, int, str]
"""Books, year, number of an entry."""
Place = tuple[int, str, str | None]
"""Books, account, pool."""


Line = tuple[str, str | None, int, int]
"""Account, pool, debit, credit."""


class Entry(NamedTuple):
    """What is remembered of an entry: its place in the log, what it did to pools (assets less liabilities), in fen."""

    idx: int
    about: str
    fen: int
    trace: str | None
    is_reversal: bool
    lines: tuple[Line, ...]
    pools: dict[str, int]

    @property
    def came(self) -> int:
        return sum(fen for fen in self.pools.values() if fen > 0)

    @property
    def left(self) -> int:
        return -sum(fen for fen in self.pools.values() if fen < 0)


@dataclass
class Books:
    """The entries followed one after the other."""

    report: Report
    entries: dict[Voucher, Entry] = field(default_factory=dict)
    reversed: set[Voucher] = field(default_factory=set)
    pools: Counter[str] = field(default_factory=Counter)
    accounts: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))

    def enter(self, idx: int, fact: dict[str, Any]) -> None:
        voucher = (fact["books"], fact["year"], fact["number"])
        if voucher in self.entries:
            self.report.wrong("entries", f"{said(voucher)} is there twice")
        self._balanced(voucher, fact)
        pools: Counter[str] = Counter()
        lines = tuple((intern(one[0]), one[1] and intern(one[1]), one[2], one[3]) for one in fact["lines"])
        for account, pool, debit, credit in lines:
            sums = self.accounts[fact["books"], account, pool]
            sums[0], sums[1] = sums[0] + debit, sums[1] + credit
            if pool is not None and account[:1] in "12":
                pools[pool] += debit - credit
        self.pools.update(pools)
        told = (intern(fact["about"]), fact["total_fen"], fact.get("trace"), bool(fact["reverses"]))
        self.entries[voucher] = Entry(idx, *told, lines, dict(pools))
        if fact["reverses"]:
            self._mirrored(voucher, (fact["books"], *fact["reverses"]), fact["reason"])

    def _balanced(self, voucher: Voucher, fact: dict[str, Any]) -> None:
        lines = fact["lines"]
        debit, credit = sum(line[2] for line in lines), sum(line[3] for line in lines)
        one_sided = all(min(line[2:4]) == 0 < max(line[2:4]) for line in lines)
        if not (len(lines) > 1 and one_sided and debit == credit == fact["total_fen"]):
            self.report.wrong("entries", f"{said(voucher)} does not balance: {debit} and {credit} fen")
        if date.fromisoformat(fact["on"]).year != fact["year"]:
            self.report.wrong("entries", f"{said(voucher)} is of another year than its number")

    def _mirrored(self, voucher: Voucher, earlier: Voucher, reason: str) -> None:
        before = self.entries.get(earlier)
        if before is None or earlier in self.reversed:
            self.report.wrong("corrections", f"{said(voucher)} takes back {said(earlier)}, which is not there to take")
            return
        self.reversed.add(earlier)
        mirror = tuple((account, pool, credit, debit) for account, pool, debit, credit in before.lines)
        if self.entries[voucher].lines[: len(mirror)] != mirror or not reason:
            self.report.wrong("corrections", f"{said(voucher)} does not take back {said(earlier)} line by line")

    def gifts(self, pool: str, *, taken_back: bool = False) -> Counter[int]:
        """Gifts to a pool, without those that were taken back, or these alone: how many of which amount."""
        gifts = [(at, one) for at, one in self.entries.items() if one.about == "gift" and one.pools.get(pool)]
        return Counter(one.pools[pool] for at, one in gifts if (at in self.reversed) == taken_back)

    def numbered(self) -> None:
        """In each books and year numbers run from 1 without a gap."""
        runs: dict[tuple[int, int], list[int]] = defaultdict(list)
        for books, year, number in self.entries:
            runs[books, year].append(int(number.removeprefix("记-")))
        for (books, year), numbers in runs.items():
            if missing := set(range(1, max(numbers) + 1)) - set(numbers):
                self.report.wrong("entries", f"books {books}, {year}: number {min(missing)} is missing")


def said(voucher: Voucher) -> str:
    return f"entry {voucher[2]} of {voucher[1]} in books {voucher[0]}"
