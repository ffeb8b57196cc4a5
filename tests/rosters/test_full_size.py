"""Twenty-one thousand people in one file: from the confirmation to the last number in under a minute."""

import time

import pytest

from portal import clock
from portal.db import db
from portal.jobs.worker import work_one
from portal.people.models import Person
from portal.rosters import actions
from tests.rosters.bringing import AT, brought, check, count, kinds, now
from tests.rosters.generated import csv_of, lines
from tests.volunteers import Cast

ROWS = 21_000


@pytest.mark.timeout(900)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_twenty_one_thousand_are_entered_in_under_a_minute(
    people: Cast, bringer: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    file, before = csv_of(lines(ROWS, teams=("晨星志愿服务队",)), code="gb18030"), count(Person)
    began = time.process_time()
    roster = brought(bringer, file)
    read = time.process_time() - began
    assert kinds(roster) == {"new": ROWS}
    began = time.process_time()
    actions.confirm(roster, by=bringer, at=AT)
    db.session.commit()
    with clock.frozen(AT):
        assert work_one()
    took = time.process_time() - began
    assert (now(roster).status, count(Person)) == ("booked", before + ROWS)
    with capsys.disabled():
        print(f"\n21,000 rows: read {read:.1f} s, entered {took:.1f} s of CPU")
    assert took < 60
    check()
