"""What the database itself refuses of rosters, and what happens where it does not."""

from portal.people.models import Person
from tests.importing import refused, run, without
from tests.rosters.bringing import booked, brought, confirmed
from tests.rosters.generated import lines
from tests.volunteers import Cast


def test_a_confirmed_row_is_decided_no_more(people: Cast, bringer: Person) -> None:
    roster = confirmed(bringer, list(lines(3)))
    change = "UPDATE rosters_row SET name = 'x' WHERE roster_id = :roster"
    with refused("rosters_row_settled"):
        run(change, roster=roster.id)
    with without("rosters_row_settled"):
        assert run(change, roster=roster.id) == 3


def test_what_became_of_a_row_stays(people: Cast, bringer: Person) -> None:
    roster = booked(bringer, list(lines(3)))
    change = "UPDATE rosters_row SET outcome = NULL WHERE roster_id = :roster"
    with refused("rosters_row_outcome"):
        run(change, roster=roster.id)
    with without("rosters_row_outcome"):
        assert run(change, roster=roster.id) == 3


def test_a_roster_goes_its_way_and_not_back(people: Cast, bringer: Person) -> None:
    roster = booked(bringer, list(lines(2)))
    change = "UPDATE rosters_roster SET status = 'preview' WHERE id = :roster"
    with refused("rosters_roster_way"):
        run(change, roster=roster.id)
    with without("rosters_roster_way"):
        assert run(change, roster=roster.id) == 1


def test_a_preview_counts_no_booked_rows(people: Cast, bringer: Person) -> None:
    roster = brought(bringer, list(lines(2)))
    with refused("rosters_roster_grows"):
        run("UPDATE rosters_roster SET booked = 1 WHERE id = :roster", roster=roster.id)


def test_no_row_slips_into_a_confirmed_roster(people: Cast, bringer: Person) -> None:
    roster = confirmed(bringer, list(lines(2)))
    with refused("rosters_row_comes"):
        run(
            "INSERT INTO rosters_row "
            "(id, roster_id, row_no, name, kind, problem_words, candidates, is_elsewhere, is_waiting) "
            "VALUES (999999, :roster, 99, 'x', 'new', '[]', '[]', false, false)",
            roster=roster.id,
        )
    with refused("rosters_row_goes"):
        run("DELETE FROM rosters_row WHERE roster_id = :roster", roster=roster.id)
