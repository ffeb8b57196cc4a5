"""Her data: an elder takes a copy home and thinks twice about deleting; who looks at her file is seen by her."""

import json
import sqlite3
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_looks import fits
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def number_of(live: Live, login: str) -> int:
    with sqlite3.connect(f"file:{live.instance / 'portal.db'}?mode=ro", uri=True) as database:
        (number,) = database.execute("SELECT id FROM people_person WHERE login = ?", [login]).fetchone()
    return int(number)


def test_an_elder_downloads_her_data_reads_it_and_thinks_twice_about_deleting(
    page: Page, open_page: OpenPage, live: Live, tmp_path: Path
) -> None:
    sign_in(page, "volunteer")
    page.goto("/me/account")
    page.get_by_role("listitem").filter(has_text="我的数据").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("门户里有您的什么资料")
    axe(page)
    fits(page)
    page.get_by_role("button", name="做一份副本").click()
    expect(page.locator("#say")).to_contain_text("副本备好了")
    with page.expect_download() as waited:
        page.get_by_role("link", name="下载").first.click()
    waited.value.save_as(tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as archive:
        archive.extractall(tmp_path / "copy")
    assert json.loads((tmp_path / "copy" / "data.json").read_text())["person"]["name"] == "周小满"
    home = page.context.new_page()
    home.goto((tmp_path / "copy" / "我的资料.html").as_uri())
    expect(home.get_by_role("heading", level=1)).to_contain_text("周小满")
    expect(home.get_by_role("heading", name="您是谁").or_(home.get_by_text("姓名、登录名")).first).to_be_visible()
    home.close()
    page.get_by_role("link", name="去看看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("删除以后会怎样")
    axe(page)
    fits(page)
    page.get_by_label("我看过上面的说明").check()
    page.get_by_role("button", name="删除我的资料").click()
    expect(page.locator("#say")).to_contain_text("之前还可以撤回")
    page.get_by_role("button", name="撤回，不删了").click()
    expect(page.locator("#say")).to_contain_text("您的资料都还在")


@pytest.mark.parametrize("width", ["phone"], indirect=True)
def test_who_looks_with_a_reason_is_seen_by_her(page: Page, open_page: OpenPage, live: Live) -> None:
    sign_in(page, "lead")
    number = number_of(live, "volunteer")
    page.goto(f"/people/{number}")
    axe(page)
    fits(page)
    page.get_by_role("link", name="看完整信息").click()
    axe(page)
    fits(page)
    page.get_by_label("手机和邮箱").check()
    page.get_by_label("具体为什么").fill("活动改到下午，要打电话")
    page.get_by_role("button", name="看一次").click()
    expect(page.get_by_text("只显示这一次")).to_be_visible()
    axe(page)
    hers = open_page(live)
    sign_in(hers, "volunteer")
    hers.goto("/me/looks")
    expect(hers.get_by_role("row").filter(has_text="林一禾")).to_contain_text("活动改到下午，要打电话")
