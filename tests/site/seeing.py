"""Whom and what the cast has to do with, and the rules by which a role may see what lies in a row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.activities.models import Activity
from portal.db import db
from portal.hours.models import Claim
from portal.joining.models import Application
from portal.orgs.models import Membership, Team
from portal.people.models import Person
from portal.receipts.models import KeptReceipt
from portal.roles.models import DeputyWish
from portal.rosters.models import Roster
from tests.site.access_table import ROLES

Row = Mapping[str, Any]


@dataclass(frozen=True)
class World:
    """Whom and what the cast has to do with."""

    ids: Mapping[str, int]
    team: int
    organisation: int
    teams_of_organisation: frozenset[int]
    members: Mapping[int, frozenset[int]]
    claims: Mapping[int, Row]
    activities: Mapping[int, Row]
    kept: frozenset[int]
    members_now: Mapping[int, frozenset[int]]
    """Team → who has not left it."""
    applicants: frozenset[int]
    """Whose wish to be a volunteer the organisation's own administrators decide."""
    deputies: frozenset[tuple[int, int]]
    """Who wishes to be stood in for, and by whom."""
    rosters: Mapping[int, int]
    """Roster → who brought it."""

    def leads(self, role: str, team: int) -> bool:
        """Whether the role looks after the team: its leader, or the admin of its organisation."""
        return (role == "leader" and team == self.team) or (role == "lead" and team in self.teams_of_organisation)

    def looks_after(self, role: str, person: int) -> bool:
        """Whether the role looks after one of the teams that the person is in now."""
        return any(self.leads(role, team) for team, people in self.members_now.items() if person in people)

    def is_me(self, role: str, person: int | None) -> bool:
        return person is not None and self.ids.get(role) == person


Rule = Callable[[World, str, Row], bool]


def world() -> World:
    """As the copy of the demo data has it now."""
    walk = db.session.scalars(select(Team).where(Team.slug == "walk")).one()
    members: dict[int, set[int]] = {}
    now: dict[int, set[int]] = {}
    for team, person, left_on in db.session.execute(
        select(Membership.team_id, Membership.person_id, Membership.left_on)
    ):
        members.setdefault(team, set()).add(person)
        if left_on is None:
            now.setdefault(team, set()).add(person)
    cast = db.session.execute(select(Person.login, Person.id).where(Person.login.in_(ROLES)))
    return World(
        ids={str(login): number for login, number in cast},
        team=walk.id,
        organisation=walk.organisation_id,
        teams_of_organisation=frozenset(
            db.session.scalars(select(Team.id).where(Team.organisation_id == walk.organisation_id))
        ),
        members={team: frozenset(people) for team, people in members.items()},
        members_now={team: frozenset(people) for team, people in now.items()},
        applicants=frozenset(
            db.session.scalars(
                select(Application.person_id).where(Application.wish_organisation_id == walk.organisation_id)
            )
        ),
        claims=_rows(Claim),
        activities=_rows(Activity),
        kept=frozenset(db.session.scalars(select(KeptReceipt.receipt_id))),
        deputies=frozenset(
            (by, of) for by, of in db.session.execute(select(DeputyWish.wished_by_id, DeputyWish.person_id))
        ),
        rosters={one.id: one.brought_by_id for one in db.session.scalars(select(Roster))},
    )


def _rows(model: Any) -> dict[int, Row]:
    return {row["id"]: dict(row) for row in db.session.execute(select(model.__table__)).mappings()}


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────
READS_ALL = ("supervisor", "admin")
MONEY = ("cashier", "accountant", *READS_ALL)
SPENDING = ("cashier", "accountant", "council", "worker", *READS_ALL)
"""Who takes part in an expense, or reads everything."""


def roles(*may: str) -> Rule:
    return lambda world, role, row: role in may


def own(column: str = "person_id", *also: str) -> Rule:
    """The person whom the row is about, and these roles."""
    return lambda world, role, row: world.is_me(role, row[column]) or role in also


def of_claim(column: str = "id") -> Rule:
    """Whose hours they are, who entered them, who looks after the team, those who read everything."""

    def rule(world: World, role: str, row: Row) -> bool:
        claim = world.claims[row[column]]
        is_own = any(world.is_me(role, claim[name]) for name in ("person_id", "entered_by_id"))
        return is_own or world.leads(role, claim["team_id"]) or role in READS_ALL

    return rule


def of_activity(world: World, role: str, row: Row) -> bool:
    """A draft is its team's leaders'; what was published is everybody's."""
    if row["status"] in ("published", "closed"):
        return True
    return world.leads(role, row["team_id"]) or world.is_me(role, row["drafted_by_id"]) or role in READS_ALL


def of_activity_reason(world: World, role: str, row: Row) -> bool:
    return world.leads(role, row["team_id"]) or role in READS_ALL


def of_person(world: World, role: str, row: Row) -> bool:
    """A name: herself, who looks after her team, who decides on her wish to join, whom she stands in for, and who knows
    everybody: community workers, those who read everything."""
    teams = [team for team, people in world.members.items() if row["id"] in people]
    looks_after = any(world.leads(role, team) for team in teams)
    stands_in = any(world.is_me(role, wisher) for wisher, deputy in world.deputies if deputy == row["id"])
    decides = row["id"] in world.applicants and role == "lead"
    knows = looks_after or stands_in or decides or role in ("worker", *READS_ALL)
    return world.is_me(role, row["id"]) or knows


def of_grant(world: World, role: str, row: Row) -> bool:
    """Why somebody holds a role: herself, who looks after one of her teams and gives roles there."""
    teams = [team for team, people in world.members.items() if row["person_id"] in people]
    gives = role == "lead" and any(world.leads(role, team) for team in teams)
    return world.is_me(role, row["person_id"]) or gives or role in READS_ALL


def of_wish(world: World, role: str, row: Row) -> bool:
    """Whoever wishes to be stood in for, whoever would do it, those who read everything."""
    return any(world.is_me(role, row[name]) for name in ("wished_by_id", "person_id")) or role in READS_ALL


def of_registry(column: str = "organisation_id", *also: str) -> Rule:
    """What only those who keep the registry and the organisation's own administrators see; `also` reads it."""

    def rule(world: World, role: str, row: Row) -> bool:
        runs_it = role == "lead" and row[column] == world.organisation
        return runs_it or role in ("worker", "admin", *also)

    return rule


def of_receipt(world: World, role: str, row: Row) -> bool:
    """Those who keep the books, and the donor who keeps it among her own."""
    return role in MONEY or (role == "donor" and row["id"] in world.kept)


def of_state(world: World, role: str, row: Row) -> bool:
    """The state receipt's numbers: the same people as its confirmation."""
    return of_receipt(world, role, {"id": row["receipt_id"]})


def of_summary(world: World, role: str, row: Row) -> bool:
    """Whoever issued it, and those who handle the fund's money."""
    return role in ("cashier", "accountant") or world.is_me(role, row["issued_by_id"])


def of_summary_line(world: World, role: str, row: Row) -> bool:
    """What is listed is said of the confirmation itself too."""
    return of_receipt(world, role, {"id": row["receipt_id"]})


def of_roster(world: World, role: str, row: Row) -> bool:
    """Only whoever brought the roster sees its rows."""
    return world.is_me(role, world.rosters.get(row["roster_id"]))


def of_team(world: World, role: str, row: Row) -> bool:
    """What is said within a team: whoever looks after it, and the person whom the row is about."""
    return world.leads(role, row["team_id"]) or world.is_me(role, row.get("person_id"))


def to_team(world: World, role: str, row: Row) -> bool:
    """A message of a team: its members and whoever looks after it."""
    is_member = any(world.is_me(role, person) for person in world.members.get(row["team_id"], ()))
    return is_member or world.leads(role, row["team_id"])


def of_loan(world: World, role: str, row: Row) -> bool:
    """Whom a loan concerns: herself, who looks after the host's team or a team of hers, who reads everything."""
    at_home = (team for team, people in world.members.items() if row["person_id"] in people)
    looks_after = world.leads(role, row["team_id"]) or any(world.leads(role, team) for team in at_home)
    return world.is_me(role, row["person_id"]) or looks_after or role in READS_ALL


def of_application(world: World, role: str, row: Row) -> bool:
    """Why it was refused: herself, who decides in the organisation that she wished for, who decides on all."""
    decides = role == "lead" and row["wish_organisation_id"] == world.organisation
    return decides or world.is_me(role, row["person_id"]) or role in ("worker", *READS_ALL)


def of_file(*also: str) -> Rule:
    """What stands in a file: herself, who looks after a team of hers, who decides on her wish to join, and `also`."""

    def rule(world: World, role: str, row: Row) -> bool:
        person = row["person_id"]
        decides = role == "lead" and person in world.applicants
        return world.is_me(role, person) or world.looks_after(role, person) or decides or role in also

    return rule


def in_full(*may: str) -> Rule:
    """What lies sealed: herself; these roles, with a reason, of whom they look after (`portal.mydata.policy`)."""

    def rule(world: World, role: str, row: Row) -> bool:
        person = row["person_id"]
        return world.is_me(role, person) or (role in may and (role == "worker" or world.looks_after(role, person)))

    return rule


def of_guardian(world: World, role: str, row: Row) -> bool:
    """Who calls a member's guardian, and who compares the name with the paper that the guardian signed."""
    decides = (role == "lead" and row["person_id"] in world.applicants) or role == "admin"
    return decides or TO_CALL(world, role, row)


TO_CALL = in_full("leader", "lead", "worker")
TO_REGISTER = in_full("lead", "worker")
FILE = of_file("worker", *READS_ALL)
