"""Many people entered, given roles and put into teams at once: the same rows as one by one."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.db import db
from portal.orgs.actions import AlreadyMember, join
from portal.orgs.bulk_actions import Joining, join_many
from portal.orgs.models import Membership, Team
from portal.people.actions import add_person, grant
from portal.people.bulk_actions import Giving, Newcomer, add_people, grant_many
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.problems import DomainError
from portal.series.models import Series
from tests import factories
from tests.bulk import same_rows
from tests.factories import BEGINNING
from tests.volunteers import at_once, lines

NAMES = ["林一禾", "林一禾", "欧阳若谷", "阿依努尔·示例", "王㛃"]


@dataclass
class World:
    """Two people and two teams, committed; the first one gives."""

    giver: Person
    other: Person
    teams: list[Team]


@pytest.fixture
def world(session: object) -> World:
    organisation = factories.organisation("星火")
    teams = [factories.team(name, of=organisation) for name in ("晨星", "暖巷")]
    made = World(factories.person("秦长风"), factories.person("周小满"), teams)
    db.session.commit()
    return made


def test_many_people_are_entered_as_one_by_one(world: World) -> None:
    def single() -> None:
        for name in NAMES:
            add_person(name, is_volunteer=True, by=world.giver, at=BEGINNING)

    same_rows(single, lambda: said(add_people(NAMES, by=world.giver, at=BEGINNING)), Person, Series)


def said(people: list[Newcomer]) -> None:
    assert [person.name for person in people] == NAMES
    assert [db.session.get_one(Person, person.id).name for person in people] == NAMES


def test_many_roles_are_given_as_one_by_one(world: World) -> None:
    givings = [
        Giving(world.other, Role.VOLUNTEER, ALLIANCE),
        Giving(world.other, Role.TEAM_LEADER, Scope("team", world.teams[0].id)),
    ]

    def single() -> None:
        for person, role, on in givings:
            grant(db.session.get_one(Person, person.id), role, on=on, by=world.giver, at=BEGINNING, reason="推选")

    same_rows(single, lambda: grant_many(givings, by=world.giver, at=BEGINNING, reason="推选"), Grant)


def test_many_join_as_one_by_one(world: World) -> None:
    def single() -> None:
        for team in world.teams:
            for person in (world.other, world.giver):
                join(person, team, by=world.giver, at=BEGINNING)

    def bulk() -> None:
        joinings = [Joining(person, team.id) for team in world.teams for person in (world.other, world.giver)]
        join_many(joinings, by=world.giver, at=BEGINNING)

    same_rows(single, bulk, Membership)


def test_one_audit_line_stands_for_a_batch(world: World) -> None:
    people = add_people(NAMES, by=world.giver, at=BEGINNING)
    grant_many([Giving(one, Role.VOLUNTEER, ALLIANCE) for one in people], by=world.giver, at=BEGINNING, reason="注册")
    join_many([Joining(one, world.teams[0].id) for one in people], by=world.giver, at=BEGINNING)
    db.session.flush()
    counts = [lines(f"people.{what}") for what in ("people.added", "grants.given")]
    assert [*counts, lines("orgs.memberships.began")] == [1, 1, 1]


def test_a_person_without_a_name_is_named_and_nobody_is_entered(world: World) -> None:
    before = db.session.scalar(select(func.count(Person.id)))
    with pytest.raises(DomainError, match="第 2 条：请填写姓名"):
        add_people(["林一禾", ""], by=None, at=BEGINNING)
    assert db.session.scalar(select(func.count(Person.id))) == before


def test_nobody_gives_themselves_a_role_in_a_batch(world: World) -> None:
    givings = [Giving(person, Role.CASHIER, ALLIANCE) for person in (world.other, world.giver)]
    with pytest.raises(DomainError, match="第 2 条：不能给自己授权"):
        grant_many(givings, by=world.giver, at=BEGINNING, reason="演示")
    assert db.session.scalar(select(func.count(Grant.id))) == 0


def test_a_member_does_not_join_again(world: World) -> None:
    join(world.other, world.teams[0], by=None, at=BEGINNING)
    first, again = Joining(world.giver, world.teams[0].id), Joining(world.other, world.teams[0].id)
    for batch in ([first, again], [first, first]):
        with pytest.raises(AlreadyMember, match="第 2 条"):
            join_many(batch, by=None, at=BEGINNING)
    assert db.session.scalar(select(func.count(Membership.id))) == 1


def test_numbers_run_on_when_two_enter_people_at_once(world: World, app: Flask) -> None:
    def enter() -> list[int]:
        with app.app_context():
            people = add_people(NAMES * 20, by=None, at=BEGINNING)
            db.session.commit()
            return [person.id for person in people]

    first, second = at_once(app, [enter, enter])
    numbers = dict(db.session.execute(select(Person.id, Person.volunteer_no)).all())
    taken = sorted(int(str(numbers[person_id])[5:]) for person_id in first + second)
    assert taken == list(range(taken[0], taken[0] + 200))
    assert [numbers[person_id] for person_id in first] == sorted(str(numbers[person_id]) for person_id in first)


def test_nothing_at_all_leaves_no_trace(world: World) -> None:
    assert add_people([], by=None, at=BEGINNING) == []
    grant_many([], by=None, at=BEGINNING, reason="演示")
    join_many([], by=None, at=BEGINNING)
    db.session.flush()
    assert lines("people.people.added") + lines("people.grants.given") + lines("orgs.memberships.began") == 0
