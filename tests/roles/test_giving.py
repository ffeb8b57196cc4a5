"""Who gives which role where, and what nobody can get by a form."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal.accounts.models import SignIn
from portal.db import db
from portal.notices.kinds import sentence_of
from portal.notices.models import Notice
from portal.orgs.actions import add_organisation, join
from portal.people.actions import grant
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.policy import holds
from portal.roles.actions import end
from portal.roles.policy import GIVES, can_give
from portal.roles.scopes import Place, everywhere, place_of
from tests.applications import Client
from tests.conftest import new_client
from tests.factories import team
from tests.pages import is_valid, words
from tests.roles.conftest import NOW, House
from tests.volunteers import at_once, lines

TODAY = NOW.date()


def form(person: Person, role: str, place: str, **more: str) -> dict[str, str]:
    return {"person": str(person.id), "role": role, "place": place, "starts_on": f"{TODAY}", "reason": "推选"} | more


def given(app: Flask, by: Person, **sent: str) -> TestResponse:
    answer = new_client(app).sign_in(by).post("/roles/give", data=sent)
    assert answer.status_code in (303, 403, 404, 422)
    return answer


def count() -> int:
    return db.session.scalar(select(func.count(Grant.id))) or 0


# ── the rules ───────────────────────────────────────────────────────────────────────────────────────
def test_an_administrator_gives_every_role_where_it_makes_sense(app: Flask, house: House) -> None:
    places = {
        Role.TEAM_LEADER: f"team:{house.team_id}",
        Role.REVIEWER: f"organisation:{house.organisation_id}",
        Role.CASHIER: f"fund:{house.fund_id}",
        Role.WORKER: "alliance",
    }
    for role, place in places.items():
        assert given(app, house.admin, **form(house.stranger, role.value, place)).status_code == 303
    db.session.expire_all()
    assert {one.role for one in house.stranger.grants} == {role.value for role in places}
    assert lines("people.grant.given") >= len(places)


def test_whose_role_begins_or_ends_is_told(app: Flask, house: House) -> None:
    given(app, house.admin, **form(house.stranger, "worker", "alliance"))
    hers = db.session.scalars(select(Grant).where(Grant.person_id == house.stranger.id)).one()
    end(hers, by=house.admin, at=NOW, reason="换岗")
    told = db.session.scalars(select(Notice).where(Notice.person_id == house.stranger.id).order_by(Notice.id)).all()
    assert [sentence_of(one.kind, one.values) for one in told] == [
        f"您有了新的身份：社工（整个联盟），从 {TODAY} 起。",
        f"您的身份「社工（整个联盟）」{TODAY - timedelta(days=1)} 以后不再有效。原因：换岗",
    ]


def test_who_was_given_a_role_signs_in_anew(app: Flask, house: House) -> None:
    hers = new_client(app).sign_in(house.stranger)
    db.session.query(SignIn).update({"at": NOW.replace(hour=8)})
    assert hers.get("/me").status_code == 200
    given(app, house.admin, **form(house.stranger, "worker", "alliance"))
    assert hers.get("/me").headers["Location"] == "/login?next=/me"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("cashier", "organisation:{org}"),
        ("team_leader", "alliance"),
        ("admin", "fund:{fund}"),
        ("reviewer", "team:{team}"),
    ],
)
def test_a_role_is_given_only_where_it_makes_sense(app: Flask, house: House, role: str, place: str) -> None:
    there = place.format(org=house.organisation_id, fund=house.fund_id, team=house.team_id)
    answer = given(app, house.admin, **form(house.stranger, role, there))
    assert answer.status_code == 422
    assert "的范围只能是" in words(answer)


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.REVIEWER])
def test_an_organisation_admin_gives_within_her_organisation(app: Flask, house: House, role: Role) -> None:
    place = f"team:{house.team_id}" if role is Role.TEAM_LEADER else f"organisation:{house.organisation_id}"
    assert given(app, house.lead, **form(house.other, role.value, place)).status_code == 303
    db.session.expire_all()
    assert holds(house.other, role, on=[Scope("team", house.team_id), Scope("organisation", house.organisation_id)])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [role for role in Role if role not in GIVES[Role.ORGANISATION_ADMIN]])
@pytest.mark.parametrize("place", ["alliance", "organisation:{org}", "fund:{fund}"])
def test_an_organisation_admin_gives_no_role_above_her(app: Flask, house: House, role: Role, place: str) -> None:
    before = count()
    there = place.format(org=house.organisation_id, fund=house.fund_id)
    assert given(app, house.lead, **form(house.other, role.value, there)).status_code == 422
    assert count() == before


def test_nor_any_role_in_another_organisation(app: Flask, house: House) -> None:
    elsewhere = add_organisation("别家", slug="elsewhere", by=None, at=NOW)
    join(house.other, team("别家的队", of=elsewhere), by=None, at=NOW)
    answer = given(app, house.lead, **form(house.other, "reviewer", f"organisation:{elsewhere.id}"))
    assert answer.status_code == 422
    place = place_of(elsewhere.scope)
    assert place and not can_give(house.lead, Role.REVIEWER, place)
    assert can_give(house.admin, Role.REVIEWER, place)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["leader", "reviewer", "cashier", "accountant", "supervisor", "member"])
def test_nobody_else_gives_anything(app: Flask, house: House, who: str) -> None:
    giver: Person = getattr(house, who)
    before = count()
    for role in Role:
        assert given(app, giver, **form(house.other, role.value, "alliance")).status_code == 403
        assert not can_give(giver, role, everywhere())
    assert count() == before


def test_nobody_gives_to_herself_even_by_the_form(app: Flask, house: House) -> None:
    answer = given(app, house.admin, **form(house.admin, "cashier", "alliance"))
    assert answer.status_code == 422
    assert "不能给自己授权" in words(answer)


def test_whoever_stands_in_for_somebody_gives_nothing(house: House) -> None:
    (original,) = [one for one in house.lead.grants if one.role == Role.ORGANISATION_ADMIN]
    week = {"starts_on": TODAY, "ends_on": TODAY.replace(day=29)}
    grant(
        house.other,
        Role.ORGANISATION_ADMIN,
        on=original.scope,
        by=house.lead,
        at=NOW,
        reason="休假",
        deputy_of=original,
        **week,
    )
    place = place_of(original.scope)
    assert place and can_give(house.lead, Role.REVIEWER, place)
    assert not can_give(house.other, Role.REVIEWER, place)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
# ── bad input ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"ends_on": "2026-11-22"}, "最后一天不能早于开始的日子"),
        ({"starts_on": "2026-11-22"}, "开始的日子不能早于今天"),
        ({"starts_on": "1900-01-01"}, "开始的日子不能早于今天"),
        ({"starts_on": "2100-12-31"}, "最早只能提前一年"),
        ({"ends_on": "2100-12-31"}, "最长授权十年"),
        ({"ends_on": "2101-01-01"}, "没有「2101-01-01」这一天"),
        ({"starts_on": ""}, "请填写从哪天开始"),
        ({"starts_on": "昨天"}, "没有「昨天」这一天"),
        ({"reason": ""}, "请写明原因"),
        ({"reason": "\u202e \x00\u200b"}, "请写明原因"),
        ({"reason": "好"}, "2 到 200 个字"),
        ({"reason": "很" * 201}, "最多 200 个字"),
        ({"role": "emperor"}, "请从列表里选一项"),
        ({"role": ""}, "请选一个身份"),
        ({"place": ""}, "请选身份在哪里有效"),
        ({"place": "fund:999999"}, "请从列表里选一项"),
        ({"place": "planet:1"}, "请从列表里选一项"),
        ({"place": "fund:" + "9" * 400}, "请从列表里选一项"),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(
    app: Flask, house: House, sent: dict[str, str], says: str
) -> None:
    before = count()
    answer = given(app, house.admin, **form(house.stranger, "cashier", f"fund:{house.fund_id}") | sent)
    assert answer.status_code == 422 and is_valid(answer)
    assert says in words(answer)
    assert count() == before


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", ["", "0", "-1", "999999", "9" * 30, "1 OR 1=1", "１"])
def test_nobody_is_given_a_role_who_is_not_there(app: Flask, house: House, number: str) -> None:
    assert given(app, house.admin, **form(house.stranger, "worker", "alliance") | {"person": number}).status_code == 404


def test_an_organisation_admin_does_not_learn_who_strangers_are(app: Flask, house: House) -> None:
    client = new_client(app).sign_in(house.lead)
    sent = form(house.stranger, "reviewer", f"organisation:{house.organisation_id}")
    assert client.post("/roles/give", data=sent).status_code == 404
    assert client.get(f"/roles/give?person={house.stranger.id}").status_code == 404
    for known in ("陆青", house.stranger.volunteer_no, "stranger"):
        assert "陆青川" not in client.get(f"/roles/give?q={known}").text
    assert "周小满" in client.get("/roles/give?q=周小").text


def test_the_same_role_is_not_given_twice(app: Flask, house: House) -> None:
    sent = form(house.stranger, "cashier", f"fund:{house.fund_id}")
    assert given(app, house.admin, **sent).status_code == 303
    again = given(app, house.second, **sent)
    assert again.status_code == 422 and "已经有这个身份" in words(again)


def test_a_double_click_of_two_administrators_gives_once(app: Flask, house: House) -> None:
    sent, before = form(house.stranger, "cashier", f"fund:{house.fund_id}"), count()
    clients = [new_client(app).sign_in(one) for one in (house.admin, house.second)]
    calls = [lambda client=client: client.post("/roles/give", data=sent).status_code for client in clients]
    assert sorted(at_once(app, calls, at=NOW)) == [303, 422]
    assert count() == before + 1


def test_two_administrators_at_once_do_not_make_a_cashier_who_books(app: Flask, house: House) -> None:
    fund = f"fund:{house.fund_id}"
    sent = {
        new_client(app).sign_in(house.admin): form(house.stranger, "cashier", fund),
        new_client(app).sign_in(house.second): form(house.stranger, "accountant", fund),
    }
    calls = [lambda pair=pair: pair[0].post("/roles/give", data=pair[1]).status_code for pair in sent.items()]
    assert sorted(at_once(app, calls, at=NOW)) == [303, 422]


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/me/account/password", {"old": "x", "new": "lan-hua-kai-le", "role": "admin", "is_admin": "1"}),
        ("/preferences", {"mode": "elder", "role": "admin", "grants": "admin"}),
        ("/roles/give", {"role": "admin", "place": "alliance", "given_by_id": "1"}),
        ("/roles/deputies", {"role": "admin", "grant": "1", "who": "member"}),
    ],
)
def test_no_form_smuggles_a_role_in(app: Flask, house: House, address: str, sent: dict[str, str]) -> None:
    before = count()
    new_client(app).sign_in(house.member).post(address, data=sent)
    assert count() == before


# ── names ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_name_that_passes_for_another_is_marked_and_given_nothing(app: Flask, house: House) -> None:
    house.stranger.name = "林⼀禾"
    client = new_client(app).sign_in(house.admin)
    found = client.get("/roles/give?q=林")
    assert "名字里有形近的替代字符" in words(found)
    assert f"person={house.stranger.id}" not in found.text
    assert "林⼀禾" not in client.get("/roles/give?q=林一禾").text
    answer = given(app, house.admin, **form(house.stranger, "worker", "alliance"))
    assert answer.status_code == 422 and "先核对本人" in words(answer)


def test_login_and_number_stand_beside_every_name(app: Flask, house: House) -> None:
    house.stranger.name = house.member.name
    client = new_client(app).sign_in(house.admin)
    for page in (client.get("/roles/give?q=林一禾"), client.get(f"/roles/give?person={house.member.id}")):
        assert is_valid(page)
        assert f"登录名 member · 志愿者编号 {house.member.volunteer_no}" in words(page)
    assert "还有 1 人同名" in words(client.get(f"/roles/give?person={house.member.id}"))


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────
def test_an_administrator_ends_a_role_at_once(app: Flask, house: House) -> None:
    (cashier,) = house.cashier.grants
    client = new_client(app).sign_in(house.admin)
    assert is_valid(client.get(f"/roles/{cashier.id}/end"))
    assert client.post(f"/roles/{cashier.id}/end", data={"reason": "任期已满"}).status_code == 303
    db.session.expire_all()
    assert not holds(house.cashier, Role.CASHIER, on=[cashier.scope])
    page = words(client.get(f"/roles/people/{house.cashier.id}"))
    assert "现在没有身份" in page and "秦长风：任期已满" in page


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"reason": ""}, "请写明原因"),
        ({"reason": "离任", "last_day": "2026-11-01"}, "不能早于今天"),
        ({"reason": "离任", "last_day": "1900-01-01"}, "不能早于今天"),
    ],
)
def test_an_end_needs_a_reason_and_lies_ahead(app: Flask, house: House, sent: dict[str, str], says: str) -> None:
    answer = new_client(app).sign_in(house.admin).post(f"/roles/{house.cashier.grants[0].id}/end", data=sent)
    assert answer.status_code == 422 and says in words(answer)


def test_nobody_ends_what_she_could_not_give(app: Flask, house: House) -> None:
    (cashier,), (leads,) = house.cashier.grants, house.leader.grants
    expected = {"lead": (404, 303), "supervisor": (403, 403), "accountant": (404, 404), "member": (404, 404)}
    for who, codes in expected.items():
        client = new_client(app).sign_in(getattr(house, who))
        found = [
            client.post(f"/roles/{one.id}/end", data={"reason": "任期已满"}).status_code for one in (cashier, leads)
        ]
        assert tuple(found) == codes, who


def test_the_last_administrator_is_not_ended(app: Flask, house: House) -> None:
    client = new_client(app).sign_in(house.admin)
    (own,), (other,) = house.admin.grants, house.second.grants
    assert client.post(f"/roles/{other.id}/end", data={"reason": "离任了"}).status_code == 303
    answer = client.post(f"/roles/{own.id}/end", data={"reason": "我也离任"})
    assert answer.status_code == 422 and "最后一位系统管理员" in words(answer)


def test_dangerous_pages_ask_who_is_there_again(app: Flask, house: House) -> None:
    client: Client = new_client(app).sign_in(house.admin, fresh=False)
    pages = ["/roles/give", f"/roles/{house.cashier.grants[0].id}/end", f"/roles/people/{house.cashier.id}/hand-over"]
    assert [client.get(page).status_code for page in pages] == [303] * 3
    before = count()
    assert client.post("/roles/give", data=form(house.stranger, "worker", "alliance")).status_code == 303
    assert count() == before


def test_a_place_that_is_not_there_is_none(house: House) -> None:
    assert place_of(Scope("fund", 10**9)) is None
    assert place_of(Scope("grid", 1)) is None
    assert place_of(ALLIANCE) == everywhere()
    assert isinstance(place_of(Scope("team", house.team_id)), Place)
