"""The indexes that the full demo does without while it writes: all of them are there afterwards, whatever happens."""

from pathlib import Path

import pytest
from flask import Flask

from portal import demo, indexes, migrating
from portal.db import db
from portal.hours.models import Claim, HourEvent
from portal.indexes import made_later, missing, put_back
from portal.invariants import run_all
from portal.rooms import tables
from tests.applications import application
from tests.engines import Engine

KEPT = "ix_hours_claim_activity_id"


def lacking() -> set[str]:
    return {str(index.name) for index in missing(db.session.connection())}


def test_every_index_of_the_models_is_there(app: Flask) -> None:
    with app.app_context():
        (result,) = run_all(db.session(), prefix="database.indexes")
        assert (result.count, result.problems) == (len(indexes.declared()), ())
        assert result.count > 30


def test_a_missing_index_is_told(app: Flask) -> None:
    with app.app_context():
        index = next(index for index in indexes.declared() if index.name == KEPT)
        index.drop(db.session.connection())
        (result,) = run_all(db.session(), prefix="database.indexes")
        assert result.problems == (f"index {KEPT} on hours_claim is missing",)
        db.session.rollback()


def test_tables_are_filled_without_indexes_that_are_no_rules(app: Flask) -> None:
    with app.app_context():
        with made_later(Claim, HourEvent, but=(KEPT,)):
            gone = lacking()
        assert gone > {"ix_hours_claim_own", "ix_hours_claim_waiting", "ix_hours_event_by"}
        assert not gone & {KEPT, "uq_hours_claim_once_an_activity"}
        assert lacking() == set()
        db.session.rollback()


def test_indexes_come_back_when_filling_goes_wrong(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError), made_later(HourEvent):
            raise ZeroDivisionError
        assert lacking() == set()
        db.session.rollback()


def test_what_a_killed_demo_has_left_is_no_hindrance(
    empty_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables()
    with application(empty_engine, tmp_path / "instance").app_context():
        migrating.upgrade()
        with monkeypatch.context() as killed, made_later(Claim, HourEvent):
            killed.setattr(indexes, "put_back", lambda: None)
        assert lacking()
        db.session.rollback()
        demo._empty()
        migrating.upgrade()
        assert lacking() == set()
        db.session.rollback()


def test_indexes_that_are_there_stay(app: Flask) -> None:
    with app.app_context():
        put_back()
        assert lacking() == set()
