"""The largest published list, 48,740 gifts, imported while a volunteer goes on logging her hours."""

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.browser import Browser
from tests.bench.ground import Ground
from tests.bench.operations import filled

LIST = Path(__file__).parents[3] / "shared" / "data" / "wuhan_redcross_2020" / "account_alipay_0128.xlsx"
LIST_DAY = "2020-01-28"
PAUSE = 0.2
"""Seconds in which the volunteer thinks."""


@dataclass(frozen=True)
class Imported:
    """Seconds by the clock; `slowest` is the longest that the volunteer waited for an answer while it was booked."""

    rows: int
    read: float
    booked: float
    slowest: float
    asked: int


def imported(ground: Ground, url: str, activities: list[int]) -> Imported | None:
    """Read and hand over, then confirm and book; None where the list is not there."""
    if not LIST.exists():
        return None
    began = time.monotonic()
    what = ("--fund", "gongyi", "--method", "alipay", "--date", LIST_DAY)
    told = json.loads(ground.portal("import", "donations", str(LIST), *what, "--as", "cashier").splitlines()[-1])
    read = time.monotonic() - began
    volunteer = Volunteer(url, activities)
    volunteer.start()
    began = time.monotonic()
    booked = json.loads(ground.portal("confirm", str(told["import"]), "--as", "accountant").splitlines()[-1])
    took = time.monotonic() - began
    volunteer.stop()
    assert booked["status"] == "booked"
    return Imported(booked["accepted"], read, took, max(volunteer.waits), len(volunteer.waits))


class Volunteer(threading.Thread):
    """Logs her hours of one activity after the other. `waits` are seconds from each POST to its answer."""

    def __init__(self, url: str, activities: list[int]) -> None:
        super().__init__(daemon=True)
        self._browser = Browser(url).sign_in("volunteer")
        self._activities = activities
        self._enough = threading.Event()
        self.waits: list[float] = []

    def run(self) -> None:
        for activity in self._activities:
            form = filled(self._browser.get(f"/hours/new?activity={activity}"))
            began = time.monotonic()
            self._browser.post("/hours/new", form)
            self.waits.append(time.monotonic() - began)
            if self._enough.wait(PAUSE):
                return

    def stop(self) -> None:
        self._enough.set()
        self.join(60)
