"""Somebody stands in during a holiday: it begins and ends by itself, and for money an administrator agrees first."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError
from werkzeug.test import TestResponse

from portal import clock
from portal.accounts.closing import close_account
from portal.db import db
from portal.people.actions import grant
from portal.people.models import Grant, Person, Role
from portal.people.policy import holds
from portal.roles.models import DeputyWish
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words
from tests.roles.conftest import NOW, House
from tests.volunteers import at_once, lines


def named(app: Flask, by: Person, deputy: str, /, **more: str) -> TestResponse:
    """The answer to the form in which `by` names somebody for a week."""
    return new_client(app).sign_in(by).post("/roles/deputies", data=sent(by, deputy) | more)


def sent(by: Person, who: str) -> dict[str, str]:
    (own,) = [one for one in by.grants if one.deputy_of_id is None]
    return {"grant": str(own.id), "who": who, "starts_on": "2026-11-24", "ends_on": "2026-11-30", "reason": "休年假"}


def wish(app: Flask, house: House, who: str = "stranger") -> DeputyWish:
    assert named(app, house.cashier, who).status_code == 303
    return db.session.scalars(select(DeputyWish).order_by(DeputyWish.id.desc()).limit(1)).one()


def press(app: Flask, by: Person, wish_id: int, button: str) -> int:
    return new_client(app).sign_in(by).post(f"/roles/deputies/{wish_id}/{button}").status_code


def count() -> int:
    return db.session.scalar(select(func.count(Grant.id))) or 0


def is_cashier(house: House, day: int) -> bool:
    db.session.expire_all()
    with clock.frozen(NOW.replace(day=day)):
        return holds(house.stranger, Role.CASHIER, on=[house.cashier.grants[0].scope])


# ── without money ───────────────────────────────────────────────────────────────────────────────────
def test_a_lead_names_a_deputy_for_a_week(app: Flask, house: House) -> None:
    assert named(app, house.lead, "other").status_code == 303
    db.session.expire_all()
    (deputy,) = [one for one in house.other.grants if one.deputy_of_id]
    days = {day: deputy.counts_on(NOW.replace(day=day).date()) for day in (23, 24, 30)}
    assert days == {23: False, 24: True, 30: True}
    assert not deputy.counts_on(NOW.date() + timedelta(days=8))
    assert deputy.role == Role.ORGANISATION_ADMIN and deputy.given_by_id == house.lead.id


@pytest.mark.parametrize("either", ["lead", "other"])
def test_both_see_it_and_either_ends_it(app: Flask, house: House, either: str) -> None:
    who: Person = getattr(house, either)
    named(app, house.lead, house.other.volunteer_no or "")
    with clock.frozen(NOW + timedelta(days=2)):
        client = new_client(app).sign_in(who)
        (deputy,) = db.session.scalars(select(Grant).where(Grant.deputy_of_id.is_not(None)))
        for address in ("/roles/deputies", f"/roles/people/{who.id}"):
            page = client.get(address)
            assert is_valid(page) and f"/roles/{deputy.id}/end" in page.text
        assert client.post(f"/roles/{deputy.id}/end", data={"reason": "回来了"}).status_code == 303
        db.session.expire_all()
        assert not holds(house.other, Role.ORGANISATION_ADMIN, on=[deputy.scope])


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"who": "没有这个人"}, "没有这个登录名或志愿者编号"),
        ({"who": "林一禾"}, "没有这个登录名或志愿者编号"),
        ({"who": "%"}, "没有这个登录名或志愿者编号"),
        ({"who": "lead"}, "代班的要是另一个人"),
        ({"who": "stranger"}, "只能请本组织的人代班"),
        ({"who": ""}, "请填写代班人"),
        ({"ends_on": "2027-01-23"}, "代班最长 60 天"),
        ({"ends_on": "2026-11-23"}, "最后一天不能早于开始"),
        ({"ends_on": ""}, "请填写到哪天为止"),
        ({"starts_on": "2026-11-22"}, "开始的日子不能早于今天"),
        ({"grant": "999999"}, "请从列表里选一项"),
        ({"reason": ""}, "请写明原因"),
    ],
)
def test_what_makes_no_sense_is_refused(app: Flask, house: House, more: dict[str, str], says: str) -> None:
    before = count()
    answer = named(app, house.lead, "other", **more)
    assert answer.status_code == 422 and is_valid(answer)
    assert says in words(answer)
    assert count() == before


def test_nobody_delegates_what_is_another_s(app: Flask, house: House) -> None:
    answer = named(app, house.lead, "other", grant=str(house.cashier.grants[0].id))
    assert answer.status_code == 422


def test_a_deputy_names_no_deputy_herself(app: Flask, house: House) -> None:
    named(app, house.lead, "other", starts_on="2026-11-23")
    (hers,) = [one for one in db.session.get_one(Person, house.other.id).grants if one.deputy_of_id]
    client = new_client(app).sign_in(house.other)
    answer = client.post("/roles/deputies", data=sent(house.lead, "member") | {"grant": str(hers.id)})
    assert answer.status_code == 403


# ── with money ──────────────────────────────────────────────────────────────────────────────────────
def test_a_cashier_s_deputy_may_nothing_until_an_administrator_agrees(app: Flask, house: House) -> None:
    before, asked = count(), wish(app, house)
    assert count() == before
    assert not is_cashier(house, 25)
    admin: Client = new_client(app).sign_in(house.admin)
    assert "1 个代班等您确认" in words(admin.get("/me"))
    assert is_valid(admin.get("/roles/deputies"))
    assert press(app, house.admin, asked.id, "confirm") == 303
    assert [is_cashier(house, day) for day in (23, 24, 30)] == [False, True, True]
    assert lines("roles.deputy.confirmed") == 1


@pytest.mark.parametrize("who", ["cashier", "stranger", "supervisor", "accountant"])
def test_nobody_else_confirms(app: Flask, house: House, who: str) -> None:
    asked, before = wish(app, house), count()
    assert press(app, getattr(house, who), asked.id, "confirm") in (403, 404)
    assert count() == before


def test_an_administrator_who_is_one_of_the_two_does_not_confirm(app: Flask, house: House) -> None:
    asked, before = wish(app, house, "admin"), count()
    assert press(app, house.admin, asked.id, "confirm") == 422
    assert count() == before
    assert press(app, house.second, asked.id, "confirm") == 303


def test_the_accountant_of_the_fund_does_not_stand_in_for_its_cashier(app: Flask, house: House) -> None:
    answer = named(app, house.cashier, "accountant")
    assert answer.status_code == 422 and "不能代出纳的班" in words(answer)


def test_nor_does_one_who_became_accountant_meanwhile(app: Flask, house: House) -> None:
    asked = wish(app, house)
    fund = house.cashier.grants[0].scope
    grant(house.stranger, Role.ACCOUNTANT, on=fund, by=house.admin, at=NOW, reason="聘任")
    assert press(app, house.admin, asked.id, "confirm") == 422
    assert not is_cashier(house, 25)
    db.session.expire_all()
    assert asked.answer is None


def test_nor_does_one_whose_account_was_closed_meanwhile(app: Flask, house: House) -> None:
    wished = wish(app, house)
    close_account(house.stranger, by=house.second, at=NOW, reason="注销")
    before = count()
    assert press(app, house.admin, wished.id, "confirm") == 422
    assert count() == before, "an account that is opened again has no roles"


def test_a_wish_is_answered_once(app: Flask, house: House) -> None:
    address = f"/roles/deputies/{wish(app, house).id}/confirm"
    clients = [new_client(app).sign_in(one) for one in (house.admin, house.second)]
    calls = [lambda client=client: client.post(address).status_code for client in clients]
    assert sorted(at_once(app, calls, at=NOW)) == [303, 422]
    assert len([one for one in db.session.scalars(select(Grant)) if one.deputy_of_id]) == 1


@pytest.mark.parametrize(
    ("who", "button", "answer"), [("admin", "refuse", "refused"), ("stranger", "withdraw", "withdrawn")]
)
def test_a_wish_is_refused_or_withdrawn(app: Flask, house: House, who: str, button: str, answer: str) -> None:
    asked = wish(app, house)
    assert press(app, getattr(house, who), asked.id, button) == 303
    db.session.expire_all()
    assert asked.answer == answer
    assert press(app, house.admin, asked.id, "confirm") == 422
    assert not is_cashier(house, 25)


def test_the_same_wish_is_made_once(app: Flask, house: House) -> None:
    wish(app, house)
    again = named(app, house.cashier, "stranger")
    assert again.status_code == 422 and "正等管理员确认" in words(again)


def test_the_database_answers_a_wish_once_and_never_by_the_two(app: Flask, house: House) -> None:
    asked = wish(app, house)
    answered = "UPDATE roles_deputy_wish SET answer = 'confirmed', answered_at = '2026-11-23', answered_by_id = :by"
    for by in (house.cashier.id, house.stranger.id):
        with pytest.raises(DatabaseError, match="confirmed_by_a_third"):
            db.session.execute(text(answered), {"by": by})
        db.session.rollback()
    db.session.execute(text(answered), {"by": house.admin.id})
    db.session.commit()
    for change in ("answer = NULL", "person_id = person_id + 1", "ends_on = '2030-01-01'"):
        with pytest.raises(DatabaseError, match="roles_deputy_wish"):
            db.session.execute(text(f"UPDATE roles_deputy_wish SET {change}"))
        db.session.rollback()
    with pytest.raises(DatabaseError, match="append-only"):
        db.session.execute(text("DELETE FROM roles_deputy_wish"))
    db.session.rollback()
    assert asked.id
