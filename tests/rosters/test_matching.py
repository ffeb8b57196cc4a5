"""Whose a row is: nothing is guessed, nobody is doubled, nothing is told of people whom the importer may not see."""

from datetime import date

import pytest
from sqlalchemy import select

from portal.contacts.models import Contact
from portal.db import db
from portal.notices.models import Notice
from portal.orgs.models import Membership
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.models import Profile, Status
from portal.rosters import actions
from portal.rosters.models import Roster
from tests import factories
from tests.rosters.bringing import AT, booked, brought, check, count, entered, kinds, now, rows_of, said
from tests.rosters.generated import line, lines, other, resident_number
from tests.volunteers import Cast

TEAM = "晨星志愿服务队"


def person_of(roster: Roster, row_no: int) -> Person:
    row = next(row for row in rows_of(roster) if row.row_no == row_no)
    return db.session.get_one(Person, row.person_id)


def changes_of(roster: Roster) -> list[tuple[str, str, str]]:
    return [change for row in rows_of(roster) for change in row.change_lines]


def test_ten_changed_rows_are_ten_updates_shown_field_by_field(people: Cast, bringer: Person) -> None:
    rows = list(lines(30, teams=(TEAM,)))
    booked(bringer, rows)
    before = count(Person)
    changed = [other(one, area="迁居社区") if n < 10 else one for n, one in enumerate(rows)]
    again = brought(bringer, changed)
    assert kinds(again) == {"update": 10, "same": 20}
    assert {change[0] for change in changes_of(again)} == {"area"}
    assert all(change[2] == "迁居社区" for change in changes_of(again))
    entered(again, bringer)
    assert count(Person) == before
    assert kinds(brought(bringer, changed)) == {"same": 30}
    check()


def test_empty_and_masked_cells_never_erase(people: Cast, bringer: Person) -> None:
    booked(bringer, [line(1, team=TEAM)])
    number = db.session.scalars(select(Person.volunteer_no).order_by(Person.id.desc()).limit(1)).one()
    assert number
    bare = (number, line(1)[1], *[""] * 9)
    masked = other(line(1), number=number, name=f"{line(1)[1][0]}*", born_on="1940-**-**",
                   id_number="980101********0013", contact="139****0001")  # fmt: skip
    for row in (bare, masked):
        assert kinds(brought(bringer, [row])) == {"same": 1}


def test_the_number_says_one_and_the_paper_another(people: Cast, bringer: Person) -> None:
    first = booked(bringer, [line(1, team=TEAM), line(2, team=TEAM)])
    numbers = [person_of(first, row_no).volunteer_no or "" for row_no in (2, 3)]
    crossed = other(line(2), number=numbers[0], name=line(1)[1], gender=line(2)[2])
    roster = brought(bringer, [crossed])
    (row,) = rows_of(roster)
    assert (row.kind, row.doubt, len(row.candidates)) == ("doubt", "number_paper", 2)
    with pytest.raises(DomainError, match="不能这样选"):
        actions.decide(roster, {2: "new"}, by=bringer, at=AT)
    db.session.rollback()
    with pytest.raises(DomainError, match="要您决定"):
        actions.confirm(now(roster), by=bringer, at=AT)


def test_twins_with_one_mobile_are_two_people(people: Cast, bringer: Person) -> None:
    """Two names, two papers, their mother's mobile."""
    one = line(1, team=TEAM)
    born_on = date.fromisoformat(one[3])
    twin = other(one, name="王晓双", id_number=resident_number(born_on, 3), gender="男")
    assert kinds(booked(bringer, [one, twin])) == {"new": 2}
    assert kinds(brought(bringer, [one, twin])) == {"same": 2}


def test_two_of_one_name_and_mobile_are_asked(people: Cast, bringer: Person) -> None:
    one = other(line(1, team=TEAM), id_kind="", id_number="", born_on="")
    two = other(line(1, team=TEAM), born_on="1999-01-02", gender="女", id_kind="", id_number="")
    roster = brought(bringer, [one, two])
    assert [row.doubt for row in rows_of(roster)] == [None, "twin_reach"]
    actions.decide(roster, {3: "new"}, by=bringer, at=AT)
    entered(roster, bringer)
    third = brought(bringer, [one])
    (row,) = rows_of(third)
    assert (row.doubt, len(row.candidates)) == ("several", 2)
    actions.decide(third, {2: f"p{row.candidates[1]}"}, by=bringer, at=AT)
    assert now(third).undecided == 0


def test_one_person_in_two_teams_is_one_person(people: Cast, bringer: Person) -> None:
    second = factories.team("暮星志愿服务队", of=people.organisation)
    db.session.commit()
    rows = [line(1, team=TEAM), other(line(1, team=second.name), area="")]
    roster = brought(bringer, rows)
    assert [row.doubt for row in rows_of(roster)] == [None, "twin"]
    actions.decide_twins(roster, by=bringer, at=AT)
    entered(roster, bringer)
    assert [row.outcome for row in rows_of(roster)] == ["added", "updated"]
    person = person_of(roster, 2)
    teams = set(db.session.scalars(select(Membership.team_id).where(Membership.person_id == person.id)))
    assert teams == {people.team.id, second.id}
    check()


def test_another_organisations_volunteer_only_joins_the_team_and_is_told(people: Cast, bringer: Person) -> None:
    booked(bringer, [line(1, team=TEAM)])
    elsewhere = factories.organisation("别家社会组织")
    crew = factories.team("别家服务队", of=elsewhere)
    db.session.commit()
    row = other(line(1, team=crew.name), area="别家写的区域")
    roster = booked(bringer, [row], organisation_id=elsewhere.id)
    (kept,) = rows_of(roster)
    assert (kept.is_elsewhere, kept.outcome, kept.candidates) == (True, "updated", [])
    person = person_of(roster, 2)
    assert db.session.get_one(Profile, person.id).area != "别家写的区域"
    told = db.session.scalars(select(Notice).where(Notice.person_id == person.id)).all()
    assert [one.kind for one in told] == ["rosters.added_to_team"]


def test_a_wrong_guess_of_a_number_or_paper_tells_nothing(people: Cast, bringer: Person) -> None:
    """Whoever types numbers to learn who is here reads the same sentence as for a number that nobody has."""
    booked(bringer, [line(1, team=TEAM)])
    number = db.session.scalars(select(Person.volunteer_no).order_by(Person.id.desc()).limit(1)).one()
    elsewhere = factories.organisation("别家社会组织")
    crew = factories.team("别家服务队", of=elsewhere)
    db.session.commit()
    guess = other(line(5, team=crew.name), number=number or "", name="猜一猜")
    nobody = other(line(6, team=crew.name), number="V2026999999", name="猜一猜")
    roster = brought(bringer, [guess, nobody], organisation_id=elsewhere.id)
    first, second = rows_of(roster)
    assert said(first) == said(second) == ["没有编号和姓名都这样写的志愿者，请核对。"]
    assert (first.person_id, first.candidates) == (None, [])


def test_whoever_is_under_age_waits_for_her_guardian(people: Cast, bringer: Person) -> None:
    born_on = date(2014, 5, 6)
    child = other(
        line(1, team=TEAM), name="小苗", born_on=born_on.isoformat(), id_number=resident_number(born_on, 4), gender="女"
    )
    roster = booked(bringer, [child])
    (row,) = rows_of(roster)
    assert (row.outcome, row.is_waiting) == ("awaits", True)
    profile = db.session.get_one(Profile, row.person_id)
    assert (profile.state, profile.id_number) == (Status.APPLIED, None)
    assert db.session.get_one(Person, row.person_id).volunteer_no is None
    assert kinds(brought(bringer, [child])) == {"same": 1}
    check()


def test_contacts_of_a_roster_sign_nobody_in(people: Cast, bringer: Person) -> None:
    booked(bringer, [line(1, team=TEAM)])
    (contact,) = db.session.scalars(select(Contact)).all()
    assert (contact.signs_in, contact.verified_at, contact.value) == (False, None, line(1)[7])


def test_what_is_not_ticked_is_not_even_read(people: Cast, bringer: Person) -> None:
    roster = booked(bringer, [other(line(1, team=TEAM), id_number="明显不对")], takes=frozenset())
    assert kinds(roster) == {"new": 1}
    assert db.session.scalars(select(Profile.id_number)).all() == [None]
