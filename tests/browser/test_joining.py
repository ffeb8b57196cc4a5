"""Joining: by herself with a mobile, a child with her guardian, somebody without a phone, ten approved at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import commands
from tests.browsers import OpenPage, axe, sign_in
from tests.joining.steps import photo
from tests.live import Live, settings

PASSWORD = "四棵树-下雨天-蓝书包"
PHONE = pytest.mark.parametrize("width", ["phone"], indirect=True)
DESKTOP = pytest.mark.parametrize("width", ["desktop"], indirect=True)


APPLYING = """
from portal import clock, create_app
from portal.db import db
from portal.joining.wishes import wish_for_team
from portal.orgs.queries import team_by_slug
from tests.joining.steps import applied

with create_app().app_context():
    wish = wish_for_team(team_by_slug("walk").id)
    for number in "甲乙丙丁戊己庚辛壬癸":
        applied(f"江念{number}", wish=wish, at=clock.now())
    db.session.commit()
"""
"""Ten people who wish to join the demo's first team."""


def code_for(page: Page, about: str) -> str:
    """The newest code, as the demo mailbox shows it once the worker has sent it."""
    box = page.context.new_page()
    letter = box.locator("main").get_by_text(re.compile(about)).first
    for _ in range(40):
        box.goto("/mailbox")
        if letter.count():
            break
        box.wait_for_timeout(250)
    found = re.search(r"验证码 (\d{6})", letter.inner_text())
    box.close()
    assert found is not None
    return found[1]


def go_on(page: Page) -> None:
    page.locator("main form .submit .btn").first.click()


def begin(page: Page, name: str, mobile: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="做志愿者", exact=True).click()
    page.get_by_label("真实姓名").fill(name)
    page.get_by_label("手机号或邮箱").fill(mobile)
    axe(page)
    go_on(page)
    page.get_by_label("6 位验证码").fill(code_for(page, "用来注册志愿者"))
    go_on(page)


def tell_about_oneself(page: Page, born_on: str) -> None:
    page.get_by_label("性别").select_option(label="女")
    page.get_by_label("出生日期").fill(born_on)
    page.get_by_label("居住的社区或村").fill("西山社区")
    axe(page)
    go_on(page)


def agree_and_send(page: Page) -> None:
    page.get_by_label("我读过了，同意").check()
    page.get_by_label("给账号设一个密码").fill(PASSWORD)
    page.get_by_label("再写一遍密码").fill(PASSWORD)
    axe(page)
    go_on(page)
    page.wait_for_url("**/me")


@PHONE
def test_a_grown_up_joins_with_her_mobile_and_finds_her_half_done_form_again(page: Page) -> None:
    begin(page, "江念念", "13700137001")
    tell_about_oneself(page, "1949-12-31")
    page.get_by_label("急救", exact=True).check()
    page.get_by_label("别的本领").fill("磨剪刀、编竹篮")
    axe(page)
    go_on(page)
    page.goto("/join")
    page.get_by_role("link", name="接着填上次的").click()
    page.get_by_label("证件类型").select_option(label="居民身份证")
    page.get_by_label("证件号码", exact=False).first.fill("11010519491231002X")
    go_on(page)
    expect(page.get_by_text("请读一读下面的说明并勾选同意").first).to_be_visible()
    page.get_by_label("我同意登记证件号码").check()
    axe(page)
    go_on(page)
    expect(page.get_by_text("急救、磨剪刀、编竹篮")).to_be_visible()
    agree_and_send(page)
    expect(page.get_by_text("您的申请在审核").first).to_be_visible()
    page.get_by_role("link", name="看看").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("您的申请在审核")
    axe(page)
    expect(page.get_by_text("110105********002X")).to_be_visible()
    page.get_by_role("link", name="看原文，或撤回").click()
    axe(page)


@DESKTOP
def test_a_childs_guardian_agrees_in_her_stead_without_javascript(no_javascript: Page) -> None:
    page = no_javascript
    page.goto("/join")
    page.get_by_label("真实姓名").fill("江小满")
    page.get_by_label("手机号或邮箱").fill("13700137002")
    go_on(page)
    page.get_by_label("6 位验证码").fill(code_for(page, "用来注册志愿者"))
    go_on(page)
    page.get_by_label("性别").select_option(label="女")
    page.get_by_label("出生日期").fill("2016-05-01")
    page.get_by_label("居住的社区或村").fill("西山社区")
    go_on(page)
    page.get_by_label("监护人姓名").fill("江有枝")
    page.get_by_label("监护人手机").fill("13700137003")
    page.get_by_label("监护人是孩子的").select_option(label="母亲")
    go_on(page)
    page.get_by_label("6 位验证码").fill(code_for(page, "同意孩子"))
    go_on(page)
    go_on(page)
    expect(page.get_by_text("政治面貌", exact=True)).to_have_count(0)
    go_on(page)
    expect(page.get_by_text("由监护人 江有枝（母亲）替孩子同意")).to_be_visible()
    page.get_by_label("我读过了，同意").check()
    page.get_by_label("给账号设一个密码").fill(PASSWORD)
    page.get_by_label("再写一遍密码").fill(PASSWORD)
    go_on(page)
    expect(page.get_by_text("您的申请在审核").first).to_be_visible()


@DESKTOP
def test_a_leader_enters_an_elder_without_a_phone_and_the_lead_approves(
    page: Page, live: Live, open_page: OpenPage
) -> None:
    sign_in(page, "leader")
    page.goto("/me")
    page.get_by_role("link", name="登记没有手机的志愿者").click()
    axe(page)
    page.get_by_label("真实姓名").fill("严阿香")
    page.get_by_label("性别").select_option(label="女")
    page.get_by_label("出生日期").fill("1941-02-03")
    page.get_by_label("居住的社区或村").fill("西山社区")
    page.get_by_label("同意书的照片").set_input_files(
        {"name": "同意书.jpg", "mimeType": "image/jpeg", "buffer": photo().getvalue()}
    )
    page.get_by_label("本人签了同意书").check()
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("严阿香的申请在等人审核")
    ready = page.url
    lead = open_page(live, width="phone")
    sign_in(lead, "lead")
    lead.goto("/applications")
    lead.get_by_role("link", name="严阿香").click()
    expect(lead.get_by_role("link", name="看签字的同意书")).to_be_visible()
    axe(lead)
    lead.get_by_role("button", name="通过", exact=True).click()
    expect(lead.get_by_text("严阿香是志愿者了，已经通知本人。")).to_be_visible()
    page.goto(ready)
    axe(page)
    page.get_by_role("link", name="打印小票").click()
    expect(page.locator(".slips > li")).to_have_count(6)
    axe(page)


@PHONE
def test_a_lead_approves_ten_at_once(page: Page, live: Live) -> None:
    commands.run(env=settings(live.instance), program=APPLYING).check_returncode()
    sign_in(page, "lead")
    page.goto("/me")
    expect(page.get_by_text("13 份志愿者申请等您审核")).to_be_visible()
    page.goto("/applications")
    axe(page)
    for row in page.get_by_role("row").filter(has_text="江念").all():
        row.locator(".pick input").check()
    page.get_by_role("button", name="通过所选").click()
    expect(page.get_by_text("通过了 10 份申请。")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="江念")).to_have_count(0)
    expect(page.get_by_role("link", name="简秋禾")).to_be_visible()
    page.goto("/teams/walk")
    expect(page.get_by_text("江念甲").first).to_be_visible()
