"""Somebody who looks after a server has just started the portal on it: she sets it up, and it is there for everyone."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.administration.first_day import CODE, PASSWORD
from tests.browsers import OpenPage, axe
from tests.live import ROOT, Live, free_port, running, settings

TOKEN = re.compile(r"设立口令：([A-Z2-7-]+)")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Live]:
    """A portal in production, with its tables and nobody in it."""
    instance, port = tmp_path / "instance", free_port()
    instance.mkdir()
    production = ["env", "PORTAL_ENV=production", f"PORTAL_BASE_URL=http://127.0.0.1:{port}"]
    portal = [*production, sys.executable, "-m", "portal"]
    subprocess.run([*portal, "migrate"], env=settings(instance), cwd=ROOT, check=True, capture_output=True)
    with running([*portal, "serve", "--port", str(port), "--workers", "1", "--no-jobs"], instance, port) as live:
        yield live


def test_the_portal_is_set_up_once_and_then_signed_in_to(empty: Live, open_page: OpenPage, width: str) -> None:
    page = open_page(empty, width=width)
    page.goto("/funds/919")
    expect(page).to_have_url(f"{empty.url}/set-up")
    axe(page)
    page.get_by_label("设立口令").fill("猜一猜")
    page.get_by_role("button", name="开始设立").click()
    expect(page.get_by_text("口令不对")).to_be_visible()
    page.get_by_label("设立口令").fill(TOKEN.findall(empty.log)[-1].lower())
    page.get_by_role("button", name="开始设立").click()

    page.get_by_label("联盟的全称").fill("海宁市××爱心联盟（测试）")
    page.get_by_label("志愿者编号，今年已经发到第几号").fill("41")
    axe(page)
    page.get_by_role("button", name="下一步：基金").click()
    add_fund(page, "919爱心基金", "919", CODE[:17] + "0")
    expect(page.get_by_text("最后一位对不上").first).to_be_visible()
    axe(page)
    page.get_by_label("它的统一社会信用代码").fill(CODE)
    page.get_by_role("button", name="加上这个基金").click()
    expect(page.get_by_text("已经填了 1 个基金")).to_be_visible()

    # She is called away; another day goes on where this one stopped.
    page.context.clear_cookies()
    page.goto("/set-up/funds")
    page.get_by_label("设立口令").fill(TOKEN.findall(empty.log)[-1])
    page.get_by_role("button", name="开始设立").click()
    expect(page.get_by_role("heading", name="收好密钥，试试邮件")).to_be_visible()
    expect(page.get_by_text("还没有设邮件服务器")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="下一步：管理员").click()
    expect(page.get_by_text("确认单从第 123 号起")).to_be_visible()
    page.get_by_label("姓名").fill("秦长风")
    page.get_by_label("登录名").fill("qin")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再写一遍密码").fill(PASSWORD)
    axe(page)
    page.get_by_role("button", name="设立门户").click()

    expect(page.get_by_text("门户设立好了")).to_be_visible()
    page.get_by_label("登录名").fill("qin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/funds")
    expect(page.get_by_role("main").get_by_text("919爱心基金").first).to_be_visible()
    answer = page.goto("/set-up")
    assert answer is not None and answer.status == 404


def add_fund(page: Page, name: str, slug: str, code: str) -> None:
    page.get_by_label("基金名称").fill(name)
    page.get_by_label("网址名").fill(slug)
    page.get_by_label("做什么用").fill("帮困助学、寻找走失老人。")
    page.get_by_label("哪一年设立").fill("2013")
    page.get_by_label("管委会几个人").fill("7")
    page.get_by_label("依托哪个慈善组织（全称）").fill("海宁市××慈善会（测试）")
    page.get_by_label("它的简称").fill("慈善会")
    page.get_by_label("它的统一社会信用代码").fill(code)
    page.get_by_label("确认单，今年已经开到第几号").fill("122")
    page.get_by_role("button", name="加上这个基金").click()
