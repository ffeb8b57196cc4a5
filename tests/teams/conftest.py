"""Two organisations, each with a team: who leads, who runs, who belongs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from portal import clock
from portal.orgs.models import Organisation, Team
from portal.people.models import Person, Role
from portal.teams.actions import About, write_card
from portal.teams.models import TeamKind
from tests import factories
from tests.applications import Client
from tests.scenes import Scenes
from tests.volunteers import MONDAY, Cast


@dataclass
class Neighbours:
    """Another organisation and its team, with its leader, its admin and one member."""

    house: Organisation
    team: Team
    head: Person
    admin: Person
    helper: Person


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def neighbours(people: Cast, scenes: Scenes) -> Neighbours:
    return scenes("neighbours", _neighbours)


def _neighbours() -> Neighbours:
    house = factories.organisation("潮声社会组织")
    team = factories.team("潮声助老队", of=house)
    return Neighbours(
        house=house,
        team=team,
        head=factories.person("许长河", grants=[(Role.TEAM_LEADER, team.scopes[0])], teams=[team]),
        admin=factories.person("宋知远", grants=[(Role.ORGANISATION_ADMIN, house.scope)]),
        helper=factories.person("梁小渡", teams=[team]),
    )


@pytest.fixture
def card(people: Cast) -> Callable[..., None]:
    """Write the team's card: `card(is_open_to_join=True)`."""

    def written(team: Team | None = None, kind: TeamKind = TeamKind.SERVICE, **more: bool) -> None:
        said = {"is_open_to_join": False, "asks_approval": False} | more
        write_card(team or people.team, About(kind=kind, about="周末清河道", **said), by=people.lead, at=MONDAY)

    return written


def status(browser: Client, address: str, sent: dict[str, Any] | None = None) -> int:
    """What a form gets, for calls at the same moment."""
    return browser.post(address, data=sent or {}).status_code
