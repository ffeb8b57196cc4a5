"""Volunteers lent between organisations: three times yes, days that keep themselves, and who may not say it."""

from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.db import db
from portal.jobs.handlers import HANDLERS
from portal.notices.models import Notice
from portal.orgs.models import Membership
from portal.orgs.queries import is_member, knows, teams_of
from portal.people.actions import grant
from portal.people.models import Role
from portal.problems import DomainError, NotAllowed
from portal.teams import lending
from portal.teams.lending import LOANS, Terms
from portal.teams.loans import Side, can_see_loan
from portal.teams.models import Loan, LoanStatus
from tests.applications import Client
from tests.conftest import new_client
from tests.files.test_pictures import photo
from tests.harm import done
from tests.pages import is_valid, words
from tests.teams.conftest import Neighbours, status
from tests.volunteers import MONDAY, Cast, at_once

DAY = timedelta(days=1)
TODAY = MONDAY.date()


def terms(start: int = 0, end: int = 6) -> Terms:
    return Terms(TODAY + start * DAY, TODAY + end * DAY, "重阳节慰问")


def asked(people: Cast, neighbours: Neighbours, *, start: int = 0, end: int = 6) -> Loan:
    """The cast's organisation asks for the neighbours' helper."""
    return lending.ask_for(
        neighbours.helper, neighbours.house, people.team, terms(start, end), by=people.lead, at=MONDAY
    )


def agreed(people: Cast, neighbours: Neighbours, *, start: int = 0, end: int = 6) -> Loan:
    loan = asked(people, neighbours, start=start, end=end)
    lending.agree(loan, Side.LENDER, by=neighbours.admin, at=MONDAY)
    lending.say_yes(loan, by=neighbours.helper, at=MONDAY)
    return loan


def the_day(offset: int) -> None:
    """The day's work as the worker does it."""
    db.session.commit()
    with clock.frozen(MONDAY + offset * DAY):
        HANDLERS[LOANS]({})


def test_from_asking_to_its_end_on_pages(app: Flask, client: Client, people: Cast, neighbours: Neighbours) -> None:
    lead, admin, helper = (new_client(app).sign_in(one) for one in (people.lead, neighbours.admin, neighbours.helper))
    assert is_valid(lead.get("/loans")) and is_valid(lead.get("/loans/new"))
    sent = {
        "number": neighbours.helper.volunteer_no,
        "name": neighbours.helper.name,
        "lender": neighbours.house.id,
        "team": people.team.id,
        "starts_on": f"{TODAY}",
        "until": f"{TODAY + 6 * DAY}",
        "purpose": "重阳节慰问",
    }
    address = lead.post("/loans/new", data=sent).headers["Location"]
    for one in (lead, admin, helper):
        assert is_valid(one.get(address))
    assert "代表借出方同意" in words(admin.get(address)) and "代表借入方同意" not in words(admin.get(address))
    assert lead.post(f"{address}/agree/lender").status_code == 403, "nobody agrees for the other side"
    assert lead.post(f"{address}/yes").status_code == 403, "nor for her"
    assert admin.post(f"{address}/agree/lender").status_code == 303
    assert helper.post(f"{address}/yes").status_code == 303
    assert is_member(neighbours.helper, people.team)
    assert knows(people.leader, neighbours.helper.id)
    assert "借调到" in words(lead.get(f"/teams/{people.team.slug}"))
    assert is_valid(admin.get(f"{address}/end"))
    assert admin.post(f"{address}/end", data={"reason": "家里有事"}).status_code == 303
    assert not is_member(neighbours.helper, people.team)
    assert "家里有事" in words(helper.get(address))
    kinds = set(db.session.scalars(select(Notice.kind).where(Notice.person_id == neighbours.helper.id)))
    assert kinds == {"teams.loan_asked", "teams.loan_agreed", "teams.loan_ended"}


def test_it_ends_by_itself_on_the_day_and_before_any_job(people: Cast, neighbours: Neighbours) -> None:
    loan = agreed(people, neighbours)
    with clock.frozen(MONDAY + 6 * DAY):
        assert is_member(neighbours.helper, people.team)
    with clock.frozen(MONDAY + 7 * DAY):
        assert not is_member(neighbours.helper, people.team), "no job has run yet"
        assert not knows(people.leader, neighbours.helper.id)
        assert [one.name for one in teams_of(neighbours.helper)] == [neighbours.team.name]
    the_day(6)
    assert loan.state is LoanStatus.RUNNING
    the_day(9)
    db.session.refresh(loan)
    membership = db.session.get_one(Membership, loan.membership_id)
    assert (loan.state, loan.ended_on, membership.left_on) == (LoanStatus.ENDED, loan.until, loan.until)
    assert is_member(neighbours.helper, neighbours.team)


def test_it_begins_on_its_day(people: Cast, neighbours: Neighbours) -> None:
    loan = agreed(people, neighbours, start=3)
    assert loan.state is LoanStatus.AGREED and not is_member(neighbours.helper, people.team)
    the_day(2)
    assert not is_member(neighbours.helper, people.team)
    for _ in range(2):
        the_day(3)
    assert is_member(neighbours.helper, people.team)


def test_what_nobody_answered_lapses(people: Cast, neighbours: Neighbours) -> None:
    loan = asked(people, neighbours)
    the_day(7)
    db.session.refresh(loan)
    assert loan.state is LoanStatus.WITHDRAWN


def test_a_loan_into_a_team_she_joined_meanwhile_is_off_with_a_reason(people: Cast, neighbours: Neighbours) -> None:
    loan = agreed(people, neighbours, start=3)
    from portal.teams.actions import add_member

    add_member(neighbours.helper, people.team, by=people.leader, at=MONDAY)
    the_day(3)
    db.session.refresh(loan)
    assert loan.state is LoanStatus.REFUSED and "已经是" in (loan.end_reason or "")
    assert is_member(neighbours.helper, people.team)


def test_the_other_side_may_offer(people: Cast, neighbours: Neighbours) -> None:
    loan = lending.ask_for(neighbours.helper, neighbours.house, people.team, terms(), by=neighbours.admin, at=MONDAY)
    lending.say_yes(loan, by=neighbours.helper, at=MONDAY)
    assert loan.status == LoanStatus.ASKED
    with pytest.raises(NotAllowed):
        lending.agree(loan, Side.HOST, by=neighbours.admin, at=MONDAY)
    lending.agree(loan, Side.HOST, by=people.lead, at=MONDAY)
    assert loan.status == LoanStatus.RUNNING


def test_whoever_runs_both_says_both(people: Cast, neighbours: Neighbours) -> None:
    grant(people.lead, Role.ORGANISATION_ADMIN, on=neighbours.house.scope, by=None, at=MONDAY, reason="代管")
    db.session.expire(people.lead, ["grants"])
    loan = asked(people, neighbours)
    assert loan.host_yes_by_id == loan.lender_yes_by_id == people.lead.id and loan.state is LoanStatus.ASKED


def test_nobody_lends_herself(people: Cast, neighbours: Neighbours) -> None:
    grant(neighbours.helper, Role.ORGANISATION_ADMIN, on=neighbours.house.scope, by=None, at=MONDAY, reason="接任")
    db.session.expire(neighbours.helper, ["grants"])
    loan = asked(people, neighbours)
    with pytest.raises(DomainError, match="另一位管理员"):
        lending.agree(loan, Side.LENDER, by=neighbours.helper, at=MONDAY)


def test_a_leader_brings_the_paper_of_a_member_without_a_phone(
    app: Flask, people: Cast, neighbours: Neighbours
) -> None:
    loan = asked(people, neighbours)
    lending.agree(loan, Side.LENDER, by=neighbours.admin, at=MONDAY)
    address = f"/loans/{loan.id}"
    head, leader = new_client(app).sign_in(neighbours.head), new_client(app).sign_in(people.leader)
    assert leader.post(f"{address}/paper", data={}).status_code == 403
    for nothing in ({}, {"photo": "yes.jpg"}, {"photo": (BytesIO(b"no photo"), "yes.jpg")}):
        without = head.post(f"{address}/paper", data=nothing)
        assert without.status_code == 422 and is_valid(without)
    assert head.post(f"{address}/paper", data={"photo": (BytesIO(photo()), "yes.jpg")}).status_code == 303
    db.session.refresh(loan)
    assert loan.state is LoanStatus.RUNNING and loan.paper_id is not None
    assert head.get(f"{address}/paper").mimetype == "image/jpeg"
    assert new_client(app).sign_in(people.stranger).get(f"{address}/paper").status_code == 404


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [(3, 2, "早于开始"), (-1, 4, "早于今天"), (0, 400, "最多"), (0, 0, ""), (2, 4, "已经有一份")],
)
def test_days_must_make_sense_and_not_overlap(
    people: Cast, neighbours: Neighbours, start: int, end: int, sentence: str
) -> None:
    if sentence == "已经有一份":
        asked(people, neighbours, start=4, end=9)
    if not sentence:
        asked(people, neighbours, start=start, end=end)
        asked(people, neighbours, start=1, end=2)
        return
    with pytest.raises(DomainError, match=sentence):
        asked(people, neighbours, start=start, end=end)


def test_a_refused_loan_leaves_its_days_free(people: Cast, neighbours: Neighbours) -> None:
    lending.refuse(asked(people, neighbours), "走不开", by=neighbours.helper, at=MONDAY)
    assert asked(people, neighbours).state is LoanStatus.ASKED


def test_somebody_elses_people_are_not_found(client: Client, people: Cast, neighbours: Neighbours) -> None:
    """A number with another name, a person of no such organisation: one sentence, and no name."""
    lead = client.sign_in(people.lead)
    days = {"starts_on": f"{TODAY}", "until": f"{TODAY}", "purpose": "帮忙"}
    place = {"lender": neighbours.house.id, "team": people.team.id}
    for number, name in (
        (neighbours.helper.volunteer_no, "别人"),
        (people.stranger.volunteer_no, people.stranger.name),
    ):
        answer = lead.post("/loans/new", data={"number": number, "name": name, **place, **days})
        assert answer.status_code == 422 and neighbours.helper.name not in answer.text
    foreign = {"lender": neighbours.house.id, "team": neighbours.team.id}
    sent = {"number": neighbours.helper.volunteer_no, "name": neighbours.helper.name, **foreign, **days}
    assert lead.post("/loans/new", data=sent).status_code == 403
    assert db.session.scalars(select(Loan)).all() == []


def test_strangers_see_no_loan_and_end_none(app: Flask, people: Cast, neighbours: Neighbours) -> None:
    loan = agreed(people, neighbours)
    for who in (people.member, people.stranger, people.reviewer):
        signed_in = new_client(app).sign_in(who)
        assert signed_in.get(f"/loans/{loan.id}").status_code == 404
        assert signed_in.post(f"/loans/{loan.id}/end", data={"reason": "试试看"}).status_code == 404
    leader, supervisor = new_client(app).sign_in(people.leader), new_client(app).sign_in(people.supervisor)
    for reader in (leader, supervisor):
        assert reader.get(f"/loans/{loan.id}").status_code == 200
        assert reader.post(f"/loans/{loan.id}/end", data={"reason": "试试看"}).status_code == 403
    assert can_see_loan(neighbours.head, loan)


def test_two_sides_that_answer_at_once_make_one_loan(app: Flask, people: Cast, neighbours: Neighbours) -> None:
    loan = asked(people, neighbours)
    address = f"/loans/{loan.id}"
    admin, helper = new_client(app).sign_in(neighbours.admin), new_client(app).sign_in(neighbours.helper)
    at_once(app, [lambda: admin.post(f"{address}/agree/lender"), lambda: helper.post(f"{address}/yes")])
    db.session.expire_all()
    assert loan.status == LoanStatus.RUNNING and is_member(neighbours.helper, people.team)


def test_two_who_ask_for_the_same_days_at_once_get_one_loan(app: Flask, people: Cast, neighbours: Neighbours) -> None:
    sent = {
        **{"number": neighbours.helper.volunteer_no, "name": neighbours.helper.name, "lender": neighbours.house.id},
        **{"team": people.team.id, "starts_on": f"{TODAY}", "until": f"{TODAY + DAY}", "purpose": "帮忙"},
    }
    two = [new_client(app).sign_in(one) for one in (people.lead, neighbours.admin)]
    answers = at_once(app, [partial(status, one, "/loans/new", sent) for one in two])
    assert sorted(answers) == [303, 422]


def test_the_database_refuses_two_loans_for_one_day_and_half_agreed_ones(people: Cast, neighbours: Neighbours) -> None:
    loan = asked(people, neighbours)
    columns = "person_id, lender_id, team_id, starts_on, until, purpose, asked_by_id, asked_at, status"
    row = (
        f"INSERT INTO teams_loan ({columns}) VALUES ({loan.person_id}, {loan.lender_id}, {loan.team_id}, "
        f"'{TODAY}', '{TODAY}', '又借', {people.lead.id}, '2026-11-16 08:00:00', 'asked')"
    )
    for statement in (row, row.replace("'asked'", "'running'"), f"UPDATE teams_loan SET until = '{TODAY}'"):
        with pytest.raises(DBAPIError), db.session.begin_nested():
            db.session.execute(text(statement))
    with done("teams_loan", row):
        assert len(db.session.scalars(select(Loan.id)).all()) == 2
