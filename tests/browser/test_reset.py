"""A volunteer leaves her mobile; weeks later she has forgotten her password and gets in again by herself."""

import re

from playwright.sync_api import Page, expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

MOBILE = "138 0013 8000"
ANOTHER = "桂花糕配一壶红茶"


def code_from_mailbox(mailbox: Page, about: str) -> str:
    """The newest code in the demo mailbox; it comes once the worker has sent it."""
    letter = mailbox.locator("main").get_by_text(re.compile(about)).first
    for _ in range(40):
        mailbox.goto("/mailbox")
        if letter.count():
            break
        mailbox.wait_for_timeout(250)
    found = re.search(r"验证码 (\d{6})", letter.inner_text())
    assert found is not None
    return found[1]


def test_a_forgotten_password_is_got_back_by_a_mobile(live: Live, open_page: OpenPage, width: str) -> None:
    page, mailbox = open_page(live, width=width), open_page(live, width=width)
    sign_in(page, "volunteer")
    page.goto("/me/account")
    page.get_by_role("listitem").filter(has_text="手机和邮箱").get_by_role("link").click()
    axe(page)
    page.get_by_role("link", name="添手机号或邮箱").click()
    page.get_by_label("手机号或邮箱").fill(MOBILE)
    page.get_by_role("button", name="发验证码").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("138****8000")
    page.get_by_label("6 位验证码").fill("12")
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.get_by_text("验证码不对，或者过期了")).to_be_visible()
    axe(page)
    page.get_by_label("6 位验证码").fill(code_from_mailbox(mailbox, "验证这个联系方式"))
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.locator("#say")).to_contain_text("验证好了")
    expect(page.get_by_role("row").filter(has_text="138****8000")).to_contain_text("可以登录")
    axe(page)

    other = open_page(live, width=width)
    other.goto("/login")
    other.get_by_role("link", name="忘了密码").click()
    axe(other)
    other.get_by_label("登录名、志愿者编号、手机号或邮箱").fill("volunteer")
    other.get_by_role("button", name="发验证码").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("如果我们认得您")
    axe(other)
    code = code_from_mailbox(mailbox, "重设密码")
    other.get_by_label("6 位验证码").fill(code)
    other.get_by_role("button", name="下一步").click()
    other.get_by_label("新密码", exact=True).fill(ANOTHER)
    other.get_by_label("再写一遍新密码").fill(ANOTHER)
    axe(other)
    other.get_by_role("button", name="改密码").click()
    expect(other.locator("#say")).to_contain_text("密码改好了")
    other.get_by_label("登录名").fill(MOBILE)
    other.get_by_label("密码", exact=True).fill(ANOTHER)
    other.get_by_role("button", name="登录").click()
    expect(other).to_have_url(f"{live.url}/me")
    page.goto("/me")
    expect(page).to_have_url(re.compile("/login"))
