import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from .facts import Books, read_fact
from .note import Checkpoint, read_note
from .pages import compare_pages, compare_sums
from .receipts import Receipts
from .report import Broken, Report
from .site import Site
from .traces import follow_traces
from .tree import read_leaves, read_tree, root_of

TRIES = 5
"""The portal is open while it is audited: sums and head are asked for until they are of one moment."""


def main() -> None:
    words = argparse.ArgumentParser(prog="audit")
    words.add_argument("url")
    words.add_argument("--keep", type=Path, help="what was seen: compared with by the next run")
    words.add_argument("--key", help="the log's verifier key, when it is known from elsewhere")
    asked = words.parse_args()
    report = Report()
    try:
        audit(Site(asked.url), asked.keep, asked.key, report)
    except Broken as broken:
        report.wrong("audit", f"{broken}; nothing further was looked at")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        report.wrong("audit", f"a shape that is not known here ({error!r}); nothing further was looked at")
    report.say()
    print("NOT ALL RIGHT" if report.problems else "all right")
    sys.exit(1 if report.problems else 0)


def audit(site: Site, keep: Path | None, key: str | None, report: Report) -> None:
    """The whole audit. Raises Broken."""
    seen = json.loads(keep.read_text()) if keep and keep.exists() else None
    published = site.get("/log/key").decode().split()
    vkeys = [key] if key else published
    told, note, checkpoint = _of_one_moment(site, vkeys)
    if seen and not set(vkeys) & set(seen["keys"]):
        report.wrong("keys", f"none of the log's keys was there when this was last looked at: {seen['keys']}")
    hashes = read_tree(site, checkpoint, report)
    if seen:
        _compare_with_earlier(seen, hashes, report)
    print(f"log of {checkpoint.size} facts, root {checkpoint.root.hex()}")
    _follow(site, hashes, told, report)
    if keep and not report.problems:
        keep.write_text(json.dumps({"keys": sorted({*vkeys, *(seen["keys"] if seen else ())}), "note": note}))
    print(f"compare with others: {checkpoint.origin} {checkpoint.size} {checkpoint.root.hex()}")


def _of_one_moment(site: Site, vkeys: list[str]) -> tuple[dict[str, Any], str, Checkpoint]:
    """The portal's sums, and the checkpoint that stood when they were made."""
    for _ in range(TRIES):
        told, note = site.json("/books/balances.json"), site.get("/log/checkpoint").decode()
        checkpoint = read_note(note, vkeys)
        if checkpoint.size == told["log_size"]:
            return told, note, checkpoint
    raise Broken(f"the sums are of a log of {told['log_size']} facts, the checkpoint of {checkpoint.size}")


def _compare_with_earlier(seen: dict[str, Any], hashes: list[bytes], report: Report) -> None:
    """The log goes on from the head that was seen last time: its first facts still lead to that root."""
    earlier = read_note(seen["note"], seen["keys"])
    if earlier.size > len(hashes):
        report.wrong("history", f"the log had {earlier.size} facts when it was last looked at, now {len(hashes)}")
    elif root_of(hashes[: earlier.size]) != earlier.root:
        report.wrong("history", f"the past was rewritten: the first {earlier.size} facts are not those seen before")
    else:
        print(f"goes on from the {earlier.size} facts seen before")


def _follow(site: Site, hashes: list[bytes], told: dict[str, Any], report: Report) -> None:
    """Everything that the facts say, and what the pages make of it."""
    books, receipts, kinds = Books(report), Receipts(report), Counter[str]()
    for idx, leaf in enumerate(read_leaves(site, hashes, report)):
        fact = read_fact(idx, leaf, report)
        kinds[fact["kind"]] += 1
        if fact["kind"] == "entry":
            books.enter(idx, fact)
        elif fact["kind"] in ("receipt", "void", "successor"):
            receipts.enter(fact)
    books.numbered()
    receipts.numbered()
    receipts.compared(books)
    compare_sums(told, books, report)
    funds = compare_pages(site, told, books, report)
    print("facts:", ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    traced = follow_traces(site, books, {pool["code"] for pool in told["pools"] if pool["may_go_below_zero"]}, report)
    print(f"{traced} traces, {len(books.pools)} pools, pages of {funds} funds")


if __name__ == "__main__":
    main()
