"""Confirmations: their serials, which are void, and whether they come to what the gifts' entries come to."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from sys import intern
from typing import Any, NamedTuple

from .facts import Books, Voucher, said
from .report import Report


class Issued(NamedTuple):
    """What is remembered of a confirmation. `gift` is the gift's entry."""

    fund: str
    fen: int
    gift: Voucher


@dataclass
class Receipts:
    """Confirmations: issued, void, succeeded."""

    report: Report
    issued: dict[str, Issued] = field(default_factory=dict)
    void: set[str] = field(default_factory=set)

    def enter(self, fact: dict[str, Any]) -> None:
        number = fact["number"]
        if fact["kind"] == "receipt":
            if number in self.issued:
                self.report.wrong("receipts", f"{number} was issued twice")
            year, entry = fact["entry"]
            self.issued[number] = Issued(intern(fact["fund"]), fact["fen"], (fact["books"], year, entry))
        elif number not in self.issued or (fact["kind"] == "successor" and fact["successor"] not in self.issued):
            self.report.wrong("receipts", f"{number} is void or succeeded, but was never issued")
        elif fact["kind"] == "void":
            self.void.add(number)
            if not fact["reason"]:
                self.report.wrong("receipts", f"{number} is void without a reason")

    def numbered(self) -> None:
        """In each fund and year serials run without a gap; where a year began on paper, from a later number on."""
        runs: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number in self.issued:
            fund, year, serial = number.rsplit("-", 2)
            runs[fund, year].append(int(serial))
        for (fund, year), serials in runs.items():
            if missing := set(range(min(serials), max(serials) + 1)) - set(serials):
                self.report.wrong("receipts", f"{fund}-{year}-{min(missing):06d} is missing")

    def compared(self, books: Books) -> None:
        """Valid ones come to what the gifts' entries come to; gifts that were taken back have none that is valid."""
        valid: Counter[Voucher] = Counter()
        ever: Counter[Voucher] = Counter()
        for number, one in self.issued.items():
            ever[one.gift] += 1
            valid[one.gift] += 0 if number in self.void else one.fen
            if one.gift not in books.entries or books.entries[one.gift].fen != one.fen:
                self.report.wrong("receipts", f"{number} is for {one.fen} fen, {said(one.gift)} is not")
        for gift, entry in books.entries.items():
            if entry.about == "gift":
                self._compare(gift, entry.fen, valid[gift], ever[gift], is_back=gift in books.reversed)

    def _compare(self, gift: Voucher, fen: int, valid: int, count: int, *, is_back: bool) -> None:
        if not count:
            self.report.wrong("receipts", f"{said(gift)} is a gift, but no receipt was ever issued for it")
        elif is_back and valid:
            self.report.wrong("receipts", f"{said(gift)} was taken back, but its receipt is still valid")
        elif valid not in (0, fen):
            self.report.wrong("receipts", f"{said(gift)} is a gift of {fen} fen, its valid receipts come to {valid}")
