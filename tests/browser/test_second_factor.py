"""A cashier puts a second lock on her account: codes of her telephone, and codes on paper for when it is lost."""

import re

from playwright.sync_api import Page, expect

from portal import clock
from portal.accounts.totp import code_of, counter_at
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

PASSWORD = "aixin-919-demo"


class Telephone:
    """An authenticator that was told the secret of the page. It never shows a code that was used before."""

    def __init__(self, page: Page) -> None:
        page.get_by_text("扫不了？照着输入密钥").click()
        self._secret = re.sub(r"\s", "", page.locator(".secret").inner_text())
        self._last = 0

    def code(self) -> str:
        """This half minute's, or the next one, for which nobody waits: a clock may be that early."""
        self._last = max(self._last + 1, counter_at(clock.now()))
        return code_of(self._secret, self._last)


def gives_password(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("登录名").fill("cashier")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def sets_up(page: Page, button: str) -> tuple[Telephone, list[str]]:
    """The telephone, and what she writes down."""
    expect(page.get_by_role("img", name="验证器要扫的二维码")).to_be_visible()
    telephone = Telephone(page)
    page.get_by_label("验证码").fill(telephone.code())
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("heading", name="抄好这十个恢复码")).to_be_visible()
    papers = page.locator(".recovery code").all_inner_texts()
    assert len(set(papers)) == 10
    page.get_by_role("link", name="抄好了").click()
    expect(page.get_by_role("heading", name="两步验证开着")).to_be_visible()
    return telephone, papers


def test_a_cashier_turns_it_on_signs_in_with_it_and_loses_her_telephone(
    live: Live, open_page: OpenPage, width: str
) -> None:
    page = open_page(live, width=width)
    sign_in(page, "cashier")
    expect(page.get_by_text("还有 14 天要开启")).to_be_visible()
    page.get_by_role("link", name="去开启").click()
    axe(page)
    page.get_by_role("link", name="现在开启").click()
    axe(page)
    telephone, papers = sets_up(page, "开启两步验证")

    page.goto("/me/account")
    expect(page.get_by_text("恢复码还剩 10 个")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="退出登录").click()

    gives_password(page)
    expect(page.get_by_role("heading", name="请写手机上的验证码")).to_be_visible()
    axe(page)
    page.goto("/imports")
    expect(page).to_have_url(re.compile("/login"))
    page.goto("/login/code")
    page.get_by_label("验证码").fill("000 000")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("验证码不对")).to_be_visible()
    page.get_by_label("验证码").fill(telephone.code())
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(f"{live.url}/me")
    page.get_by_role("button", name="退出登录").click()

    gives_password(page)
    page.get_by_text("手机不在身边？用恢复码").click()
    page.get_by_label("恢复码").fill(papers[0].upper())
    page.get_by_role("button", name="用恢复码").click()
    expect(page.get_by_text("恢复码用掉了一个，还剩 9 个")).to_be_visible()
    page.get_by_role("link", name="换一个验证器").click()
    another, fresh = sets_up(page, "换成这个")
    assert not set(papers) & set(fresh)

    page.goto("/me/account")
    page.get_by_role("button", name="退出登录").click()
    gives_password(page)
    page.get_by_label("验证码").fill(telephone.code())
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_text("验证码不对")).to_be_visible()
    page.get_by_label("验证码").fill(another.code())
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(f"{live.url}/me")
