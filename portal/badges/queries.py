from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.accounts.browsers import described
from portal.badges.models import Badge, Kiosk, Visit
from portal.badges.policy import HANDS_OUT, can_hand_out
from portal.chance import digest_of_token
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.queries import belongs
from portal.people.models import Person
from portal.people.policy import scopes_of
from portal.words import Words


class Holder(NamedTuple):
    """A member of a team, with the badge that is good now, if she has one."""

    person: Person
    badge: Badge | None


class OpenKiosk(NamedTuple):
    """A kiosk and what its browser says of itself."""

    kiosk: Kiosk
    device: list[Words]


def teams_to_hand_out_for(person: Person) -> list[Team]:
    """The teams for whose members this person may print badges, by name."""
    teams = scopes_of(person, *HANDS_OUT, kind="team")
    organisations = scopes_of(person, *HANDS_OUT, kind="organisation")
    wanted = select(Team).join(Organisation).options(joinedload(Team.organisation)).order_by(Team.name, Team.id)
    if teams is not None and organisations is not None:
        wanted = wanted.where(Team.id.in_(teams) | Team.organisation_id.in_(organisations))
    return list(db.session.scalars(wanted))


def holders_of(team: Team) -> list[Holder]:
    """The members of the team, by volunteer number: one statement."""
    good = (Badge.person_id == Person.id) & Badge.revoked_at.is_(None)
    members = (
        select(Person, Badge)
        .join(Membership, Membership.person_id == Person.id)
        .outerjoin(Badge, good)
        .where(Membership.team_id == team.id, belongs(clock.today()), Person.is_open)
        .order_by(Person.volunteer_no, Person.id)
    )
    return [Holder(*row) for row in db.session.execute(members)]


def badge_by_id(badge_id: int) -> Badge | None:
    """A badge that is good, with its person."""
    good = select(Badge).where(Badge.id == badge_id, Badge.revoked_at.is_(None))
    return db.session.scalar(good.options(joinedload(Badge.person)))


def badge_by_number(number: str) -> Badge | None:
    """The good badge of an open account with this short number."""
    good = select(Badge).join(Badge.person).where(Badge.number == number, Badge.revoked_at.is_(None), Person.is_open)
    return db.session.scalar(good.options(joinedload(Badge.person)))


def good_badge_of(person_id: int) -> Badge | None:
    return db.session.scalar(select(Badge).where(Badge.person_id == person_id, Badge.revoked_at.is_(None)))


def teams_of(person_id: int) -> list[Team]:
    """The teams that somebody belongs to now."""
    current = (Membership.person_id == person_id, belongs(clock.today()))
    return list(db.session.scalars(select(Team).join(Membership).where(*current).order_by(Team.name)))


def hands_out_to(person: Person, holder_id: int) -> bool:
    """Whether the person hands out badges to this member of one of her teams."""
    return any(can_hand_out(person, team) for team in teams_of(holder_id))


# ── kiosks and visits ───────────────────────────────────────────────────────────────────────────────
def kiosk_by_token(token: str | None, *, at: datetime) -> Kiosk | None:
    """The kiosk that this browser is, as long as it is one; whoever opened it must still be able to."""
    known = (Kiosk.token_digest == digest_of_token(token or ""), Kiosk.ended_at.is_(None), Kiosk.ends_at > at)
    asked = select(Kiosk).where(*known).options(joinedload(Kiosk.team), joinedload(Kiosk.opened_by))
    kiosk = db.session.scalar(asked)
    return kiosk if kiosk and can_hand_out(kiosk.opened_by, kiosk.team) else None


def open_kiosks_of(teams: list[Team], *, at: datetime) -> list[OpenKiosk]:
    """Those of the teams that are open, the latest first."""
    still = (Kiosk.team_id.in_([team.id for team in teams]), Kiosk.ended_at.is_(None), Kiosk.ends_at > at)
    asked = select(Kiosk).where(*still).options(joinedload(Kiosk.team), joinedload(Kiosk.opened_by))
    found = db.session.scalars(asked.order_by(Kiosk.id.desc()))
    return [OpenKiosk(kiosk, described(kiosk.browser)) for kiosk in found]


def kiosk_by_id(kiosk_id: int) -> Kiosk | None:
    return db.session.get(Kiosk, kiosk_id)


def visit_by_id(visit_id: int) -> Visit | None:
    return db.session.get(Visit, visit_id)
