"""Which gift paid for what: the rows that entries' facts stand for."""

import hashlib
import json
from collections import Counter
from typing import Any

from .facts import Books, Voucher, said
from .report import Report
from .site import Site


def follow_traces(site: Site, books: Books, owing: set[str], report: Report) -> int:
    """Each entry's trace is the one that its fact stands for, adds up, and no source is used up twice; how many.

    What a pool owes that may go below zero is settled later: there nothing can be said of one entry alone.
    """
    used: Counter[Voucher] = Counter()
    traced = 0
    for voucher, entry in books.entries.items():
        rows = _rows(site, books, voucher, report) if entry.trace else []
        traced += bool(rows)
        wanted = entry.left - (entry.came if entry.is_reversal else 0)
        if not owing.intersection(entry.pools) and sum(fen for _, _, fen in rows) != wanted:
            report.wrong("traces", f"{wanted} fen left the pools of {said(voucher)}, its trace tells of {rows}"[:300])
        for year, number, fen in rows:
            used[voucher[0], year, number] += fen
    for source, fen in used.items():
        _compare(books, source, fen, owing, report)
    return traced


def _rows(site: Site, books: Books, voucher: Voucher, report: Report) -> list[list[Any]]:
    text = site.get(f"/log/trace/{books.entries[voucher].idx}")
    if hashlib.sha256(text).hexdigest() != books.entries[voucher].trace:
        report.wrong("traces", f"the trace of {said(voucher)} was changed after it was logged")
    rows: list[list[Any]] = json.loads(text)
    return rows


def _compare(books: Books, source: Voucher, fen: int, owing: set[str], report: Report) -> None:
    entry = books.entries.get(source)
    came = entry.came if entry else 0
    if not (0 <= fen <= came or (entry and owing.intersection(entry.pools))):
        report.wrong("traces", f"{said(source)} brought {came} fen, of which {fen} are said to have been spent")
