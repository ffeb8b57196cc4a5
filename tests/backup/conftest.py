"""Portals to back up are made once and only looked at; places to restore into are a test's own."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.backup import sealed
from portal.db import db
from tests.applications import migrate
from tests.backup.portals import Portal
from tests.engines import empty
from tests.giving import opened

NAMES = ("名单.csv", "𠮷田·王买买提 ﷽.xlsx", "../../etc/passwd", "e\u0301 \u202e名.csv")


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cheap key; commands that are run as processes have the dear one."""
    monkeypatch.setattr(sealed, "COST", 10)


@pytest.fixture(scope="session")
def busy_portals(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Portal]:
    made: dict[str, Portal] = {}

    def for_engine(name: str) -> Portal:
        if name not in made:
            folder = tmp_path_factory.mktemp(f"busy_{name}")
            made[name] = Portal.at(empty(name, folder, f"{worker}_busy"), folder)
            migrate(made[name].app)
            _fill(made[name])
        return made[name]

    return for_engine


@pytest.fixture
def busy(engine_name: str, busy_portals: Callable[[str], Portal]) -> Portal:
    """A portal with gifts, spending, and uploads with names of all alphabets. Look, but change nothing."""
    return busy_portals(engine_name)


@pytest.fixture
def backed_up(busy: Portal, tmp_path: Path) -> Path:
    target = tmp_path / "备份 𠮷.backup"
    busy.backup(target)
    return target


@pytest.fixture
def another(engine_name: str, worker: str, tmp_path: Path) -> Iterator[Callable[[str], Portal]]:
    """Empty places, by name: no table, no file."""
    made: list[Portal] = []

    def place(name: str) -> Portal:
        made.append(Portal.at(empty(engine_name, tmp_path, f"{worker}_{name}"), tmp_path / name))
        return made[-1]

    yield place
    for portal in made:
        with portal.app.app_context():
            db.engine.dispose()


@pytest.fixture
def elsewhere(another: Callable[[str], Portal]) -> Portal:
    """One empty place."""
    return another("elsewhere")


@pytest.fixture
def own(another: Callable[[str], Portal], backed_up: Path) -> Portal:
    """A copy of the busy portal that a test may change."""
    portal = another("own")
    portal.restore(backed_up)
    return portal


def _fill(portal: Portal) -> None:
    with portal.app.app_context():
        giving = opened()
        for number in range(5):
            giving.gift(f"捐赠人𠮷{number}", 10_000 + number)
        giving.spend(5_000)
        portal.upload(random.Random(1).randbytes(400_000), "图.png", by=giving.cashier)
        for number, name in enumerate(NAMES):
            portal.upload(f"{name}\n".encode() * 100_000 * number, name, by=giving.cashier)
