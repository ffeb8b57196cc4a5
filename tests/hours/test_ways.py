"""The way of hours: entered, decided by somebody else, taken back, corrected."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.hours import actions
from portal.hours.actions import AlreadyClaimed, Service, Ticket
from portal.hours.models import Claim, Evidence, HourEvent, Status
from portal.hours.queries import hours_summary
from portal.hours.waiting import count_waiting
from portal.invariants import run_all
from portal.people.models import Person, Role
from portal.problems import ChangedMeanwhile, DomainError
from tests import factories
from tests.applications import Client
from tests.conftest import new_client
from tests.volunteers import MONDAY, SUNDAY, Cast, at_once, claimed, closed, drafted, lines, published

FORM = {"day": "2026-11-15", "start": "08:00", "hours": "3", "minutes": "20", "place": "火车站南广场"}


def the_only() -> Claim:
    db.session.expire_all()
    return db.session.scalars(select(Claim)).one()


def kinds(claim: Claim) -> list[str]:
    db.session.expire_all()
    return [event.kind for event in claim.events]


def check() -> None:
    assert [result for result in run_all(db.session(), prefix="hours.") if not result.holds] == []


# ── the whole way ───────────────────────────────────────────────────────────────────────────────────
def test_a_volunteer_enters_hours_and_the_admin_approves_them(cast: Cast, client: Client, app: Flask) -> None:
    activity = published(cast)
    volunteer, lead = client.sign_in(cast.member), new_client(app).sign_in(cast.lead)
    assert "文明海宁一道走" in volunteer.get("/hours/new").text
    page = volunteer.get(f"/hours/new?activity={activity.id}").text
    assert all(f'value="{value}"' in page for value in ("2026-11-15", "08:00", "4", "0", "火车站南广场"))
    answer = volunteer.post("/hours/new", data={**FORM, "activity": activity.id, "key": "k"})
    assert (answer.status_code, answer.location) == (303, "/hours")
    mine = volunteer.get("/hours").text
    assert ("待审核" in mine, "3 小时 20 分" in mine) == (True, True)
    claim = the_only()
    assert "1 条时长等您审核" in lead.get("/hours/queue").text
    answer = lead.post(f"/hours/{claim.id}/approve", data={"seq": 0})
    assert (answer.status_code, answer.location) == (303, "/hours/queue")
    assert "您已服务 3 小时 20 分" in volunteer.get("/hours").text
    assert "没有时长等您审核" in lead.get("/hours/queue").text
    assert (lines("hours.claim.entered"), lines("hours.claim.approved")) == (1, 1)
    assert claim.ends_at == SUNDAY + timedelta(minutes=200)
    check()


def test_returned_hours_are_corrected_by_a_new_claim(cast: Cast, client: Client, app: Flask) -> None:
    claim = claimed(cast.member, published(cast))
    volunteer, lead = client.sign_in(cast.member), new_client(app).sign_in(cast.lead)
    assert lead.post(f"/hours/{claim.id}/return", data={"seq": 0, "reason": "请补充地点"}).status_code == 303
    assert "请补充地点" in volunteer.get("/hours").text
    assert "请补充地点" in volunteer.get(f"/hours/{claim.id}/correct").text
    data = {**FORM, "hours": "2", "minutes": "", "seq": "1", "key": "k"}
    assert volunteer.post(f"/hours/{claim.id}/correct", data=data).status_code == 303
    assert volunteer.post(f"/hours/{claim.id}/correct", data=data).status_code == 303
    corrected = db.session.scalars(select(Claim).where(Claim.replaces_id == claim.id)).one()
    assert (corrected.minutes, corrected.status, corrected.evidence) == (120, "waiting", "self")
    assert kinds(claim) == ["returned", "resubmitted"]
    assert "退回，已重交" in volunteer.get("/hours").text
    assert lines("hours.claim.corrected") == 1
    check()


def test_a_correction_replaces_a_returned_claim_only(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    data = {**FORM, "seq": "0"}
    answer = client.sign_in(cast.member).post(f"/hours/{claim.id}/correct", data=data)
    assert (answer.status_code, "现在是「待审核」" in answer.text) == (422, True)
    assert client.sign_in(cast.leader).post(f"/hours/{claim.id}/correct", data=data).status_code == 403


def test_a_leader_enters_hours_of_a_member_without_a_phone(cast: Cast, client: Client, app: Flask) -> None:
    activity = closed(cast)
    leader = client.sign_in(cast.leader)
    assert "周小满" in leader.get(f"/hours/for-member?activity={activity.id}").text
    data = {**FORM, "activity": activity.id, "person": cast.other.id, "consent": "y", "key": "k"}
    assert leader.post("/hours/for-member", data={**data, "consent": ""}).status_code == 422
    for nobody in (cast.stranger.id, cast.leader.id, "", "0", "x"):
        assert leader.post("/hours/for-member", data={**data, "person": nobody}).status_code == 422
    assert [leader.post("/hours/for-member", data=data).status_code for _ in range(2)] == [303, 303]
    assert f"周小满 {cast.other.volunteer_no}" not in leader.get(f"/hours/for-member?activity={activity.id}").text
    again = leader.post("/hours/for-member", data={**data, "key": "another"})
    assert (again.status_code, "已经记过了" in again.text) == (422, True)
    claim = the_only()
    assert (claim.person, claim.entered_by, claim.evidence) == (cast.other, cast.leader, "leader")
    assert new_client(app).sign_in(cast.member).post("/hours/for-member", data=data).status_code == 403


def test_a_late_entry_says_so(cast: Cast) -> None:
    in_time = datetime(2026, 11, 27, 23, 59, tzinfo=clock.CHINA)
    one, two = published(cast), published(cast, "另一场")
    assert not claimed(cast.member, one, at=in_time).is_late
    assert claimed(cast.other, two, at=in_time + timedelta(minutes=1)).is_late


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("deed", ["approve", "return", "undo"])
@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 404), ("other", 404), ("leader", 403), ("member", 403), ("supervisor", 403)]
)
def test_who_may_not_decide(cast: Cast, client: Client, who: str, status: int, deed: str) -> None:
    claim = claimed(cast.member, published(cast))
    somebody: Person = getattr(cast, who)
    answer = client.sign_in(somebody).post(f"/hours/{claim.id}/{deed}", data={"seq": 0, "reason": "不对"})
    assert answer.status_code == status
    assert the_only().state is Status.WAITING


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 404), ("other", 404), ("member", 200), ("leader", 200), ("reviewer", 200), ("supervisor", 200)],
)
def test_who_may_see_a_claim(cast: Cast, client: Client, who: str, status: int) -> None:
    claim = claimed(cast.member, published(cast))
    somebody: Person = getattr(cast, who)
    assert client.sign_in(somebody).get(f"/hours/{claim.id}").status_code == status


def test_an_admin_of_another_organisation_is_a_stranger(cast: Cast, client: Client) -> None:
    elsewhere = factories.organisation("潮乡社会组织")
    outsider = factories.person("江晚", grants=[(Role.ORGANISATION_ADMIN, elsewhere.scope)])
    claim = claimed(cast.member, published(cast))
    client.sign_in(outsider)
    assert client.get(f"/hours/{claim.id}").status_code == 404
    assert client.post(f"/hours/{claim.id}/approve", data={"seq": 0}).status_code == 404
    assert "没有时长等您审核" in client.get("/hours/queue").text
    answer = client.post("/hours/queue/approve", data={"claims": claim.ticket}, follow_redirects=True)
    assert ("有 1 条没有找到" in answer.text, "林一禾" in answer.text) == (True, False)
    assert the_only().state is Status.WAITING


def test_a_reviewer_cannot_approve_their_own_hours(cast: Cast, client: Client) -> None:
    claim = claimed(cast.lead, published(cast))
    client.sign_in(cast.lead)
    assert client.post(f"/hours/{claim.id}/approve", data={"seq": 0}).status_code == 403
    assert "另有 1 条是您自己的或您录入的" in client.get("/hours/queue").text
    answer = client.post("/hours/queue/approve", data={"claims": claim.ticket}, follow_redirects=True)
    assert "沈知秋的「文明海宁一道走」，自己的或自己录入的要由别人审核" in answer.text
    assert the_only().state is Status.WAITING
    with pytest.raises(DomainError, match="要由别人审核"):
        actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)


def test_nobody_approves_what_they_entered_for_another(cast: Cast, client: Client) -> None:
    both = factories.person(
        "程雪", grants=[(Role.TEAM_LEADER, cast.team.scopes[0]), (Role.REVIEWER, cast.team.scopes[0])]
    )
    claim = claimed(cast.other, published(cast), by=both)
    assert client.sign_in(both).post(f"/hours/{claim.id}/approve", data={"seq": 0}).status_code == 403
    assert (count_waiting(both), count_waiting(cast.lead)) == (0, 1)


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 403), ("member", 403), ("leader", 403), ("supervisor", 200), ("lead", 200)]
)
def test_who_may_open_the_queue(cast: Cast, client: Client, who: str, status: int) -> None:
    claimed(cast.member, published(cast))
    assert client.get("/hours/queue").status_code == 302
    somebody: Person = getattr(cast, who)
    answer = client.sign_in(somebody).get("/hours/queue")
    assert answer.status_code == status
    assert ("/approve" in answer.text) == (who == "lead")


def test_only_members_enter_hours(cast: Cast, client: Client) -> None:
    activity, hidden = published(cast), drafted(cast, "没发布的")
    client.sign_in(cast.stranger)
    assert client.get(f"/hours/new?activity={activity.id}").status_code == 403
    assert client.post("/hours/new", data={**FORM, "activity": activity.id}).status_code == 403
    client.sign_in(cast.member)
    assert client.get(f"/hours/new?activity={hidden.id}").status_code == 404
    for nonsense in ("", "x", "999999", "9" * 40, "-1"):
        assert client.post("/hours/new", data={**FORM, "activity": nonsense}).status_code == 404


# ── in turn, once ───────────────────────────────────────────────────────────────────────────────────
def test_hours_of_an_activity_are_entered_once(cast: Cast) -> None:
    activity = published(cast)
    first = claimed(cast.member, activity)
    with pytest.raises(AlreadyClaimed, match="待审核"):
        claimed(cast.member, activity)
    actions.return_claim(first, "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    with pytest.raises(AlreadyClaimed, match="改好重交"):
        claimed(cast.member, activity)
    claimed(cast.other, activity)


def test_a_form_sent_twice_makes_one_claim(cast: Cast, client: Client) -> None:
    data = {**FORM, "activity": published(cast).id, "key": "twice"}
    client.sign_in(cast.member)
    assert [client.post("/hours/new", data=data).status_code for _ in range(3)] == [303, 303, 303]
    assert client.post("/hours/new", data={**data, "minutes": "0"}).status_code == 422
    assert lines("hours.claim.entered") == 1


@pytest.mark.parametrize("keys", [("same", "same", "same"), ("one", "two", "three")])
def test_three_forms_at_the_same_moment_make_one_claim(cast: Cast, app: Flask, keys: tuple[str, ...]) -> None:
    data = {**FORM, "activity": published(cast).id}
    clients = [(new_client(app).sign_in(cast.member), key) for key in keys]
    answers = at_once(app, [lambda c=c, k=k: c.post("/hours/new", data={**data, "key": k}) for c, k in clients])  # type: ignore[misc]
    codes = sorted(answer.status_code for answer in answers)
    assert codes == ([303, 303, 303] if len(set(keys)) == 1 else [303, 422, 422])
    assert lines("hours.claim.entered") == 1
    check()


def test_approving_twice_names_the_row(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    client.sign_in(cast.lead)
    assert client.post(f"/hours/{claim.id}/approve", data={"seq": 0}).status_code == 303
    answer = client.post(f"/hours/{claim.id}/approve", data={"seq": 0})
    assert answer.status_code == 422
    assert "林一禾的「文明海宁一道走」刚刚有人处理过，现在是「已通过」" in answer.text
    assert client.post(f"/hours/{claim.id}/approve", data={"seq": 1}).status_code == 422
    assert kinds(claim) == ["approved"]


def test_of_two_who_decide_at_the_same_moment_one_is_too_late(cast: Cast, app: Flask) -> None:
    claim = claimed(cast.member, published(cast))
    one, two = new_client(app).sign_in(cast.lead), new_client(app).sign_in(cast.reviewer)
    address, data = f"/hours/{claim.id}", {"seq": 0, "reason": "不对"}
    calls = [lambda: one.post(f"{address}/approve", data=data), lambda: two.post(f"{address}/return", data=data)]
    answers = at_once(app, calls)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert any("林一禾的「文明海宁一道走」刚刚有人处理过" in answer.text for answer in answers)
    assert len(kinds(claim)) == 1
    check()


def test_two_batches_at_the_same_moment_share_their_rows(cast: Cast, app: Flask) -> None:
    claims = [claimed(cast.member, published(cast, f"第{number}场")) for number in range(8)]
    tickets = [claim.ticket for claim in claims]
    one, two = new_client(app).sign_in(cast.lead), new_client(app).sign_in(cast.reviewer)
    answers = at_once(
        app,
        [
            lambda: one.post("/hours/queue/approve", data={"claims": tickets}, follow_redirects=True),
            lambda: two.post("/hours/queue/approve", data={"claims": tickets[::-1]}, follow_redirects=True),
        ],
    )
    assert [answer.status_code for answer in answers] == [200, 200]
    texts = sorted("通过了 8 条" in answer.text for answer in answers)
    assert texts == [False, True]
    assert lines("hours.claim.approved") == 8
    assert hours_summary(cast.member) == (1600, 0)
    check()


# ── many at once ────────────────────────────────────────────────────────────────────────────────────
def test_a_batch_approves_what_it_can_and_names_the_rest(cast: Cast, client: Client) -> None:
    good, taken = claimed(cast.member, published(cast)), claimed(cast.other, published(cast, "爱心教室"))
    own = claimed(cast.lead, published(cast, "防溺水巡河"))
    tickets = [good.ticket, taken.ticket, own.ticket, "7777:0", "x", "8888:2:3", "\x00"]
    actions.return_claim(taken, "请补充地点", seen=0, by=cast.reviewer, at=MONDAY)
    answer = client.sign_in(cast.lead).post("/hours/queue/approve", data={"claims": tickets}, follow_redirects=True)
    assert "通过了 1 条，共 3 小时 20 分。" in answer.text
    assert "没有动：周小满的「爱心教室」，刚刚有人处理过。" in answer.text
    assert "没有动：沈知秋的「防溺水巡河」，自己的或自己录入的要由别人审核。" in answer.text
    db.session.expire_all()
    assert [claim.status for claim in (good, taken, own)] == ["approved", "returned", "waiting"]
    check()


def test_a_batch_is_returned_with_one_reason(cast: Cast, client: Client) -> None:
    claims = [claimed(cast.member, published(cast, f"第{number}场")) for number in range(3)]
    data = {"claims": [claim.ticket for claim in claims]}
    client.sign_in(cast.lead)
    refused = client.post("/hours/queue/return", data=data)
    assert (refused.status_code, refused.text.count(" checked")) == (422, 3)
    assert "请写明退回的原因" in refused.text
    assert client.post("/hours/queue/return", data={**data, "reason": "长" * 501}).status_code == 422
    answer = client.post("/hours/queue/return", data={**data, "reason": "请补充地点"}, follow_redirects=True)
    assert "退回了 3 条" in answer.text
    assert {event.reason for event in db.session.scalars(select(HourEvent))} == {"请补充地点"}


def test_nothing_ticked_is_said_so(cast: Cast, client: Client) -> None:
    answer = client.sign_in(cast.lead).post("/hours/queue/approve", follow_redirects=True)
    assert "没有勾选任何一条" in answer.text


def test_a_batch_has_an_end(cast: Cast, client: Client) -> None:
    tickets = [f"{number}:0" for number in range(1, 600)]
    answer = client.sign_in(cast.lead).post("/hours/queue/approve", data={"claims": tickets})
    assert (answer.status_code, "一次最多处理 500 条" in answer.text) == (422, True)


def test_one_claim_ticked_twice_is_approved_once(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast))
    outcome = actions.approve_claims([Ticket(claim.id, 0)] * 3, by=cast.lead, at=MONDAY)
    assert (len(outcome.done), outcome.unknown) == (1, 0)
    assert lines("hours.claim.approved") == 1


# ── taking back ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("minutes", "status"), [(0, 303), (14, 303), (16, 422)])
def test_a_decision_is_taken_back_within_15_minutes(cast: Cast, client: Client, minutes: int, status: int) -> None:
    claim = claimed(cast.member, published(cast))
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    with clock.frozen(MONDAY + timedelta(minutes=minutes)):
        page = client.sign_in(cast.lead).get("/hours/queue").text
        assert ("15 分钟内可以撤回" in page) == (status == 303)
        assert client.post(f"/hours/{claim.id}/undo", data={"seq": 1}).status_code == status
    assert kinds(claim) == (["approved", "undone"] if status == 303 else ["approved"])
    check()


def test_nobody_takes_back_anothers_decision(cast: Cast, client: Client) -> None:
    claim = claimed(cast.member, published(cast))
    actions.return_claim(claim, "请补充地点", seen=0, by=cast.reviewer, at=MONDAY)
    assert client.sign_in(cast.lead).post(f"/hours/{claim.id}/undo", data={"seq": 1}).status_code == 422
    assert kinds(claim) == ["returned"]


def test_a_return_that_was_answered_is_not_taken_back(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast))
    actions.return_claim(claim, "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    actions.correct_claim(claim, Service(SUNDAY, 120, "东门"), seen=1, by=cast.member, at=MONDAY)
    for seen in (1, 2):
        with pytest.raises(ChangedMeanwhile):
            actions.undo_decision(claim, seen=seen, by=cast.lead, at=MONDAY)


def test_a_batch_is_taken_back_from_the_queue(cast: Cast, client: Client) -> None:
    claims = [claimed(cast.member, published(cast, f"第{number}场")) for number in range(3)]
    actions.approve_claims([Ticket(claim.id, 0) for claim in claims], by=cast.lead, at=MONDAY)
    page = client.sign_in(cast.lead).get("/hours/queue").text
    assert "刚处理了 3 条，15 分钟内可以撤回" in page
    data = {"claims": [f"{claim.id}:1" for claim in claims]}
    answer = client.post("/hours/queue/undo", data=data, follow_redirects=True)
    assert "撤回了 3 条" in answer.text
    assert hours_summary(cast.member) == (0, 600)
    check()


def test_what_is_entered_rests_on_the_activity(cast: Cast) -> None:
    activity = published(cast)
    with pytest.raises(DomainError, match="不是「晨星志愿服务队」的队员"):
        claimed(cast.stranger, activity)
    with pytest.raises(DomainError, match="还没有发布"):
        claimed(cast.member, drafted(cast, "没发布的"))
    claim = actions.enter_claim(
        cast.member, activity, Service(SUNDAY, 30, "东门"), evidence=Evidence.SELF, by=cast.member, at=MONDAY
    )
    assert (claim.team_id, claim.organisation_id) == (cast.team.id, cast.organisation.id)
