"""The pages of activities: what everybody sees, what forms refuse, what htmx gets."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from portal.activities.actions import submit_activity
from portal.activities.models import Activity
from portal.activities.queries import count_to_review, upcoming_for, upcoming_public
from portal.db import db
from tests import factories
from tests.activities.test_ways import FORM
from tests.applications import Client
from tests.pages import check_markup
from tests.volunteers import MONDAY, SUNDAY, Cast, at_most, closed, drafted, published

HTMX = {"HX-Request": "true"}
NEXT_WEEK = SUNDAY + timedelta(days=7)


# ── the public list ─────────────────────────────────────────────────────────────────────────────────
def test_the_public_list_shows_what_is_published_the_nearest_first(cast: Cast, client: Client) -> None:
    closed(cast, "旧活动")
    published(cast, "后天的活动", starts_at=MONDAY + timedelta(days=2))
    published(cast, "下周的活动", starts_at=NEXT_WEEK)
    drafted(cast, "没发布的活动")
    answer = client.get("/activities")
    check_markup(answer.text)
    places = [answer.text.find(name) for name in ("后天的活动", "下周的活动", "旧活动")]
    assert places == sorted(places)
    assert places[0] > 0
    assert "没发布的活动" not in answer.text
    assert "接下来有 2 场活动" in answer.text


def test_the_public_pages_are_the_same_for_everybody(cast: Cast, client: Client) -> None:
    activity = published(cast)
    anonymous = [client.get(address).text for address in ("/activities", f"/activities/{activity.id}")]
    client.sign_in(cast.leader)
    answers = [client.get(address) for address in ("/activities", f"/activities/{activity.id}")]
    assert [answer.text for answer in answers] == anonymous
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert not any("csrf" in answer.text for answer in answers)
    assert "何远帆" not in anonymous[1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=巡河", {"防溺水巡河"}),
        ("q=南广场", {"文明海宁一道走", "防溺水巡河"}),
        ("q=晨星", {"文明海宁一道走", "防溺水巡河"}),
        ("q=100%25", set()),
        ("q=_", set()),
        ("from=2026-11-20", {"防溺水巡河"}),
        ("to=2026-11-15", {"文明海宁一道走"}),
        ("from=2026/11/15&to=2026.11.22", {"文明海宁一道走", "防溺水巡河"}),
        ("from=2026-02-30", {"文明海宁一道走", "防溺水巡河"}),
        ("page=99999&q=巡河", {"防溺水巡河"}),
        ("q=%00巡河%E2%80%AE", {"防溺水巡河"}),
    ],
)
def test_the_public_list_is_searched(cast: Cast, client: Client, query: str, names: set[str]) -> None:
    published(cast)
    published(cast, "防溺水巡河", starts_at=NEXT_WEEK)
    answer = client.get(f"/activities?{query}")
    assert answer.status_code == 200
    assert {name for name in ("文明海宁一道走", "防溺水巡河") if name in answer.text} == names
    assert ("没有「2026-02-30」这一天" in answer.text) == ("02-30" in query)


def test_the_list_changes_in_place_and_by_pages(cast: Cast, client: Client) -> None:
    for number in range(27):
        published(cast, f"第{number:02}场", starts_at=NEXT_WEEK + timedelta(days=number))
    page, piece = client.get("/activities"), client.get("/activities?page=2", headers=HTMX)
    check_markup(page.text)
    assert ('hx-target="#activities"' in page.text, "第24场" in page.text, "第25场" in page.text) == (True, True, False)
    assert piece.text.lstrip().startswith('<section id="activities"')
    assert "第25场" in piece.text
    assert "HX-Request" in piece.headers["Vary"]


def test_an_empty_list_says_so(client: Client, session: object) -> None:
    assert "还没有发布过活动" in client.get("/activities").text
    assert "没有找到这样的活动" in client.get("/activities?q=无").text


@pytest.mark.parametrize("number", ["0", "999999999999", "9" * 30, "9" * 5000])
def test_there_is_no_such_activity(client: Client, session: object, number: str) -> None:
    assert client.get(f"/activities/{number}").status_code == 404


# ── the forms ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "请给活动起个名字"),
        ("name", "\x00\u202e\u200b ", "请给活动起个名字"),
        ("name", "长" * 61, "最多 60 个字"),
        ("place", " ", "请写明在哪里集合"),
        ("content", "长" * 2001, "最多 2000 个字"),
        ("content", "长" * 100_000, "最多 2000 个字"),
        ("day", "2026-02-30", "没有「2026-02-30」这一天"),
        ("day", "", "请填写日期"),
        ("day", "2028-01-01", "日期太远了"),
        ("day", "2026-01-01", "日期太早了"),
        ("start", "25:00", "没有「25:00」这个时间"),
        ("start", "八点", "没有「八点」这个时间"),
        ("end", "08:00", "结束要晚于开始"),
        ("end", "07:59", "结束要晚于开始"),
        ("end_day", "2026-11-21", "结束要晚于开始"),
        ("end_day", "2026-11-23", "最长 24 小时"),
        ("team", "0", "请从列表里选一项"),
        ("team", "x", "请从列表里选一项"),
        ("team", "9" * 5000, "请从列表里选一项"),
    ],
)
def test_bad_input_is_named_and_nothing_is_kept(
    cast: Cast, client: Client, field: str, value: str, sentence: str
) -> None:
    data = {**FORM, "team": cast.team.id, "key": "k", field: value}
    answer = client.sign_in(cast.leader).post("/activities/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "火车站南广场" in answer.text or field == "place"
    check_markup(answer.text)
    assert db.session.query(Activity).count() == 0


def test_a_leader_may_write_as_people_write(cast: Cast, client: Client) -> None:
    data = {
        **FORM,
        "name": "\u202e夜间\x00搜寻\u2066 ",
        "day": "２０２６年11月22日",
        "start": "１９：００",
        "end": "1点30分",
        "end_day": "2026.11.23",
        "team": cast.team.id,
    }
    answer = client.sign_in(cast.leader).post("/activities/new", data=data)
    assert answer.status_code == 303
    activity = db.session.query(Activity).one()
    assert (activity.name, activity.minutes) == ("夜间搜寻", 390)
    assert activity.starts_at.isoformat() == "2026-11-22T19:00:00+08:00"


def test_a_longest_activity_is_a_day(cast: Cast, client: Client) -> None:
    data = {**FORM, "end": "08:00", "end_day": "2026-11-23", "team": cast.team.id}
    assert client.sign_in(cast.leader).post("/activities/new", data=data).status_code == 303


def test_what_people_write_stays_text(cast: Cast, client: Client) -> None:
    activity = published(cast, "<script>alert(1)</script>")
    assert "<script>alert" not in client.get(f"/activities/{activity.id}").text
    assert "&lt;script&gt;" in client.get("/activities").text


@pytest.mark.parametrize("address", ["/activities/mine", "/activities/new", "/activities/review"])
def test_private_lists_are_for_those_they_are_for(cast: Cast, client: Client, address: str) -> None:
    assert client.get(address).status_code == 302
    assert client.sign_in(cast.member).get(address).status_code == 403
    assert client.sign_in(cast.lead).get(address).status_code == 200


def test_a_leaders_list_begins_with_what_needs_her(cast: Cast, client: Client) -> None:
    closed(cast, "办完的")
    drafted(cast, "起草的")
    submitted = drafted(cast, "等着的")
    submit_activity(submitted, seen=0, by=cast.leader, at=MONDAY)
    page = client.sign_in(cast.leader).get("/activities/mine")
    places = [page.text.find(name) for name in ("起草的", "等着的", "办完的")]
    assert places == sorted(places)
    filtered = client.get("/activities/mine?status=closed", headers=HTMX).text
    assert ("办完的" in filtered, "起草的" in filtered) == (True, False)
    check_markup(page.text)


# ── pieces for htmx ─────────────────────────────────────────────────────────────────────────────────
def test_a_button_changes_its_activity_in_place(cast: Cast, client: Client) -> None:
    activity = drafted(cast)
    page = client.sign_in(cast.leader).get(f"/activities/{activity.id}/review")
    check_markup(page.text)
    answer = client.post(f"/activities/{activity.id}/submit", data={"seq": 0}, headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="activity"')
    assert "等着审核" in answer.text
    assert 'id="say" role="status" hx-swap-oob="innerHTML"' in answer.text
    late = client.post(f"/activities/{activity.id}/submit", data={"seq": 0}, headers=HTMX)
    assert (late.status_code, "刚刚有了变化" in late.text) == (422, True)
    assert late.text.lstrip().startswith('<div id="activity"')


def test_buttons_are_there_for_whom_they_are_for(cast: Cast, client: Client) -> None:
    activity = drafted(cast)
    submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    address = f"/activities/{activity.id}/review"
    assert "/publish" not in client.sign_in(cast.leader).get(address).text
    assert "/publish" not in client.sign_in(cast.supervisor).get(address).text
    assert "/publish" in client.sign_in(cast.lead).get(address).text


# ── what other rooms ask ────────────────────────────────────────────────────────────────────────────
def test_what_comes_next(cast: Cast) -> None:
    elsewhere = factories.team("潮乡救援队", of=cast.organisation)
    published(cast, "昨天的")
    soon = published(cast, "后天的", starts_at=MONDAY + timedelta(days=2))
    other = published(cast, "别队的", team=elsewhere, starts_at=MONDAY + timedelta(days=1))
    drafted(cast, "没发布的", starts_at=MONDAY + timedelta(days=1))
    assert [coming.id for coming in upcoming_public(MONDAY, 5)] == [other.id, soon.id]
    assert [coming.id for coming in upcoming_public(MONDAY, 1)] == [other.id]
    assert [coming.id for coming in upcoming_for(cast.member, MONDAY, 5)] == [soon.id]
    assert upcoming_for(cast.stranger, MONDAY, 5) == []


def test_ones_own_draft_does_not_wait_for_oneself(cast: Cast) -> None:
    activity = drafted(cast)
    submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    assert [count_to_review(person) for person in (cast.lead, cast.reviewer, cast.leader, cast.member)] == [1, 1, 0, 0]
    second = drafted(cast, "另一场")
    submit_activity(second, seen=0, by=cast.lead, at=MONDAY)
    assert [count_to_review(person) for person in (cast.lead, cast.reviewer)] == [1, 2]


def test_lists_take_few_statements(cast: Cast, client: Client) -> None:
    for number in range(30):
        published(cast, f"第{number}场", starts_at=NEXT_WEEK)
    with at_most(3):
        client.get("/activities")
    client.sign_in(cast.leader)
    with at_most(4):
        client.get("/activities/mine")


# ── what the database refuses ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "values",
    [
        {"status": "published", "submitted_by_id": "leader", "decided_by_id": "leader"},
        {"status": "published", "submitted_by_id": "lead", "decided_by_id": "lead"},
        {"status": "published", "submitted_by_id": "leader"},
        {"status": "waiting"},
        {"status": "returned", "submitted_by_id": "leader", "decided_by_id": "lead"},
        {"status": "returned", "submitted_by_id": "leader", "decided_by_id": "lead", "return_reason": ""},
        {"status": "closed", "submitted_by_id": "leader", "decided_by_id": "lead"},
        {"status": "open"},
        {"ends_at": SUNDAY},
        {"name": ""},
    ],
)
def test_the_database_keeps_the_rules_too(cast: Cast, values: dict[str, Any]) -> None:
    activity = drafted(cast)
    people = {"leader": cast.leader.id, "lead": cast.lead.id}
    named = {column: people.get(value, value) if column.endswith("_id") else value for column, value in values.items()}
    with pytest.raises(IntegrityError):
        db.session.execute(update(Activity).where(Activity.id == activity.id).values(**named))
    db.session.rollback()


def test_the_database_lets_the_right_way_through(cast: Cast) -> None:
    activity = drafted(cast)
    named = {"status": "published", "submitted_by_id": cast.leader.id, "decided_by_id": cast.lead.id}
    db.session.execute(update(Activity).where(Activity.id == activity.id).values(**named))
