"""Who leaves hands over: what is open is named, roles pass on in one go or not at all, drafts find a new author."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from portal.activities.actions import draft_activity, submit_activity
from portal.activities.models import Activity
from portal.audit.models import AuditLine
from portal.db import db
from portal.funds.models import Fund
from portal.hours.policy import DECIDES
from portal.orgs.models import Team
from portal.people.actions import grant
from portal.people.models import Grant, Person, Role, Scope
from portal.people.policy import holds
from tests.conftest import new_client
from tests.giving import Giving
from tests.importing import handed
from tests.pages import is_valid, words
from tests.roles.conftest import NOW, House
from tests.volunteers import plan


def drafts(house: House) -> tuple[Activity, Activity]:
    """One of the leader's is not handed in, another waits."""
    team = db.session.get_one(Team, house.team_id)
    draft, waiting = (draft_activity(team, plan(name), by=house.leader, at=NOW) for name in ("没写完的", "交上去的"))
    submit_activity(waiting, seen=waiting.seq, by=house.leader, at=NOW)
    db.session.commit()
    return draft, waiting


def send(app: Flask, house: House, leaver: Person, to: str, *, by: Person | None = None) -> int:
    (given,) = leaver.grants
    sent = {f"fate-{given.id}": "pass", f"to-{given.id}": to, "reason": "换届离任"}
    client = new_client(app).sign_in(by or house.admin)
    return client.post(f"/roles/people/{leaver.id}/hand-over", data=sent).status_code


def test_what_is_open_is_named(app: Flask, house: House) -> None:
    drafts(house)
    page = new_client(app).sign_in(house.lead).get(f"/roles/people/{house.leader.id}/hand-over")
    assert is_valid(page)
    for says in ("只有这一位队长：晨星志愿服务队", "活动草稿「没写完的」，可以归接任人", "活动「交上去的」等审核"):
        assert says in words(page)


def test_a_cashier_s_lists_are_named(app: Flask, house: House) -> None:
    imported = handed(Giving(db.session.get_one(Fund, house.fund_id)), "2026-11-03,某某,5,,")
    page = words(new_client(app).sign_in(house.admin).get(f"/roles/people/{imported.uploaded_by_id}/hand-over"))
    assert f"第 {imported.id} 号捐赠名单等会计确认" in page
    alone = words(new_client(app).sign_in(house.admin).get(f"/roles/people/{house.accountant.id}/hand-over"))
    assert "没有非这一位不可的事" in alone


def test_role_and_drafts_pass_to_the_successor(app: Flask, house: House) -> None:
    draft, waiting = drafts(house)
    team = Scope("team", house.team_id)
    assert send(app, house, house.leader, "member", by=house.lead) == 303
    db.session.expire_all()
    assert holds(house.member, Role.TEAM_LEADER, on=[team]) and not holds(house.leader, Role.TEAM_LEADER, on=[team])
    assert (draft.drafted_by_id, waiting.drafted_by_id) == (house.member.id, house.leader.id)
    (line,) = db.session.scalars(select(AuditLine).where(AuditLine.action == "activities.activity.passed_on"))
    assert line.detail == {"person": house.member.id, "was_by": house.leader.id}


def test_a_role_that_begins_later_begins_no_sooner_for_the_successor(app: Flask, house: House) -> None:
    team, starts_on = Scope("team", house.team_id), NOW.date() + timedelta(days=30)
    given = grant(house.other, Role.TEAM_LEADER, on=team, by=house.admin, at=NOW, reason="换届", starts_on=starts_on)
    sent = {f"fate-{given.id}": "pass", f"to-{given.id}": "member", "reason": "改由她来"}
    client = new_client(app).sign_in(house.admin)
    assert client.post(f"/roles/people/{house.other.id}/hand-over", data=sent).status_code == 303
    db.session.expire_all()
    assert not holds(house.member, Role.TEAM_LEADER, on=[team])
    assert [one.starts_on for one in house.member.grants if one.role == Role.TEAM_LEADER] == [starts_on]


def test_a_draft_stays_with_whoever_could_then_decide_on_it(app: Flask, house: House) -> None:
    """Four eyes: its author becomes a reviewer of the organisation and would publish what she wrote."""
    draft, _ = drafts(house)
    (given,) = house.leader.grants
    place = Scope("organisation", house.organisation_id)
    grant(house.leader, Role.REVIEWER, on=place, by=house.admin, at=NOW, reason="推选")
    assert holds(house.leader, *DECIDES, on=[place])
    sent = {f"fate-{given.id}": "pass", f"to-{given.id}": "member", "reason": "换届离任"}
    client = new_client(app).sign_in(house.admin)
    assert client.post(f"/roles/people/{house.leader.id}/hand-over", data=sent).status_code == 303
    db.session.expire_all()
    assert draft.drafted_by_id == house.leader.id


def test_it_is_all_or_nothing(app: Flask, house: House) -> None:
    fund = Scope("fund", house.fund_id)
    more = grant(house.cashier, Role.TEAM_LEADER, on=Scope("team", house.team_id), by=None, at=NOW, reason="推选")
    (cashier,) = [one for one in house.cashier.grants if one.role == Role.CASHIER]
    sent = {
        f"fate-{more.id}": "end",
        f"fate-{cashier.id}": "pass",
        f"to-{cashier.id}": "accountant",
        "reason": "离任了",
    }
    answer = new_client(app).sign_in(house.admin).post(f"/roles/people/{house.cashier.id}/hand-over", data=sent)
    assert answer.status_code == 422 and is_valid(answer)
    assert "罗予安同时是会计" in words(answer)
    db.session.expire_all()
    assert holds(house.cashier, Role.CASHIER, on=[fund]) and more.ended_at is None


def test_a_successor_must_be_named_and_known(app: Flask, house: House) -> None:
    before = len(db.session.scalars(select(Grant)).all())
    for to in ("", "没有这个人", "林一禾", "leader"):
        assert send(app, house, house.leader, to) == 422
    assert len(db.session.scalars(select(Grant)).all()) == before


def test_an_organisation_admin_passes_on_only_what_she_gives(app: Flask, house: House) -> None:
    page = new_client(app).sign_in(house.lead).get(f"/roles/people/{house.lead.id}/hand-over")
    assert "没有您能交接的身份" in words(page)
    assert send(app, house, house.cashier, "member", by=house.lead) == 404
    assert send(app, house, house.cashier, "member", by=house.supervisor) == 403


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────
def test_an_administrator_closes_and_reopens_an_account(app: Flask, house: House) -> None:
    client, page = new_client(app).sign_in(house.admin), f"/roles/people/{house.cashier.id}/account"
    assert is_valid(client.get(page))
    assert client.post(f"{page}/close", data={"reason": ""}).status_code == 422
    assert client.post(f"{page}/close", data={"reason": "离任了"}).status_code == 303
    assert client.post(f"{page}/close", data={"reason": "再离任"}).status_code == 422
    assert new_client(app).sign_in(house.cashier).get("/me").status_code == 302
    assert is_valid(client.get(page))
    assert client.post(f"{page}/reopen", data={"reason": "又来了"}).status_code == 303
    assert new_client(app).sign_in(house.cashier).get("/me").status_code == 200


def test_a_printed_code_is_shown_once_to_the_administrator_alone(app: Flask, house: House) -> None:
    address = f"/roles/people/{house.cashier.id}/account/code"
    for who in (house.lead, house.supervisor, house.cashier):
        assert new_client(app).sign_in(who).post(address).status_code in (403, 404)
    answer = new_client(app).sign_in(house.admin).post(address)
    assert answer.status_code == 200 and is_valid(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert new_client(app).sign_in(house.admin).get(address).status_code == 405


def test_nobody_closes_herself_or_the_last_administrator(app: Flask, house: House) -> None:
    client = new_client(app).sign_in(house.admin)
    own = f"/roles/people/{house.admin.id}/account/close"
    assert client.post(own, data={"reason": "离任了"}).status_code == 403
