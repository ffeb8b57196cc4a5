"""The volunteers' side in a real browser: from a leader's draft to hours that count."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from portal import clock
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def draft(page: Page, name: str) -> None:
    page.goto("/activities/new")
    page.get_by_label("活动名称").fill(name)
    page.get_by_label("地点").fill("火车站南广场")
    page.locator("[name=day]").fill((clock.today() - timedelta(days=1)).isoformat())
    page.locator("[name=start]").fill("08:00")
    page.locator("[name=end]").fill("11:20")
    page.locator("[name=content]").fill("沿老街走一圈，捡拾垃圾。请自带水杯。")
    page.get_by_role("button", name="存为草稿").click()


def test_a_leaders_draft_becomes_an_activity_and_a_volunteers_hours(
    live: Live, open_page: OpenPage, width: str
) -> None:
    leader = open_page(live, width=width)
    sign_in(leader, "leader")
    draft(leader, "秋日一道走")
    axe(leader)
    leader.get_by_role("button", name="提交审核").click()
    expect(leader.get_by_role("heading", level=1)).to_contain_text("等着审核")

    lead = open_page(live, width=width)
    sign_in(lead, "lead")
    lead.goto("/activities/review")
    axe(lead)
    lead.get_by_role("link", name="秋日一道走").click()
    lead.get_by_text("退回修改").click()
    lead.locator("[name=reason]").fill("请写明集合地点。")
    lead.get_by_role("button", name="退回", exact=True).click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("退回了")

    leader.goto("/activities/mine")
    leader.get_by_role("link", name="秋日一道走").click()
    expect(leader.get_by_text("请写明集合地点。")).to_be_visible()
    leader.get_by_role("link", name="修改").click()
    leader.get_by_label("地点").fill("火车站南广场，钟楼下")
    leader.locator("main form.form button.btn").first.click()
    leader.get_by_role("button", name="提交审核").click()
    expect(leader.get_by_role("heading", level=1)).to_contain_text("等着审核")

    lead.goto("/activities/review")
    lead.get_by_role("link", name="秋日一道走").click()
    lead.get_by_role("button", name="发布", exact=True).click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("已发布")

    volunteer = open_page(live, width=width)
    sign_in(volunteer, "volunteer")
    expect(volunteer.get_by_text("一道走清洁队").first).to_be_visible()
    axe(volunteer)
    volunteer.goto("/activities?q=秋日")
    expect(volunteer.get_by_role("link", name="秋日一道走")).to_be_visible()
    log_three_hours_twenty(volunteer, "秋日一道走")
    row = volunteer.get_by_role("row").filter(has_text="秋日一道走")
    expect(row).to_contain_text("待审核")
    expect(row).to_contain_text(re.compile(r"3\s小时\s20\s分"))
    axe(volunteer)


def log_three_hours_twenty(page: Page, activity: str) -> None:
    page.goto("/hours/new")
    page.get_by_role("listitem").filter(has_text=activity).get_by_role("link").click()
    axe(page)
    page.locator("[name=hours]").fill("3")
    page.locator("[name=minutes]").fill("20")
    page.get_by_role("button", name="记下来").click()
    page.goto("/hours")


def waiting(page: Page) -> int:
    match = re.search(r"\d+", page.get_by_role("heading", level=1).inner_text())
    return int(match[0]) if match else 0


def test_a_lead_approves_a_whole_page_at_once(page: Page) -> None:
    sign_in(page, "lead")
    page.goto("/hours/queue")
    axe(page)
    before = waiting(page)
    assert before > 3
    page.locator("[name=team]").select_option(label="晨星夜间搜寻队")
    expect(page.get_by_role("row").filter(has_text="一道走")).to_have_count(0)
    of_team = page.locator("tbody input[type=checkbox]").count()
    page.get_by_role("link", name="全选本页").click()
    expect(page.locator("tbody input[type=checkbox]:checked")).to_have_count(of_team)
    page.get_by_role("button", name="通过所选").click()
    expect(page.locator("#say")).to_contain_text(f"{of_team}")
    page.goto("/hours/queue")
    assert waiting(page) == before - of_team


def test_a_lead_returns_one_with_a_reason_and_takes_it_back(page: Page) -> None:
    sign_in(page, "lead")
    page.goto("/hours/queue")
    row = page.locator("tbody tr").first
    place = row.get_attribute("id")
    row.get_by_role("link", name=re.compile("退回")).click()
    changed = page.locator(f"#{place}")
    changed.locator("[name=reason]").fill("请补充服务地点。")
    changed.get_by_role("button", name="退回").click()
    expect(changed).to_contain_text("退回")
    changed.get_by_role("button", name=re.compile("撤回")).click()
    expect(changed.get_by_role("button", name=re.compile("通过"))).to_be_visible()


def test_without_javascript_the_queue_works_as_well(no_javascript: Page) -> None:
    page = no_javascript
    sign_in(page, "lead")
    page.goto("/hours/queue")
    before = waiting(page)
    page.locator("tbody input[type=checkbox]").nth(0).check()
    page.locator("tbody input[type=checkbox]").nth(1).check()
    page.get_by_role("button", name="通过所选").click()
    page.goto("/hours/queue")
    assert waiting(page) == before - 2
    page.get_by_role("link", name="全选本页").click()
    page.get_by_role("button", name="通过所选").click()
    assert waiting(page) == 0


def test_a_lead_finds_no_way_to_approve_her_own(live: Live, page: Page) -> None:
    sign_in(page, "lead")
    page.goto("/hours/new")
    page.locator("main .todo a").first.click()
    page.locator("[name=hours]").fill("1")
    page.get_by_role("button", name="记下来").click()
    page.goto("/hours/queue?q=林一禾")
    row = page.get_by_role("row").filter(has_text="林一禾")
    expect(row.get_by_role("button", name=re.compile("通过"))).to_have_count(0)
    expect(row.get_by_role("checkbox")).to_have_count(0)
