"""Documents from the real server: drawn beside the web workers, and a clear page when that cannot be just now."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.documents import line
from portal.receipts.codes import code_for
from tests.browser.test_money import downloaded
from tests.browsers import axe
from tests.documents.services import LONG, Beside
from tests.documents.test_service import connected
from tests.live import Live, settings

PLACES = 4
"""Half of one worker's threads."""


def beside(live: Live) -> Beside:
    """The server's rendering service."""
    until = time.monotonic() + LONG
    while not (address := _address(live)) or not line.standing(address):
        assert time.monotonic() < until
        time.sleep(0.05)
    return Beside(Path(address), live.process)


def _address(live: Live) -> str:
    """What the server tells its workers: the folder hangs on how long the instance's path is."""
    for child, command, _ in processes(live.process.pid):
        if "jobs work" in command:
            variables = dict(one.partition("=")[::2] for one in Path(f"/proc/{child}/environ").read_text().split("\0"))
            return variables.get(line.VARIABLE, "")
    return ""


def processes(parent: int) -> Iterator[tuple[int, str, bool]]:
    """Id and command line of all processes below the server, and whether the layout library is in their memory."""
    for task in Path(f"/proc/{parent}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            command = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
            yield child, command, "libpango" in Path(f"/proc/{child}/maps").read_text()
            yield from processes(child)


def opened(page: Page, live: Live) -> Page:
    """A confirmation whose code was typed."""
    database = sqlite3.connect(live.instance / "portal.db")
    number, nonce = database.execute("SELECT number, nonce FROM receipts_receipt LIMIT 1").fetchone()
    database.close()
    page.goto(f"/receipts/{number}")
    page.locator("main [name=code]").fill(code_for(number, nonce, key=settings(live.instance)["PORTAL_DATA_KEY"]))
    page.locator("main [name=code]").press("Enter")
    expect(page.get_by_role("link", name="下载 PDF")).to_be_visible()
    return page


def test_when_all_draw_at_once_a_page_says_so_and_trying_again_helps(page: Page, live: Live, tmp_path: Path) -> None:
    opened(page, live)
    service = beside(live)
    with ExitStack() as crowd:
        with service.held():
            for _ in range(PLACES + 1):
                crowd.enter_context(connected(service))
            service.wait_until(lambda standing: standing[:2] == (PLACES, 1))
            page.get_by_role("link", name="下载 PDF").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("PDF 暂时生成不了，确认单本身没有问题")
            expect(page.get_by_text("现在要生成的单据很多，请过几秒再试一次。")).to_be_visible()
            axe(page)
        service.wait_until(lambda standing: standing[:2] == (0, 0))
    with page.expect_download(timeout=LONG * 1000) as download:
        page.get_by_role("link", name="再试一次").click()
    download.value.save_as(tmp_path / "confirmation.pdf")
    assert (tmp_path / "confirmation.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("width", ["desktop"], indirect=True)
def test_a_killed_service_comes_back_by_itself(page: Page, live: Live, tmp_path: Path) -> None:
    opened(page, live)
    beside(live)
    (service,) = (pid for pid, command, _ in processes(live.process.pid) if "documents.service" in command)
    os.kill(service, signal.SIGKILL)
    until = time.monotonic() + LONG
    while not (text := tried(page, tmp_path / "confirmation.pdf")):
        assert time.monotonic() < until
    assert "捐赠接收确认单" in text.replace(" ", "")


def tried(page: Page, target: Path) -> str:
    """What the document says, or nothing when the page asks to come again."""
    link = page.get_by_role("link", name="下载 PDF")
    with page.expect_response("**/pdf", timeout=LONG * 1000) as answer:
        link.click(timeout=LONG * 1000)
    if answer.value.status == 503:
        page.go_back()
        return ""
    return downloaded(page, target)


@pytest.mark.parametrize("width", ["desktop"], indirect=True)
def test_only_rendering_processes_hold_the_layout_library(page: Page, live: Live, tmp_path: Path) -> None:
    opened(page, live)
    downloaded(page, tmp_path / "confirmation.pdf")
    below = list(processes(live.process.pid))
    drawing = [has for _, command, has in below if "documents.renderer" in command]
    others = {command: has for _, command, has in below if "documents.renderer" not in command}
    assert drawing == [True]
    assert any("jobs work" in command for command in others)
    assert len(others) >= 3, "the job worker, the service and a web worker"
    assert not any(others.values()), others
