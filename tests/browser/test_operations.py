"""The administrator in a real browser: a job failed five times; she reads why and has it tried again."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.browsers import axe, sign_in
from tests.live import Live

LONG = 30_000


def failed_five_times(live: Live) -> int:
    """A job of this server, as five attempts on a full disk of memory would leave it. Gives its number."""
    with closing(sqlite3.connect(live.instance / "portal.db", timeout=30)) as database, database:
        at = "2026-11-22 01:00:00.000000"
        made = database.execute(
            "INSERT INTO jobs_job (name, payload, status, attempts, faults, takes, worker, run_after, created_at, "
            "finished_at, last_error) VALUES ('jobs.tidy', '{}', 'failed', 5, 0, 5, 'host-1', ?, ?, ?, "
            "'MemoryError jobs/actions.py:210')",
            (at, at, at),
        )
        for number in range(1, 6):
            database.execute(
                "INSERT INTO jobs_attempt (job_id, number, worker, started_at, ended_at, outcome, error) "
                "VALUES (?, ?, 'host-1', ?, ?, 'failed', 'MemoryError jobs/actions.py:210')",
                (made.lastrowid, number, at, at),
            )
        return int(made.lastrowid or 0)


def test_a_job_that_failed_five_times_is_read_about_and_tried_again(live: Live, page: Page) -> None:
    job_id = failed_five_times(live)
    sign_in(page, "admin")
    page.goto("/me")
    reminder = page.get_by_role("listitem").filter(has_text="1 项后台工作搁置了")
    reminder.get_by_role("link", name="去处理").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 项后台工作搁置了")
    axe(page)
    page.get_by_role("row").filter(has_text=f"第 {job_id} 号").get_by_role("link").click()
    expect(page.get_by_text("程序出错，请转告开发人员：MemoryError jobs/actions.py:210").first).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="第 5 次")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="再试一次").click()
    expect(page.locator("#say")).to_contain_text("重新排队了")
    expect(page.get_by_text("让它再试")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("办完|正在做|在排队"))
    page.wait_for_timeout(1500)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("已经办完", timeout=LONG)
    axe(page)


def test_giving_up_asks_for_a_reason(live: Live, page: Page) -> None:
    job_id = failed_five_times(live)
    sign_in(page, "admin")
    page.goto(f"/jobs/{job_id}")
    page.locator("summary").filter(has_text="不再做").click()
    page.get_by_role("button", name="不再做").click()
    expect(page.locator(".error").first).to_have_text("请写明原因，以后查得到。")
    axe(page)
    page.locator("[name=reason]").fill("名单有误，已另报。")
    page.get_by_role("button", name="不再做").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("不再做了")
    page.goto("/jobs?state=dropped")
    expect(page.get_by_role("row").filter(has_text=f"第 {job_id} 号")).to_be_visible()


@pytest.mark.parametrize("width", ["phone"], indirect=True)
def test_without_javascript_all_are_tried_again(live: Live, no_javascript: Page) -> None:
    failed_five_times(live)
    failed_five_times(live)
    sign_in(no_javascript, "admin")
    no_javascript.goto("/jobs")
    no_javascript.get_by_role("button", name="搁置的 2 项都再试一次").click()
    expect(no_javascript.locator("#say")).to_contain_text("2 项工作重新排队了")


def test_the_list_is_filtered_in_place(live: Live, page: Page) -> None:
    failed_five_times(live)
    sign_in(page, "admin")
    page.goto("/jobs")
    page.evaluate("window.stayed = true")
    page.get_by_label("状态").select_option("aside")
    page.get_by_role("button", name="筛选").click()
    expect(page).to_have_url(re.compile("state=aside"))
    expect(page.locator("#jobs tbody tr")).to_have_count(1)
    assert page.evaluate("window.stayed")
