"""What is wrong with hours is found, whatever it is, on both engines."""

from datetime import timedelta

import pytest

from portal.db import db
from portal.hours import actions
from portal.invariants import MOST_PROBLEMS, run_all
from tests import harm
from tests.volunteers import MONDAY, SUNDAY, Cast, claimed, published

CLAIM, EVENT = "hours_claim", "hours_event"
STATUS, NUMBERS, OWN, TIMES = (
    "hours.status is what the last event left",
    "hours.events are numbered without gaps",
    "hours.nobody decides on their own",
    "hours.times and minutes agree",
)
HARM = {
    "a status without its event": (CLAIM, "UPDATE hours_claim SET status = 'returned' WHERE seq = 1", STATUS),
    "a status before any event": (CLAIM, "UPDATE hours_claim SET status = 'approved' WHERE seq = 0", STATUS),
    "an unknown status": (CLAIM, "UPDATE hours_claim SET status = 'waiting' WHERE seq = 1", STATUS),
    "a number too low": (CLAIM, "UPDATE hours_claim SET seq = 0, status = 'waiting'", NUMBERS),
    "a number too high": (CLAIM, "UPDATE hours_claim SET seq = seq + 1", STATUS),
    "a number without an event": (CLAIM, "UPDATE hours_claim SET seq = seq + 1", NUMBERS),
    "an event gone": (EVENT, "DELETE FROM hours_event", NUMBERS),
    "an event gone, its status left": (EVENT, "DELETE FROM hours_event", STATUS),
    "an event with another number": (EVENT, "UPDATE hours_event SET seq = 7", NUMBERS),
    "another kind": (EVENT, "UPDATE hours_event SET kind = 'undone'", STATUS),
    "entered by who decided": (CLAIM, "UPDATE hours_claim SET entered_by_id = {lead}", OWN),
    "decided by whose they are": (EVENT, "UPDATE hours_event SET by_id = person_id", OWN),
    "a minute more": (CLAIM, "UPDATE hours_claim SET minutes = minutes + 1", TIMES),
    "a later end": (CLAIM, "UPDATE hours_claim SET ends_at = '2026-11-15 06:00:00+00'", TIMES),
    "the day before": (CLAIM, "UPDATE hours_claim SET served_on = '2026-11-14'", TIMES),
    "more than a day": (
        CLAIM,
        "UPDATE hours_claim SET minutes = 2880, "
        "starts_at = '2026-11-15 00:00:00+00', ends_at = '2026-11-17 00:00:00+00'",
        TIMES,
    ),
}


@pytest.fixture
def decided(cast: Cast) -> Cast:
    """One claim that was approved, one that waits."""
    activity = published(cast)
    actions.approve_claim(claimed(cast.member, activity), seen=0, by=cast.lead, at=MONDAY)
    claimed(cast.other, activity)
    return cast


@pytest.mark.parametrize("what", HARM)
def test_harm_is_found(decided: Cast, what: str) -> None:
    table, statement, invariant = HARM[what]
    assert harm.found(invariant) == []
    statement = statement.format(lead=decided.lead.id)
    if db.engine.dialect.name == "sqlite":
        statement = statement.replace("+00'", ".000000'")
    with harm.done(table, statement):
        assert harm.found(invariant)


def test_a_part_of_a_second_is_found(decided: Cast) -> None:
    late = "'2026-11-15 03:20:00.500000'" if db.engine.dialect.name == "sqlite" else "ends_at + interval '0.5 second'"
    with harm.done(CLAIM, f"UPDATE hours_claim SET ends_at = {late}"):
        assert len(harm.found(TIMES)) == 2


def test_hours_around_midnight_belong_to_hainings_day(cast: Cast) -> None:
    """00:30 in Haining is the day before in Greenwich."""
    for hour in (0, 7, 8, 23):
        start = SUNDAY.replace(hour=hour, minute=30) - timedelta(days=2)
        claimed(cast.member, published(cast, f"{hour} 点", starts_at=start, minutes=60), minutes=60)
    assert harm.found(TIMES) == []


def test_no_more_is_read_than_is_told(cast: Cast) -> None:
    activity = published(cast)
    db.session.commit()
    claimed(cast.member, activity)
    for number in range(MOST_PROBLEMS + 20):
        claimed(cast.member, published(cast, f"第{number}场"))
    with harm.done(CLAIM, "UPDATE hours_claim SET minutes = minutes + 1"):
        problems = harm.found(TIMES)
        assert (len(problems), problems[-1]) == (MOST_PROBLEMS + 1, "…")


def test_each_look_says_how_long_it_took(decided: Cast) -> None:
    assert all(0 <= result.seconds < 60 for result in run_all(db.session(), prefix="hours."))
