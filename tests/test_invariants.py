import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import scoped_session

from portal import invariants
from portal.db import PortalSession, db
from portal.guards import GUARDS
from portal.invariants import MOST_PROBLEMS, invariant, run_all


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """No invariants but those that the test declares."""
    monkeypatch.setattr(invariants, "INVARIANTS", {})


def test_invariants_are_looked_at_by_name_and_may_be_chosen(few: None, session: scoped_session[PortalSession]) -> None:
    invariant("b.two")(lambda _: (2, []))
    invariant("a.one")(lambda _: (1, ["wrong"]))
    looked = list(run_all(session()))
    assert [(result.name, result.count, result.holds) for result in looked] == [("a.one", 1, False), ("b.two", 2, True)]
    assert [result.name for result in run_all(session(), prefix="b.")] == ["b.two"]


def test_no_more_problems_are_told_than_anybody_reads(few: None, session: scoped_session[PortalSession]) -> None:
    invariant("a.many")(lambda _: (1_000, (str(number) for number in range(1_000))))
    (result,) = run_all(session())
    assert len(result.problems) == MOST_PROBLEMS + 1
    assert result.problems[-1] == "…"


def test_a_missing_and_an_unknown_trigger_are_found(app: Flask) -> None:
    with app.app_context():
        name = "audit_line_no_update"
        sqlite = db.engine.dialect.name == "sqlite"
        db.session.execute(
            text(f"ALTER TRIGGER {name} ON audit_line RENAME TO other" if not sqlite else f"DROP TRIGGER {name}")
        )
        if sqlite:
            db.session.execute(text("CREATE TRIGGER other AFTER INSERT ON audit_line BEGIN SELECT 1; END"))
        (result,) = run_all(db.session(), prefix="database.triggers")
        assert result.count == len(GUARDS)
        assert result.problems == (f"trigger {name} on audit_line is missing", "trigger other is unknown")
        db.session.rollback()
