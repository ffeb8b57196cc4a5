"""An administrator makes somebody a reviewer until a day; a lead goes on holiday and names a deputy."""

import re
from datetime import timedelta

from playwright.sync_api import expect

from portal.clock import today
from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def test_a_reviewer_is_made_and_a_deputy_named(live: Live, open_page: OpenPage, width: str) -> None:
    admin, hers, lead = (open_page(live, width=width) for _ in range(3))
    sign_in(hers, "volunteer")
    sign_in(admin, "admin")
    admin.goto("/me")
    admin.get_by_role("link", name="谁有什么身份").click()
    axe(admin, modes=("light",))
    admin.get_by_role("link", name="授予身份").click()
    admin.get_by_label("姓名、登录名或编号").fill("周小满")
    admin.get_by_role("button", name="查找").click()
    expect(admin.get_by_text("登录名 volunteer")).to_be_visible()
    admin.get_by_role("link", name="选这位").click()
    admin.get_by_label("身份", exact=True).select_option("审核人")
    admin.get_by_label("范围").select_option(label="组织 · 星火志愿服务中心（演示）")
    admin.get_by_role("button", name="授予").click()
    expect(admin.get_by_text("请写明原因，以后查得到。", exact=True)).to_be_visible()
    axe(admin)
    until = today() + timedelta(days=30)
    admin.get_by_label("到哪天为止").fill(f"{until}")
    admin.get_by_label("原因").fill("理事会推选")
    admin.get_by_role("button", name="授予").click()
    expect(admin.locator("#say")).to_contain_text("周小满现在是审核人")
    expect(admin.get_by_text(f"{today()} 到 {until}")).to_be_visible()

    # A change of rights ends sign-ins: she comes back with what she may now.
    hers.goto("/hours/queue")
    expect(hers).to_have_url(f"{live.url}/login?next=/hours/queue")
    sign_in(hers, "volunteer")
    hers.goto("/hours/queue")
    expect(hers.locator("h1")).to_contain_text(re.compile("审核|时长"))
    hers.goto("/me")
    hers.get_by_role("link", name="我的身份能做什么").click()
    expect(hers.get_by_text("通过或退回别人的时长")).to_be_visible()
    expect(hers.get_by_text("秦长风授予，原因：理事会推选")).to_be_visible()
    axe(hers)

    sign_in(lead, "lead")
    lead.goto("/me")
    lead.get_by_role("link", name="休假代班").click()
    lead.get_by_label("代班人的登录名或志愿者编号").fill("volunteer")
    lead.get_by_label("原因").fill("休年假")
    lead.get_by_role("button", name="请这位代班").click()
    expect(lead.locator("#say")).to_contain_text("已经请周小满代班")
    axe(lead, modes=("elder",))
    sign_in(hers, "volunteer")
    hers.goto("/me")
    hers.get_by_role("link", name="我的身份能做什么").click()
    expect(hers.get_by_text("代林一禾").first).to_be_visible()
