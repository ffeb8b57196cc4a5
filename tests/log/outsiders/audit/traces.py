"""Which gift paid for what: the rows that entries' facts stand for."""

import hashlib
import json
from collections import Counter

from .facts import Books, Voucher, said
from .report import Report
from .site import Site


def follow_traces(site: Site, books: Books, owing: set[str], report: Report) -> int:
    """Each entry's trace is the one that its fact stands for, adds up, and no source is used up twice."""
    used: Counter[Voucher] = Counter()
    traced = 0
    for voucher, (idx, fact, pools) in books.entries.items():
        out, back = -sum(fen for fen in pools.values() if fen < 0), sum(fen for fen in pools.values() if fen > 0)
        rows = []
        if fact.get("trace"):
            text = site.get(f"/log/trace/{idx}")
            if hashlib.sha256(text).hexdigest() != fact["trace"]:
                report.wrong("traces", f"the trace of {said(voucher)} was changed after it was logged")
            rows, traced = json.loads(text), traced + 1
        if not owing.intersection(pools) and sum(row[2] for row in rows) != out - (back if fact["reverses"] else 0):
            report.wrong("traces", f"{said(voucher)}: {out} fen left its pools, but the trace tells of {rows}"[:300])
        used.update({(voucher[0], *row[:2]): 0 for row in rows})
        for year, number, fen in rows:
            used[voucher[0], year, number] += fen
    for source, fen in used.items():
        came = sum(one for one in books.entries[source].pools.values() if one > 0) if source in books.entries else 0
        if not (0 <= fen <= came or owing.intersection(books.entries[source].pools if source in books.entries else ())):
            report.wrong("traces", f"{said(source)} brought {came} fen, of which {fen} are said to have been spent")
    return traced
