"""Hours of many people at once: the same rows, the same rules, one audit line."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal.activities.models import Activity
from portal.actor import Actor
from portal.db import db
from portal.hours import actions, bulk_actions
from portal.hours.actions import AlreadyClaimed, Service, Ticket
from portal.hours.bulk_actions import Decision, Entering, decide_many, enter_many
from portal.hours.models import Claim, Evidence, HourEvent, Kind
from portal.invariants import run_all
from portal.people.bulk_actions import Newcomer
from portal.people.models import Person
from portal.problems import ChangedMeanwhile, DomainError
from tests.bulk import same_rows
from tests.volunteers import MONDAY, Cast, at_once, claimed, drafted, lines, published

LATER = MONDAY + timedelta(hours=3)


@pytest.fixture
def activities(cast: Cast) -> list[Activity]:
    made = [published(cast, name) for name in ("一道走", "巡河")]
    db.session.commit()
    return made


def entering(person: Person, activity: Activity, *, by: Person | None = None, at: datetime = MONDAY) -> Entering:
    service = Service(activity.starts_at, 200, activity.place, "扫落叶")
    return Entering(person, activity.id, service, Evidence.LEADER if by else Evidence.SELF, by or person, at)


def some(cast: Cast, activities: list[Activity]) -> list[Entering]:
    one, two = activities
    late = MONDAY + timedelta(days=30)
    return [
        entering(cast.member, one),
        entering(cast.other, one, by=cast.leader),
        entering(cast.member, two, by=cast.leader, at=LATER),
        entering(cast.other, two, at=late),
    ]


def decisions(cast: Cast, ids: list[int]) -> list[Decision]:
    first, second, *others = ids
    return [
        Decision(first, 0, Kind.APPROVED, cast.lead, LATER),
        Decision(second, 0, Kind.RETURNED, cast.reviewer, LATER, "请核对"),
        *(Decision(claim_id, 0, Kind.APPROVED, cast.reviewer, LATER) for claim_id in others),
    ]


def test_many_hours_are_entered_as_one_by_one(cast: Cast, activities: list[Activity]) -> None:
    def single() -> None:
        for row in some(cast, activities):
            activity, person = db.session.get_one(Activity, row.activity_id), db.session.get_one(Person, row.person.id)
            by = db.session.get_one(Person, row.by.id)
            actions.enter_claim(person, activity, row.service, evidence=row.evidence, by=by, at=row.at)

    same_rows(single, lambda: enter_all(cast, activities), Claim)


def enter_all(cast: Cast, activities: list[Activity]) -> None:
    enter_many(some(cast, activities), by=cast.leader, at=LATER)


def test_many_decisions_are_made_as_one_by_one(cast: Cast, activities: list[Activity]) -> None:
    ids = enter_many(some(cast, activities), by=None, at=LATER)

    def single() -> None:
        for row in decisions(cast, ids):
            if row.kind is Kind.APPROVED:
                actions.approve_claims([Ticket(row.claim_id, row.seq)], by=row.by, at=row.at)
            else:
                actions.return_claims([Ticket(row.claim_id, row.seq)], row.reason or "", by=row.by, at=row.at)

    def bulk() -> None:
        decide_many(decisions(cast, ids), by=None, at=LATER)

    same_rows(single, bulk, Claim, HourEvent)


def test_the_ids_come_in_the_order_of_the_rows(cast: Cast, activities: list[Activity]) -> None:
    wanted = some(cast, activities)[::-1]
    ids = enter_many(wanted, by=None, at=LATER)
    claims = [db.session.get_one(Claim, claim_id) for claim_id in ids]
    told = [(row.person.id, row.activity_id) for row in wanted]
    assert [(claim.person_id, claim.activity_id) for claim in claims] == told


def test_one_audit_line_stands_for_a_batch(cast: Cast, activities: list[Activity]) -> None:
    ids = enter_many(some(cast, activities), by=cast.leader, at=LATER)
    decide_many(decisions(cast, ids), by=cast.lead, at=LATER)
    db.session.flush()
    assert (lines("hours.claims.entered"), lines("hours.claims.decided"), lines("hours.claim.entered")) == (1, 1, 0)
    check()


def test_a_claim_that_was_loaded_before_knows_the_decision(cast: Cast, activities: list[Activity]) -> None:
    claim = claimed(cast.member, activities[0])
    decide_many([Decision(claim.id, 0, Kind.APPROVED, cast.lead, LATER)], by=None, at=LATER)
    assert (claim.status, claim.seq) == ("approved", 1)


def wrong_rows(cast: Cast, activity: Activity) -> Iterator[tuple[Entering, str]]:
    good = entering(cast.other, activity)
    yield entering(cast.stranger, activity), "不是「晨星志愿服务队」的队员"
    yield replace(good, activity_id=drafted(cast, "还没发布").id), "还没有发布"
    yield replace(good, service=good.service._replace(minutes=0)), "1 分钟到 24 小时"
    yield replace(good, at=activity.starts_at), "还没有过完"
    yield replace(good, service=good.service._replace(starts_at=activity.starts_at - timedelta(days=1))), "日期要一样"
    yield replace(good, at=MONDAY + timedelta(days=400)), "不能再补录"
    yield entering(cast.member, activity), "已经记过了"


def test_one_wrong_row_is_named_and_nothing_is_entered(cast: Cast, activities: list[Activity]) -> None:
    for wrong, sentence in list(wrong_rows(cast, activities[0])):
        with pytest.raises(DomainError, match=rf"^第 2 条：.*{sentence}"):
            enter_many([entering(cast.member, activities[0]), wrong], by=None, at=LATER)
    assert count(Claim) == 0


def test_hours_that_stand_or_came_back_are_not_entered_again(cast: Cast, activities: list[Activity]) -> None:
    claim = claimed(cast.member, activities[0])
    for _ in range(2):
        with pytest.raises(AlreadyClaimed, match="第 1 条"):
            enter_many([entering(cast.member, activities[0])], by=None, at=LATER)
        actions.return_claims([Ticket(claim.id, 0)], "请核对", by=cast.lead, at=LATER)
    assert count(Claim) == 1


def wrong_decisions(cast: Cast, claim: Claim) -> Iterator[tuple[Decision, type[DomainError]]]:
    good = Decision(claim.id, 0, Kind.APPROVED, cast.lead, LATER)
    yield replace(good, by=cast.member), DomainError
    yield replace(good, by=cast.leader), DomainError
    yield replace(good, by=cast.supervisor), DomainError
    yield replace(good, by=cast.stranger), DomainError
    yield replace(good, kind=Kind.RETURNED), DomainError
    yield replace(good, kind=Kind.RETURNED, reason=" "), DomainError
    yield replace(good, kind=Kind.UNDONE), ChangedMeanwhile
    yield replace(good, seq=1), ChangedMeanwhile
    yield replace(good, claim_id=0), DomainError


def test_one_wrong_decision_is_named_and_none_is_made(cast: Cast, activities: list[Activity]) -> None:
    claim, other = (claimed(person, activities[0]) for person in (cast.member, cast.other))
    first = Decision(other.id, 0, Kind.APPROVED, cast.lead, LATER)
    for wrong, problem in list(wrong_decisions(cast, claim)):
        with pytest.raises(problem, match="第 2 条"):
            decide_many([first, wrong], by=None, at=LATER)
    with pytest.raises(ChangedMeanwhile, match="第 2 条"):
        decide_many([first, first], by=None, at=LATER)
    assert count(HourEvent) == 0


def test_nobody_approves_their_own_in_a_batch(cast: Cast, activities: list[Activity]) -> None:
    own = enter_many([entering(cast.lead, activities[0])], by=None, at=LATER)
    entered = enter_many([entering(cast.member, activities[0], by=cast.lead)], by=None, at=LATER)
    for claim_id in own + entered:
        with pytest.raises(DomainError, match="要由别人审核"):
            decide_many([Decision(claim_id, 0, Kind.APPROVED, cast.lead, LATER)], by=None, at=LATER)


def test_without_the_rule_the_database_still_refuses_ones_own(
    cast: Cast, activities: list[Activity], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = enter_many([entering(cast.lead, activities[0])], by=None, at=LATER)
    monkeypatch.setattr(bulk_actions, "_allowed", lambda *_: cast.lead.id)
    with pytest.raises(DBAPIError):
        decide_many([Decision(own[0], 0, Kind.APPROVED, cast.lead, LATER)], by=None, at=LATER)
    db.session.rollback()


def test_the_same_batch_twice_at_the_same_moment_is_entered_once(
    cast: Cast, activities: list[Activity], app: Flask
) -> None:
    # Threads share no session, so they are told who by id and name.
    batch = [replace(row, person=known(row.person), by=known(row.by)) for row in some(cast, activities)]

    def enter() -> str:
        with app.app_context():
            try:
                enter_many(batch, by=None, at=LATER)
                db.session.commit()
            except AlreadyClaimed:
                db.session.rollback()
                return "already"
            return "entered"

    assert sorted(at_once(app, [enter, enter, enter])) == ["already", "already", "entered"]
    assert count(Claim) == len(batch)
    check()


def test_a_batch_is_decided_once_by_two_at_the_same_moment(cast: Cast, activities: list[Activity], app: Flask) -> None:
    ids = enter_many(some(cast, activities), by=None, at=LATER)
    db.session.commit()
    batch = [Decision(claim_id, 0, Kind.APPROVED, cast.reviewer, LATER) for claim_id in ids]
    assert cast.reviewer.grants

    def decide(rows: list[Decision]) -> str:
        with app.app_context():
            try:
                decide_many(rows, by=None, at=LATER)
                db.session.commit()
            except ChangedMeanwhile:
                db.session.rollback()
                return "changed"
            return "decided"

    db.session.expunge_all()
    assert sorted(at_once(app, [lambda: decide(batch), lambda: decide(batch[::-1])])) == ["changed", "decided"]
    assert count(HourEvent) == len(ids)
    check()


def test_nothing_at_all_leaves_no_trace(cast: Cast) -> None:
    assert enter_many([], by=None, at=LATER) == []
    decide_many([], by=None, at=LATER)
    assert lines("hours.claims.entered") + lines("hours.claims.decided") == 0


def known(person: Actor) -> Newcomer:
    return Newcomer(person.id, person.name)


def count(model: type[Claim] | type[HourEvent]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def check() -> None:
    assert [result for result in run_all(db.session(), prefix="hours.") if not result.holds] == []
