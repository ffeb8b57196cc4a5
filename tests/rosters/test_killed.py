"""Readings and bookings that are killed, doubled or overtaken: exact in the end."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.db import db
from portal.jobs.actions import LEASE
from portal.jobs.worker import work_one
from portal.people.models import Person
from portal.problems import ChangedMeanwhile
from portal.rosters import actions, booking, reader
from portal.rosters.models import Roster
from tests.rosters.bringing import AT, brought, check, confirmed, count, entered, kinds, now, rows_of, unread
from tests.rosters.generated import csv_of, lines
from tests.volunteers import Cast, at_once

TEAM = "晨星志愿服务队"


def _dies(module: Any, patch: pytest.MonkeyPatch, after: int) -> None:
    """The process is gone after so many chunks."""
    seen = iter(range(1, 1_000))

    def breathe(_: float = 0) -> None:
        if next(seen) == after:
            raise RuntimeError("as asked")

    patch.setattr(module, "breathe", breathe)


def test_a_reading_killed_half_way_starts_over(
    people: Cast, bringer: Person, small_chunks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = unread(bringer, csv_of(lines(90, teams=(TEAM,))))
    with monkeypatch.context() as patch, clock.frozen(AT):
        _dies(reader, patch, 2)
        assert work_one()
    assert (now(roster).status, now(roster).rows) == ("reading", 40)
    with clock.frozen(AT + LEASE):
        assert work_one()
    assert (now(roster).status, len(rows_of(roster)), kinds(now(roster))) == ("preview", 90, {"new": 90})
    check()


@pytest.mark.parametrize("chunks", [1, 3])
def test_a_booking_killed_half_way_goes_on_exactly_where_it_stopped(
    people: Cast, bringer: Person, small_chunks: None, monkeypatch: pytest.MonkeyPatch, chunks: int
) -> None:
    before = count(Person)
    roster = confirmed(bringer, list(lines(90, teams=(TEAM,))))
    with monkeypatch.context() as patch, clock.frozen(AT):
        _dies(booking, patch, chunks)
        assert work_one()
    assert (now(roster).status, now(roster).booked, count(Person)) == ("booking", chunks * 20, before + chunks * 20)
    check()
    with clock.frozen(AT + LEASE):
        assert work_one()
    assert (now(roster).status, count(Person)) == ("booked", before + 90)
    numbers = sorted(int((number or "0")[5:]) for number in db.session.scalars(select(Person.volunteer_no)) if number)
    assert numbers == list(range(1, len(numbers) + 1))
    check()


def test_the_same_file_confirmed_twice_enters_everybody_once(people: Cast, bringer: Person) -> None:
    """Two people bring it at the same time: whose booking comes second finds them all, and adds nobody."""
    rows, before = list(lines(30, teams=(TEAM,))), count(Person)
    first, second = brought(bringer, rows), brought(bringer, rows)
    assert kinds(first) == kinds(second) == {"new": 30}
    entered(first, bringer)
    entered(second, bringer)
    assert count(Person) == before + 30
    assert {row.outcome for row in rows_of(second)} == {"same"}
    check()


def test_two_bookings_at_once_enter_everybody_once(
    app: Flask, people: Cast, bringer: Person, small_chunks: None
) -> None:
    rows, before = list(lines(60, teams=(TEAM,))), count(Person)
    ids = [brought(bringer, rows).id for _ in range(2)]
    for one in ids:
        actions.confirm(db.session.get_one(Roster, one), by=bringer, at=AT)
    db.session.commit()

    def work(roster_id: int) -> None:
        with app.app_context():
            booking.book(roster_id)

    at_once(app, [lambda: work(ids[0]), lambda: work(ids[1])], at=AT)
    assert count(Person) == before + 60
    check()


def test_a_roster_is_confirmed_once(people: Cast, bringer: Person) -> None:
    roster = confirmed(bringer, list(lines(3)))
    with pytest.raises(ChangedMeanwhile, match="正在登记"):
        actions.confirm(roster, by=bringer, at=AT)
    with pytest.raises(ChangedMeanwhile, match="正在登记"):
        actions.withdraw(roster, by=bringer, at=AT)


def test_what_somebody_changed_since_the_preview_is_left_alone(people: Cast, bringer: Person) -> None:
    rows = list(lines(3, teams=(TEAM,)))
    entered(brought(bringer, rows), bringer)
    moved = [tuple("迁居社区" if n == 6 else cell for n, cell in enumerate(row)) for row in rows]
    roster = brought(bringer, moved)
    again = [tuple("又迁社区" if n == 6 else cell for n, cell in enumerate(row)) for row in rows[:1]]
    entered(brought(bringer, again), bringer)
    entered(roster, bringer)
    assert [row.outcome for row in rows_of(roster)] == ["changed", "updated", "updated"]
    check()
