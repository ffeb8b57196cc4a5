"""What the demo's teams say of themselves, whom they look for, and one volunteer asked for by a neighbour's team."""

from datetime import timedelta

from portal import clock
from portal.demo.service import PLANS, team_called
from portal.orgs.models import Organisation
from portal.orgs.queries import members_of
from portal.people.models import Person
from portal.teams.actions import About, write_card
from portal.teams.lending import Terms, ask_for
from portal.teams.models import TeamKind

RESCUE = ("search",)
LOOKING = ("barber", "classroom", "visit")


def describe_teams(organisations: list[Organisation], *, by: Person) -> None:
    """Give each team a card; some can be found by volunteers who look for one."""
    for organisation in organisations:
        for team in organisation.teams:
            if team.slug in PLANS:
                kind = TeamKind.RESCUE if team.slug in RESCUE else TeamKind.SERVICE
                said = About(kind, PLANS[team.slug][2], is_open_to_join=team.slug in LOOKING, asks_approval=False)
                write_card(team, said, by=by, at=clock.now())


def ask_a_neighbour(organisations: list[Organisation], *, by: Person) -> None:
    """The lead of the first organisation offers one of hers to the second, which has not answered yet."""
    lender, host = organisations[:2]
    person = members_of(team_called("search", lender))[-1]
    first = clock.today() + timedelta(days=5)
    terms = Terms(first, first + timedelta(days=9), "社区义诊周，缺人引路、量血压")
    ask_for(person, lender, team_called("visit", host), terms, by=by, at=clock.now())
