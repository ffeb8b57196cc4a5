"""What the pages show, compared with what the entries come to."""

import re
from collections import Counter
from html import unescape
from typing import Any
from urllib.parse import quote

from .facts import Books, Place
from .report import Broken, Report
from .site import Site


def compare_sums(told: dict[str, Any], books: Books, report: Report) -> None:
    """What the portal says of its pools and accounts."""
    for pool in told["pools"]:
        if pool["balance_fen"] != books.pools[pool["code"]]:
            sums = pool["balance_fen"], books.pools[pool["code"]]
            report.wrong("balances", f"pool {pool['code']}: {sums[0]} fen, by its entries {sums[1]}")
    if unknown := set(books.pools) - {pool["code"] for pool in told["pools"]}:
        report.wrong("balances", f"entries touch pools that the portal does not name: {sorted(unknown)}")
    for place, shown in _sums(told).items():
        if shown != (found := books.accounts.get(place, [0, 0])):
            report.wrong("balances", f"account {place[1]} of pool {place[2]}: {shown} fen, by the entries {found}")
    for place in set(books.accounts) - set(_sums(told)):
        report.wrong("balances", f"entries touch account {place[1]} of pool {place[2]}, which the portal does not name")


def _sums(told: dict[str, Any]) -> dict[Place, list[int]]:
    rows = told["accounts"]
    return {(one["books"], one["account"], one["pool"]): [one["debit_fen"], one["credit_fen"]] for one in rows}


def compare_pages(site: Site, told: dict[str, Any], books: Books, report: Report) -> int:
    """The page of each fund shows the balance that its entries come to. How many there are."""
    funds = {pool["fund"]: pool["code"] for pool in told["pools"] if pool["fund"]}
    for slug, code in funds.items():
        html = site.get(f"/funds/{quote(slug)}").decode()
        text = unescape(re.sub("<[^>]+>", " ", html))
        if _money(books.pools[code]) not in text:
            report.wrong("pages", f"/funds/{slug} does not show {_money(books.pools[code])}, its entries' balance")
        _compare_gifts(site, slug, books.gifts(code), books.gifts(code, taken_back=True), report)
    if "pages" in report.problems and site.json("/books/balances.json")["log_size"] != told["log_size"]:
        raise Broken("the portal went on while it was audited: try again")
    return len(funds)


def _compare_gifts(site: Site, slug: str, given: Counter[int], back: Counter[int], report: Report) -> None:
    """The public list of gifts is the gifts' entries: as many of each amount. It may name those taken back or not."""
    listed = Counter(one["amount_fen"] for one in site.json(f"/funds/{quote(slug)}/donations.json")["donations"])
    for fen in sorted({*(listed - given - back), *(given - listed)}):
        report.wrong("pages", f"fund {slug} lists {listed[fen]} gifts of {fen} fen, the books have {given[fen]}")


def _money(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}" if fen >= 0 else f"−¥{-fen // 100:,}.{-fen % 100:02d}"
