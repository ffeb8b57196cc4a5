"""What a roster brings into the portal, and what a second one changes."""

from sqlalchemy import select

from portal.db import db
from portal.people.models import Person
from portal.profiles.models import Profile
from tests.rosters.bringing import booked, brought, check, count, kinds, rows_of
from tests.rosters.generated import lines
from tests.volunteers import Cast


def test_everybody_of_a_roster_is_a_volunteer_afterwards(people: Cast, bringer: Person) -> None:
    before = count(Person)
    roster = booked(bringer, list(lines(30, teams=("晨星志愿服务队",))))
    assert (roster.status, roster.booked, count(Person)) == ("booked", 30, before + 30)
    numbers = list(db.session.scalars(select(Person.volunteer_no).order_by(Person.id.desc()).limit(30)))
    assert len({number for number in numbers if number}) == 30
    assert count(Profile) == 30
    check()


def test_the_same_roster_again_changes_nothing(people: Cast, bringer: Person) -> None:
    rows = list(lines(30, teams=("晨星志愿服务队",)))
    booked(bringer, rows)
    again = brought(bringer, rows)
    assert kinds(again) == {"same": 30}, [row.changes for row in rows_of(again)][:3]
