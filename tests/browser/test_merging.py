"""A community worker finds a volunteer who was entered twice, makes one entry of two, and takes it back."""

from playwright.sync_api import expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def test_two_entries_of_one_person_become_one_and_two_again(live: Live, open_page: OpenPage, width: str) -> None:
    page = open_page(live, width=width)
    sign_in(page, "worker")
    page.goto("/me")
    page.get_by_role("link", name="重复的登记").click()
    axe(page)
    page.get_by_label("要留下的一份").fill("volunteer")
    page.get_by_label("要并掉的一份").fill("nobody")
    page.get_by_role("button", name="比一比").click()
    expect(page.get_by_text("没有这个编号或登录名").first).to_be_visible()
    page.get_by_label("要并掉的一份").fill("lead")
    page.get_by_role("button", name="比一比").click()
    expect(page.get_by_text("要并掉的这一份还有别的身份")).to_be_visible()
    expect(page.get_by_role("button", name="是同一个人，合并")).to_have_count(0)
    axe(page, modes=("light",))

    page.get_by_role("link", name="重复的登记").click()
    page.get_by_label("要留下的一份").fill("volunteer")
    page.get_by_label("要并掉的一份").fill("donor")
    page.get_by_role("button", name="比一比").click()
    expect(page.get_by_text("合并会怎样")).to_be_visible()
    expect(page.get_by_text("两份登记的姓名不同")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="是同一个人，合并").click()
    expect(page.get_by_text("请写明原因").first).to_be_visible()
    page.get_by_label("凭什么这样认定").fill("本人当面确认，带了身份证")
    page.get_by_role("button", name="是同一个人，合并").click()
    expect(page.locator("h1")).to_contain_text("苏若水 并进了 周小满")
    axe(page)

    page.get_by_label("凭什么这样认定").fill("问了本人，是两个人")
    page.get_by_role("button", name="撤销合并").click()
    expect(page.locator("#say")).to_contain_text("各归各的")
    expect(page.get_by_text("问了本人，是两个人")).to_be_visible()
    expect(page.get_by_role("button", name="撤销合并")).to_have_count(0)
