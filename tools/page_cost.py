"""What the pages cost: CPU of the server's processes as a multiple of a bare Flask page under the same server.

`python -m tools.page_cost` starts both on demo data, sends the same requests in turns, and prints medians of three
rounds. CPU is user and system time from /proc, which other work on the machine hardly changes; time of day it would.
"""

import argparse
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from re import findall
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench import cpu, data, servers
from tests.bench.browser import Browser
from tests.bench.cpu import Bill, metered
from tests.live import Live, demo_instance

ROUNDS = 3
PAGES = {
    "fund": ("", "/funds/919?from={day}", False),
    "gifts": ("", "/funds/919/donations?from={day}", False),
    "gifts, fragment": ("", "/funds/919/donations?from={day}", True),
    "spending": ("", "/funds/919/spending?from={day}", False),
    "activities": ("", "/activities?from={day}", False),
    "verify, kept": ("", "/verify", False),
    "my page": ("volunteer", "/me", False),
    "my hours": ("volunteer", "/hours", False),
    "my hours, fragment": ("volunteer", "/hours", True),
    "lead's queue": ("lead", "/hours/queue", False),
    "lead's queue, fragment": ("lead", "/hours/queue", True),
    "cashier's lists": ("cashier", "/imports", False),
    "cashier's lists, fragment": ("cashier", "/imports", True),
}
"""A page's name: who looks, where, and whether htmx asks. With another `day` each time it is not a kept page."""

Operation = Callable[[], None]
Measured = Iterator[tuple[str, Operation]]


class Bench:
    """Both servers, and what was used on each operation, in seconds a time."""

    def __init__(self, hello: Live, portal: Live, prepared: data.Prepared) -> None:
        self.portal, self.prepared = portal, prepared
        self.pids = {"hello": hello.process.pid, "portal": portal.process.pid}
        self.bare = Browser(hello.url)
        self.people = {login: Browser(portal.url) for login in ("", "volunteer", "lead", "cashier", "accountant")}
        for login, browser in self.people.items():
            if login:
                browser.sign_in(login)
        self.activities = iter(prepared.to_log)
        self.numbers = count(1)

    def hello(self, times: int) -> float:
        return self._cost("hello", lambda: self.bare.get("/"), times)

    def page(self, login: str, path: str, htmx: bool, times: int) -> float:
        browser = self.people[login]
        return self._cost("portal", lambda: browser.get(path.format(day=self._day()), htmx=htmx), times)

    def log_hours(self, times: int) -> float:
        """The form and its POST."""
        return self._cost("portal", self._log_hours, times)

    def approve(self, times: int) -> float:
        """Fifty at once; taking them back again is not counted."""
        bill, lead = Bill(), self.people["lead"]
        for _ in range(times):
            tickets = findall(r'name="claims" value="(\d+:\d+)"', lead.get("/hours/queue").body)[:50]
            assert len(tickets) == 50
            back = [("back", "/hours/queue")]
            with metered(bill, self.pids["portal"]):
                lead.post("/hours/queue/approve", [*back, *(("claims", ticket) for ticket in tickets)], htmx=True)
            undone = [f"{claim}:{int(seq) + 1}" for claim, seq in (ticket.split(":") for ticket in tickets)]
            lead.post("/hours/queue/undo", [*back, *(("claims", ticket) for ticket in undone)], htmx=True)
        return bill.seconds / times

    def gift(self, times: int) -> float:
        """A list of one gift: handed over, confirmed and booked. Uploading it is not counted."""
        bill = Bill()
        for _ in range(times):
            address = self._uploaded()
            with metered(bill, self.pids["portal"]):
                self.people["cashier"].post(f"{address}/hand-over", {})
                self.people["accountant"].post(f"{address}/confirm", {})
                self._wait_until_booked(address)
        return bill.seconds / times

    def memory(self, requests: int) -> list[int]:
        """Resident bytes of each process of the portal after so many requests to mixed pages."""
        for number in range(requests):
            login, path, htmx = list(PAGES.values())[number % len(PAGES)]
            self.people[login].get(path.format(day=self._day()), htmx=htmx)
        return [cpu.resident(pid) for pid in cpu.family(self.pids["portal"])]

    def _cost(self, server: str, operation: Callable[[], object], times: int) -> float:
        bill = Bill()
        with metered(bill, self.pids[server]):
            for _ in range(times):
                operation()
        return bill.seconds / times

    def _day(self) -> date:
        return date(1950, 1, 1) + timedelta(days=next(self.numbers))

    def _log_hours(self) -> None:
        volunteer, activity = self.people["volunteer"], next(self.activities)
        form = volunteer.get(f"/hours/new?activity={activity}")
        filled = {name: form.value(name) for name in ("key", "activity", "day", "start", "hours", "minutes", "place")}
        volunteer.post("/hours/new", {**filled, "content": "清扫。"})

    def _uploaded(self) -> str:
        cashier = self.people["cashier"]
        form = cashier.get("/imports/new")
        fund = findall(r'<option (?:selected )?value="(\d+)"', form.body)[0]
        fields = {"key": form.value("key"), "fund": fund, "method": "bank", "default_date": ""}
        line = f"{date.today()},王建国,{next(self.numbers)}.50,,"
        content = f"到账日期,捐赠人,金额(元),备注,交易单号\n{line}"
        answer = cashier.upload("/imports", fields, file=("名单.csv", content.encode()))
        return answer.headers["location"]

    def _wait_until_booked(self, address: str) -> None:
        number = int(address.rpartition("/")[2])
        with closing(sqlite3.connect(self.portal.instance / "portal.db")) as database:
            while database.execute("SELECT status FROM lists_import WHERE id = ?", [number]).fetchone() != ("booked",):
                time.sleep(0.02)


def measured(bench: Bench, times: int, wanted: str) -> dict[str, float]:
    """One round: seconds of each operation, hello among them."""
    few = max(times // 4, 3)
    operations: dict[str, Callable[[], float]] = {
        name: partial(bench.page, *page, times) for name, page in PAGES.items()
    }
    operations |= {
        "log hours": lambda: bench.log_hours(few),
        "approve 50": lambda: bench.approve(few),
        "gift": lambda: bench.gift(few),
    }
    chosen = {name: operation for name, operation in operations.items() if wanted in name}
    return {"hello": bench.hello(times * 10)} | {name: operation() for name, operation in chosen.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=60, help="requests a page in each round")
    parser.add_argument("--only", default="", help="operations whose name holds this")
    parser.add_argument("--demo", type=Path, help="a folder in which demo data are kept for the next time")
    parser.add_argument("--memory", type=int, default=0, help="show the memory after so many requests")
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        instance = scratch / "instance"
        shutil.copytree(demo_instance(chosen.demo or scratch), instance)
        prepared = data.prepare(instance, to_log=(ROUNDS + 1) * max(chosen.times // 4, 3))
        with servers.hello(scratch / "hello") as hello, servers.portal(instance, scratch / "served") as portal:
            bench = Bench(hello, portal, prepared)
            measured(bench, 6, chosen.only)
            rounds = [measured(bench, chosen.times, chosen.only) for _ in range(ROUNDS)]
            show(rounds)
            if chosen.memory:
                sizes = ", ".join(f"{size / 1e6:.0f}" for size in bench.memory(chosen.memory))
                sys.stdout.write(f"MB after {chosen.memory} requests: {sizes}\n")


def show(rounds: list[dict[str, float]]) -> None:
    hello = median(measured["hello"] for measured in rounds)
    sys.stdout.write(f"{'hello':<28}{hello * 1000:8.3f} ms\n")
    for name in rounds[0]:
        if name != "hello":
            times = [measured[name] / measured["hello"] for measured in rounds]
            cost = median(measured[name] for measured in rounds)
            sys.stdout.write(f"{name:<28}{cost * 1000:8.3f} ms{median(times):8.1f} ×\n")


if __name__ == "__main__":
    main()
