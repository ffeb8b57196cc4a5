"""A leader prints a card and leaves a kiosk; a member of seventy logs three hours there and leaves."""

import re

from playwright.sync_api import expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

PIN = "8305"


def test_a_member_without_a_phone_logs_three_hours_by_badge(live: Live, open_page: OpenPage, width: str) -> None:
    page = open_page(live, width=width)
    sign_in(page, "leader")
    page.goto("/me")
    page.get_by_role("link", name="志愿者证").first.click()
    axe(page)
    page.get_by_role("link", name="看队员的证").first.click()
    member = page.get_by_role("row").filter(has_text="周小满")
    member.get_by_role("checkbox").check()
    page.get_by_role("button", name="给勾选的人发证").click()
    expect(page.locator("#say")).to_contain_text("发了 1 张证")
    axe(page)
    number = re.search(r"\d{4} \d{4}", member.inner_text())
    assert number is not None
    member.get_by_role("link", name="打印").click()
    expect(page.locator(".badge")).to_contain_text("周小满")
    axe(page)
    page.go_back()
    member.get_by_role("link", name="设密码").click()
    page.get_by_label("密码，4 到 6 位数字").fill("1234")
    page.get_by_label("再输一遍").fill("1234")
    page.get_by_role("button", name="设好密码").click()
    expect(page.get_by_text("这个密码太容易猜到")).to_be_visible()
    axe(page)
    page.get_by_label("密码，4 到 6 位数字").fill(PIN)
    page.get_by_label("再输一遍").fill(PIN)
    page.get_by_role("button", name="设好密码").click()
    expect(page.locator("#say")).to_contain_text("现在可以刷卡了")

    page.goto("/badges")
    page.get_by_role("button", name="这台设备当刷卡机").first.click()
    expect(page.locator("#say")).to_contain_text("现在是刷卡机")
    axe(page)
    # The scanner types like a keyboard and ends with Enter; without one she types the number.
    page.get_by_label("刷志愿者证").fill(number[0])
    page.keyboard.press("Enter")
    expect(page.get_by_text("请输入证的密码。")).to_be_visible()
    expect(page.get_by_label("证的密码")).to_be_focused()
    page.get_by_label("证的密码").fill(PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("周小满，您要办什么？")
    axe(page)
    page.get_by_role("link", name="记时长").click()
    page.locator("main .todo a").first.click()
    page.locator("[name=hours]").fill("3")
    page.locator("[name=minutes]").fill("0")
    axe(page)
    page.get_by_role("button", name="记下来").click()
    expect(page.locator("#say")).to_contain_text("记好了")
    page.goto("/me/account")
    expect(page.get_by_role("heading", level=1)).to_contain_text("刷卡只能看自己的时长")
    page.goto("/me")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("刷志愿者证")
    page.go_back()
    expect(page.get_by_text("周小满")).to_have_count(0)
    page.goto("/hours")
    expect(page).to_have_url(re.compile("/login"))
