"""What the database refuses about hours, whoever speaks to it, and what would happen without its guards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from portal.db import db
from portal.hours import actions
from portal.hours.models import Claim
from portal.invariants import run_all
from tests.volunteers import MONDAY, Cast, claimed, published

DATABASE_SAYS_NO = (DatabaseError, IntegrityError)

EVENT = (
    "INSERT INTO hours_event (claim_id, person_id, seq, kind, by_id, by_name, at, reason) "
    "VALUES (:claim, :person, :seq, :kind, :by, '某人', '2026-11-16 01:00:00', :reason)"
)


@pytest.fixture(autouse=True)
def second_activity(cast: Cast) -> None:
    """The first activity, for which there are no hours."""
    published(cast, "另一场")


@pytest.fixture
def claim(cast: Cast) -> Claim:
    """Hours that wait, committed."""
    claim = claimed(cast.member, published(cast))
    db.session.commit()
    return claim


def sql(statement: str, **values: Any) -> None:
    db.session.execute(text(statement), values)


def event(of: Claim, by: int, *, kind: str = "approved", seq: int = 1, **more: Any) -> dict[str, Any]:
    return {"claim": of.id, "person": of.person_id, "seq": seq, "kind": kind, "by": by, "reason": "x"} | more


def refuses(statement: str, says: str = "", **values: Any) -> None:
    """Assert that the database refuses the statement, for a reason and not for its grammar."""
    with pytest.raises(DATABASE_SAYS_NO) as refusal:
        sql(statement, **values)
        db.session.commit()
    db.session.rollback()
    assert says in str(refusal.value)
    assert not any(words in str(refusal.value) for words in ("syntax", "no such", "does not exist"))


def problems() -> list[str]:
    """What `portal check` says about hours."""
    return [problem for result in run_all(db.session(), prefix="hours.") for problem in result.problems]


@contextmanager
def without(*guards: str) -> Iterator[None]:
    """The database less some of its guards, for the rest of a transaction that is rolled back in the end."""
    for name in guards:
        on_table = "" if db.engine.dialect.name == "sqlite" else f" ON {'hours_' + name.split('_')[1]}"
        sql(f"DROP TRIGGER {name}{on_table}")
    try:
        yield
    finally:
        db.session.rollback()


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "change",
    [
        "minutes = 1440",
        "person_id = person_id + 1",
        "activity_id = NULL",
        "starts_at = ends_at",
        "place = '别处'",
        "evidence = 'scan'",
        "entered_by_id = entered_by_id + 1",
        "is_late = (1 = 1)",
        "id = id + 100",
        "replaces_id = id",
    ],
)
def test_facts_never_change(claim: Claim, change: str) -> None:
    refuses(f"UPDATE hours_claim SET {change}")
    sql(EVENT, **event(claim, claim.activity.decided_by_id or 0))
    refuses(f"UPDATE hours_claim SET status = 'approved', seq = 1, {change}", "hours_claim")


def test_without_the_guard_facts_would_change(claim: Claim) -> None:
    with without("hours_claim_frozen", "hours_claim_moves"):
        sql("UPDATE hours_claim SET minutes = 1440")
        assert db.session.scalar(text("SELECT minutes FROM hours_claim")) == 1440
        assert problems()


def test_claims_and_events_are_never_deleted(claim: Claim, cast: Cast) -> None:
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    db.session.commit()
    refuses("DELETE FROM hours_event", "append-only")
    refuses("DELETE FROM hours_claim", "append-only")
    refuses("UPDATE hours_event SET by_name = '别人'", "append-only")
    if db.engine.dialect.name == "postgresql":
        refuses("TRUNCATE hours_event", "append-only")
        refuses("TRUNCATE hours_claim CASCADE", "append-only")


def test_without_the_guard_an_event_would_be_gone(claim: Claim, cast: Cast) -> None:
    actions.approve_claim(claim, seen=0, by=cast.lead, at=MONDAY)
    db.session.commit()
    with without("hours_event_no_delete"):
        sql("DELETE FROM hours_event")
        assert len(problems()) == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("key", ["id", "once"])
def test_insert_or_replace_pushes_nothing_out(claim: Claim, cast: Cast, recursive: str, key: str) -> None:
    columns = [column.key for column in Claim.__table__.columns if key == "id" or column.key != "id"]
    values = ["1440" if column == "minutes" else column for column in columns]
    db.session.connection().exec_driver_sql(f"PRAGMA recursive_triggers={recursive}")
    statement = f"INSERT OR REPLACE INTO hours_claim ({', '.join(columns)}) SELECT {', '.join(values)} FROM hours_claim"
    try:
        refuses(statement, "hours_claim_once" if key == "once" else "hours_claim")
        sql(EVENT, **event(claim, cast.lead.id))
        refuses(EVENT.replace("INSERT", "INSERT OR REPLACE"), **event(claim, cast.reviewer.id))
    finally:
        db.session.connection().exec_driver_sql("PRAGMA recursive_triggers=ON")
    assert db.session.scalar(text("SELECT minutes FROM hours_claim")) == 200


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", ["approved", "returned"])
def test_nobody_decides_on_her_own_hours(cast: Cast, kind: str) -> None:
    claim = claimed(cast.other, published(cast), by=cast.leader)
    db.session.commit()
    refuses(EVENT, "ck_hours_event_not_ones_own", **event(claim, cast.other.id, kind=kind))


def test_nobody_decides_in_anothers_name(claim: Claim, cast: Cast) -> None:
    refuses(EVENT, **event(claim, cast.member.id, person=cast.other.id))


def test_without_the_check_she_would_decide_on_her_own(cast: Cast) -> None:
    claim = claimed(cast.other, published(cast), by=cast.leader)
    db.session.commit()
    if db.engine.dialect.name == "sqlite":
        sql("PRAGMA ignore_check_constraints=ON")
    else:
        sql("ALTER TABLE hours_event DROP CONSTRAINT ck_hours_event_not_ones_own")
    try:
        sql(EVENT, **event(claim, cast.other.id))
        sql("UPDATE hours_claim SET status = 'approved', seq = 1")
        assert "某人 on claim" in problems()[0]
    finally:
        if db.engine.dialect.name == "sqlite":
            sql("PRAGMA ignore_check_constraints=OFF")
        db.session.rollback()


def test_nobody_decides_on_what_they_entered(cast: Cast) -> None:
    claim = claimed(cast.other, published(cast), by=cast.leader)
    db.session.commit()
    refuses(EVENT, "hours_event_by_others", **event(claim, cast.leader.id))
    with without("hours_event_by_others"):
        sql(EVENT, **event(claim, cast.leader.id))
        assert problems()


def test_a_status_moves_only_with_its_event(claim: Claim, cast: Cast) -> None:
    refuses("UPDATE hours_claim SET status = 'approved'", "hours_claim_moves")
    refuses("UPDATE hours_claim SET status = 'approved', seq = 1", "hours_claim_moves")
    sql(EVENT, **event(claim, cast.lead.id, kind="returned"))
    refuses("UPDATE hours_claim SET status = 'approved', seq = 1", "hours_claim_moves")


def test_without_the_guard_a_status_would_move_by_itself(claim: Claim) -> None:
    with without("hours_claim_moves"):
        sql("UPDATE hours_claim SET status = 'approved', seq = 1")
        assert len(problems()) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": 0},
        {"seq": 2},
        {"kind": "undone"},
        {"kind": "resubmitted"},
        {"kind": "reversed"},
        {"kind": "doubled"},
        {"kind": "returned", "reason": None},
        {"kind": "returned", "reason": ""},
        {"claim": 4711},
    ],
)
def test_an_event_follows_in_its_turn(claim: Claim, cast: Cast, wrong: dict[str, Any]) -> None:
    refuses(EVENT, **event(claim, cast.lead.id, **wrong))
    sql(EVENT, **event(claim, cast.lead.id))


def test_an_event_comes_once(claim: Claim, cast: Cast) -> None:
    sql(EVENT, **event(claim, cast.lead.id))
    refuses(EVENT, **event(claim, cast.reviewer.id))


# ── the beginning ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "values",
    [
        {"status": "'approved'"},
        {"status": "'lost'"},
        {"seq": "3"},
        {"minutes": "0"},
        {"minutes": "-5"},
        {"minutes": "1441"},
        {"ends_at": "starts_at"},
        {"evidence": "'hearsay'"},
        {"evidence": "'self'", "entered_by_id": "entered_by_id - 1"},
        {"activity_id": "4711"},
        {"replaces_id": "4711"},
        {},
    ],
)
def test_a_claim_begins_as_it_must(claim: Claim, values: dict[str, str]) -> None:
    columns = [column.key for column in Claim.__table__.columns if column.key != "id"]
    # Another activity, so that only what is wrong stands in the way; without it, the same activity twice is.
    other = {"activity_id": "(SELECT min(id) FROM activities_activity)"} if values else {}
    row = ", ".join({**{column: column for column in columns}, **other, **values}.values())
    refuses(f"INSERT INTO hours_claim ({', '.join(columns)}) SELECT {row} FROM hours_claim")


def test_a_claim_that_is_right_may_begin(claim: Claim) -> None:
    columns = [column.key for column in Claim.__table__.columns if column.key != "id"]
    row = ", ".join({**{column: column for column in columns}, "activity_id": "activity_id - 1"}.values())
    sql(f"INSERT INTO hours_claim ({', '.join(columns)}) SELECT {row} FROM hours_claim")
    db.session.rollback()


def test_one_claim_is_corrected_once(claim: Claim, cast: Cast) -> None:
    actions.return_claim(claim, "请补充地点", seen=0, by=cast.lead, at=MONDAY)
    db.session.commit()
    columns = [column.key for column in Claim.__table__.columns if column.key != "id"]
    fresh = {"status": "'waiting'", "seq": "0", "replaces_id": "id"}
    row = ", ".join({**{column: column for column in columns}, **fresh}.values())
    again = row.replace("activity_id", "activity_id - 1", 1)
    sql(f"INSERT INTO hours_claim ({', '.join(columns)}) SELECT {row} FROM hours_claim")
    refuses(f"INSERT INTO hours_claim ({', '.join(columns)}) SELECT {again} FROM hours_claim WHERE id = {claim.id}")


def test_the_triggers_are_those_that_are_declared(session: object) -> None:
    assert [result.problems for result in run_all(db.session(), prefix="database.triggers")] == [()]
