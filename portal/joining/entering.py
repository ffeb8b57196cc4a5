"""Somebody without a phone: whoever runs her team enters her, with a photo of the consent that she signed."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.audit import record
from portal.consents.models import Purpose
from portal.db import db
from portal.files import Picture, keep_picture
from portal.joining.actions import apply, approve
from portal.joining.models import Application
from portal.joining.policy import DECIDES, DECIDES_ALL, can_enter_into, decides_for
from portal.joining.wishes import Wish
from portal.orgs.models import Organisation, Team
from portal.people.actions import add_person
from portal.people.models import Person, Role
from portal.people.policy import holds, scopes_of
from portal.problems import NotAllowed
from portal.profiles.details import Details
from portal.words import _l


class Newcomer(NamedTuple):
    """Who is entered, and on what paper."""

    name: str
    details: Details
    agreed: Collection[Purpose]
    photo: Picture


def enter(new: Newcomer, wish: Wish, *, by: Person, at: datetime) -> Application:
    """A full volunteer without an account. She is approved at once where `by` decides, else she waits.

    Raises NotAllowed, DomainError, PaperTaken.
    """
    if not can_enter_into(by, wish.team, wish.organisation):
        raise NotAllowed(_l("只能登记到自己管的服务队或组织里。"))
    person = add_person(new.name, by=by, at=at)
    paper = keep_picture(new.photo, by=by, at=at)
    application = apply(person, new.details, agreed=new.agreed, by=by, at=at, wish=wish, paper=paper)
    record("joining.application.entered", application, by=by, at=at, person=person.id, file=paper.id)
    if decides_for(by, wish.organisation.id if wish.organisation else None):
        approve(application, by=by, at=at)
    return application


def wishes_to_enter(person: Person) -> list[tuple[str, str]]:
    """Where this person may enter somebody: teams under the name of their organisation, and organisations."""
    teams, organisations = _teams(person), _organisations(person)
    offered = [(f"t{team.id}", f"{team.name}（{team.organisation.name}）") for team in teams]
    offered += [(f"o{one.id}", one.name) for one in organisations]
    return [("", str(_l("先不加入服务队"))), *offered] if holds(person, *DECIDES_ALL) else offered


def _teams(person: Person) -> list[Team]:
    wanted = select(Team).join(Organisation).options(joinedload(Team.organisation)).order_by(Team.name, Team.id)
    wanted = wanted.where(Organisation.closed_on.is_(None))
    if not holds(person, *DECIDES_ALL):
        own = scopes_of(person, Role.TEAM_LEADER, kind="team") or ()
        of_organisations = scopes_of(person, *DECIDES, kind="organisation") or ()
        wanted = wanted.where(Team.id.in_(own) | Team.organisation_id.in_(of_organisations))
    return list(db.session.scalars(wanted))


def _organisations(person: Person) -> list[Organisation]:
    wanted = select(Organisation).where(Organisation.closed_on.is_(None)).order_by(Organisation.name)
    if not holds(person, *DECIDES_ALL):
        wanted = wanted.where(Organisation.id.in_(scopes_of(person, *DECIDES, kind="organisation") or ()))
    return list(db.session.scalars(wanted))
