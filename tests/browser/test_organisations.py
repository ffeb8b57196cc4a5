"""A worker registers an organisation; its lead changes the public page; two entries are merged and parted again."""

from playwright.sync_api import expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live
from tests.orgs.codes import code


def test_an_organisation_is_registered_shown_merged_and_parted(live: Live, open_page: OpenPage, width: str) -> None:
    worker, lead, visitor = (open_page(live, width=width) for _ in range(3))
    sign_in(worker, "worker")
    worker.goto("/me")
    worker.get_by_role("link", name="组织登记").click()
    axe(worker, modes=("light",))
    worker.get_by_role("link", name="登记组织").click()
    worker.get_by_label("组织名称").fill("星火志愿服务中心（演示）二")
    worker.get_by_label("类别").select_option("社会服务机构")
    worker.get_by_label("统一社会信用代码").fill(code("51"))
    worker.get_by_label("网址里的名字").fill("second-spark")
    worker.get_by_role("button", name="登记").click()
    expect(worker.locator(".error").first).to_contain_text("以 52 开头")
    axe(worker)
    worker.get_by_label("统一社会信用代码").fill(code("52"))
    worker.get_by_role("button", name="登记").click()
    expect(worker.locator("#say")).to_contain_text("登记好了")
    axe(worker)

    visitor.goto("/organisations/spark")
    expect(visitor.locator("h1")).to_contain_text("星火志愿服务中心")
    axe(visitor)
    sign_in(lead, "lead")
    lead.goto("/me")
    lead.get_by_role("link", name="我管理的组织").click()
    lead.get_by_role("link", name="星火志愿服务中心（演示）").click()
    lead.get_by_role("link", name="改公开页").click()
    lead.get_by_label("做什么").fill("沿着铁路一道走，走了十年。")
    lead.get_by_role("button", name="保存").click()
    expect(lead.locator("#say")).to_contain_text("改好了")
    visitor.reload()
    expect(visitor.get_by_text("走了十年")).to_be_visible()

    worker.get_by_role("link", name="并入另一个组织").click()
    worker.get_by_label("留下哪一个").select_option("星火志愿服务中心（演示）")
    worker.get_by_role("button", name="看会怎样").click()
    worker.get_by_label("原因").fill("登记了两次")
    axe(worker, modes=("elder",))
    worker.get_by_role("button", name="并入「星火志愿服务中心（演示）」").click()
    expect(worker.locator("#say")).to_contain_text("已经并入")
    visitor.goto("/organisations/second-spark")
    expect(visitor).to_have_url(f"{live.url}/organisations/spark")
    worker.get_by_role("link", name="看或撤销").click()
    worker.get_by_role("button", name="撤销合并").click()
    expect(worker.locator("#say")).to_contain_text("又分开了")
    visitor.goto("/organisations/second-spark")
    expect(visitor.locator("h1")).to_contain_text("（演示）二")
