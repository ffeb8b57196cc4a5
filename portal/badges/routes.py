from typing import Any

from flask import Blueprint, Response, request, session, url_for

from portal import clock
from portal.accounts.session import leave as sign_out
from portal.accounts.session import me
from portal.audit import record_apart
from portal.badges import actions
from portal.badges.bounds import KIOSK, go_in, go_out, here, keep_bounds, leave_in_time, of_this_visit
from portal.badges.cards import read_card, require_good_pin, spaced, text_of
from portal.badges.desks import badge_shown, browser_here, desk_here
from portal.badges.forms import DeskForm, PinForm
from portal.badges.models import Badge
from portal.badges.policy import can_hand_out, can_hand_out_anywhere
from portal.badges.queries import (
    badge_by_id,
    hands_out_to,
    holders_of,
    kiosk_by_id,
    open_kiosks_of,
    teams_to_hand_out_for,
    visit_by_id,
)
from portal.db import let_go
from portal.documents import qr
from portal.orgs.models import Team
from portal.orgs.policy import can_see_team
from portal.orgs.queries import team_by_slug
from portal.people.passwords import hashed
from portal.problems import DomainError
from portal.web.access import found, login_answer, require, without_account
from portal.web.forms import tidy
from portal.web.libs import _, ngettext
from portal.web.pages import done, go_to, page, refused

bp = Blueprint("badges", __name__, url_prefix="/badges")
bp.before_app_request(keep_bounds)
bp.after_app_request(leave_in_time)
bp.app_context_processor(of_this_visit)


# ── for those who run a team ────────────────────────────────────────────────────────────────────────
@bp.get("")
def index() -> Response:
    require(can_hand_out_anywhere(me()))
    teams = teams_to_hand_out_for(me())
    return page("badges/index.html", teams=teams, kiosks=open_kiosks_of(teams, at=clock.now()))


@bp.get("/teams/<slug>")
def team(slug: str) -> Response:
    team = _my_team(slug)
    return page("badges/team.html", team=team, holders=holders_of(team), spaced=spaced)


@bp.post("/teams/<slug>/issue")
def issue(slug: str) -> Response:
    team = _my_team(slug)
    wanted = set(request.form.getlist("person"))
    people = [holder.person for holder in holders_of(team) if str(holder.person.id) in wanted]
    count = len(actions.issue_badges(people, team, by=me(), at=clock.now()))
    issued = ngettext("发了 %(num)d 张证，请打印出来。", "发了 %(num)d 张证，请打印出来。", count)
    return done(go=url_for(".team", slug=slug), say=issued if count else _("请先勾选还没有证的队员。"))


@bp.get("/teams/<slug>/print")
def print_cards(slug: str) -> Response:
    team = _my_team(slug)
    only = request.args.get("badge")
    badges = [badge for _person, badge in holders_of(team) if badge and only in (None, str(badge.id))]
    found(badges or None)
    record_apart("badges.cards.printed", team, by=me(), at=clock.now(), count=len(badges))
    cards = [(badge, spaced(badge.number), qr.svg(text_of(badge))) for badge in badges]
    return page("badges/print.html", team=team, cards=cards)


@bp.get("/<int:badge_id>/pin")
def pin(badge_id: int) -> Response:
    return page("badges/pin.html", form=PinForm(formdata=None), **_shown(_my_members_badge(badge_id)))


@bp.post("/<int:badge_id>/pin")
def set_pin(badge_id: int) -> Response:
    badge, form = _my_members_badge(badge_id), PinForm()
    if not form.validate():
        return refused("badges/pin.html", form, **_shown(badge))
    try:
        require_good_pin(form.pin.data or "")
    except DomainError as problem:
        return refused("badges/pin.html", form, problem, **_shown(badge))
    # Hashing takes long: nobody waits for this transaction meanwhile.
    let_go()
    pin_hash = hashed(form.pin.data or "")
    badge = _my_members_badge(badge_id)
    actions.set_pin(badge, pin_hash, by=me(), at=clock.now())
    said = _("%(name)s的密码设好了，现在可以刷卡了。", name=badge.person.name)
    return done(go=url_for(".team", slug=badge.team.slug), say=said)


@bp.post("/<int:badge_id>/revoke")
def revoke(badge_id: int) -> Response:
    badge = _my_members_badge(badge_id)
    name, slug = badge.person.name, badge.team.slug
    try:
        actions.revoke_badge(badge, by=me(), at=clock.now())
    except DomainError as problem:
        return done(go=url_for(".team", slug=slug), say=str(problem.sentence))
    return done(go=url_for(".team", slug=slug), say=_("%(name)s的证挂失了，旧证马上作废。可以发一张新的。", name=name))


# ── kiosks ──────────────────────────────────────────────────────────────────────────────────────────
@bp.post("/teams/<slug>/kiosk")
def open_kiosk(slug: str) -> Response:
    team, now = _my_team(slug), clock.now()
    token = actions.open_kiosk(team, browser=tidy(browser_here()) or "", by=me(), at=now)
    # The browser keeps nothing of hers: whoever comes next finds a desk and no account.
    sign_out(at=now)
    session[KIOSK] = token
    session.permanent = True
    return done(go=url_for(".desk"), say=_("这台设备现在是刷卡机，您已经退出登录。12 小时后自动关闭。"))


@bp.post("/kiosks/<int:kiosk_id>/end")
def end_kiosk(kiosk_id: int) -> Response:
    kiosk = found(kiosk_by_id(kiosk_id))
    found(kiosk if can_hand_out(me(), kiosk.team) else None)
    actions.end_kiosk(kiosk, by=me(), at=clock.now())
    return done(go=url_for(".index"), say=_("那台刷卡机关掉了。"))


# ── the desk ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/desk")
@without_account
def desk() -> Response:
    here = desk_here(at=clock.now())
    if here is None:
        return login_answer()
    return page("badges/desk.html", form=DeskForm(formdata=None), kiosk=here.kiosk)


@bp.post("/desk")
@without_account
def show_badge() -> Response:
    form, now = DeskForm(), clock.now()
    desk = desk_here(at=now)
    if desk is None:
        return login_answer()
    if not form.validate():
        return refused("badges/desk.html", form, kiosk=desk.kiosk)
    try:
        badge = badge_shown(desk, read_card(form.card.data or ""), form.pin.data or "", at=now)
    except DomainError as problem:
        return refused("badges/desk.html", form, problem, kiosk=desk.kiosk)
    address, browser = request.remote_addr or "", tidy(browser_here()) or ""
    visit, token = actions.begin_visit(
        badge, host=desk.host, kiosk=desk.kiosk, address=address, browser=browser, at=now
    )
    go_in(visit, badge.person, token, at=now)
    return go_to(url_for(".visit"))


@bp.get("/visit")
def visit() -> Response:
    now = here()
    if now is None:
        return go_to(url_for(".desk"))
    return page("badges/visit.html", person=me())


@bp.post("/leave")
@without_account
def leave() -> Response:
    was = go_out()
    if was and (visit := visit_by_id(was.visit)):
        actions.end_visit(visit, at=clock.now())
    return done(go=url_for(".desk"), say=_("已经退出，您的内容都收好了。"))


# ── finding ─────────────────────────────────────────────────────────────────────────────────────────
def _my_team(slug: str) -> Team:
    """404 to a stranger, 403 to whoever sees the team and does not run it."""
    team = found(team_by_slug(slug))
    found(team if can_see_team(me(), team) else None)
    require(can_hand_out(me(), team))
    return team


def _my_members_badge(badge_id: int) -> Badge:
    badge = found(badge_by_id(badge_id))
    return found(badge if hands_out_to(me(), badge.person_id) else None)


def _shown(badge: Badge) -> dict[str, Any]:
    return {"badge": badge, "number": spaced(badge.number)}
