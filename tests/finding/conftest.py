"""People whose names are searched for, and how they are read."""

from dataclasses import dataclass

import pytest

from portal.db import db
from portal.finding.work import read_some
from portal.people.models import ALLIANCE, Person, Role
from tests import factories
from tests.scenes import Scenes
from tests.volunteers import Cast


@dataclass
class Crowd:
    """Of the cast's team: the first three. Of another organisation's: her namesake. The worker knows everybody."""

    zhang: Person
    shan: Person
    rare: Person
    namesake: Person
    worker: Person


@pytest.fixture
def crowd(people: Cast, scenes: Scenes) -> Crowd:
    return scenes("crowd", lambda: _crowd(people))


def _crowd(people: Cast) -> Crowd:
    other = factories.team("潮声合唱队", of=factories.organisation("潮声社会组织"))
    made = Crowd(
        zhang=factories.person("张小满", teams=[people.team]),
        shan=factories.person("单雄信", teams=[people.team]),
        rare=factories.person("王㛃·𠮷", teams=[people.team]),
        namesake=factories.person("张小满", teams=[other]),
        worker=factories.person("社工", grants=[(Role.WORKER, ALLIANCE)]),
    )
    db.session.commit()
    read_some()
    db.session.commit()
    return made
