"""The way of an activity, from a draft to its end, and whoever stands in it."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.activities import actions
from portal.activities.models import Activity, Status
from portal.db import db
from portal.people.models import Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from tests import factories
from tests.applications import Client
from tests.conftest import new_client
from tests.volunteers import MONDAY, SUNDAY, Cast, at_once, drafted, lines, plan, published

FORM = {
    "name": "文明海宁一道走",
    "place": "火车站南广场",
    "day": "2026-11-22",
    "start": "08:00",
    "end": "11:20",
    "content": "带水，穿马甲。\n路口有车，听队长指挥。",
}


def the_only() -> Activity:
    return db.session.query(Activity).one()


def test_an_activity_goes_from_draft_to_its_end(cast: Cast, client: Client, app: Flask) -> None:
    leader, lead = client.sign_in(cast.leader), new_client(app).sign_in(cast.lead)
    answer = leader.post("/activities/new", data={**FORM, "team": cast.team.id, "key": "k1"})
    activity = the_only()
    assert (answer.status_code, answer.location) == (303, f"/activities/{activity.id}/review")
    assert client.get(f"/activities/{activity.id}").status_code == 404
    assert leader.post(f"/activities/{activity.id}/submit", data={"seq": 0}).status_code == 303
    assert "文明海宁一道走" in lead.get("/activities/review").text
    assert lead.post(f"/activities/{activity.id}/publish", data={"seq": 1}).status_code == 303
    assert "11:20" in new_client(app).get(f"/activities/{activity.id}").text
    assert [lines(f"activities.activity.{deed}") for deed in ("drafted", "submitted", "published")] == [1, 1, 1]


def test_a_returned_activity_is_changed_and_comes_again(cast: Cast, client: Client, app: Flask) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    lead, leader = client.sign_in(cast.lead), new_client(app).sign_in(cast.leader)
    answer = lead.post(f"/activities/{activity.id}/return", data={"seq": 1, "reason": "请写明集合点"})
    assert answer.status_code == 303
    assert "请写明集合点" in leader.get(f"/activities/{activity.id}/review").text
    answer = leader.post(f"/activities/{activity.id}/edit", data={**FORM, "place": "东门岗亭", "seq": 2})
    assert answer.status_code == 303
    assert leader.post(f"/activities/{activity.id}/submit", data={"seq": 3}).status_code == 303
    assert "上次退回的原因：请写明集合点" in lead.get(f"/activities/{activity.id}/review").text
    assert lead.post(f"/activities/{activity.id}/publish", data={"seq": 4}).status_code == 303
    db.session.expire_all()
    assert (activity.state, activity.place, activity.return_reason) == (Status.PUBLISHED, "东门岗亭", None)


def test_returning_needs_a_reason(cast: Cast, client: Client) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    answer = client.sign_in(cast.lead).post(f"/activities/{activity.id}/return", data={"seq": 1, "reason": " \u202e"})
    assert answer.status_code == 422
    assert "请写明退回的原因" in answer.text
    assert the_only().status == "waiting"


def test_nobody_publishes_her_own_draft(cast: Cast, client: Client) -> None:
    activity = actions.draft_activity(cast.team, plan(), by=cast.lead, at=MONDAY)
    actions.submit_activity(activity, seen=0, by=cast.lead, at=MONDAY)
    assert client.sign_in(cast.lead).post(f"/activities/{activity.id}/publish", data={"seq": 1}).status_code == 403
    with pytest.raises(DomainError, match="要由别人审核"):
        actions.publish_activity(activity, seen=1, by=cast.lead, at=MONDAY)


def test_nobody_publishes_what_she_submitted_for_another(cast: Cast) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.lead, at=MONDAY)
    with pytest.raises(DomainError, match="要由别人审核"):
        actions.publish_activity(activity, seen=1, by=cast.lead, at=MONDAY)
    actions.publish_activity(activity, seen=1, by=cast.reviewer, at=MONDAY)


@pytest.mark.parametrize(
    ("who", "status"),
    [("leader", 403), ("member", 403), ("stranger", 404), ("supervisor", 403), ("lead", 303), ("reviewer", 303)],
)
def test_who_may_publish(cast: Cast, client: Client, who: str, status: int) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    somebody: Person = getattr(cast, who)
    answer = client.sign_in(somebody).post(f"/activities/{activity.id}/publish", data={"seq": 1})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("leader", 200), ("member", 403), ("stranger", 404), ("supervisor", 200), ("lead", 200), ("reviewer", 200)],
)
def test_who_may_read_a_draft(cast: Cast, client: Client, who: str, status: int) -> None:
    activity = drafted(cast)
    somebody: Person = getattr(cast, who)
    assert client.sign_in(somebody).get(f"/activities/{activity.id}/review").status_code == status


def test_a_leader_of_another_team_is_a_stranger(cast: Cast, client: Client) -> None:
    elsewhere = factories.team("潮乡救援队", of=factories.organisation("潮乡社会组织"))
    outsider = factories.person("江晚", grants=[(Role.TEAM_LEADER, elsewhere.scopes[0])])
    activity = drafted(cast)
    client.sign_in(outsider)
    for address in ("edit", "review"):
        assert client.get(f"/activities/{activity.id}/{address}").status_code == 404
    assert client.post(f"/activities/{activity.id}/submit", data={"seq": 0}).status_code == 404
    answer = client.post("/activities/new", data={**FORM, "team": cast.team.id})
    assert answer.status_code == 422
    assert "请从列表里选一项" in answer.text


def test_a_grant_that_has_ended_counts_no_more(cast: Cast, client: Client) -> None:
    formerly = factories.person(
        "韩冬", grants=[(Role.ORGANISATION_ADMIN, cast.organisation.scope)], until=(MONDAY - timedelta(days=1)).date()
    )
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    assert client.sign_in(formerly).get(f"/activities/{activity.id}/review").status_code == 404


@pytest.mark.parametrize("deed", ["publish", "return", "close"])
def test_a_draft_takes_no_step_out_of_turn(cast: Cast, client: Client, deed: str) -> None:
    activity = drafted(cast)
    data = {"seq": 0, "reason": "不对"}
    answer = client.sign_in(cast.lead).post(f"/activities/{activity.id}/{deed}", data=data)
    assert answer.status_code == 422
    assert "现在是「草稿」" in answer.text
    assert the_only().status == "draft"


def test_a_published_activity_is_not_edited(cast: Cast, client: Client) -> None:
    activity = published(cast)
    client.sign_in(cast.leader)
    assert client.get(f"/activities/{activity.id}/edit").status_code == 403
    answer = client.post(f"/activities/{activity.id}/edit", data={**FORM, "name": "换个名字", "seq": activity.seq})
    assert answer.status_code == 422
    assert the_only().name == "文明海宁一道走"


def test_an_activity_is_closed_after_its_end_only(cast: Cast, client: Client) -> None:
    past, coming = published(cast), published(cast, "防溺水巡河", starts_at=SUNDAY + timedelta(days=7))
    client.sign_in(cast.leader)
    answer = client.post(f"/activities/{coming.id}/close", data={"seq": coming.seq})
    assert (answer.status_code, "还没有结束" in answer.text) == (422, True)
    assert client.post(f"/activities/{past.id}/close", data={"seq": past.seq}).status_code == 303
    db.session.expire_all()
    assert (past.state, coming.state) == (Status.CLOSED, Status.PUBLISHED)


def test_publishing_twice_is_answered_with_a_sentence(cast: Cast, client: Client) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    client.sign_in(cast.lead)
    assert client.post(f"/activities/{activity.id}/publish", data={"seq": 1}).status_code == 303
    answer = client.post(f"/activities/{activity.id}/publish", data={"seq": 1})
    assert (answer.status_code, "现在是「已发布」" in answer.text) == (422, True)
    assert lines("activities.activity.published") == 1


def test_nobody_publishes_another_version_than_she_saw(cast: Cast) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    actions.return_activity(activity, "地点不清楚", seen=1, by=cast.lead, at=MONDAY)
    actions.edit_activity(activity, plan("另一场活动"), seen=2, by=cast.leader, at=MONDAY)
    actions.submit_activity(activity, seen=3, by=cast.leader, at=MONDAY)
    with pytest.raises(ChangedMeanwhile):
        actions.publish_activity(activity, seen=1, by=cast.lead, at=MONDAY)


def test_of_two_who_decide_at_the_same_moment_one_is_too_late(cast: Cast, app: Flask) -> None:
    activity = drafted(cast)
    actions.submit_activity(activity, seen=0, by=cast.leader, at=MONDAY)
    one, two = new_client(app).sign_in(cast.lead), new_client(app).sign_in(cast.reviewer)
    address = f"/activities/{activity.id}"
    answers = at_once(
        app,
        [
            lambda: one.post(f"{address}/publish", data={"seq": 1}),
            lambda: two.post(f"{address}/return", data={"seq": 1, "reason": "地点不清楚"}),
        ],
    )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert any("刚刚有了变化" in answer.text for answer in answers)
    assert lines("activities.activity.published") + lines("activities.activity.returned") == 1


def test_a_form_sent_twice_makes_one_draft(cast: Cast, client: Client) -> None:
    data = {**FORM, "team": cast.team.id, "key": "twice"}
    first, second = [client.sign_in(cast.leader).post("/activities/new", data=data) for _ in range(2)]
    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    assert client.post("/activities/new", data={**data, "name": "另一场"}).status_code == 422
    assert lines("activities.activity.drafted") == 1


def test_a_form_sent_twice_at_the_same_moment_makes_one_draft(cast: Cast, app: Flask) -> None:
    data = {**FORM, "team": cast.team.id, "key": "at-once"}
    clients = [new_client(app).sign_in(cast.leader) for _ in range(3)]
    answers = at_once(app, [lambda c=c: c.post("/activities/new", data=data) for c in clients])  # type: ignore[misc]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.location for answer in answers}) == 1
    assert lines("activities.activity.drafted") == 1
