"""Which roles never lie in one hand, and what of a grant may change: the database says so too, on both engines."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.db import db
from portal.invariants import run_all
from portal.people.actions import DutiesApart, NobodyLeft, add_person, end_grant, grant
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.queries import has_administrator, is_last_administrator
from portal.problems import DomainError
from tests.volunteers import at_once, lines

AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)
TODAY = AT.date()
FUND, OTHER = Scope("fund", 7), Scope("fund", 8)
INSERT = (
    "INSERT INTO people_grant (person_id, role, scope_kind, scope_id, starts_on, ends_on, reason, deputy_of_id) "
    "VALUES (:person, :role, :kind, :id, :start, :end, '测试', :deputy_of)"
)


@pytest.fixture(autouse=True)
def morning(session: object) -> Iterator[None]:
    with clock.frozen(AT):
        yield


@pytest.fixture
def somebody(session: object) -> Person:
    return add_person("何远帆", by=None, at=AT)


@pytest.fixture
def giver(session: object) -> Person:
    return add_person("秦长风", by=None, at=AT)


def sql(person: Person, role: Role, scope: Scope = ALLIANCE, *, start: date = TODAY, end: date | None = None) -> None:
    insert(person.id, role, scope, start=start, end=end)


def insert(
    person_id: int,
    role: Role,
    scope: Scope = ALLIANCE,
    *,
    start: date = TODAY,
    end: date | None = None,
    deputy_of: int | None = None,
) -> None:
    """Past all actions."""
    where = {"kind": scope.kind, "id": scope.id}
    values = {"person": person_id, "role": role.value, "start": start.isoformat(), "deputy_of": deputy_of, **where}
    if db.engine.dialect.name == "postgresql":
        values["start"] = start
    finish: Any = end if end is None or db.engine.dialect.name == "postgresql" else end.isoformat()
    db.session.execute(text(INSERT), {**values, "end": finish})


@contextmanager
def refused(says: str) -> Iterator[None]:
    with pytest.raises(DatabaseError, match=says):
        yield
    db.session.rollback()


@contextmanager
def without(*guards: str) -> Iterator[None]:
    """The database less some of its guards, for the rest of a transaction that is rolled back in the end."""
    for name in guards:
        on_table = "" if db.engine.dialect.name == "sqlite" else " ON people_grant"
        db.session.execute(text(f"DROP TRIGGER {name}{on_table}"))
    try:
        yield
    finally:
        db.session.rollback()


# ── duties apart ────────────────────────────────────────────────────────────────────────────────────
CLASHES = [
    # held, where, then, where
    (Role.CASHIER, FUND, Role.ACCOUNTANT, FUND),
    (Role.ACCOUNTANT, FUND, Role.CASHIER, FUND),
    (Role.CASHIER, ALLIANCE, Role.ACCOUNTANT, FUND),
    (Role.CASHIER, FUND, Role.ACCOUNTANT, ALLIANCE),
    *((Role.SUPERVISOR, ALLIANCE, role, ALLIANCE) for role in Role if role not in (Role.SUPERVISOR, Role.VOLUNTEER)),
    *((role, FUND, Role.SUPERVISOR, ALLIANCE) for role in (Role.CASHIER, Role.COUNCIL, Role.ADMIN, Role.WORKER)),
]
NO_CLASHES = [
    (Role.CASHIER, FUND, Role.ACCOUNTANT, OTHER),
    (Role.CASHIER, FUND, Role.CASHIER, OTHER),
    (Role.SUPERVISOR, ALLIANCE, Role.VOLUNTEER, ALLIANCE),
    (Role.ADMIN, ALLIANCE, Role.CASHIER, FUND),
]


@pytest.mark.parametrize(("held", "there", "then", "here"), CLASHES)
def test_duties_that_must_be_apart_never_lie_in_one_hand(
    somebody: Person, held: Role, there: Scope, then: Role, here: Scope
) -> None:
    grant(somebody, held, on=there, by=None, at=AT, reason="聘任")
    db.session.commit()
    with pytest.raises(DutiesApart, match="何远帆同时是"):
        grant(somebody, then, on=here, by=None, at=AT, reason="聘任")
    db.session.rollback()
    with refused("people_grant_duties"):
        sql(somebody, then, here)


@pytest.mark.parametrize(("held", "there", "then", "here"), NO_CLASHES)
def test_other_roles_go_together(somebody: Person, held: Role, there: Scope, then: Role, here: Scope) -> None:
    grant(somebody, held, on=there, by=None, at=AT, reason="聘任")
    grant(somebody, then, on=here, by=None, at=AT, reason="聘任")
    db.session.commit()


@pytest.mark.parametrize(
    ("start", "end", "clashes"), [(0, 9, True), (-5, 0, True), (10, None, True), (11, None, False), (-9, -1, False)]
)
def test_one_may_follow_the_other_but_not_on_the_same_day(
    somebody: Person, start: int, end: int | None, clashes: bool
) -> None:
    first, last = TODAY + timedelta(start), None if end is None else TODAY + timedelta(end)
    grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任", ends_on=TODAY + timedelta(10))
    db.session.commit()
    if clashes:
        with refused("people_grant_duties"):
            sql(somebody, Role.ACCOUNTANT, FUND, start=first, end=last)
        with pytest.raises(DutiesApart):
            grant(somebody, Role.ACCOUNTANT, on=FUND, by=None, at=AT, reason="聘任", starts_on=first, ends_on=last)
    else:
        grant(somebody, Role.ACCOUNTANT, on=FUND, by=None, at=AT, reason="聘任", starts_on=first, ends_on=last)


def test_whose_role_ended_before_it_began_is_free_for_the_other(somebody: Person) -> None:
    given = grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任")
    end_grant(given, by=None, at=AT, reason="弄错了")
    grant(somebody, Role.ACCOUNTANT, on=FUND, by=None, at=AT, reason="聘任")
    db.session.commit()


def test_without_the_guard_one_person_would_receive_and_book(somebody: Person) -> None:
    grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任")
    db.session.commit()
    with without("people_grant_duties"):
        sql(somebody, Role.ACCOUNTANT, FUND)
        assert db.session.scalar(select(func.count(Grant.id)).where(Grant.person_id == somebody.id)) == 2
        (result,) = run_all(db.session(), prefix="people.duties")
        assert len(list(result.problems)) == 1


def test_two_who_give_at_the_same_moment_do_not_make_one_cashier_and_accountant(app: Flask, somebody: Person) -> None:
    db.session.commit()
    person_id = somebody.id

    def giving(role: Role) -> bool:
        with app.app_context():
            try:
                grant(db.session.get_one(Person, person_id), role, on=FUND, by=None, at=AT, reason="聘任")
                db.session.commit()
            except DomainError:
                return False
        return True

    assert sorted(at_once(app, [lambda: giving(Role.CASHIER), lambda: giving(Role.ACCOUNTANT)], at=AT)) == [False, True]


def test_nor_do_two_who_go_past_the_actions(app: Flask, somebody: Person) -> None:
    db.session.commit()
    person_id = somebody.id

    def giving(role: Role) -> bool:
        with app.app_context():
            try:
                insert(person_id, role, FUND)
                db.session.commit()
            except DatabaseError as error:
                assert "people_grant_duties" in str(error)
                db.session.rollback()
                return False
        return True

    assert sorted(at_once(app, [lambda: giving(Role.CASHIER), lambda: giving(Role.ACCOUNTANT)], at=AT)) == [False, True]


# ── the end of a grant ──────────────────────────────────────────────────────────────────────────────
def test_a_grant_ends_at_once_with_who_and_why(somebody: Person, giver: Person) -> None:
    given = grant(somebody, Role.CASHIER, on=FUND, by=giver, at=AT - timedelta(days=9), reason="聘任")
    end_grant(given, by=giver, at=AT, reason="任期已满")
    db.session.commit()
    assert (given.ends_on, given.ended_by_id, given.end_reason) == (date(2026, 3, 1), giver.id, "任期已满")
    assert not given.counts_on(TODAY)
    assert somebody.signed_out_at == AT
    assert lines("people.grant.ended") == 1


def test_one_that_was_given_today_never_counted(somebody: Person) -> None:
    given = grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任")
    end_grant(given, by=None, at=AT, reason="弄错了")
    db.session.commit()
    assert not any(given.counts_on(TODAY + timedelta(days)) for days in (-2, -1, 0, 1))


def test_an_end_comes_nearer_and_never_moves_away(somebody: Person) -> None:
    given = grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任")
    end_grant(given, by=None, at=AT, reason="月底离任", last_day=date(2026, 3, 31))
    end_grant(given, by=None, at=AT, reason="提前离任", last_day=date(2026, 3, 20))
    db.session.commit()
    for later in (date(2026, 3, 20), date(2026, 4, 1)):
        with pytest.raises(DomainError, match="已经结束"):
            end_grant(given, by=None, at=AT, reason="又不走了", last_day=later)
    for change in ("ends_on = NULL", "ends_on = '2026-04-01'", "end_reason = '别的'"):
        with refused("people_grant_ends"):
            db.session.execute(text(f"UPDATE people_grant SET {change}"))


@pytest.mark.parametrize(
    "change",
    ["person_id = person_id + 1", "role = 'admin'", "scope_id = 9", "starts_on = '2020-01-01'", "reason = '别的'"],
)
def test_what_a_grant_says_never_changes(somebody: Person, giver: Person, change: str) -> None:
    grant(somebody, Role.CASHIER, on=FUND, by=giver, at=AT, reason="聘任")
    db.session.commit()
    end = "ends_on = '2026-03-05', ended_at = '2026-03-02 01:00:00', end_reason = '任期已满'"
    with refused("people_grant"):
        db.session.execute(text(f"UPDATE people_grant SET {change}, {end}"))


def test_a_grant_is_never_deleted(somebody: Person) -> None:
    grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任")
    db.session.commit()
    with refused("append-only"):
        db.session.execute(text("DELETE FROM people_grant"))


def test_without_the_guard_a_leader_would_become_an_administrator(somebody: Person) -> None:
    grant(somebody, Role.TEAM_LEADER, on=Scope("team", 7), by=None, at=AT, reason="推选")
    db.session.commit()
    with without("people_grant_frozen", "people_grant_ends"):
        db.session.execute(text("UPDATE people_grant SET role = 'admin', scope_kind = 'alliance', scope_id = 0"))
        db.session.expire_all()
        assert [one.role for one in somebody.grants] == ["admin"]


@pytest.mark.parametrize("reason", ["", "  ", "好", "很" * 201])
def test_why_is_always_said(somebody: Person, reason: str) -> None:
    with pytest.raises(DomainError, match="原因"):
        grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason=reason)


# ── administrators ──────────────────────────────────────────────────────────────────────────────────
def test_the_last_administrator_stays(somebody: Person, giver: Person) -> None:
    given = grant(somebody, Role.ADMIN, by=None, at=AT, reason="设立")
    assert is_last_administrator(somebody.id)
    with pytest.raises(NobodyLeft):
        end_grant(given, by=giver, at=AT, reason="离任")
    grant(giver, Role.ADMIN, by=somebody, at=AT, reason="接任")
    end_grant(given, by=giver, at=AT, reason="离任")
    assert is_last_administrator(giver.id) and has_administrator()


def test_who_administers_for_a_while_does_not_stay_behind_alone(somebody: Person, giver: Person) -> None:
    given = grant(somebody, Role.ADMIN, by=None, at=AT, reason="设立")
    for_a_while = grant(giver, Role.ADMIN, by=somebody, at=AT, reason="代管", ends_on=TODAY + timedelta(days=7))
    for last_day in (None, TODAY + timedelta(days=8)):
        with pytest.raises(NobodyLeft):
            end_grant(given, by=giver, at=AT, reason="离任", last_day=last_day)
    end_grant(for_a_while, by=somebody, at=AT, reason="代完了")
    third = add_person("叶知秋", by=None, at=AT)
    grant(third, Role.ADMIN, by=somebody, at=AT, reason="接任")
    end_grant(given, by=third, at=AT, reason="离任", last_day=TODAY + timedelta(days=7))
    assert is_last_administrator(third.id), "the other one leaves in a week"


def test_two_administrators_who_end_each_other_do_not_leave_nobody(app: Flask, somebody: Person, giver: Person) -> None:
    grants = [grant(one, Role.ADMIN, by=None, at=AT, reason="设立").id for one in (somebody, giver)]
    db.session.commit()

    def ending(grant_id: int) -> bool:
        with app.app_context():
            try:
                end_grant(db.session.get_one(Grant, grant_id), by=None, at=AT, reason="离任")
                db.session.commit()
            except NobodyLeft:
                return False
        return True

    assert sorted(at_once(app, [lambda: ending(grants[0]), lambda: ending(grants[1])], at=AT)) == [False, True]
    assert has_administrator()


def test_the_same_grant_is_ended_once(app: Flask, somebody: Person) -> None:
    number = grant(somebody, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任").id
    db.session.commit()

    def ending() -> bool:
        with app.app_context():
            try:
                end_grant(db.session.get_one(Grant, number), by=None, at=AT, reason="离任")
                db.session.commit()
            except DomainError:
                return False
        return True

    assert sorted(at_once(app, [ending, ending], at=AT)) == [False, True]
    assert lines("people.grant.ended") == 1


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "wrong",
    [
        {"role": Role.ACCOUNTANT},
        {"scope": OTHER},
        {"end": None},
        {"end": date(2026, 7, 1)},
        {"start": date(2026, 3, 1)},
        {"person": "self"},
    ],
)
def test_a_deputy_does_what_another_may_on_some_of_her_days(
    somebody: Person, giver: Person, wrong: dict[str, Any]
) -> None:
    original = grant(giver, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任", ends_on=date(2026, 6, 30))
    db.session.commit()
    right: dict[str, Any] = {"role": Role.CASHIER, "scope": FUND, "start": TODAY, "end": date(2026, 3, 9)}
    asked = {**right, **wrong}
    person_id = giver.id if asked.pop("person", None) else somebody.id
    with refused("people_grant_deputy"):
        insert(person_id, asked.pop("role"), asked.pop("scope"), deputy_of=original.id, **asked)
    insert(somebody.id, right.pop("role"), right.pop("scope"), deputy_of=original.id, **right)
    db.session.commit()


def test_a_deputy_ends_with_whom_she_stands_in_for(somebody: Person, giver: Person) -> None:
    original = grant(giver, Role.CASHIER, on=FUND, by=None, at=AT, reason="聘任")
    week = {"starts_on": TODAY, "ends_on": TODAY + timedelta(6)}
    deputy = grant(somebody, Role.CASHIER, on=FUND, by=giver, at=AT, reason="休假", deputy_of=original, **week)
    end_grant(original, by=None, at=AT + timedelta(days=2), reason="离任")
    assert (deputy.ends_on, deputy.end_reason) == (date(2026, 3, 3), "离任")
    assert somebody.signed_out_at == AT + timedelta(days=2)
