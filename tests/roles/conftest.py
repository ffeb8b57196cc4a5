"""Who gives and who is given: the small cast, with two administrators and a fund."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from portal import clock
from portal.db import db
from portal.people.models import ALLIANCE, Person, Role
from tests.factories import person
from tests.giving import Giving, opened
from tests.scenes import Scenes
from tests.volunteers import MONDAY, Cast
from tests.volunteers import cast as made_cast

NOW = MONDAY.replace(day=23)


@dataclass
class House:
    """The cast's organisation, a fund, and administrators. Everybody named signs in by that name."""

    organisation_id: int
    team_id: int
    fund_id: int
    admin: Person
    second: Person
    lead: Person
    leader: Person
    reviewer: Person
    member: Person
    other: Person
    stranger: Person
    supervisor: Person
    cashier: Person
    accountant: Person


def made() -> House:
    people: Cast = made_cast()
    giving: Giving = opened()
    house = House(
        organisation_id=people.organisation.id,
        team_id=people.team.id,
        fund_id=giving.fund.id,
        admin=person("秦长风", grants=[(Role.ADMIN, ALLIANCE)]),
        second=person("叶知秋", grants=[(Role.ADMIN, ALLIANCE)]),
        lead=people.lead,
        leader=people.leader,
        reviewer=people.reviewer,
        member=people.member,
        other=people.other,
        stranger=people.stranger,
        supervisor=people.supervisor,
        cashier=giving.cashier,
        accountant=giving.accountant,
    )
    for name, somebody in vars(house).items():
        if isinstance(somebody, Person):
            somebody.login, somebody.password_hash = name, "x"
    db.session.commit()
    return house


@pytest.fixture
def house(scenes: Scenes) -> Iterator[House]:
    kept = scenes("roles", made)
    with clock.frozen(NOW):
        yield kept
