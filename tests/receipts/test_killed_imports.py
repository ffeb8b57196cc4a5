"""kill -9 of the job worker while a list is read and while it is booked: exact in the end, and others are served."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.db import db
from portal.files import keep
from portal.funds.models import Gift
from portal.hours.models import Claim
from portal.ledger.models import Entry
from portal.lists import actions
from portal.lists.models import DonationImport, ImportRow
from portal.lists.reading import Unread
from portal.lists.work import BOOK, READ
from portal.receipts.models import Receipt
from tests.engines import Engine
from tests.faults.stage import PASSWORD, Stage, prepared
from tests.faults.visitor import Visitor
from tests.importing import listed
from tests.receipts.killed import Logger, Place

KILLS = 2
ROWS = 6_000
GIFTS = 3_000
LONGEST_WAIT = 5.0
"""Seconds within which every other writer is answered, on a machine that is busy with other tests besides."""


@pytest.fixture
def stage(empty_engine: Engine, tmp_path: Path) -> Stage:
    """Volunteers with hours to log, and a confirmed list of GIFTS rows."""
    return prepared(empty_engine, tmp_path, gifts=GIFTS)


@pytest.fixture
def place(stage: Stage, empty_engine: Engine, tmp_path: Path) -> Iterator[Place]:
    seed = os.environ.get("PORTAL_SEED") or str(random.randrange(10**6))
    print(f"PORTAL_SEED={seed}")
    yield Place(stage.app, empty_engine, tmp_path, random.Random(seed))
    with stage.app.app_context():
        db.engine.dispose()


@contextmanager
def others_log_hours(place: Place, stage: Stage, what: str) -> Iterator[None]:
    """Meanwhile volunteers log hours through the web; every answer comes soon enough, and all hours are kept."""
    with place.serving() as url:
        loggers = [
            Logger(Visitor(url).sign_in(login, PASSWORD), stage.activities, stage.day) for login in stage.volunteers
        ]
        for logger in loggers:
            logger.start()
        yield
        for logger in loggers:
            logger.finish()
    waits = sorted(wait for logger in loggers for wait in logger.waits)
    print(f"{place.engine.name}, {what}: {len(waits)} hours logged, slowest answer {waits[-1]:.2f} s")
    assert len(waits) > 10
    assert waits[-1] < LONGEST_WAIT
    with place.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Claim)) == len(waits)
        db.session.rollback()


@pytest.mark.timeout(300)
def test_a_booking_whose_worker_is_killed_again_and_again_ends_exact(place: Place, stage: Stage) -> None:
    with others_log_hours(place, stage, "booking"):
        place.kill_workers(BOOK, times=KILLS, within=0.4)
        place.work_to_the_end(BOOK)
    with place.app.app_context():
        imported = db.session.get_one(DonationImport, stage.import_id)
        assert (imported.status, imported.booked, imported.accepted) == ("booked", GIFTS, GIFTS)
        rows = db.session.scalars(select(Gift.row_no).where(Gift.import_id == imported.id))
        assert Counter(rows) == Counter(range(2, GIFTS + 2))
        assert db.session.scalar(select(func.sum(Gift.fen)).where(Gift.import_id == imported.id)) == imported.total_fen
        serials = list(db.session.scalars(select(Receipt.serial).order_by(Receipt.serial)))
        assert serials == list(range(1, GIFTS + 2))
        assert db.session.scalar(select(func.count()).select_from(Entry)) == GIFTS + 1
    assert "FAIL" not in place.check()


@pytest.mark.timeout(300)
def test_a_reading_whose_worker_is_killed_again_and_again_ends_exact(place: Place, stage: Stage) -> None:
    lines = [f"2026-05-{n % 28 + 1:02d},另一位{n},{n + 1}.50,," for n in range(ROWS)]
    import_id = brought(place, stage, *lines)
    with others_log_hours(place, stage, "reading"):
        place.kill_workers(READ, times=KILLS, within=0.5)
        place.work_to_the_end(READ)
    with place.app.app_context():
        imported = db.session.get_one(DonationImport, import_id)
        assert (imported.status, imported.rows, imported.accepted, imported.in_the_way) == ("preview", ROWS, ROWS, 0)
        rows = db.session.scalars(select(ImportRow.row_no).where(ImportRow.import_id == import_id))
        assert Counter(rows) == Counter(range(2, ROWS + 2))
        assert imported.total_fen == sum((n + 1) * 100 + 50 for n in range(ROWS))
    assert "FAIL" not in place.check()


def brought(place: Place, stage: Stage, *lines: str) -> int:
    """A list that waits for a worker to read it, by the cashier of the stage."""
    with place.app.app_context():
        other = db.session.get_one(DonationImport, stage.import_id)
        at, by = clock.now(), other.uploaded_by
        file = keep(listed(*lines), name="另一份.csv", by=by, at=at)
        what = Unread("另一份.csv", "bank", None, {})
        imported = actions.bring_unread(other.fund, what, file, by=by, at=at)
        db.session.commit()
        return imported.id
