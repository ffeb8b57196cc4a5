"""Links into a team. Whoever reads the table has no link: the token is made from the data key and the row's nonce."""

import base64
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from portal import clock
from portal.audit import record
from portal.chance import digest_of_token, new_token
from portal.db import DETACHED, db
from portal.orgs.models import Membership, Team
from portal.people.models import Person
from portal.privacy import digest_of
from portal.problems import DomainError
from portal.teams.admitting import TeamClosed, admit, hold_open
from portal.teams.asking import ask
from portal.teams.models import Invitation, JoinRequest
from portal.teams.queries import card_of, is_closed, was_removed
from portal.words import Words, _l

USUAL_DAYS, MOST_DAYS = 14, 90
MOST_USES = 1_000
MOST_OPEN = 20
"""Links of one team that are good at the same time."""

_BYTES = 20


class Spent(DomainError):
    """The link leads nowhere any more; the sentence says why."""


class Entered(NamedTuple):
    """What came of using a link: she is a member, or waits for the leader's answer."""

    membership: Membership | None
    request: JoinRequest | None


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────
def read(token: str) -> Invitation | None:
    """The invitation that this token opens now; None for a forged, expired, used-up or revoked one."""
    invitation = lookup(token)
    return invitation if invitation is not None and why_not(invitation, at=clock.now()) is None else None


def lookup(token: str) -> Invitation | None:
    """The invitation that this token ever opened, with its team."""
    known = select(Invitation).where(Invitation.token_digest == digest_of_token(token.strip().upper()))
    return db.session.scalar(known.options(joinedload(Invitation.team).joinedload(Team.organisation)))


def why_not(invitation: Invitation, *, at: datetime) -> Words | None:
    """Why the link leads nowhere any more, as a sentence; None while it is good."""
    if is_closed(invitation.team_id):
        return _l("这个队已经停办，不再收队员。")
    if invitation.revoked_at is not None:
        return _l("这个邀请已经收回，请找队长要新的。")
    if invitation.expires_at <= at:
        return _l("这个邀请过期了，请找队长要新的。")
    if invitation.most_uses is not None and invitation.uses >= invitation.most_uses:
        return _l("这个邀请的名额用完了，请找队长要新的。")
    return None


def token_of(invitation: Invitation) -> str | None:
    """160 bits in 32 letters, to be shown again; None when the data key is no longer the one that made it."""
    token = _token(invitation.nonce)
    return token if digest_of_token(token) == invitation.token_digest else None


def _token(nonce: str) -> str:
    secret = bytes.fromhex(digest_of(nonce, purpose="team invitation"))[:_BYTES]
    return base64.b32encode(secret).decode()


def invitations_of(team: Team) -> list[Invitation]:
    """The newest first, at most fifty."""
    made = select(Invitation).where(Invitation.team_id == team.id).options(joinedload(Invitation.made_by))
    return list(db.session.scalars(made.order_by(Invitation.id.desc()).limit(50)))


def invitation_of(team: Team, invitation_id: int) -> Invitation | None:
    """One of the team's own."""
    return db.session.scalar(select(Invitation).where(Invitation.id == invitation_id, Invitation.team_id == team.id))


# ── making and revoking ─────────────────────────────────────────────────────────────────────────────
def make(team: Team, *, days: int, most_uses: int | None, by: Person, at: datetime) -> Invitation:
    """A link that is good for so many days. Raises DomainError."""
    hold_open(team)
    if not 1 <= days <= MOST_DAYS:
        raise DomainError(_l("有效期是 1 到 %(most)d 天。", most=MOST_DAYS), field="days")
    if most_uses is not None and not 1 <= most_uses <= MOST_USES:
        raise DomainError(_l("名额是 1 到 %(most)d 人，不限就留空。", most=MOST_USES), field="most_uses")
    if sum(why_not(one, at=at) is None for one in invitations_of(team)) >= MOST_OPEN:
        raise DomainError(_l("有效的邀请已经有 %(most)d 个，先收回不用的。", most=MOST_OPEN))
    nonce = new_token()
    invitation = Invitation(
        team_id=team.id,
        nonce=nonce,
        token_digest=digest_of_token(_token(nonce)),
        made_by_id=by.id,
        made_at=at,
        expires_at=at + timedelta(days=days),
        most_uses=most_uses,
    )
    db.session.add(invitation)
    db.session.flush()
    record("teams.invitation.made", invitation, by=by, at=at, team=team.id, days=days)
    return invitation


def revoke(invitation: Invitation, *, by: Person, at: datetime) -> None:
    """It opens nothing any more; twice is as good as once."""
    if invitation.revoked_at is None:
        invitation.revoked_at, invitation.revoked_by_id = at, by.id
        db.session.flush()
        record("teams.invitation.revoked", invitation, by=by, at=at, team=invitation.team_id)


# ── using ───────────────────────────────────────────────────────────────────────────────────────────
def use(invitation: Invitation, person: Person, *, by: Person, at: datetime) -> Entered:
    """She joins by the link: at once, or when the leader has looked at it where the team asks for that.

    Whoever was taken out of the team before waits for the leader in any case. Raises Spent, and what `admit` raises.
    """
    if (why := why_not(invitation, at=at)) is not None:
        raise TeamClosed(why) if is_closed(invitation.team_id) else Spent(why)
    team = invitation.team
    if card_of(team).asks_approval or was_removed(person, team):
        return Entered(None, ask(person, team, words="", invitation=invitation, by=by, at=at))
    membership = admit(person, team, by=by, at=at)
    _count(invitation, at=at)
    record("teams.invitation.used", invitation, by=by, at=at, person=person.id, team=team.id)
    return Entered(membership, None)


def _count(invitation: Invitation, *, at: datetime) -> None:
    """Of two who take the last place at once, one finds it taken. Raises Spent."""
    still = update(Invitation).where(
        Invitation.id == invitation.id, Invitation.revoked_at.is_(None), Invitation.expires_at > at
    )
    room = Invitation.most_uses.is_(None) | (Invitation.uses < Invitation.most_uses)
    counted = still.where(room).values(uses=Invitation.uses + 1).returning(Invitation.id)
    if db.session.scalar(counted, execution_options=DETACHED) is None:
        raise Spent(_l("这个邀请的名额用完了，请找队长要新的。"))
