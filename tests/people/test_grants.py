from datetime import date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.db import db
from portal.people.actions import add_person, grant
from portal.people.models import ALLIANCE, Grant, Person, Role, Scope
from portal.people.policy import holds, holds_anywhere, scopes_of
from portal.problems import DomainError

AT = datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)
TEAM, OTHER = Scope("team", 7), Scope("team", 8)


@pytest.fixture
def somebody(session: object) -> Person:
    return add_person("何远帆", by=None, at=AT)


def test_a_role_counts_in_its_scope_and_nowhere_else(somebody: Person) -> None:
    grant(somebody, Role.TEAM_LEADER, on=TEAM, by=None, at=AT, reason="推选")
    with clock.frozen(AT):
        assert holds(somebody, Role.TEAM_LEADER, on=[TEAM])
        assert not holds(somebody, Role.TEAM_LEADER, on=[OTHER])
        assert not holds(somebody, Role.REVIEWER, on=[TEAM])
        assert holds_anywhere(somebody, Role.TEAM_LEADER)
        assert scopes_of(somebody, Role.TEAM_LEADER, kind="team") == frozenset({7})


def test_the_alliance_covers_every_scope(somebody: Person) -> None:
    grant(somebody, Role.SUPERVISOR, on=ALLIANCE, by=None, at=AT, reason="聘任")
    with clock.frozen(AT):
        assert holds(somebody, Role.SUPERVISOR, on=[OTHER])
        assert scopes_of(somebody, Role.SUPERVISOR, kind="team") is None


@pytest.mark.parametrize(("day", "counts"), [(1, False), (2, True), (5, True), (6, False)])
def test_a_role_begins_and_ends_by_date(somebody: Person, day: int, counts: bool) -> None:
    grant(somebody, Role.REVIEWER, on=TEAM, by=None, at=AT, reason="代班", ends_on=date(2026, 3, 5))
    with clock.frozen(AT.replace(day=day)):
        assert holds(somebody, Role.REVIEWER, on=[TEAM]) is counts


def test_a_closed_account_holds_nothing(somebody: Person) -> None:
    grant(somebody, Role.ADMIN, by=None, at=AT, reason="设立")
    somebody.is_open = False
    with clock.frozen(AT):
        assert not holds(somebody, Role.ADMIN)


def test_nobody_gives_a_role_to_themselves(somebody: Person) -> None:
    with pytest.raises(DomainError):
        grant(somebody, Role.ADMIN, by=somebody, at=AT, reason="自授")


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "emperor"},
        {"scope_kind": "planet"},
        {"scope_kind": "alliance", "scope_id": 3},
        {"ends_on": date(2026, 1, 1)},
        {"given_by_id": "self"},
    ],
)
def test_the_database_refuses_grants_that_make_no_sense(somebody: Person, wrong: dict[str, object]) -> None:
    values = {"role": "cashier", "scope_kind": "fund", "scope_id": 1, "starts_on": AT.date(), "reason": "r", **wrong}
    if wrong.get("given_by_id"):
        values["given_by_id"] = somebody.id
    db.session.add(Grant(person_id=somebody.id, **values))
    with pytest.raises(IntegrityError):
        db.session.flush()
