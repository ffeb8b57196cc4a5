"""A community worker brings a roster of volunteers, mends and decides what is not clear, and takes them away."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live
from tests.rosters.generated import Line, csv_of, line, lines

ROWS = 150
LONG = 120_000
"""Milliseconds on a busy machine."""


def changed(one: Line, place: int, text: str) -> Line:
    return (*one[:place], text, *one[place + 1 :])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three rows wrong, and two that seem to be people of earlier rows."""
    rows = list(lines(ROWS))
    for n, (place, text) in enumerate(((7, "1390000"), (2, "不详"), (3, "1950-13-01"))):
        rows[n + 10] = changed(rows[n + 10], place, text)
    rows += [changed(line(0), 6, "另一个社区"), changed(changed(line(1), 4, ""), 5, "")]
    path = tmp_path / "全街道名册.csv"
    path.write_bytes(csv_of(rows, code="gb18030"))
    return path


@pytest.mark.timeout(400)
@pytest.mark.parametrize("width", ["phone"], indirect=True)
def test_a_worker_brings_a_roster_and_takes_it_away(
    live: Live, open_page: OpenPage, width: str, file: Path, tmp_path: Path
) -> None:
    page = open_page(live, width=width)
    sign_in(page, "worker")
    heading = page.get_by_role("heading", level=1)
    page.goto("/me")
    page.get_by_role("link", name="志愿者名册").click()
    page.get_by_role("link", name="导入名册").first.click()
    axe(page)
    page.get_by_label("名册文件").set_input_files(file)
    page.get_by_label("证件类型和号码").check()
    page.get_by_label(re.compile("每个人都在纸上签过")).check()
    page.get_by_label(re.compile("同意书放在哪里")).fill("社区办公室 2 号柜")
    page.get_by_role("button", name="上传并核对").click()
    expect(heading).to_have_text("有 2 行要您决定", timeout=LONG)
    axe(page)

    for row, label, text in ((12, "联系方式", "13900000010"), (13, "性别", line(11)[2]), (14, "出生日期", line(12)[3])):
        page.get_by_role("link", name="看有错误的行").click()
        page.get_by_role("link", name=f"改第 {row} 行", exact=True).click()
        axe(page)
        page.get_by_label(label, exact=True).fill(text)
        page.get_by_role("button", name="保存这一行").click()
        expect(page.get_by_text(f"第 {row} 行改好了。")).to_be_visible()

    page.get_by_role("link", name="去决定").click()
    page.get_by_label(re.compile("是同一个人，并到第 2 行")).check()
    page.get_by_label(re.compile("这一行不登记")).nth(1).check()
    axe(page)
    page.get_by_role("button", name="保存这一页的决定").click()
    expect(page.get_by_text("决定了 2 行。")).to_be_visible()

    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="确认登记").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(heading).to_have_text("152 行都办完了", timeout=LONG)
    assert page.evaluate("window.stayed")
    axe(page)
    _taken_away(page, tmp_path)


def _taken_away(page: Page, folder: Path) -> None:
    page.goto("/rosters/export")
    page.get_by_label("格式").select_option("csv")
    page.get_by_label("具体做什么用").fill("给助老活动的队员办保险")
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
    path = folder / "taken.csv"
    download.value.save_as(path)
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) > ROWS
    assert any(row[1] == line(0)[1] and row[5].startswith("980101********") for row in rows if len(row) > 5)
