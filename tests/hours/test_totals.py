"""Whatever people do in whatever order, the totals are those of the rows."""

from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.db import db
from portal.hours import actions
from portal.hours.actions import Service, Ticket
from portal.hours.models import Claim
from portal.hours.queries import hours_summary
from portal.hours.stars import stars, way_to_stars
from portal.hours.waiting import count_waiting
from portal.invariants import run_all
from portal.problems import DomainError
from tests import volunteers
from tests.engines import Engine
from tests.volunteers import MONDAY, claimed, published

DEEDS = st.sampled_from(["approve", "return", "undo", "correct"])
STEPS = st.lists(st.tuples(DEEDS, st.integers(0, 5), st.sampled_from(["lead", "reviewer", "member"])), max_size=25)


def do(deed: str, claim: Claim, who: str, cast: volunteers.Cast) -> None:
    """Try it; what is refused, by an action or by the database, leaves nothing behind."""
    by, ticket = getattr(cast, who), Ticket(claim.id, claim.seq)
    with suppress(DomainError), db.session.begin_nested():
        if deed == "approve":
            actions.approve_claims([ticket], by=by, at=MONDAY)
        elif deed == "return":
            actions.return_claims([ticket], "请补充地点", by=by, at=MONDAY)
        elif deed == "undo":
            actions.undo_decisions([ticket], by=by, at=MONDAY)
        elif who == "member":
            service = Service(claim.starts_at, claim.minutes - 1, "东门")
            actions.correct_claim(claim, service, seen=claim.seq, by=by, at=MONDAY)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(2, 240), min_size=6, max_size=6), steps=STEPS)
@example(minutes=[2] * 6, steps=[("return", 0, "lead"), ("correct", 0, "member"), ("correct", 0, "member")])
def test_totals_are_those_of_the_rows(
    app: Flask, engine: Engine, minutes: list[int], steps: list[tuple[str, int, str]]
) -> None:
    with app.app_context(), clock.frozen(MONDAY):
        cast = volunteers.cast()
        claims = [claimed(cast.member, published(cast, f"第{n}场"), minutes=each) for n, each in enumerate(minutes)]
        for deed, index, who in steps:
            do(deed, claims[index], who, cast)
        rows = db.session.query(Claim.status, Claim.minutes).all()
        approved = sum(each for status, each in rows if status == "approved")
        waiting = [each for status, each in rows if status == "waiting"]
        assert hours_summary(cast.member) == (approved, sum(waiting))
        assert count_waiting(cast.lead) == len(waiting)
        assert not [result for result in run_all(db.session(), prefix="hours.") if not result.holds]
        db.session.rollback()
    engine.restore()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@given(approved=st.integers(0, 200_000))
def test_the_line_leads_to_the_next_star(app: Flask, approved: int) -> None:
    with app.test_request_context():
        line, levels = way_to_stars(approved), stars()
    here = [station for station in line if "here" in station.kind]
    reached = sum(approved >= hours * 60 for hours, _name in levels)
    assert (len(here), line.index(here[0])) == (1, min(reached, 2))
    assert [station.kind for station in line[line.index(here[0]) + 1 :]] == (["ahead"] if reached < 5 else [])


@given(minutes=st.integers(1, 1440), start=st.integers(0, 24 * 60 - 1))
def test_a_service_ends_its_minutes_after_its_beginning(minutes: int, start: int) -> None:
    begins = volunteers.SUNDAY + timedelta(minutes=start)
    assert Service(begins, minutes, "东门").ends_at - begins == timedelta(minutes=minutes)
