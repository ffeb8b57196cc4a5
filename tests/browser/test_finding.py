"""A leader types three letters and finds her member; a worker reads the figures of members and prints them."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def test_a_lead_types_initials_and_finds_her_member(live: Live, open_page: OpenPage, width: str) -> None:
    lead = open_page(live, width=width)
    sign_in(lead, "lead")
    lead.goto("/me")
    # Names are read by the worker, within seconds.
    box, hit = lead.locator("#find-q"), lead.locator("#find-hits").get_by_role("link", name=re.compile("周小满"))
    for _ in range(20):
        box.fill("")
        box.press_sequentially("zxm", delay=20)
        if hit.or_(lead.locator("#find-hits .quiet")).first.is_visible() and hit.count():
            break
        lead.wait_for_timeout(500)
    expect(hit).to_be_visible()
    axe(lead)
    # By keyboard alone: from the box on to the first line.
    box.press("Enter")
    expect(lead).to_have_url(re.compile(r"/find\?q=zxm"))
    expect(lead.get_by_role("heading", name="人", exact=True)).to_be_visible()
    axe(lead)
    lead.locator("#find-q").fill("13800138000")
    lead.locator("#find-q").press("Enter")
    expect(lead.get_by_text("没有找到这个号码")).to_be_visible()
    expect(lead).to_have_url(f"{live.url}/find")
    axe(lead, modes=("elder",))


def test_a_worker_reads_the_figures_and_prints_them(
    live: Live, open_page: OpenPage, width: str, tmp_path: Path
) -> None:
    worker = open_page(live, width=width)
    sign_in(worker, "worker")
    worker.goto("/me")
    worker.get_by_role("link", name="成员统计").click()
    expect(worker.get_by_role("heading", level=1)).to_contain_text("名成员")
    expect(worker.get_by_role("img", name="最近一次服务").locator("visible=true")).to_be_visible()
    table = worker.get_by_role("table", name="队伍", exact=True)
    expect(table.get_by_role("row").nth(1)).to_contain_text("队")
    axe(worker)
    worker.locator("select[name=organisation]").select_option(label="星火志愿服务中心（演示）")
    expect(worker).to_have_url(re.compile("organisation="))
    axe(worker, modes=("elder",))
    if width == "desktop":
        with worker.expect_download() as download:
            worker.get_by_role("link", name="下载这些数字（CSV）").click()
        assert "最近一次服务" in download.value.path().read_text(encoding="utf-8-sig")
        paper = tmp_path / "figures.pdf"
        worker.pdf(path=paper)
        assert paper.stat().st_size > 10_000
