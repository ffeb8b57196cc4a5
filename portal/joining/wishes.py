"""Where somebody wishes to serve: an organisation, one of its teams, or wherever the workers see a place.

In a form a wish is `o12` or `t5`; nothing for no wish.
"""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.db import db, rows
from portal.orgs.models import Organisation, Team
from portal.problems import DomainError
from portal.teams.invitations import read
from portal.teams.models import Invitation
from portal.teams.queries import is_closed
from portal.web.forms import number_in
from portal.words import _l


class Wish(NamedTuple):
    """What was wished for; a team comes with its organisation."""

    organisation: Organisation | None = None
    team: Team | None = None
    invitation: Invitation | None = None

    @property
    def text(self) -> str:
        if self.team is not None:
            return f"t{self.team.id}"
        return f"o{self.organisation.id}" if self.organisation is not None else ""

    @property
    def name(self) -> str:
        """The team's name, else the organisation's; empty without a wish."""
        return self.team.name if self.team else self.organisation.name if self.organisation else ""


NOWHERE = Wish()
_OPEN = (Organisation.closed_on.is_(None), Organisation.merged_into_id.is_(None))
_ORGANISATIONS = select(Organisation.id, Organisation.name).where(*_OPEN).order_by(Organisation.name)


def read_wish(text: str | None) -> Wish:
    """What a form's text names. Raises DomainError for anything that is not there, or closed."""
    kind, number = (text or "")[:1], number_in((text or "")[1:])
    if not text:
        return NOWHERE
    find = {"o": wish_for, "t": wish_for_team}.get(kind)
    wish = find(number or 0) if find else NOWHERE
    if wish.organisation is None:
        raise DomainError(_l("请从列表里选一项。"), field="wish")
    return wish


def wish_for(organisation_id: int) -> Wish:
    """An open organisation; NOWHERE when there is none of that number."""
    return Wish(db.session.scalar(select(Organisation).where(Organisation.id == organisation_id, *_OPEN)))


def wish_for_team(team_id: int) -> Wish:
    """A team that takes members, with its organisation; NOWHERE when there is none of that number."""
    found = select(Team).join(Organisation).where(Team.id == team_id, *_OPEN).options(joinedload(Team.organisation))
    team = db.session.scalar(found)
    if team is None or is_closed(team.id):
        return NOWHERE
    return Wish(team.organisation, team)


def wish_named(slug: str | None) -> Wish:
    """The open organisation whose page somebody comes from."""
    if not slug:
        return NOWHERE
    return Wish(db.session.scalar(select(Organisation).where(Organisation.slug == slug[:100], *_OPEN)))


def wish_invited(token: str) -> Wish:
    """The team into which a link invites; NOWHERE when the link is forged, used up, revoked or too old."""
    invitation = read(token) if token else None
    return wish_for_team(invitation.team_id)._replace(invitation=invitation) if invitation is not None else NOWHERE


def organisations_to_wish() -> list[tuple[str, str]]:
    """What a form offers, by name."""
    return [(f"o{one.id}", one.name) for one in rows(_ORGANISATIONS)]
