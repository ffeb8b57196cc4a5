from datetime import datetime

from portal.actor import Actor
from portal.audit import record
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import is_member
from portal.people.models import Person
from portal.problems import DomainError
from portal.profiles.actions import begin_to_serve
from portal.words import _l


class AlreadyMember(DomainError):
    """The person belongs to the team already."""


def add_organisation(name: str, *, slug: str, by: Actor | None, at: datetime) -> Organisation:
    organisation = Organisation(name=name, slug=slug, created_at=at)
    db.session.add(organisation)
    db.session.flush()
    record("orgs.organisation.added", organisation, by=by, at=at, name=name)
    return organisation


def add_team(organisation: Organisation, name: str, *, slug: str, by: Actor | None, at: datetime) -> Team:
    team = Team(organisation=organisation, name=name, slug=slug, created_at=at)
    db.session.add(team)
    db.session.flush()
    record("orgs.team.added", team, by=by, at=at, name=name)
    return team


def join(person: Person, team: Team, *, by: Actor | None, at: datetime) -> Membership:
    """Make the person a member from today on. Raises AlreadyMember."""
    if is_member(person, team):
        raise AlreadyMember(_l("%(name)s已经是这个队的队员。", name=person.name))
    membership = Membership(person=person, team=team, joined_on=at.date())
    db.session.add(membership)
    db.session.flush()
    record("orgs.membership.began", membership, by=by, at=at, person=person.id, team=team.id)
    begin_to_serve([person.id], by=by, at=at)
    return membership
