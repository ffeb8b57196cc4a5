"""The pages of hours: one's own list and form, the reviewers' queue with its rows and words."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from portal import clock
from portal.db import db
from portal.hours import actions
from portal.hours.actions import Service
from portal.hours.models import Claim, Evidence
from portal.orgs.actions import join
from portal.people.models import Role
from tests import factories
from tests.applications import Client
from tests.conftest import new_client
from tests.hours.test_ways import FORM
from tests.pages import check_markup
from tests.scenes import Scenes
from tests.volunteers import MONDAY, SUNDAY, Cast, at_most, claimed, published

HTMX = {"HX-Request": "true"}


# ── the form ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"hours": "0", "minutes": "0"}, "请填写服务了多久"),
        ({"hours": "", "minutes": ""}, "请填写服务了多久"),
        ({"hours": "25"}, "一次服务最多 24 小时"),
        ({"hours": "24", "minutes": "1"}, "一次服务最多 24 小时"),
        ({"hours": "-3"}, "请填整数"),
        ({"hours": "3.5"}, "请填整数"),
        ({"minutes": "二十"}, "请填整数"),
        ({"minutes": "9" * 5000}, "请填整数"),
        ({"day": "2026-11-17"}, "活动是 2026-11-15 那天的"),
        ({"day": "2026-11-14"}, "活动是 2026-11-15 那天的"),
        ({"day": "2026-02-30"}, "没有「2026-02-30」这一天"),
        ({"day": ""}, "请填写服务日期"),
        ({"start": "24:30"}, "没有「24:30」这个时间"),
        ({"start": ""}, "请填写开始时间"),
        ({"place": "\x00\u202e "}, "请填写服务地点"),
        ({"place": "长" * 81}, "最多 80 个字"),
        ({"content": "长" * 100_000}, "最多 500 个字"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(
    cast: Cast, client: Client, values: dict[str, str], sentence: str
) -> None:
    data = {**FORM, "content": "清理垃圾", "activity": published(cast).id, "key": "k", **values}
    answer = client.sign_in(cast.member).post("/hours/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "清理垃圾" in answer.text or "content" in values
    check_markup(answer.text)
    assert db.session.query(Claim).count() == 0


def test_hours_of_an_activity_under_way_wait_until_it_is_over(cast: Cast, client: Client) -> None:
    activity = published(cast, starts_at=MONDAY - timedelta(hours=1))
    data = {**FORM, "day": "2026-11-16", "start": "08:00", "hours": "3", "activity": activity.id, "key": "k"}
    answer = client.sign_in(cast.member).post("/hours/new", data=data)
    assert (answer.status_code, "还没有过完" in answer.text) == (422, True)
    assert db.session.query(Claim).count() == 0


def test_a_volunteer_may_write_as_people_write(cast: Cast, client: Client) -> None:
    data = {
        "activity": published(cast).id,
        "day": "2026年11月15日",
        "start": "８：３０",
        "hours": "２",
        "minutes": " 5 ",
        "place": " 南广场\u202e",
        "content": "清理\x00\r\n垃圾",
    }
    assert client.sign_in(cast.member).post("/hours/new", data=data).status_code == 303
    claim = db.session.query(Claim).one()
    assert (claim.minutes, claim.place, claim.content) == (125, "南广场", "清理\n垃圾")
    assert claim.starts_at.isoformat() == "2026-11-15T08:30:00+08:00"


def test_a_whole_day_is_the_most(cast: Cast, client: Client) -> None:
    activity = published(cast, minutes=1440)
    data = {**FORM, "activity": activity.id, "hours": "24", "minutes": "0"}
    with clock.frozen(MONDAY):
        assert client.sign_in(cast.member).post("/hours/new", data=data).status_code == 303


def test_activities_that_are_done_are_offered_no_more(cast: Cast, client: Client) -> None:
    done, open_ = published(cast, "记过的"), published(cast, "没记的")
    published(cast, "还没开始的", starts_at=MONDAY + timedelta(days=1))
    claimed(cast.member, done)
    page = client.sign_in(cast.member).get("/hours/new").text
    assert [name in page for name in ("记过的", "没记的", "还没开始的")] == [False, True, False]
    assert f"/hours/new?activity={open_.id}" in page
    assert "现在没有可以记的活动" in client.sign_in(cast.stranger).get("/hours/new").text


# ── one's own list ──────────────────────────────────────────────────────────────────────────────────
def test_ones_own_list_has_pages_and_states(cast: Cast, client: Client) -> None:
    claims = [claimed(cast.member, published(cast, f"第{number:02}场"), minutes=60) for number in range(27)]
    actions.approve_claim(claims[0], seen=0, by=cast.lead, at=MONDAY)
    actions.return_claim(claims[1], "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    client.sign_in(cast.member)
    with at_most(5):
        page = client.get("/hours").text
    check_markup(page)
    assert ("您已服务 1 小时" in page, "另有 25 小时待审核" in page, "共 27 条" in page) == (True, True, True)
    assert page.index("第01场") < page.index("第26场")
    assert "还差 99 小时" in page
    piece = client.get("/hours?status=approved", headers=HTMX).text
    assert piece.lstrip().startswith('<section id="hours"')
    assert ("第00场" in piece, "第26场" in piece) == (True, False)
    assert "第26场" not in client.sign_in(cast.other).get("/hours").text


def test_ones_own_page_names_what_came_back(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    actions.return_claim(claim, "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    page = client.sign_in(cast.member).get("/me").text
    assert "「文明海宁一道走」的时长被退回：请补充地点" in page
    assert f"/hours/{claim.id}/correct" in page
    actions.correct_claim(claim, Service(SUNDAY, 120, "东门"), seen=1, by=cast.member, at=MONDAY)
    assert "被退回" not in client.get("/me").text


def test_a_claims_page_tells_what_happened(cast: Cast, client: Client) -> None:
    claim = claimed(cast.other, published(cast), by=cast.leader)
    actions.return_claim(claim, "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    page = client.sign_in(cast.other).get(f"/hours/{claim.id}").text
    check_markup(page)
    assert all(words in page for words in ("何远帆", "沈知秋：请补充地点", "改好重交", "队长"))
    assert "/undo" not in page
    assert "/undo" in client.sign_in(cast.lead).get(f"/hours/{claim.id}").text


# ── the queue ───────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def full_queue(cast: Cast, scenes: Scenes) -> list[Claim]:
    """Sixty volunteers at one activity, two of them elsewhere at the same time."""
    return scenes("full_queue", lambda: sixty_claims(cast))


def sixty_claims(cast: Cast) -> list[Claim]:
    activity = published(cast)
    elsewhere = factories.team("潮乡救援队", of=factories.organisation("潮乡社会组织"))
    outside = factories.person("江晚", grants=[(Role.ORGANISATION_ADMIN, elsewhere.scopes[1])])
    rescue = published(
        Cast(**{**cast.__dict__, "team": elsewhere, "lead": outside}),
        "防溺水巡河",
        starts_at=SUNDAY + timedelta(hours=3),
    )
    members = [factories.person(f"志愿者{number:02}", teams=[cast.team]) for number in range(60)]
    claims = [claimed(member, activity, minutes=220) for member in members]
    for member in members[-2:]:
        join(member, elsewhere, by=None, at=MONDAY)
        claimed(member, rescue, minutes=60)
    return claims


def test_the_queue_takes_eight_statements_however_long_it_is(
    cast: Cast, client: Client, full_queue: list[Claim]
) -> None:
    client.sign_in(cast.lead)
    with at_most(8):
        page = client.get("/hours/queue").text
    check_markup(page)
    assert page.count("data-approve") == 50
    assert ("60 条时长等您审核" in page, "共 60 条" in page, "220 小时" in page) == (True, True, True)
    with at_most(8):
        assert client.get("/hours/queue?page=2&show=oldest").text.count("data-approve") == 10


def test_overlaps_across_organisations_stand_first_and_in_words(
    cast: Cast, client: Client, full_queue: list[Claim]
) -> None:
    page = client.sign_in(cast.lead).get("/hours/queue").text
    assert page.count("与「潮乡救援队」重叠 40 分钟") == 2
    assert page.index("志愿者58") < page.index("志愿者00")
    doubtful = client.get("/hours/queue?show=doubts").text
    assert doubtful.count("data-approve") == 2
    assert client.get("/hours/queue?show=clear&page=2").text.count("data-approve") == 8


def test_what_is_returned_overlaps_nothing(cast: Cast, client: Client) -> None:
    one, two = claimed(cast.member, published(cast)), claimed(cast.member, published(cast, "爱心教室"))
    page = client.sign_in(cast.lead).get("/hours/queue").text
    assert ("与「爱心教室」重叠 3 小时 20 分" in page, "与「文明海宁一道走」重叠" in page) == (True, True)
    actions.return_claim(two, "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    page = client.get("/hours/queue").text
    assert (one.person.name in page, "重叠" in page) == (True, False)


def test_the_longest_claim_overlaps_what_begins_in_its_last_minute(cast: Cast, client: Client) -> None:
    night = published(cast, "通宵值守", starts_at=SUNDAY - timedelta(days=1), minutes=1440)
    morning = published(cast, "清晨清扫", starts_at=SUNDAY - timedelta(minutes=1), minutes=60)
    claimed(cast.member, night, minutes=1440)
    claimed(cast.member, morning, minutes=60)
    page = client.sign_in(cast.lead).get("/hours/queue").text
    assert ("与「清晨清扫」重叠 1 分钟" in page, "与「通宵值守」重叠 1 分钟" in page) == (True, True)
    assert client.get("/hours/queue?show=doubts").text.count("data-approve") == 2


def test_doubts_are_said_in_words(cast: Cast, client: Client) -> None:
    activity = published(cast)
    claimed(cast.member, activity, minutes=280)
    claimed(cast.other, activity, at=MONDAY + timedelta(days=20))
    with clock.frozen(MONDAY + timedelta(days=20)):
        page = client.sign_in(cast.lead).get("/hours/queue").text
    assert ("超出活动时间 40 分钟" in page, "补录，需复核" in page) == (True, True)


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2026, 11, 16, 9), "还剩 9 个工作日"),
        (datetime(2026, 11, 25, 9), "还剩 2 个工作日"),
        (datetime(2026, 11, 27, 23, 59), "最早一条今天到记录期限"),
        (datetime(2026, 12, 1, 9), "最早一条超过记录期限 2 个工作日：逾期未审核，提请联盟督办"),
    ],
)
def test_the_queue_says_how_long_the_oldest_may_wait(cast: Cast, client: Client, now: datetime, words: str) -> None:
    claimed(cast.member, published(cast))
    with clock.frozen(now):
        assert words in client.sign_in(cast.lead).get("/hours/queue").text


def test_a_late_entry_has_its_own_ten_days(cast: Cast, client: Client) -> None:
    late = MONDAY + timedelta(days=28)
    claimed(cast.member, published(cast), at=late)
    with clock.frozen(late):
        assert "还剩 10 个工作日" in client.sign_in(cast.lead).get("/hours/queue").text


def test_the_queue_is_filtered_and_keeps_its_filter(cast: Cast, client: Client) -> None:
    rescue = factories.team("潮乡救援队", of=cast.organisation)
    join(cast.other, rescue, by=None, at=MONDAY)
    mine, others = claimed(cast.member, published(cast)), claimed(cast.other, published(cast, "巡河", team=rescue))
    client.sign_in(cast.lead)
    for query in (f"team={rescue.id}", f"activity={others.activity_id}", "q=小满", f"q={cast.other.volunteer_no}"):
        page = client.get(f"/hours/queue?{query}").text
        assert ("周小满" in page, "林一禾" in page, "共 1 条" in page) == (True, False, True), query
    for nonsense in ("team=x&activity=²&show=1&page=-1", "team=9999999999999999999999", "q=%25", "q=%00"):
        assert client.get(f"/hours/queue?{nonsense}").status_code == 200
    page = client.get(f"/hours/queue?team={rescue.id}").text
    assert f'<option value="{rescue.id}" selected>潮乡救援队</option>' in page
    assert f'name="back" value="/hours/queue?team={rescue.id}"' in page
    answer = client.post(f"/hours/{others.id}/approve", data={"seq": 0, "back": f"/hours/queue?team={rescue.id}"})
    assert answer.location == f"/hours/queue?team={rescue.id}"
    page = client.get(answer.location).text
    assert f'<option value="{rescue.id}" selected>潮乡救援队</option>' in page
    assert ("这一队都审完了" in page, "还有 1 条在别的队。" in page, "看其余 1 条" in page) == (True, True, True)
    for elsewhere in ("https://example.org/hours/queue", "//example.org", "/me", "/hours/queue/../../me"):
        answer = client.post("/hours/queue/approve", data={"claims": mine.ticket, "back": elsewhere})
        assert answer.location == "/hours/queue"


def test_everything_can_be_ticked_without_javascript(cast: Cast, client: Client, full_queue: list[Claim]) -> None:
    client.sign_in(cast.lead)
    assert client.get("/hours/queue").text.count(" checked") == 0
    page = client.get("/hours/queue?select=all").text
    assert page.count(" checked") == 50
    assert 'href="/hours/queue?select=all"' in client.get("/hours/queue").text
    assert 'href="/hours/queue?page=2&amp;select=all"' in client.get("/hours/queue?page=2").text
    tickets = [claim.ticket for claim in full_queue[:30]]
    answer = client.post("/hours/queue/approve", data={"claims": tickets}, follow_redirects=True)
    assert "通过了 30 条，共 110 小时。" in answer.text


# ── pieces for htmx ─────────────────────────────────────────────────────────────────────────────────
def test_one_row_changes_in_place_and_the_heading_with_it(cast: Cast, client: Client) -> None:
    claim, other = claimed(cast.member, published(cast)), claimed(cast.other, published(cast, "爱心教室"))
    client.sign_in(cast.lead)
    answer = client.post(f"/hours/{claim.id}/approve", data={"seq": 0}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith(f'<tr id="claim-{claim.id}" tabindex="-1" autofocus>')
    assert f"/hours/{claim.id}/undo" in answer.text
    assert '<div id="queue-head" hx-swap-oob="true">' in answer.text
    assert '<span id="queue-count" hx-swap-oob="true">' in answer.text
    assert "共 1 条" in answer.text
    assert "1 条时长等您审核" in answer.text
    assert "通过了林一禾的 3 小时 20 分" in answer.text
    late = client.post(f"/hours/{claim.id}/approve", data={"seq": 0}, headers=HTMX)
    assert late.status_code == 422
    assert late.text.lstrip().startswith(f'<tr id="claim-{claim.id}"')
    assert 'hx-swap-oob="innerHTML"><p class="bad">林一禾的「文明海宁一道走」刚刚有人处理过' in late.text
    undone = client.post(f"/hours/{claim.id}/undo", data={"seq": 1}, headers=HTMX)
    assert ("data-approve" in undone.text, "2 条时长等您审核" in undone.text) == (True, True)
    assert other.person.name not in undone.text


def test_a_row_asks_for_its_reason_in_place(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    client.sign_in(cast.lead)
    asked = client.get(f"/hours/{claim.id}/return", headers=HTMX)
    assert asked.text.lstrip().startswith(f'<tr id="claim-{claim.id}">')
    assert 'name="reason"' in asked.text
    empty = client.post(f"/hours/{claim.id}/return", data={"seq": 0, "reason": ""}, headers=HTMX)
    assert (empty.status_code, "请写明退回的原因" in empty.text) == (422, True)
    assert empty.text.lstrip().startswith(f'<tr id="claim-{claim.id}">')
    cancelled = client.get(f"/hours/{claim.id}", headers=HTMX)
    assert "data-approve" in cancelled.text
    answer = client.post(f"/hours/{claim.id}/return", data={"seq": 0, "reason": "请补充地点"}, headers=HTMX)
    assert ("已退回" in answer.text, "没有时长等您审核" in answer.text) == (True, True)
    page = client.get(f"/hours/{claim.id}/return")
    assert page.status_code == 200
    check_markup(page.text)


def test_a_batch_changes_the_queue_in_place(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    client.sign_in(cast.lead)
    answer = client.post("/hours/queue/approve", data={"claims": claim.ticket}, headers=HTMX)
    assert answer.text.lstrip().startswith('<section id="waiting"')
    assert 'hx-swap-oob="innerHTML"><p>通过了 1 条' in answer.text
    assert "都审完了" in answer.text
    undone = client.post("/hours/queue/undo", data={"claims": f"{claim.id}:1"}, headers=HTMX)
    assert "1 条时长等您审核" in undone.text
    refused = client.post("/hours/queue/return", data={"claims": f"{claim.id}:2"}, headers=HTMX)
    assert (refused.status_code, refused.text.count(" checked")) == (422, 1)
    check_markup(refused.text)


def test_names_and_reasons_stay_text(cast: Cast, client: Client, app: Flask) -> None:
    claim = claimed(cast.member, published(cast, "<b>活动</b>"))
    lead = client.sign_in(cast.lead)
    lead.post(f"/hours/{claim.id}/return", data={"seq": 0, "reason": "<script>alert(1)</script>"})
    page = new_client(app).sign_in(cast.member).get("/hours").text
    assert ("<script>alert" in page, "<b>活动" in page) == (False, False)
    assert "&lt;script&gt;" in page


def test_a_supervisor_reads_the_queue_and_changes_nothing(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    page = client.sign_in(cast.supervisor).get("/hours/queue").text
    assert ("1 条时长等待审核" in page, "林一禾" in page) == (True, True)
    assert ("<form id=" in page, 'type="checkbox"' in page) == (False, False)
    for address in ("approve", "return", "undo"):
        data = {"claims": claim.ticket, "reason": "x"}
        assert client.post(f"/hours/queue/{address}", data=data).status_code == 403


def test_other_evidence_has_its_word(cast: Cast, client: Client) -> None:
    service = Service(SUNDAY, 60, "东门")
    actions.enter_claim(cast.member, published(cast), service, evidence=Evidence.PAPER, by=cast.leader, at=MONDAY)
    assert "纸质" in client.sign_in(cast.lead).get("/hours/queue").text
