"""What is measured, each as its user does it: requests of a browser without JavaScript, whole forms, whole lists."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from re import findall
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, text

from tests.bench import cpu, data
from tests.bench.browser import Answer, Browser, UnexpectedAnswer
from tests.bench.cpu import Bill, metered
from tests.bench.ground import Ground
from tests.live import Live

MANY = 50
"""Claims approved in one go."""

MIXED = (
    ("", "/funds/919", False),
    ("", "/funds/919/donations", True),
    ("", "/activities", False),
    ("volunteer", "/me", False),
    ("volunteer", "/hours", True),
    ("lead", "/hours/queue", False),
    ("cashier", "/imports", False),
)
"""Who looks, where, and whether htmx asks: what a worker's memory is measured with."""


class Bench:
    """A bare Flask page and the portal on full data, both under the same server. Costs are CPU seconds."""

    def __init__(self, hello: Live, portal: Live, ground: Ground, prepared: data.Prepared) -> None:
        self.portal, self.ground, self.prepared = portal, ground, prepared
        self._bare = (hello.process.pid,)
        self._pids = (portal.process.pid, *ground.pids)
        self._bare_browser = Browser(hello.url)
        self.people = {login: Browser(portal.url) for login in ("", "volunteer", "lead", "cashier", "accountant")}
        for login, browser in self.people.items():
            if login:
                browser.sign_in(login)
        self._activities = iter(prepared.to_log)
        self._numbers = count(1)
        self._database = _engine(ground)

    def hello(self, times: int) -> float:
        """A bare page; the measure of all others."""
        return self._each(lambda: self._bare_browser.get("/"), times, pids=self._bare)

    def connect_anew(self) -> None:
        """Everybody leaves her connection; the next one may come to another worker."""
        for browser in self.people.values():
            browser.leave()

    # ── looking ─────────────────────────────────────────────────────────────────────────────────────
    def kept(self, path: str, times: int) -> float:
        """A public page that somebody has seen before, and nothing has changed since."""
        self.people[""].get(path)
        return self._each(lambda: self.people[""].get(path), times)

    def unchanged(self, path: str, times: int) -> float:
        """The same, asked by a browser that has it."""
        seen = self.people[""].get(path).headers["etag"]
        return self._each(lambda: self.people[""].get(path, seen=seen), times)

    def first_view(self, path: str, htmx: bool, times: int) -> float:
        """A public page after something public has changed."""
        return self._each(lambda: self.people[""].get(path, htmx=htmx), times, before=self._change_something)

    def search(self, words: str, times: int) -> float:
        """A free search in the gifts, each for something else."""
        path = "/funds/919/donations?q=" + quote(words)
        return self._each(lambda: self.people[""].get(path, htmx=True), times, before=self._change_something)

    def own_page(self, login: str, path: str, htmx: bool, times: int) -> float:
        """A page of somebody who has signed in."""
        return self._each(lambda: self.people[login].get(path, htmx=htmx), times)

    def document(self, times: int) -> float:
        """A confirmation as PDF."""
        path = f"/receipts/{self.prepared.receipt}/pdf"
        return self._each(lambda: self.people["accountant"].get(path), times)

    # ── writing ─────────────────────────────────────────────────────────────────────────────────────
    def log_hours(self, times: int) -> float:
        """The form and its POST."""
        return self._each(self._log_hours, times)

    def approve(self, times: int) -> float:
        """Fifty in one batch; taking them back again is not counted."""
        bill = Bill()
        for _ in range(times):
            tickets = self._waiting()
            with self._charged(bill):
                self._decide("approve", tickets)
            self._decide("undo", [f"{claim}:{int(seq) + 1}" for claim, seq in (one.split(":") for one in tickets)])
        return bill.seconds / times

    def gift(self, times: int) -> float:
        """A list of one gift: handed over, confirmed and booked with its number. Uploading it is not counted."""
        bill = Bill()
        for _ in range(times):
            address = self._uploaded()
            with self._charged(bill):
                self.people["cashier"].post(f"{address}/hand-over", {})
                self.people["accountant"].post(f"{address}/confirm", {})
                self._wait_until_booked(int(address.rpartition("/")[2]))
            # She goes on to a page, as people do: sentences that are never shown gather in the cookie.
            self.people["accountant"].get("/me")
        return bill.seconds / times

    # ── memory ──────────────────────────────────────────────────────────────────────────────────────
    def memory(self, requests: int) -> int:
        """Resident bytes of the larger web worker after so many requests to mixed pages."""
        for number in range(requests):
            login, path, htmx = MIXED[number % len(MIXED)]
            if not login:
                self._change_something()
            self.people[login].get(path, htmx=htmx)
        return max(cpu.resident(pid) for pid in cpu.workers(self.portal.process.pid))

    # ── how ─────────────────────────────────────────────────────────────────────────────────────────
    def _each(
        self,
        operation: Callable[[], object],
        times: int,
        *,
        pids: tuple[int, ...] = (),
        before: Callable[[], None] = lambda: None,
    ) -> float:
        """The CPU of one time. `before` is done by this process; on PostgreSQL the database's share of it counts in."""
        bill = Bill()
        with metered(bill, *(pids or self._pids)):
            for _ in range(times):
                before()
                operation()
        return bill.seconds / times

    @contextmanager
    def _charged(self, bill: Bill) -> Iterator[None]:
        with metered(bill, *self._pids):
            yield

    def _change_something(self) -> None:
        with self._database.begin() as connection:
            connection.execute(text("UPDATE public_version SET version = version + 1"))

    def _log_hours(self) -> None:
        volunteer, activity = self.people["volunteer"], next(self._activities)
        form = volunteer.get(f"/hours/new?activity={activity}")
        volunteer.post("/hours/new", {**filled(form), "content": "清扫。"})

    def _waiting(self) -> list[str]:
        tickets = findall(r'name="claims" value="(\d+:\d+)"', self.people["lead"].get("/hours/queue").body)[:MANY]
        if len(tickets) < MANY:
            raise UnexpectedAnswer(f"only {len(tickets)} claims wait")
        return tickets

    def _decide(self, what: str, tickets: list[str]) -> None:
        form = [("back", "/hours/queue"), *(("claims", ticket) for ticket in tickets)]
        self.people["lead"].post(f"/hours/queue/{what}", form, htmx=True)

    def _uploaded(self) -> str:
        cashier = self.people["cashier"]
        form = cashier.get("/imports/new")
        fund = findall(r'<option (?:selected )?value="(\d+)"', form.body)[0]
        fields = {"key": form.value("key"), "fund": fund, "method": "bank", "default_date": ""}
        line = f"{date.today()},王建国,{next(self._numbers)}.50,,"
        content = f"到账日期,捐赠人,金额(元),备注,交易单号\n{line}"
        return cashier.upload("/imports", fields, file=("名单.csv", content.encode())).headers["location"]

    def _wait_until_booked(self, import_id: int) -> None:
        """Looked for in the database from here, so that no page's cost is mixed in."""
        asked = text("SELECT status FROM lists_import WHERE id = :id")
        status = ""
        while status != "booked":
            with self._database.connect() as connection:
                status = connection.execute(asked, {"id": import_id}).scalar_one()


def filled(form: Answer) -> dict[str, str]:
    """The hours form as it is offered."""
    return {name: form.value(name) for name in ("key", "activity", "day", "start", "hours", "minutes", "place")}


def _engine(ground: Ground) -> Engine:
    return create_engine(ground.database or f"sqlite:///{ground.instance / 'portal.db'}", isolation_level="AUTOCOMMIT")
