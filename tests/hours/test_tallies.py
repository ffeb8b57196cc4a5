"""What the database adds up by itself: hours by month and organisation, and by person."""

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import scoped_session

from portal.db import PortalSession, db
from portal.hours import actions
from portal.hours.queries import hours_summary
from portal.hours.tallies import HoursTally, PersonTally
from portal.invariants import run_all
from tests import factories
from tests.volunteers import MONDAY, Cast, at_once, claimed, published


def approved() -> list[tuple[str, int, int]]:
    rows = db.session.execute(select(HoursTally.month, HoursTally.claims, HoursTally.minutes))
    return [(month, claims, minutes) for month, claims, minutes in rows if claims]


def problems() -> list[str]:
    return [problem for result in run_all(db.session(), prefix="hours.tallies") for problem in result.problems]


def test_hours_count_while_they_are_approved(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast), minutes=200)
    assert (approved(), hours_summary(cast.member)) == ([], (0, 200))
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    assert (approved(), hours_summary(cast.member)) == ([("2026-11", 1, 200)], (200, 0))
    actions.undo_decision(claim, seen=1, by=cast.lead, at=MONDAY)
    assert (approved(), hours_summary(cast.member)) == ([], (0, 200))
    actions.return_claim(claim, "请补充地点", seen=2, by=cast.lead, at=MONDAY)
    assert (approved(), hours_summary(cast.member)) == ([], (0, 0))
    assert problems() == []


def test_what_is_rolled_back_is_not_counted(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast))
    db.session.commit()
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    db.session.rollback()
    assert (approved(), problems()) == ([], [])


def test_a_wrong_tally_is_named(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast), minutes=200)
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    db.session.execute(text("UPDATE hours_tally SET minutes = minutes + 1"))
    db.session.execute(text("UPDATE hours_person_tally SET claims = 7 WHERE status = 'approved'"))
    assert len(problems()) == 2
    db.session.rollback()


def test_without_the_trigger_an_approval_would_not_count(cast: Cast) -> None:
    claim = claimed(cast.member, published(cast))
    db.session.commit()
    table = "" if db.engine.dialect.name == "sqlite" else " ON hours_claim"
    db.session.execute(text(f"DROP TRIGGER hours_claim_tally_update{table}"))
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    assert approved() == []
    assert len(problems()) == 3
    db.session.rollback()


def test_two_leads_who_approve_the_same_peoples_hours_at_once_do_not_block_each_other(app: Flask, cast: Cast) -> None:
    members = [factories.person(f"志愿者{number:02}", teams=[cast.team]) for number in range(12)]
    one, two = published(cast, "上午"), published(cast, "下午")
    first = [claimed(member, one) for member in members]
    second = [claimed(member, two) for member in reversed(members)]
    db.session.commit()
    batches = [[actions.Ticket(claim.id, 0) for claim in claims] for claims in (first, second)]
    leads = cast.lead.id, cast.reviewer.id

    def approve(index: int) -> int:
        with app.app_context():
            by = db.session.get_one(type(cast.lead), leads[index])
            done = actions.approve_claims(batches[index], by=by, at=MONDAY).done
            db.session.commit()
            return len(done)

    assert at_once(app, [lambda: approve(0), lambda: approve(1)]) == [12, 12]
    assert (approved(), problems()) == ([("2026-11", 24, 24 * 200)], [])
    assert len(db.session.scalars(select(PersonTally).where(PersonTally.claims > 0)).all()) == 12


@pytest.mark.parametrize("verb", ["DELETE FROM hours_claim", "UPDATE hours_claim SET minutes = 1"])
def test_what_is_refused_leaves_the_tallies_as_they_were(
    session: scoped_session[PortalSession], cast: Cast, verb: str
) -> None:
    claimed(cast.member, published(cast), minutes=200)
    session.commit()
    with pytest.raises(Exception, match="hours_claim"):
        session.execute(text(verb))
    session.rollback()
    assert (hours_summary(cast.member), problems()) == ((0, 200), [])
