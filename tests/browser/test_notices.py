"""A volunteer is told that her hours came back, mends them, and ends the mails by the link in one of them."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.browser.test_reset import code_from_mailbox
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

REASON = "请写明在哪里集合。"


def leave_address(page: Page, mailbox: Page) -> None:
    page.goto("/me/account/contacts")
    page.get_by_role("link", name="添手机号或邮箱").click()
    page.get_by_label("手机号或邮箱").fill("xiaoman@example.org")
    page.get_by_role("button", name="发验证码").click()
    page.get_by_label("6 位验证码").fill(code_from_mailbox(mailbox, "验证这个联系方式"))
    page.get_by_role("button", name="验证", exact=True).click()
    expect(page.locator("#say")).to_contain_text("验证好了")


def log_an_hour(page: Page) -> None:
    page.goto("/hours/new")
    page.locator("main .todo a").first.click()
    page.locator("[name=hours]").fill("1")
    page.get_by_role("button", name="记下来").click()
    expect(page.locator("#say")).to_be_visible()


def give_back(page: Page) -> None:
    """The lead returns the volunteer's hours."""
    page.goto("/hours/queue?q=周小满")
    row = page.locator("tbody tr").first
    place = row.get_attribute("id")
    row.get_by_role("link", name=re.compile("退回")).click()
    changed = page.locator(f"#{place}")
    changed.locator("[name=reason]").fill(REASON)
    changed.get_by_role("button", name="退回").click()
    expect(changed.get_by_role("button", name=re.compile("撤回"))).to_be_visible()


def link_in_mail(mailbox: Page) -> str:
    """The address that ends letters, out of the newest mail."""
    letter = mailbox.locator("main article").filter(has_text=REASON).first
    found = re.search(r"https?://\S+/notices/off/\S+", letter.inner_text())
    assert found is not None
    return urlsplit(found[0]).path


def test_hours_that_came_back_are_mended_and_mail_is_ended_by_its_link(
    live: Live, open_page: OpenPage, width: str
) -> None:
    page, mailbox, lead = (open_page(live, width=width) for _ in range(3))
    sign_in(page, "volunteer")
    leave_address(page, mailbox)
    log_an_hour(page)
    bell = page.locator(".bell")
    before = int(bell.locator("b").inner_text().split()[-1])
    sign_in(lead, "lead")
    give_back(lead)

    page.goto("/me")
    expect(bell).to_contain_text(str(before + 1))
    axe(page)
    bell.click()
    axe(page)
    page.get_by_role("button", name=re.compile(REASON)).click()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(bell).to_contain_text(str(before))
    page.get_by_role("link", name="改好重交").click()
    page.get_by_role("button", name="重新提交").click()
    expect(page.locator("#say")).to_be_visible()
    bell.click()
    page.get_by_role("button", name="全部算看过").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("通知都看过了")
    axe(page)

    mailbox.goto("/mailbox")
    axe(mailbox)
    mailbox.goto(link_in_mail(mailbox))
    axe(mailbox)
    mailbox.get_by_role("button", name="不再收", exact=True).click()
    expect(mailbox.get_by_role("heading", level=1)).to_have_text("「时长退回」不再发邮件给您")
    page.get_by_role("link", name="哪些要发邮件或短信").click()
    returned = page.get_by_role("group", name="时长退回")
    expect(returned.get_by_label("邮件")).to_have_value("off")
    axe(page)
    returned.get_by_label("邮件").select_option("daily")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#say")).to_contain_text("记下了")
    expect(returned.get_by_label("邮件")).to_have_value("daily")


def test_a_leader_takes_the_text_for_the_chat_group(live_to_read: Live, open_page: OpenPage, width: str) -> None:
    page = open_page(live_to_read, width=width)
    sign_in(page, "leader")
    page.goto("/activities/mine?status=published")
    page.locator("tbody a").first.click()
    page.get_by_role("link", name="发到群里").click()
    axe(page)
    text = page.get_by_label("点一下就全选，再复制")
    text.click()
    chosen = page.evaluate("getSelection().toString() || document.activeElement.value")
    assert re.search(r"时间：\d+ 月 \d+ 日（周.）", chosen)
    assert "/activities/" in chosen
    assert chosen.rstrip().endswith("1.")
