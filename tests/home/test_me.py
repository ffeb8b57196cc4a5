"""A person's own page: to each what is theirs."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal import clock
from portal.activities.actions import return_activity, submit_activity
from portal.funds.models import Method
from portal.hours.actions import approve_claim
from portal.lists.actions import hand_over, import_list, send_back
from portal.lists.models import DonationImport
from portal.people.models import ALLIANCE, Person, Role
from portal.receipts.codes import code_of
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import person
from tests.giving import Giving, opened
from tests.pages import is_valid, links, statements, words
from tests.volunteers import MONDAY, Cast, claimed, drafted, published


def own_page(app: Flask, reader: Person) -> TestResponse:
    with clock.frozen(MONDAY):
        page = new_client(app).sign_in(reader).get("/me")
    assert page.status_code == 200
    assert is_valid(page)
    assert page.headers["Cache-Control"] == "no-store"
    return page


def brought(giving: Giving, folder: Path) -> DonationImport:
    file = folder / "名单.csv"
    file.write_text("捐赠日期,捐赠人,捐赠金额（元）\n2026-03-02,甲,1.00\n", encoding="utf-8")
    return import_list(file, giving.fund, method=Method.BANK, by=giving.cashier, at=MONDAY)


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    answer = client.get("/me")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/me"


def test_a_volunteer_sees_team_next_activity_and_the_way_to_her_star(app: Flask, people: Cast) -> None:
    claim = claimed(people.member, published(people), minutes=200)
    approve_claim(claim, seen=claim.seq, by=people.lead, at=MONDAY)
    claimed(people.member, published(people, "防溺水巡河", starts_at=MONDAY - timedelta(days=1)), minutes=60)
    published(people, "爱心教室", starts_at=MONDAY + timedelta(days=1))
    page = own_page(app, people.member)
    text = words(page)
    assert "林一禾，明天 09:00 有活动" in text
    assert "晨星志愿服务队" in text
    assert "您在这里 3 小时 20 分" in text
    assert "一星 100 小时" in text
    assert "还差 96 小时 40 分" in text
    assert "待审核：1 小时" in text
    assert {"/hours/new", "/hours", f"/teams/{people.team.slug}"} <= set(links(page))


def test_a_leader_sees_her_drafts(app: Flask, people: Cast) -> None:
    drafted(people, "草稿甲", starts_at=MONDAY + timedelta(days=3))
    back = drafted(people, "退回乙", starts_at=MONDAY + timedelta(days=2))
    submit_activity(back, seen=back.seq, by=people.leader, at=MONDAY)
    return_activity(back, "请补充地点", seen=back.seq, by=people.lead, at=MONDAY)
    page = own_page(app, people.leader)
    text = words(page)
    assert "何远帆，有 2 件事等您办" in text
    assert "「退回乙」被退回：请补充地点" in text
    assert "「草稿甲」还是草稿" in text
    assert {"/activities/new", "/activities/mine", f"/activities/{back.id}/edit"} <= set(links(page))


def test_a_lead_sees_how_much_waits_for_her(app: Flask, people: Cast) -> None:
    activity = published(people)
    claimed(people.member, activity)
    claimed(people.other, activity)
    waiting = drafted(people, "待审甲", starts_at=MONDAY + timedelta(days=2))
    submit_activity(waiting, seen=waiting.seq, by=people.leader, at=MONDAY)
    page = own_page(app, people.lead)
    assert "沈知秋，有 3 件事等您办" in words(page)
    assert "2 条时长等您审核" in words(page)
    assert "1 场活动等您审核" in words(page)
    assert {"/hours/queue", "/activities/review"} <= set(links(page))


def test_cashier_and_accountant_see_the_lists_that_are_theirs(app: Flask, giving: Giving, tmp_path: Path) -> None:
    imported = brought(giving, tmp_path)
    assert "1 份捐赠名单还没有移交" in words(own_page(app, giving.cashier))
    assert "名单等您" not in words(own_page(app, giving.accountant))
    hand_over(imported, by=giving.cashier, at=MONDAY)
    assert "等您确认" not in words(own_page(app, giving.cashier))
    assert "1 份捐赠名单等您确认" in words(own_page(app, giving.accountant))
    send_back(imported, "日期不对", by=giving.accountant, at=MONDAY)
    page = own_page(app, giving.cashier)
    assert "1 份捐赠名单被退回" in words(page)
    assert "/imports/new" in links(page)
    hand_over(brought(giving, tmp_path), by=giving.cashier, at=MONDAY)
    assert "被退回" not in words(own_page(app, giving.cashier))


def test_the_accountant_of_another_fund_has_nothing_to_confirm(app: Flask, giving: Giving, tmp_path: Path) -> None:
    hand_over(brought(giving, tmp_path), by=giving.cashier, at=MONDAY)
    assert "等您确认" not in words(own_page(app, opened("gongyi", "公益公积金").accountant))


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (Role.SUPERVISOR, {"/imports", "/hours/queue", "/activities/review", "/funds"}, {"/imports/new"}),
        (Role.ADMIN, {"/imports", "/hours/queue", "/funds"}, {"/imports/new"}),
        (Role.COUNCIL, {"/funds"}, {"/imports", "/hours/queue", "/activities/review"}),
        (Role.WORKER, {"/activities"}, {"/imports", "/hours/queue"}),
    ],
)
def test_others_see_where_they_may_look(
    app: Flask, giving: Giving, role: Role, may: set[str], may_not: set[str]
) -> None:
    reader = person("某某", grants=[(role, ALLIANCE)])
    page = own_page(app, reader)
    assert may <= set(links(page))
    assert not may_not & set(links(page))
    for address in may:
        assert new_client(app).sign_in(reader).get(address).status_code == 200


def test_a_donor_keeps_receipts_by_number_and_code(app: Flask, giving: Giving) -> None:
    receipt = giving.gift("王建国", 140_950)
    donor = person("王建国")
    page = own_page(app, donor)
    assert "收进一张确认单" in words(page)
    assert receipt.number not in page.text
    asked = new_client(app).sign_in(donor).get("/receipts", query_string={"number": receipt.number, "keep": "1"})
    assert f'value="{receipt.number}"' in asked.text
    assert '<input type="hidden" name="keep" value="1">' in asked.text
    assert is_valid(asked)
    with clock.frozen(MONDAY):
        browser = new_client(app).sign_in(donor)
        browser.post("/receipts", data={"number": receipt.number, "code": code_of(receipt), "keep": "1"})
    text = words(own_page(app, donor))
    assert receipt.number in text
    assert "¥1,409.50" in text
    assert receipt.number not in own_page(app, person("别人")).text


def test_names_are_text(app: Flask, session: object) -> None:
    page = own_page(app, person("<b>x</b>"))
    assert "<b>x" not in page.text


def test_signing_out_is_a_button(app: Flask, people: Cast) -> None:
    assert 'action="/logout"' in own_page(app, people.member).text


def test_a_page_of_ones_own_takes_few_statements(app: Flask, people: Cast) -> None:
    own_page(app, people.leader)
    with statements(app) as seen:
        own_page(app, people.leader)
    assert len(seen) <= 12, seen


# ── teams ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("who", "sees"), [("leader", True), ("lead", True), ("member", False), ("supervisor", False)])
def test_members_are_masked_for_all_but_those_who_run_the_team(app: Flask, people: Cast, who: str, sees: bool) -> None:
    page = new_client(app).sign_in(getattr(people, who)).get(f"/teams/{people.team.slug}")
    assert is_valid(page)
    assert ("周小满" in page.text) is sees
    assert ("周*" in page.text) is not sees
    assert "星火社会组织" in page.text


def test_a_stranger_does_not_find_the_team(app: Flask, people: Cast) -> None:
    assert new_client(app).sign_in(people.stranger).get(f"/teams/{people.team.slug}").status_code == 404
    assert new_client(app).get(f"/teams/{people.team.slug}").headers["Location"].startswith("/login")


# ── the door ────────────────────────────────────────────────────────────────────────────────────────
def test_the_login_page_shows_what_needs_no_login(client: Client) -> None:
    page = client.get("/login?next=/hours")
    assert is_valid(page)
    assert {"/funds", "/verify", "/receipts"} <= set(links(page))
    assert '<input type="hidden" name="next" value="/hours">' in page.text


def test_a_refused_login_keeps_the_name_and_not_the_password(client: Client) -> None:
    page = client.post("/login", data={"login": "volunteer", "password": "geheim-7"})
    assert page.status_code == 422
    assert is_valid(page)
    assert 'value="volunteer"' in page.text
    assert "geheim-7" not in page.text
    assert 'id="password-error"' in page.text
