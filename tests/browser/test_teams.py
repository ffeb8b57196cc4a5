"""A leader fills her team: a printed invitation, a pasted list, a message to all; and a volunteer is lent."""

from datetime import timedelta

from playwright.sync_api import Page, expect

from portal import clock
from portal.demo.cast import PASSWORD
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

HOST = "暖巷服务社（演示）"


def test_a_leader_fills_her_team(live: Live, open_page: OpenPage, width: str) -> None:
    page = open_page(live, width=width)
    sign_in(page, "lead")
    page.goto("/teams/walk")
    names = [name for name in page.locator("#members th[scope=row]").all_inner_texts() if "周小满" not in name]
    page.goto("/teams/new")
    page.get_by_label("队名").fill("清河小队")
    page.get_by_label("类型").select_option("service")
    page.get_by_label("做什么").fill("周末清河道")
    axe(page)
    page.get_by_role("button", name="建队").click()
    expect(page.locator("#say")).to_contain_text("建好了")
    axe(page)
    page.get_by_role("link", name="邀请链接和二维码").click()
    page.get_by_label("有效几天").fill("7")
    page.get_by_role("button", name="做一个邀请").click()
    expect(page.locator(".poster svg")).to_be_visible()
    expect(page.locator(".poster")).to_contain_text("清河小队")
    axe(page)
    link = page.get_by_label("邀请链接").input_value()

    guest = open_page(live, width=width)
    guest.goto(link)
    axe(guest)
    guest.get_by_role("link", name="登录后加入").click()
    guest.locator("main input[name=login]").fill("volunteer")
    guest.locator("main input[name=password]").fill(PASSWORD)
    guest.locator("main input[name=password]").press("Enter")
    guest.get_by_role("button", name="加入").click()
    expect(guest.locator("#say")).to_contain_text("您加入了")
    axe(guest)

    page.goto("/teams")
    page.get_by_role("link", name="打开 清河小队").click()
    page.get_by_role("link", name="粘贴接龙").click()
    page.get_by_label("接龙的文字").fill(chain([name.split()[0].split("（")[0] for name in names]))
    axe(page)
    page.get_by_role("button", name="看看认出了谁").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 处请您定")
    axe(page)
    page.get_by_role("button", name="确认，登记为队员").click()
    expect(page.locator("#say")).to_contain_text("人入队了")
    page.get_by_role("link", name="发消息").click()
    page.get_by_label("标题").fill("周六清河道")
    page.get_by_label("内容").fill("早上八点，带手套。")
    axe(page)
    page.get_by_role("button", name="发给全队").click()
    expect(page.locator("#say")).to_contain_text("发出去了")
    axe(page)
    guest.goto("/notices")
    guest.get_by_text("周六清河道").first.click()
    expect(guest.get_by_text("早上八点，带手套。")).to_be_visible()
    page.goto("/teams")
    page.get_by_role("link", name="打开 清河小队").click()
    page.get_by_role("link", name="打印花名册").click()
    expect(page.locator(".roster tbody tr")).not_to_have_count(0)
    axe(page)


def chain(names: list[str]) -> str:
    """Twelve lines: ten members of another team, somebody unknown, and one whom nobody names."""
    lines = [f"{number}. {name}" for number, name in enumerate(names[:10], 1)]
    return "\n".join(["#接龙", "11月28日清河道 8:00集合", *lines, "11、没有这人 138 0013 8000", "12. +1"])


def test_a_volunteer_is_lent_from_asking_to_the_end(live: Live, open_page: OpenPage, width: str) -> None:
    """The admin stands in at the other organisation too, so she speaks for both; the volunteer speaks for herself."""
    live.portal(
        "grant", "lead", "organisation_admin", "--on", "organisation:harbour", "--as", "admin", "--reason", "代管"
    )
    page = open_page(live, width=width)
    sign_in(page, "lead")
    page.goto("/loans")
    page.get_by_role("link", name="借人，或者借出").click()
    axe(page)
    choose(page, "从哪个组织借", "星火志愿服务中心")
    choose(page, "到哪个队", HOST)
    for label, text in terms().items():
        page.get_by_role("main").get_by_label(label).fill(text)
    page.get_by_role("button", name="提出来").click()
    expect(page.locator("#say")).to_contain_text("提出来了")
    axe(page)

    volunteer = open_page(live, width=width)
    sign_in(volunteer, "volunteer")
    volunteer.goto("/notices")
    volunteer.get_by_text("请您答复：周小满").first.click()
    axe(volunteer)
    volunteer.get_by_role("button", name="我愿意去").click()
    expect(volunteer.get_by_text("借调中")).to_be_visible()
    page.goto("/loans")
    axe(page)
    page.get_by_role("link", name="周小满").click()
    page.get_by_role("link", name="提前结束").click()
    page.get_by_label("原因").fill("活动改期了")
    axe(page)
    page.get_by_role("button", name="提前结束").click()
    expect(page.get_by_text("已结束")).to_be_visible()
    volunteer.goto("/notices")
    expect(volunteer.get_by_text("的借调结束了").first).to_be_visible()


def terms() -> dict[str, str]:
    """From today on, whatever day it has become since these tests were collected."""
    return {
        "志愿者编号": "V2025000001",
        "姓名": "周小满",
        "从哪天开始": f"{clock.today()}",
        "到哪天为止": f"{clock.today() + timedelta(days=6)}",
        "做什么": "重阳节慰问",
    }


def choose(page: Page, label: str, begins: str) -> None:
    """The first choice that begins so."""
    select = page.get_by_label(label)
    words = next(one for one in select.locator("option").all_inner_texts() if one.startswith(begins))
    select.select_option(label=words)
