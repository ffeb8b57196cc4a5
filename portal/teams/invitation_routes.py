from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.db import db
from portal.documents import qr
from portal.orgs.models import Team
from portal.orgs.queries import is_member
from portal.problems import DomainError
from portal.settings import current_settings
from portal.teams import invitations
from portal.teams.forms import InvitationForm
from portal.teams.models import Invitation
from portal.teams.pages import my_team
from portal.teams.queries import card_of, is_volunteer
from portal.web.access import found, without_account
from portal.web.libs import _, current_user
from portal.web.pages import done, page, refused
from portal.web.rates import GUESSES, rated

bp = Blueprint("invitations", __name__)


# ── for those who run the team ──────────────────────────────────────────────────────────────────────
@bp.get("/teams/<slug>/invitations")
def index(slug: str) -> Response:
    team = my_team(slug)
    return page("teams/invitations.html", form=InvitationForm(formdata=None), **_list_page(team))


@bp.post("/teams/<slug>/invitations")
def make(slug: str) -> Response:
    team, form = my_team(slug), InvitationForm()
    if not form.validate():
        return refused("teams/invitations.html", form, **_list_page(team))
    try:
        made = invitations.make(team, days=form.days.data or 0, most_uses=form.most_uses.data, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/invitations.html", form, problem, **_list_page(team))
    return done(go=url_for(".show", slug=slug, invitation_id=made.id), say=_("邀请做好了：转发链接，或者打印二维码。"))


@bp.get("/teams/<slug>/invitations/<int:invitation_id>")
def show(slug: str, invitation_id: int) -> Response:
    """The link, and a poster of A5 to be printed."""
    team = my_team(slug)
    invitation = _own(team, invitation_id)
    token = invitations.token_of(invitation)
    link = f"{_base_url()}{url_for('.invite', token=token)}" if token else ""
    shown: dict[str, Any] = {"link": link, "code": qr.svg(link) if link else ""}
    why = invitations.why_not(invitation, at=clock.now())
    return page("teams/poster.html", team=team, card=card_of(team), invitation=invitation, why_not=why, **shown)


@bp.post("/teams/<slug>/invitations/<int:invitation_id>/revoke")
def revoke(slug: str, invitation_id: int) -> Response:
    invitations.revoke(_own(my_team(slug), invitation_id), by=me(), at=clock.now())
    return done(go=url_for(".index", slug=slug), say=_("邀请收回了，链接和二维码都不再有效。"))


# ── for those who were invited ──────────────────────────────────────────────────────────────────────
@bp.get("/invite/<token>")
@without_account
@rated(GUESSES)
def invite(token: str) -> Response:
    """Whoever has the link learns the team's public name and nothing else."""
    return _invite_page(token)


@bp.post("/invite/<token>")
@rated(GUESSES)
def accept(token: str) -> Response:
    invitation = invitations.lookup(token)
    if invitation is None or not is_volunteer(me()):
        return _invite_page(token)
    try:
        entered = invitations.use(invitation, me(), by=me(), at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        return _invite_page(token, problem)
    team = invitation.team
    if entered.membership is None:
        return done(go=url_for("me.index"), say=_("申请交给「%(team)s」的队长了，有答复会通知您。", team=team.name))
    return done(go=url_for("teams.team", slug=team.slug), say=_("您加入了「%(team)s」，欢迎！", team=team.name))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _invite_page(token: str, problem: DomainError | None = None) -> Response:
    """What the link is good for, for whoever looks: 404 for a forged one, 410 for one that is over."""
    invitation = invitations.lookup(token)
    why = invitations.why_not(invitation, at=clock.now()) if invitation else None
    status = 404 if invitation is None else 410 if why else 422 if problem else 200
    shown = _invited(invitation) if invitation else {}
    text = str(problem.sentence) if problem and not why else ""
    return page(
        "teams/invite.html", status=status, token=token, invitation=invitation, why_not=why, problem=text, **shown
    )


def _invited(invitation: Invitation) -> dict[str, Any]:
    is_known = bool(current_user.is_authenticated)
    return {
        "team": invitation.team,
        "asks_approval": card_of(invitation.team).asks_approval,
        "is_known": is_known,
        "is_volunteer": is_known and is_volunteer(me()),
        "is_mine": is_known and is_member(me(), invitation.team),
    }


def _list_page(team: Team) -> dict[str, Any]:
    at = clock.now()
    made = [(one, invitations.why_not(one, at=at)) for one in invitations.invitations_of(team)]
    return {"team": team, "card": card_of(team), "made": made, "most_days": invitations.MOST_DAYS}


def _own(team: Team, invitation_id: int) -> Invitation:
    return found(invitations.invitation_of(team, invitation_id))


def _base_url() -> str:
    return (current_settings().base_url or request.url_root).rstrip("/")
