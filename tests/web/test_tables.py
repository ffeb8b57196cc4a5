from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from portal.web.tables import Listing, read_listing


def listing(**args: str) -> Listing:
    return read_listing(MultiDict(args), path="/list", sorts=("-date", "amount"), extra=("method",))


@pytest.mark.parametrize(("text", "page"), [("0", 1), ("-3", 1), ("abc", 1), ("²", 1), ("999999999", 1), ("7", 7)])
def test_a_page_that_makes_no_sense_is_the_first(text: str, page: int) -> None:
    assert listing(page=text).page == page


def test_a_page_beyond_the_end_is_the_last() -> None:
    assert listing(page="99").counted(30).page == 2
    assert listing(page="99").counted(0).page == 1


def test_wrong_values_are_named_and_left_out_of_the_search() -> None:
    asked = read_listing(MultiDict({"from": "2026-02-30", "min": "viel", "q": "王"}), path="/list", sorts=("-date",))
    assert (asked.start, asked.least, asked.q) == (None, None, "王")
    assert asked.problems.keys() == {"from", "min"}


def test_filters_are_read_in_yuan_and_days() -> None:
    asked = read_listing(MultiDict({"to": "2026年3月2日", "max": "1,000"}), path="/list", sorts=("-date",))
    assert (asked.end, asked.most) == (date(2026, 3, 2), 100_000)


def test_an_order_that_is_not_offered_is_the_default() -> None:
    assert listing(sort="password").sort == "-date"
    assert listing(sort="-amount").sort == "-amount"


def test_links_keep_the_filters_and_begin_at_the_first_page() -> None:
    asked = listing(q="王 & 李", method="bank", page="3", unknown="x")
    assert asked.address(page=4) == "/list?method=bank&page=4&q=%E7%8E%8B+%26+%E6%9D%8E"
    assert asked.sort_address("amount") == "/list?method=bank&q=%E7%8E%8B+%26+%E6%9D%8E&sort=-amount"


@given(st.text(max_size=30))
def test_no_text_breaks_a_listing(text: str) -> None:
    asked = read_listing(
        MultiDict(dict.fromkeys(("q", "from", "to", "min", "max", "sort", "page", "method"), text)),
        path="/list",
        sorts=("-date",),
    )
    assert asked.counted(1).page == 1
    assert asked.address(page=2).startswith("/list?")
