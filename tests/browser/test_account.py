"""A volunteer who has lost her phone: she signs it out from another device, and chooses another password."""

from playwright.sync_api import expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

PASSWORD = "aixin-919-demo"
ANOTHER = "桂花糕配一壶红茶"


def test_a_lost_phone_is_signed_out_and_the_password_changed(live: Live, open_page: OpenPage, width: str) -> None:
    lost, here = open_page(live, width=width), open_page(live, width=width)
    for page in (lost, here):
        sign_in(page, "volunteer")
    here.goto("/me")
    here.get_by_role("link", name="账号与安全").click()
    expect(here.get_by_text("共 2 台设备")).to_be_visible()
    axe(here)
    here.get_by_role("row").filter(has_not_text="这台设备").get_by_role("button", name="退出这台").click()
    expect(here.locator("#say")).to_contain_text("那台设备已经退出登录")
    lost.goto("/hours")
    expect(lost).to_have_url(f"{live.url}/login?next=/hours")

    here.get_by_role("link", name="改密码").click()
    here.get_by_label("现在的密码").fill("猜一猜猜一猜")
    here.get_by_label("新密码", exact=True).fill(ANOTHER)
    here.get_by_label("再写一遍新密码").fill(ANOTHER)
    here.get_by_role("button", name="改密码").click()
    expect(here.get_by_text("现在的密码不对，请再试一次。")).to_be_visible()
    expect(here.get_by_label("现在的密码")).to_be_focused()
    axe(here)
    here.get_by_label("现在的密码").fill(PASSWORD)
    here.get_by_label("新密码", exact=True).fill(ANOTHER)
    here.get_by_label("再写一遍新密码").fill(ANOTHER)
    here.get_by_role("button", name="改密码").click()
    expect(here.locator("#say")).to_contain_text("密码改好了。")

    lost.get_by_label("登录名").fill("volunteer")
    lost.get_by_label("密码").fill(ANOTHER)
    lost.get_by_role("button", name="登录").click()
    expect(lost).to_have_url(f"{live.url}/hours")
