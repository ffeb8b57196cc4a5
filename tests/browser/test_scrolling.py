"""What is asked for is what is seen: a piece that changes in place does not leave the reader below it."""

import re

import pytest
from playwright.sync_api import Page, expect

PHONE = pytest.mark.parametrize("width", ["phone"], indirect=True)


@PHONE
def test_the_next_page_shows_its_first_row(visitor: Page) -> None:
    visitor.goto("/funds/919/donations")
    visitor.get_by_role("link", name="下一页").click()
    expect(visitor).to_have_url(re.compile(r"page=2"))
    expect(visitor.get_by_text("第 26–50 条")).to_be_visible()
    expect(visitor.locator("#gifts tbody tr").first).to_be_in_viewport()


@PHONE
def test_filters_beyond_the_search_wait_until_they_are_used(visitor: Page) -> None:
    visitor.goto("/funds/919/donations")
    expect(visitor.get_by_label("从哪天")).to_be_hidden()
    visitor.goto("/funds/919/donations?method=bank")
    expect(visitor.get_by_label("方式")).to_be_visible()
    expect(visitor.get_by_label("方式")).to_have_value("bank")
