"""The rows of the table: what is measured, how often in each round, and the figure to reach."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.operations import Bench

WORDS = "捐赠"
NAMES = "晚晴"
"""A word that stands in many gifts, and a name of two characters that stands in some."""

LEAST = 3
"""Repetitions of the dearest operation in the shortest round."""


@dataclass(frozen=True)
class Row:
    """An operation and its CPU as a multiple of a bare Flask page. `reach` is None where no figure was set."""

    name: str
    reach: float | None
    measure: Callable[[Bench, int], float]
    share: float = 1.0
    """Of the round's repetitions: dear operations are done less often."""

    def times(self, round: int) -> int:
        return max(int(round * self.share), LEAST)


ROWS = (
    Row("fund page, kept", 0.5, lambda bench, times: bench.kept("/funds/919", times), 4),
    Row("gift list, kept", 0.5, lambda bench, times: bench.kept("/funds/919/donations", times), 4),
    Row("fund page, 304", 0.3, lambda bench, times: bench.unchanged("/funds/919", times), 4),
    Row("fund page, first view", 12, lambda bench, times: bench.first_view("/funds/919", False, times)),
    Row("first page, first view", 12, lambda bench, times: bench.first_view("/", False, times)),
    Row("gift list, first view", 12, lambda bench, times: bench.first_view("/funds/919/donations", False, times)),
    Row("gift list, a filter, fragment", 10, lambda bench, times: bench.first_view(FILTERED, True, times)),
    Row("gift list, page 2,000, fragment", 10, lambda bench, times: bench.first_view(FAR, True, times)),
    Row("free search, a name, fragment", 10, lambda bench, times: bench.search(NAMES, times)),
    Row("free search, a frequent word, fragment", 10, lambda bench, times: bench.search(WORDS, times)),
    Row("activities, first view", 12, lambda bench, times: bench.first_view("/activities", False, times)),
    Row("lead's queue of 50", 15, lambda bench, times: bench.own_page("lead", "/hours/queue", False, times)),
    Row("cashier's lists", 15, lambda bench, times: bench.own_page("cashier", "/imports", False, times)),
    Row("my hours", 15, lambda bench, times: bench.own_page("volunteer", "/hours", False, times)),
    Row("my page", 15, lambda bench, times: bench.own_page("volunteer", "/me", False, times)),
    Row("find people by initials", 15, lambda bench, times: bench.own_page("lead", "/find?q=zxm", False, times)),
    Row("find people while typing", 10, lambda bench, times: bench.own_page("lead", "/find?q=zxm", True, times)),
    Row("team page", 15, lambda bench, times: bench.own_page("lead", "/teams/walk", False, times)),
    Row("figures of members", None, lambda bench, times: bench.own_page("lead", "/numbers", False, times), 0.25),
    Row("log hours: form and POST", 25, lambda bench, times: bench.log_hours(times), 0.25),
    Row("hand over, confirm and book one gift", 35, lambda bench, times: bench.gift(times), 0.25),
    Row("approve 50 hours in one batch", 60, lambda bench, times: bench.approve(times), 0.25),
    Row("confirmation as PDF", None, lambda bench, times: bench.document(times), 0.25),
)

FILTERED = "/funds/919/donations?min=100&max=500&method=wechat"
FAR = "/funds/919/donations?page=2000"
