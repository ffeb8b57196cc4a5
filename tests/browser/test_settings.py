"""The council has decided on other stars: the administrator writes it down for next month, the supervisor reads why."""

from datetime import timedelta

from playwright.sync_api import expect

from portal import clock
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live

WHY = "管委会 11 月 20 日会议决定，让新来的人早些看到星。"


def test_a_rule_is_changed_for_a_day_to_come_and_read_by_the_supervisor(
    live: Live, open_page: OpenPage, width: str
) -> None:
    page = open_page(live, width=width)
    sign_in(page, "admin")
    page.goto("/me")
    page.get_by_role("link", name="规则与设置").click()
    axe(page)
    page.get_by_role("link", name="星级的时长").click()
    axe(page)
    page.get_by_role("link", name="改这一条").click()
    page.get_by_label("改成（小时，从小到大）").fill("50、30、600、1000、1500")
    page.get_by_label("为什么改").fill(WHY)
    page.get_by_role("button", name="照这样改").click()
    expect(page.get_by_text("后一个数要比前一个大").first).to_be_visible()
    axe(page)
    day = clock.today() + timedelta(days=30)
    page.get_by_label("改成（小时，从小到大）").fill("50、300、600、1000、1500")
    page.get_by_label("从哪天起").fill(day.isoformat())
    page.get_by_role("button", name="照这样改").click()
    expect(page.locator("#say")).to_contain_text(f"从 {day.isoformat()} 起照新的办")

    reader = open_page(live, width=width)
    sign_in(reader, "supervisor")
    reader.goto("/settings/hours.star_hours")
    expect(reader.get_by_text(WHY)).to_be_visible()
    expect(reader.get_by_text("还没到")).to_be_visible()
    expect(reader.get_by_role("link", name="改这一条")).to_have_count(0)
    axe(reader)
