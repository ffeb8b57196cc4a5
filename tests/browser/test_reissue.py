"""A wrong confirmation in a real browser: the cashier asks, the accountant confirms, the donor sees both."""

import re

from playwright.sync_api import expect

from tests.browsers import OpenPage, axe, sign_in
from tests.live import Live


def test_a_wrong_name_is_put_right_by_two_people_and_the_donor_sees_both(
    live: Live, open_page: OpenPage, width: str
) -> None:
    donor = open_page(live, width=width)
    sign_in(donor, "donor")
    donor.goto("/me")
    number = donor.locator("table a[href^='/receipts/']").first.inner_text()

    cashier = open_page(live, width=width)
    sign_in(cashier, "cashier")
    cashier.goto(f"/receipts/{number}")
    cashier.get_by_role("link", name="更正这张确认单").click()
    axe(cashier)
    cashier.get_by_label("原因").fill("抬头少一个字")
    cashier.get_by_label("捐赠人", exact=True).fill("苏若水女士")
    cashier.get_by_role("button", name="提出").click()
    expect(cashier.get_by_text("提出和确认必须是两个人")).to_be_visible()
    expect(cashier.get_by_role("button", name="确认重开")).to_have_count(0)

    accountant = open_page(live, width=width)
    sign_in(accountant, "accountant")
    accountant.goto("/receipt-changes")
    axe(accountant)
    accountant.get_by_role("link", name=number).click()
    expect(accountant.get_by_text("苏若水女士")).to_be_visible()
    axe(accountant)
    accountant.get_by_role("button", name="确认重开").click()
    expect(accountant.get_by_text(re.compile("已经作废，谁查都看得到"))).to_be_visible()

    donor.goto(f"/receipts/{number}")
    expect(donor.get_by_role("heading", level=1)).to_contain_text("已经作废")
    expect(donor.get_by_text("抬头少一个字")).to_be_visible()
    donor.locator(".notice.bad a").click()
    expect(donor.get_by_text("苏若水女士").first).to_be_visible()
    axe(donor)
    donor.goto("/summaries/new")
    axe(donor)
    donor.get_by_role("button", name="汇总成一张").click()
    expect(donor.get_by_role("heading", level=1)).to_contain_text("张确认单，一共")
    axe(donor)
