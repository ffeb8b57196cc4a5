"""People and places for tests, made by the portal's own actions. Call them inside an application context."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import count

from portal.clock import CHINA
from portal.orgs.actions import add_organisation, add_team, join
from portal.orgs.models import Organisation, Team
from portal.people.actions import add_person, grant
from portal.people.models import Person, Role, Scope

BEGINNING = datetime(2026, 1, 5, 9, tzinfo=CHINA)
"""When everything that a factory makes was made; grants count from then on."""

_numbers = count(1)


def person(
    name: str,
    *,
    grants: Iterable[tuple[Role, Scope]] = (),
    teams: Iterable[Team] = (),
    until: date | None = None,
) -> Person:
    """A volunteer without a login, with roles (until a day, if given) and memberships."""
    made = add_person(name, by=None, at=BEGINNING, is_volunteer=True)
    for role, scope in grants:
        grant(made, role, on=scope, by=None, at=BEGINNING, reason="测试", ends_on=until)
    for team in teams:
        join(made, team, by=None, at=BEGINNING)
    return made


def organisation(name: str) -> Organisation:
    return add_organisation(name, slug=f"organisation-{next(_numbers)}", by=None, at=BEGINNING)


def team(name: str, *, of: Organisation) -> Team:
    return add_team(of, name, slug=f"team-{next(_numbers)}", by=None, at=BEGINNING)
