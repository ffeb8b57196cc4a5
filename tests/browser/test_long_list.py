"""A long list in a real browser, at the width of a phone: nobody stares at a frozen page."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import OpenPage, axe, sign_in
from tests.importing import listed
from tests.live import Live

ROWS = 12_000
LONG = 90_000
"""Milliseconds that reading or booking may take on a busy machine."""

ON_A_PHONE = pytest.mark.parametrize("width", ["phone"], indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "一月来款.csv"
    path.write_bytes(listed(*(f"2026-01-{n % 28 + 1:02d},示例捐赠人{n},{n % 500 + 1}.00,," for n in range(ROWS))))
    return path


def brought(page: Page, file: Path) -> None:
    page.goto("/imports/new")
    page.get_by_label("基金").select_option(label="919爱心基金")
    page.locator("main input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))


@ON_A_PHONE
def test_a_long_list_is_watched_from_upload_to_the_last_confirmation(
    live: Live, open_page: OpenPage, width: str, file: Path
) -> None:
    cashier = open_page(live, width=width)
    sign_in(cashier, "cashier")
    brought(cashier, file)
    cashier.evaluate("window.stayed = true")
    expect(cashier.get_by_role("heading", level=1)).to_have_text("正在读取名单")
    expect(cashier.get_by_role("progressbar")).to_be_visible()
    axe(cashier)
    expect(cashier.get_by_role("heading", level=1)).to_have_text("12,000 笔捐赠，核对后移交", timeout=LONG)
    assert cashier.evaluate("window.stayed")
    axe(cashier)
    cashier.get_by_role("button", name="移交").click()
    expect(cashier.get_by_role("heading", name="等会计确认", exact=True)).to_be_visible()

    accountant = open_page(live, width=width)
    sign_in(accountant, "accountant")
    accountant.goto(cashier.url)
    accountant.evaluate("window.stayed = true")
    accountant.get_by_role("button", name="确认入账").click()
    expect(accountant.get_by_role("progressbar")).to_be_visible()
    expect(accountant.get_by_text(re.compile(r"已入账 [\d,]+ / 12,000 笔"))).to_be_visible(timeout=LONG)
    axe(accountant)
    expect(accountant.get_by_role("heading", level=1)).to_have_text("12,000 笔捐赠都入账了", timeout=LONG)
    assert accountant.evaluate("window.stayed")
    axe(accountant)


@ON_A_PHONE
def test_without_javascript_a_link_shows_how_far_it_is(no_javascript: Page, file: Path) -> None:
    page = no_javascript
    sign_in(page, "cashier")
    brought(page, file)
    heading = page.get_by_role("heading", level=1)
    for _ in range(200):
        if heading.inner_text() != "正在读取名单":
            break
        page.get_by_role("link", name="看进度").click()
        page.wait_for_timeout(300)
    expect(heading).to_have_text("12,000 笔捐赠，核对后移交")
    expect(page.get_by_role("link", name="看进度")).to_have_count(0)


@ON_A_PHONE
def test_what_holds_no_list_says_so_on_the_same_page(page: Page, tmp_path: Path) -> None:
    prose = tmp_path / "感谢信.txt"
    prose.write_text("涓滴之爱，汇成大海。\n" * 20_000, encoding="utf-8")
    sign_in(page, "cashier")
    brought(page, prose)
    expect(page.get_by_role("heading", level=1)).to_have_text("这个文件读不出名单", timeout=LONG)
    expect(page.get_by_text("找不到表头")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="撤回这份名单").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("这份名单已经撤回")


@ON_A_PHONE
def test_a_choice_far_down_brings_its_answer_into_sight(page: Page, tmp_path: Path) -> None:
    """Naming columns anew answers at the top of the page, so that is where the page goes."""
    short = tmp_path / "名单.csv"
    short.write_bytes(listed("2026-01-02,示例甲,5.00,,", "2026-01-03,示例乙,6.00,,"))
    sign_in(page, "cashier")
    brought(page, short)
    page.get_by_text("各列认成了什么").click()
    again = page.get_by_role("button", name="重新读取")
    again.scroll_into_view_if_needed()
    assert page.evaluate("scrollY") > 100
    again.click()
    expect(page.get_by_text("重新读过了，请再核对一遍。")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
