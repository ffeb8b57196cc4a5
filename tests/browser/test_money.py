"""The donors' side in a real browser: from the cashier's bank list to a confirmation in the donor's hand."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browsers import OpenPage, axe, sign_in
from tests.live import ROOT, Live

REAL = ROOT.parent / "shared" / "data" / "hubei_redcross_2020"
LONG = 60_000
"""Milliseconds that booking a real list may take on a busy machine."""


def upload(page: Page, file: Path, fund: str = "919爱心基金") -> None:
    page.goto("/imports/new")
    page.get_by_label("基金").select_option(label=fund)
    page.locator("main input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))


def needs(name: str) -> Path:
    if not (REAL / name).exists():
        pytest.skip(f"../shared/data is not here: {name}")
    return REAL / name


def test_a_bank_list_becomes_gifts_and_a_donor_holds_her_confirmation(
    live: Live, open_page: OpenPage, width: str, tmp_path: Path
) -> None:
    file = needs("donate06.xls")
    cashier = open_page(live, width=width)
    sign_in(cashier, "cashier")
    upload(cashier, file)
    expect(cashier.get_by_text("¥53,672,528.38").first).to_be_visible()
    expect(cashier.get_by_text("4,164").first).to_be_visible()
    axe(cashier)
    cashier.get_by_role("button", name="移交").click()
    expect(cashier.get_by_role("heading", name="等会计确认", exact=True)).to_be_visible()
    expect(cashier.get_by_role("button", name="确认入账")).to_have_count(0)

    accountant = open_page(live, width=width)
    sign_in(accountant, "accountant")
    accountant.goto(cashier.url)
    accountant.get_by_role("button", name="确认入账").click()
    expect(accountant.get_by_text(re.compile(r"已入账|排队等候入账")).first).to_be_visible()
    expect(accountant.get_by_role("heading", name="凭证和确认单都有了")).to_be_visible(timeout=LONG)
    axe(accountant)
    accountant.get_by_role("link", name="看确认单").click()
    expect(accountant.get_by_text("4,164").first).to_be_visible()
    axe(accountant)
    number, code = slip(accountant)

    donor = open_page(live, width=width, accept_downloads=True)
    donor.goto("/verify")
    donor.locator("[name=number]").fill(number)
    donor.get_by_role("button", name="查真伪").click()
    expect(donor.get_by_role("heading", level=1)).to_contain_text("真")
    donor.get_by_role("link", name="输入查询码，看全单").click()
    donor.locator("main [name=code]").fill(code.lower())
    donor.locator("main [name=code]").press("Enter")
    expect(donor.get_by_text("人民币").first).to_be_visible()
    assert code not in donor.url
    axe(donor)
    text = downloaded(donor, tmp_path / "confirmation.pdf")
    assert "捐赠接收确认单" in text.replace(" ", "")
    assert number in text
    assert "非财政票据" in text
    assert live.portal("check").count("FAIL") == 0


def slip(page: Page) -> tuple[str, str]:
    """The number and the look-up code of the first confirmation of the list, from its printed slip."""
    number = page.locator("main tbody tr").first.inner_text()
    found = re.search(r"919-\d{4}-\d{6}", number)
    assert found
    page.goto(f"/receipts/{found[0]}/slip")
    axe(page)
    return found[0], "".join(page.locator(".slip-code").inner_text().split())


def downloaded(page: Page, target: Path) -> str:
    with page.expect_download(timeout=LONG) as download:
        page.get_by_role("link", name="下载 PDF").click()
    download.value.save_as(target)
    return PdfReader(target).pages[0].extract_text()


@pytest.mark.parametrize("width", ["desktop"], indirect=True)
def test_the_same_list_again_books_nothing(page: Page) -> None:
    first, again = needs("donate03.xls"), needs("donate04.xls")
    sign_in(page, "cashier")
    upload(page, first)
    page.get_by_role("button", name="移交").click()
    expect(page.get_by_role("heading", name="等会计确认", exact=True)).to_be_visible()
    upload(page, again)
    expect(page.get_by_role("heading", name="不用再导入")).to_be_visible()
    expect(page.get_by_role("button", name="移交")).to_have_count(0)


def test_a_list_that_is_half_right_waits_until_bad_rows_are_left_out_by_name(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_text(
        "捐赠日期,捐赠人,捐赠金额（元）\n2026-03-02,甲乙示例公司,100.00\n2026-02-30,林示例,20.00\n2026-03-03,何示例,十元\n",
        encoding="gb18030",
    )
    sign_in(page, "cashier")
    upload(page, file)
    expect(page.get_by_role("heading", name="处理好才能移交")).to_be_visible()
    expect(page.get_by_role("button", name="移交", exact=True)).to_have_count(0)
    page.get_by_role("link", name="看有问题的行").click()
    expect(page.get_by_text("十元").first).to_be_visible()
    axe(page)
    page.locator("tbody input[type=checkbox]").nth(0).check()
    page.locator("tbody input[type=checkbox]").nth(1).check()
    page.get_by_role("button", name="剔除所选").click()
    expect(page.get_by_role("button", name="移交", exact=True)).to_be_visible()
    expect(page.get_by_text("¥100.00").first).to_be_visible()


def test_a_file_that_is_no_list_is_refused_beside_its_field(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "photo.xlsx"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    sign_in(page, "cashier")
    page.goto("/imports/new")
    page.locator("main input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator(".error").first).to_contain_text("photo.xlsx")
    axe(page)


def test_anyone_searches_and_pages_the_gifts_in_place(live: Live, page: Page) -> None:
    page.goto("/funds/919")
    page.evaluate("window.stayed = true")
    page.locator("#gifts, main").get_by_role("link", name="下一页").last.click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.get_by_text(re.compile(r"第 2 页"))).to_be_visible()
    assert page.evaluate("window.stayed")
    page.locator("main input[name=q]").fill("示例")
    page.locator("main input[name=q]").press("Enter")
    expect(page).to_have_url(re.compile("q="))
    expect(page.locator("main tbody").last).to_contain_text("示例")
    assert page.evaluate("window.stayed")
    page.get_by_text("看数据表").click()
    expect(page.get_by_role("cell", name=re.compile("¥")).first).to_be_visible()


def test_without_javascript_the_gifts_are_searched_as_well(no_javascript: Page, width: str) -> None:
    page = no_javascript
    page.goto("/funds/919/donations")
    page.locator("main input[name=q]").fill("示例")
    page.locator("main input[name=q]").press("Enter")
    expect(page.locator("main tbody")).to_contain_text("示例")
    if width == "phone":
        page.locator("main select[name=sort]").select_option("-amount")
        page.get_by_role("button", name="排序").click()
    else:
        page.get_by_role("link", name="金额").click()
    expect(page).to_have_url(re.compile("sort=-?amount"))
    expect(page.get_by_role("searchbox")).to_have_value("示例")
