"""Of whom the figures are: the whole alliance, an organisation or a team, as the address asks and the reader may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, or_, select

from portal.clock import today
from portal.db import rows
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.profiles.models import Profile, Status

PERIODS = (12, 24, 36)
"""Months."""

COUNTED = (Status.APPROVED.value, Status.ACTIVE.value, Status.PAUSED.value)


class Named(NamedTuple):
    """An organisation or a team to choose."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class View:
    """What was chosen, and what there is to choose. `ids`: the organisations that the reader may see; None: all."""

    day: date
    ids: frozenset[int] | None
    organisation: Named | None
    team: Named | None
    months: int
    organisations: list[Named]
    teams: list[Named]

    @property
    def is_everybody(self) -> bool:
        """The whole alliance, with those who belong to no team."""
        return self.ids is None and self.organisation is None and self.team is None

    @property
    def values(self) -> dict[str, str]:
        """For an address that keeps the choice."""
        chosen = {"organisation": self.organisation, "team": self.team}
        kept = {name: one.slug for name, one in chosen.items() if one}
        return kept | ({"months": str(self.months)} if self.months != PERIODS[-1] else {})

    @property
    def name(self) -> str:
        return self.team.name if self.team else self.organisation.name if self.organisation else ""

    def teams_here(self) -> ColumnElement[bool]:
        """That a team is one of those that are looked at."""
        if self.team:
            return Team.id == self.team.id
        if self.organisation:
            return Team.organisation_id == self.organisation.id
        return Team.organisation_id.in_(self.ids) if self.ids is not None else Team.id == Team.id

    def members(self) -> Select[Any]:
        """Ids of the members now, each once."""
        there = select(Membership.person_id).join(Team, Team.id == Membership.team_id)
        return there.where(belongs(self.day), self.teams_here()).distinct()

    def people(self) -> list[ColumnElement[bool]]:
        """That a person counts here: a volunteer who was approved and has not left. Join Profile from outside."""
        counts = or_(Profile.status.is_(None), Profile.status.in_(COUNTED))
        return [counts, Person.volunteer_no.is_not(None) if self.is_everybody else Person.id.in_(self.members())]


def view_of(args: Mapping[str, str], ids: frozenset[int] | None) -> View:
    """What the address asks for; what is not there, or not the reader's, is left out."""
    organisations = _organisations(ids)
    chosen = _chosen(organisations, args.get("organisation", ""))
    if chosen is None and ids is not None and len(organisations) == 1:
        chosen = organisations[0]
    teams = _teams(chosen) if chosen else []
    months = args.get("months", "")
    return View(
        day=today(),
        ids=ids,
        organisation=chosen,
        team=_chosen(teams, args.get("team", "")),
        months=int(months) if months in map(str, PERIODS) else PERIODS[-1],
        organisations=organisations,
        teams=teams,
    )


def _organisations(ids: frozenset[int] | None) -> list[Named]:
    among = Organisation.id.in_(ids) if ids else (Organisation.id.is_not(None) if ids is None else false())
    named = select(Organisation.id, Organisation.slug, Organisation.name).where(
        among, Organisation.merged_into_id.is_(None)
    )
    return [Named(*row) for row in rows(named.order_by(Organisation.name))]


def _teams(organisation: Named) -> list[Named]:
    hers = select(Team.id, Team.slug, Team.name).where(Team.organisation_id == organisation.id)
    return [Named(*row) for row in rows(hers.order_by(Team.name))]


def _chosen(among: list[Named], slug: str) -> Named | None:
    return next((one for one in among if one.slug == slug), None)
