"""Who brings rosters."""

import pytest

from portal.people.models import ALLIANCE, Person, Role
from portal.rosters import booking, reader
from tests import factories
from tests.scenes import Scenes
from tests.volunteers import Cast


def _worker() -> Person:
    return factories.person("方社工", grants=[(Role.WORKER, ALLIANCE)])


@pytest.fixture
def bringer(scenes: Scenes, people: Cast) -> Person:
    """A community worker, who brings lists of everybody."""
    return scenes("people_and_worker", _worker)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a short roster has many."""
    for module in (reader, booking):
        monkeypatch.setattr(module, "CHUNK", 20)
        monkeypatch.setattr(module, "BREATH", 0.0)
