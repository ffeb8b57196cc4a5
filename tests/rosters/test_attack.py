"""Who did not agree to be reported stands in no file for the systems above."""

import pytest
from sqlalchemy import select

from portal.consents.actions import give, withdraw
from portal.consents.models import Purpose
from portal.db import db
from portal.people.models import Person
from tests.applications import Client
from tests.rosters.bringing import AT, booked
from tests.rosters.generated import line, lines
from tests.rosters.test_export import TEAM, rows, take
from tests.volunteers import Cast


@pytest.fixture
def entered(people: Cast, bringer: Person) -> None:
    booked(bringer, list(lines(3, teams=(TEAM,))))


def names(client: Client, kind: str, **more: str) -> list[str]:
    return [row[1] for row in rows(take(client, purpose_kind=kind, **more))[1:-1]]


def test_a_report_holds_only_who_agreed_and_nobody_who_took_it_back(
    client: Client, bringer: Person, entered: None
) -> None:
    client.sign_in(bringer)
    hers = db.session.scalars(select(Person).where(Person.name == line(1)[1])).one()
    assert line(1)[1] in names(client, "check", in_full="y")
    assert line(1)[1] not in names(client, "report", in_full="y")
    give(hers, Purpose.REPORT, by=hers, at=AT)
    db.session.commit()
    assert names(client, "report", in_full="y") == [line(1)[1]]
    withdraw(hers, Purpose.REPORT, by=hers, at=AT)
    db.session.commit()
    assert names(client, "report") == []
