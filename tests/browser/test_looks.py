"""What everyone sees: no violation of accessibility, nothing wider than the window, in every mode."""

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import WIDTHS, OpenPage, axe, sign_in
from tests.live import Live

PUBLIC = ["/", "/funds", "/funds/919", "/funds/919/donations", "/funds/919/spending", "/activities", "/verify"]
OWN = {
    "volunteer": ["/me", "/hours", "/hours/new"],
    "leader": ["/me", "/activities/mine", "/activities/new", "/hours/for-member"],
    "lead": ["/me", "/hours/queue", "/activities/review"],
    "cashier": ["/me", "/imports", "/imports/new"],
    "accountant": ["/me", "/imports"],
    "council": ["/me"],
    "supervisor": ["/me", "/imports", "/hours/queue"],
    "worker": ["/me"],
    "donor": ["/me", "/receipts"],
    "admin": ["/me", "/jobs"],
}


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url  # type: ignore[index]


def looks_well(page: Page, address: str) -> None:
    """As wide as a phone, then as wide as a desktop."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    for across, down in WIDTHS.values():
        page.set_viewport_size({"width": across, "height": down})
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        fits(page)
        axe(page)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages(open_page: OpenPage, live_to_read: Live, address: str) -> None:
    looks_well(open_page(live_to_read, width="phone"), address)


@pytest.mark.parametrize("login", OWN)
def test_everyones_own_pages(open_page: OpenPage, live_to_read: Live, login: str) -> None:
    page = open_page(live_to_read, width="phone")
    sign_in(page, login)
    for address in OWN[login]:
        looks_well(page, address)


@pytest.mark.parametrize("address", ["/", "/funds/919"])
def test_elder_mode_is_a_switch_on_every_page_and_stays(live_to_read: Live, visitor: Page, address: str) -> None:
    page = visitor
    page.goto(address)
    page.get_by_role("button", name="长辈版").click()
    expect(page).to_have_url(live_to_read.url + address)
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
    page.goto("/activities")
    assert page.evaluate("document.documentElement.dataset.mode") == "elder"
    fits(page)
    for target in page.locator("header a, header button").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= 44


def test_english_is_a_switch_and_whole(visitor: Page) -> None:
    visitor.goto("/funds/919")
    visitor.get_by_role("button", name="English").click()
    expect(visitor.get_by_role("link", name="Home")).to_be_visible()
    assert visitor.evaluate("document.documentElement.lang") == "en"
    fits(visitor)


def test_the_keyboard_skips_to_the_content(visitor: Page) -> None:
    visitor.goto("/funds/919")
    visitor.keyboard.press("Tab")
    expect(visitor.locator(":focus")).to_have_attribute("href", "#main")
