"""断着网也能核对：the page from disk finds a genuine confirmation genuine, and whatever was done to one.

The page and a confirmation come from the real server; then the page is opened as a file, with the network off.
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from portal import resources
from portal.documents import keyfile
from portal.verifying.page import page as page_of
from tests.browser.test_documents import opened
from tests.browsers import PATIENCE, axe
from tests.documents.services import LONG
from tests.documents.sheets import VOIDED
from tests.live import Live
from tests.verifying import attacks
from tests.verifying.conftest import genuine, maker
from tests.verifying.sheets import VKEY, Maker

__all__ = ["genuine", "maker"]

Check = Callable[[bytes], str]
FROM_DISK = {"phone": (390, 844), "desktop": (1280, 900)}


def from_disk(new_context: Callable[..., BrowserContext], file: Path, *, width: str = "phone") -> Page:
    """The page opened from disk in a browser that has no network; a complaint of its own fails the test."""
    across, down = FROM_DISK[width]
    page = new_context(offline=True, viewport={"width": across, "height": down}).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("console", lambda message: pytest.fail(message.text) if message.type == "error" else None)
    page.goto(file.as_uri())
    return page


def answer(page: Page, pdf: Path) -> str:
    """What the page says of a file."""
    page.evaluate("document.getElementById('verdict').replaceChildren()")
    page.set_input_files("#file", [])
    page.set_input_files("#file", pdf)
    expect(page.locator(".answer")).to_be_visible()
    return page.locator("#verdict").inner_text()


def test_a_donor_checks_her_sheet_without_network(
    page: Page, live: Live, new_context: Callable[..., BrowserContext], tmp_path: Path, width: str
) -> None:
    opened(page, live)
    with page.expect_download(timeout=LONG * 1000) as sheet:
        page.get_by_role("link", name="下载 PDF").click(timeout=LONG * 1000)
    sheet.value.save_as(tmp_path / "sheet.pdf")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载离线核对页").click()
    assert download.value.suggested_filename == "离线核对捐赠确认单.html"
    download.value.save_as(tmp_path / "check.html")
    disk = from_disk(new_context, tmp_path / "check.html", width=width)
    axe(disk, modes=("light", "dark"))
    said = answer(disk, tmp_path / "sheet.pdf")
    assert "✓ 文件没有被改过（演示）" in said
    assert "整份文件从签名以后一个字节也没有改过" in said
    assert "号记录，日志在共" in said
    assert f"请上网打开 {live.url}/verify/" in said
    disk.get_by_label("大字").check()
    axe(disk, modes=("light", "dark"))
    assert disk.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the screen"
    spoilt = bytearray((tmp_path / "sheet.pdf").read_bytes())
    spoilt[len(spoilt) // 2] ^= 1
    (tmp_path / "spoilt.pdf").write_bytes(spoilt)
    assert "✗ 不能相信这份文件" in answer(disk, tmp_path / "spoilt.pdf")


@pytest.fixture
def check(maker: Maker, new_context: Callable[..., BrowserContext], tmp_path: Path) -> Check:
    """A page from disk that knows the maker's certificate and log, and what it says of a file."""
    file = tmp_path / "check.html"
    with Flask("page", template_folder=str(resources().templates)).app_context():
        certificates = keyfile.certificates(maker.key)
        file.write_text(page_of(certificates, [VKEY], portal="https://portal.example", on=date(2026, 3, 2)))
    page = from_disk(new_context, file)

    def said(pdf: bytes) -> str:
        (tmp_path / "sheet.pdf").write_bytes(pdf)
        return answer(page, tmp_path / "sheet.pdf")

    return said


def test_whatever_was_done_to_a_file_is_found(check: Check, genuine: bytes) -> None:
    assert "✓" in check(genuine).splitlines()[0]
    missed = [name for name, attack in attacks.ON_BYTES.items() if "✗" not in check(attack(genuine)).splitlines()[0]]
    assert missed == []
    container = genuine.index(b"/Contents <") + 11
    for at in range(container, genuine.index(b">", container), 211):
        spoilt = genuine[:at] + bytes([genuine[at] ^ 1]) + genuine[at + 1 :]
        assert "✗" in check(spoilt).splitlines()[0], at


def test_what_the_portal_itself_would_have_to_sign_is_found_too(check: Check, maker: Maker) -> None:
    """Somebody holds the document key, not the log's; and somebody has a key of her own, or none."""
    for name, make in attacks.BY_SIGNERS.items():
        said = check(make(maker))
        if name in attacks.ON_PAPER:
            assert "和纸面比一比" in said, name
        else:
            assert "✗" in said.splitlines()[0], name
    assert "谁都能给自己做一张" in check(maker.pdf(key=maker.strangers))
    assert "文件没有签名" in check(maker.pdf(signed=False))


def test_it_says_where_the_code_must_lead_whatever_the_sheet_says(check: Check, maker: Maker) -> None:
    said = check(maker.pdf(check_url="https://p0rtal.example/verify/919-2026-000123"))
    assert "扫出来的网址应当正是上面这个" in said
    assert "https://portal.example/verify/919-2026-000123" in said
    assert "p0rtal" not in said


def test_a_void_sheet_is_called_void(check: Check, maker: Maker) -> None:
    assert check(maker.pdf(voided=VOIDED)).startswith("这张确认单已经作废。")
