"""我捐的钱去了哪里 · 付一笔钱，四个人各办一步."""

import re

from playwright.sync_api import Page, expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def test_i_gave_and_see_what_each_fen_paid(page: Page) -> None:
    """苏若水 opens her confirmation, follows the money, and looks at what paid the expense beside her."""
    sign_in(page, "donor")
    page.goto("/me")
    page.get_by_role("link", name=re.compile(r"919-2026-0000\d\d")).first.click()
    page.get_by_role("link", name="看这笔钱去了哪里").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("走到了这里")
    line = page.get_by_role("list", name="这笔钱经过的地方")
    expect(line).to_contain_text("到账")
    expect(page.get_by_text("一分不差")).to_be_visible()
    axe(page)
    page.get_by_text("看数据表").click()
    expect(page.get_by_role("table")).to_be_visible()
    line.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=2)).to_contain_text("笔捐赠支付")
    axe(page)


def test_four_people_take_a_step_each_and_the_payment_is_public(open_page: OpenPage, live: Live) -> None:
    """夏立春 enters, 许望舒 agrees, 沈知秋 pays, 罗予安 posts."""
    page = open_page(live, width="phone")
    sign_in(page, "worker")
    page.goto("/me")
    page.get_by_role("link", name="用款").click()
    page.get_by_role("link", name="登记用款").click()
    page.get_by_label("金额（元）").fill("128.50")
    page.get_by_label("用途").fill("爱心课堂彩纸")
    page.get_by_label("凭证号").fill("1122-77")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("爱心课堂彩纸")
    address = page.url
    axe(page)
    for login, button in (("council", "同意"), ("cashier", "已经付款"), ("accountant", "复核无误，入账")):
        other = open_page(live, width="phone")
        sign_in(other, login)
        other.goto(address)
        other.get_by_role("button", name=button, exact=True).click()
        expect(other.get_by_role("status")).not_to_be_empty()
    other.get_by_role("link", name="看由哪些捐赠支付").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("¥128.50")
