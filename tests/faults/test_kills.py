"""kill -9 of server, web worker, job worker, rendering service, renderer and PostgreSQL while people work."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.db import db
from portal.funds.models import Gift
from portal.hours.models import Claim
from portal.lists.models import DonationImport, ImportStatus
from portal.receipts.models import Receipt
from tests import postgres
from tests.applications import clean_environment, environment
from tests.engines import Engine, Postgresql, Sqlite
from tests.faults.house import House
from tests.faults.stage import GIFTS, PASSWORD, Stage, prepared
from tests.faults.visitor import Busy, Visitor, hours_form
from tests.live import ROOT
from tests.required import left_out

KILLS = int(os.environ.get("PORTAL_KILLS", "6"))
PAUSES = (0.3, 1.5)
"""Seconds between two kills."""

MOST_AWAY = 0.5
BOOKED_WITHIN = 240.0
PARTS = ("server", "web", "worker", "service", "renderer")


class Logger(Busy):
    """A volunteer who logs her hours of one activity after the other; `logged` are those the portal has confirmed."""

    def __init__(self, visitor: Visitor, activities: tuple[int, ...], day: str) -> None:
        super().__init__(visitor)
        self._left, self._day = list(activities), day
        self.logged: set[int] = set()

    def go_on(self) -> bool:
        activity = self._left.pop()
        form = hours_form(self.visitor, activity, self._day, key=f"hours-{id(self)}-{activity}")
        self.visitor.asked("POST", "/hours/new", form)
        self.logged.add(activity)
        return bool(self._left)


class Reader(Busy):
    """Somebody who asks for one confirmation again and again."""

    def __init__(self, visitor: Visitor, number: str) -> None:
        super().__init__(visitor)
        self._path = f"/receipts/{number}/pdf"

    def go_on(self) -> bool:
        self.visitor.asked("GET", self._path)
        return True


@pytest.fixture
def database(engine_name: str, tmp_path: Path) -> Iterator[tuple[Engine, postgres.Server | None]]:
    """A database that keeps its promises when it is killed."""
    if engine_name == "sqlite":
        yield Sqlite(tmp_path / "portal.db"), None
        return
    server = postgres.start(options=())
    if server is None:
        left_out("PostgreSQL")
    assert server is not None
    database = Postgresql(str(server.folder), "portal")
    database.create()
    try:
        yield database, server
    finally:
        server.stop()


@pytest.mark.timeout(900 if KILLS <= 6 else 7200)
def test_nothing_acknowledged_is_lost_or_doubled_whatever_is_killed(
    database: tuple[Engine, postgres.Server | None], tmp_path: Path
) -> None:
    engine, server = database
    stage = prepared(engine, tmp_path / "instance")
    house = House(clean_environment() | environment(engine, tmp_path / "instance"), tmp_path / "server.log")
    house.open()
    try:
        people = _at_work(house, stage)
        killed = _kill_at_random(house, server)
        house.tend()
        for busy in people:
            busy.finish()
        _wait_until_booked(stage, house)
    finally:
        house.close()
    assert sum(killed.values()) == KILLS
    _assert_all_is_there(stage, [busy for busy in people if isinstance(busy, Logger)])
    _assert_books_are_right(house)


def _at_work(house: House, stage: Stage) -> list[Busy]:
    people: list[Busy] = [
        Logger(Visitor(house.url).sign_in(login, PASSWORD), stage.activities, stage.day) for login in stage.volunteers
    ]
    people.append(Reader(Visitor(house.url).sign_in(stage.reader, PASSWORD), stage.receipt))
    for busy in people:
        busy.start()
    return people


def _kill_at_random(house: House, server: postgres.Server | None) -> Counter[str]:
    chance = random.Random(os.environ.get("PORTAL_SEED"))
    parts = [*PARTS, "database"] if server else list(PARTS)
    killed: Counter[str] = Counter()
    while sum(killed.values()) < KILLS:
        time.sleep(chance.uniform(*PAUSES))
        house.tend()
        # Each part at least once before chance decides.
        left = [part for part in parts if not killed[part]] or parts
        part = chance.choice(left)
        if part == "database":
            assert server is not None
            server.kill()
            time.sleep(chance.uniform(0, MOST_AWAY))
            server.start_again()
        elif not house.kill(part):
            continue
        if part == "server":
            time.sleep(chance.uniform(0, MOST_AWAY))
            house.open()
        killed[part] += 1
    return killed


def _wait_until_booked(stage: Stage, house: House) -> None:
    deadline = time.monotonic() + BOOKED_WITHIN
    while time.monotonic() < deadline:
        with stage.app.app_context():
            status = db.session.scalar(select(DonationImport.status).where(DonationImport.id == stage.import_id))
        if status == ImportStatus.BOOKED:
            return
        house.tend()
        time.sleep(0.5)
    raise AssertionError(f"the list is still {status}")


def _assert_all_is_there(stage: Stage, loggers: list[Logger]) -> None:
    with stage.app.app_context():
        claims = Counter(db.session.scalars(select(Claim.activity_id)))
        assert claims == Counter(activity for logger in loggers for activity in logger.logged)
        gifts = select(func.count()).select_from(Gift).where(Gift.import_id == stage.import_id)
        assert db.session.scalar(gifts) == GIFTS
        serials = db.session.execute(select(func.count(), func.min(Receipt.serial), func.max(Receipt.serial))).one()
        assert tuple(serials) == (GIFTS + 1, 1, GIFTS + 1)
    assert all(logger.logged for logger in loggers)


def _assert_books_are_right(house: House) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "portal", "check"], env=house.environment, cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
