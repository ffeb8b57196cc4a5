from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request, url_for
from sqlalchemy import select

from portal import clock
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.db import db
from portal.orgs.models import Membership, Organisation, Team
from portal.orgs.policy import can_see_team
from portal.orgs.queries import is_member, team_by_slug
from portal.people.models import Grant
from portal.people.queries import people_called
from portal.problems import DomainError
from portal.teams import actions, asking, policy
from portal.teams.forms import (
    AnswersForm,
    AskForm,
    CardForm,
    DeputyForm,
    NewTeamForm,
    PersonForm,
    ReasonForm,
)
from portal.teams.models import JoinRequest, TeamKind
from portal.teams.pages import can_name_deputy, manage_page, my_team, seen_team, team_page, volunteer_called
from portal.teams.queries import (
    card_of,
    is_volunteer,
    leaders_of,
    list_open_teams,
    membership_by_id,
    organisations_with_open_teams,
    request_by_id,
    requests_of,
    requests_waiting,
    teams_run_by,
)
from portal.web.access import found, require
from portal.web.forms import number_in
from portal.web.libs import _, ngettext
from portal.web.pages import done, page, refused
from portal.web.rates import SEARCHES, rated
from portal.web.tables import read_listing

bp = Blueprint("teams", __name__, url_prefix="/teams")


# ── finding and founding ────────────────────────────────────────────────────────────────────────────
@bp.get("")
@rated(SEARCHES)
def index() -> Response:
    """Teams that can be asked to join, one's own requests, and the teams that one runs."""
    wanted = read_listing(
        request.args, path=url_for(".index"), sorts=("name",), extra=("kind", "organisation"), piece="open-teams"
    )
    listing, teams = list_open_teams(wanted)
    houses = organisations_with_open_teams()
    own: dict[str, Any] = {
        "requests": requests_of(me()),
        "runs": teams_run_by(me()),
        "may_add": bool(policy.own_organisations(me())),
    }
    shown: dict[str, Any] = {"listing": listing, "teams": teams, "houses": houses, "kinds": list(TeamKind)}
    return page("teams/index.html", piece="teams/_open.html", **shown, **own)


@bp.get("/new")
def new() -> Response:
    form = NewTeamForm(formdata=None).offer(_my_organisations())
    return page("teams/new.html", form=form)


@bp.post("/new")
def add() -> Response:
    form = NewTeamForm().offer(organisations := _my_organisations())
    if not form.validate():
        return refused("teams/new.html", form)
    house = next(one for one in organisations if str(one.id) == form.organisation.data)
    try:
        team = actions.found_team(house, form.name.data or "", form.card, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/new.html", form, problem)
    return done(
        go=url_for(".manage", slug=team.slug), say=_("「%(team)s」建好了，接着请人入队、定队长。", team=team.name)
    )


# ── one team ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<slug>")
@rated(SEARCHES)
def team(slug: str) -> Response:
    return page("teams/team.html", piece="teams/_members.html", **team_page(seen_team(slug)))


@bp.get("/<slug>/manage")
def manage(slug: str) -> Response:
    team = my_team(slug)
    card = card_of(team)
    return page("teams/manage.html", form=CardForm(formdata=None, obj=card), **manage_page(team))


@bp.post("/<slug>/manage")
def write_card(slug: str) -> Response:
    team, form = my_team(slug), CardForm()
    if not form.validate():
        return refused("teams/manage.html", form, **manage_page(team))
    actions.write_card(team, form.card, by=me(), at=clock.now())
    return done(go=url_for(".manage", slug=slug), say=_("改好了。"))


@bp.get("/<slug>/close")
def ask_close(slug: str) -> Response:
    return page("teams/close.html", team=_to_close(slug), form=ReasonForm(formdata=None))


@bp.post("/<slug>/close")
def close(slug: str) -> Response:
    team, form = _to_close(slug), ReasonForm()
    return _with_reason(
        form,
        lambda: actions.close_team(team, form.reason.data or "", by=me(), at=clock.now()),
        "teams/close.html",
        go=url_for(".manage", slug=slug),
        say=_("「%(team)s」停办了，历史都在。", team=team.name),
        team=team,
    )


@bp.post("/<slug>/reopen")
def reopen(slug: str) -> Response:
    actions.reopen_team(_to_close(slug), by=me(), at=clock.now())
    return done(go=url_for(".manage", slug=slug), say=_("恢复了，可以收队员、办活动。"))


# ── members ─────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<slug>/members/add")
def add_page(slug: str) -> Response:
    return page("teams/add.html", team=my_team(slug), form=PersonForm(formdata=None))


@bp.post("/<slug>/members/add")
def add_member(slug: str) -> Response:
    team, form = my_team(slug), PersonForm()
    if not form.validate():
        return refused("teams/add.html", form, team=team)
    try:
        person = volunteer_called(form.number.data or "", form.name.data or "")
        actions.add_member(person, team, by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/add.html", form, problem, team=team)
    return done(go=url_for(".add_page", slug=slug), say=_("%(name)s入队了，可以接着登记下一位。", name=person.name))


@bp.get("/<slug>/members/<int:membership_id>/remove")
def ask_remove(slug: str, membership_id: int) -> Response:
    membership = _member_of(my_team(slug), membership_id)
    return page("teams/remove.html", membership=membership, team=membership.team, form=ReasonForm(formdata=None))


@bp.post("/<slug>/members/<int:membership_id>/remove")
def remove(slug: str, membership_id: int) -> Response:
    team, form = my_team(slug), ReasonForm()
    membership = _member_of(team, membership_id)
    return _with_reason(
        form,
        lambda: actions.remove_member(membership, form.reason.data or "", by=me(), at=clock.now()),
        "teams/remove.html",
        go=url_for(".team", slug=slug),
        say=_("%(name)s不再是队员，会看到原因；服务记录都在。", name=membership.person.name),
        team=team,
        membership=membership,
    )


@bp.get("/<slug>/leave")
def ask_leave(slug: str) -> Response:
    return page("teams/leave.html", team=_team_of_mine(slug))


@bp.post("/<slug>/leave")
def leave(slug: str) -> Response:
    team = _team_of_mine(slug)
    try:
        actions.leave_team(me(), team, at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        return done(go=url_for(".ask_leave", slug=slug), say=str(problem.sentence))
    return done(go=url_for("me.index"), say=_("您退出了「%(team)s」，服务记录都在。", team=team.name))


# ── deputies ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/<slug>/deputies/new")
@freshly
def deputy(slug: str) -> Response:
    return page("teams/deputy.html", team=_to_name_deputy(slug), form=DeputyForm(formdata=None))


@bp.post("/<slug>/deputies/new")
@freshly
def name_deputy(slug: str) -> Response:
    team, form = _to_name_deputy(slug), DeputyForm()
    if not form.validate():
        return refused("teams/deputy.html", form, team=team)
    wanted = (form.number.data or "").upper()
    try:
        person = next((one for one in people_called(wanted) if one.volunteer_no == wanted), None)
        if person is None or not is_member(person, team):
            raise DomainError(_("队员里没有这个编号，请核对。"), field="number")
        actions.name_deputy(person, team, form.reason.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/deputy.html", form, problem, team=team)
    return done(go=url_for(".manage", slug=slug), say=_("%(name)s现在是副队长，请本人重新登录。", name=person.name))


@bp.post("/<slug>/deputies/<int:grant_id>/end")
@freshly
def end_deputy(slug: str, grant_id: int) -> Response:
    team = _to_name_deputy(slug)
    line = found(next((one for one in leaders_of(team) if one.grant_id == grant_id and one.is_deputy), None))
    actions.end_deputy(db.session.get_one(Grant, grant_id), _("不再担任副队长"), by=me(), at=clock.now())
    return done(go=url_for(".manage", slug=slug), say=_("%(name)s不再是副队长，仍是队员。", name=line.name))


# ── asking to join ──────────────────────────────────────────────────────────────────────────────────
@bp.get("/<slug>/join")
def join(slug: str) -> Response:
    return page("teams/join.html", form=AskForm(formdata=None), **_join_page(slug))


@bp.post("/<slug>/join")
def ask(slug: str) -> Response:
    shown, form = _join_page(slug), AskForm()
    team: Team = shown["team"]
    if not form.validate():
        return refused("teams/join.html", form, **shown)
    try:
        asking.ask(me(), team, words=form.words.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/join.html", form, problem, **_join_page(slug))
    return done(go=url_for(".index"), say=_("申请交给「%(team)s」的队长了，有答复会通知您。", team=team.name))


@bp.post("/requests/<int:request_id>/withdraw")
def withdraw(request_id: int) -> Response:
    wish = found(request_by_id(request_id))
    found(wish if wish.person_id == me().id else None)
    try:
        asking.withdraw(wish, by=me(), at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        return done(go=url_for(".index"), say=str(problem.sentence))
    return done(go=url_for(".index"), say=_("申请撤回了。"))


@bp.get("/<slug>/requests")
def requests(slug: str) -> Response:
    team = my_team(slug)
    return page("teams/requests.html", team=team, requests=requests_waiting(team), form=AnswersForm(formdata=None))


@bp.post("/<slug>/requests/approve")
def approve(slug: str) -> Response:
    team = my_team(slug)
    ticked = _ticked(team)
    problems = asking.approve(ticked, by=me(), at=clock.now())
    count = len(ticked) - len(problems)
    said = [ngettext("%(num)d 人入队了。", "%(num)d 人入队了。", count)] if count else []
    said += problems or ([] if ticked else [_("请先勾选申请。")])
    return done(go=url_for(".requests", slug=slug), say=" ".join(said))


@bp.post("/<slug>/requests/refuse")
def refuse(slug: str) -> Response:
    team, form = my_team(slug), AnswersForm()
    try:
        count = asking.refuse(_ticked(team), form.reason.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        waiting = requests_waiting(team)
        return refused("teams/requests.html", form, problem, team=team, requests=waiting)
    said = ngettext("答复了 %(num)d 人，他们会看到原因。", "答复了 %(num)d 人，他们会看到原因。", count)
    return done(go=url_for(".requests", slug=slug), say=said if count else _("请先勾选申请。"))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _my_organisations() -> list[Organisation]:
    ids = policy.own_organisations(me())
    require(bool(ids))
    hers = select(Organisation).where(Organisation.id.in_(ids), Organisation.closed_on.is_(None))
    return list(db.session.scalars(hers.order_by(Organisation.name)))


def _to_close(slug: str) -> Team:
    team = my_team(slug)
    require(policy.can_close(me(), team))
    return team


def _to_name_deputy(slug: str) -> Team:
    team = my_team(slug)
    require(can_name_deputy(team))
    return team


def _member_of(team: Team, membership_id: int) -> Membership:
    membership = found(membership_by_id(membership_id))
    return found(membership if membership.team_id == team.id else None)


def _team_of_mine(slug: str) -> Team:
    team = found(team_by_slug(slug))
    return found(team if is_member(me(), team) else None)


def _join_page(slug: str) -> dict[str, Any]:
    """A team that can be asked, as everybody who signed in sees it."""
    team = found(team_by_slug(slug))
    card = card_of(team)
    is_open = card.is_open_to_join and card.closed_on is None
    found(team if is_open or can_see_team(me(), team) else None)
    own: dict[str, Any] = {
        "is_mine": is_member(me(), team),
        "waits": asking.waiting_of(me(), team),
        "may": is_volunteer(me()),
    }
    return {"team": team, "card": card, "is_open": is_open, **own}


def _ticked(team: Team) -> list[JoinRequest]:
    wanted = {number_in(text) for text in request.form.getlist("request")}
    return [one for one in requests_waiting(team) if one.id in wanted]


def _with_reason(
    form: ReasonForm, deed: Callable[[], None], template: str, *, go: str, say: str, **shown: Any
) -> Response:
    """Do what needs a reason, or show the form again."""
    if not form.validate():
        return refused(template, form, **shown)
    try:
        deed()
    except DomainError as problem:
        return refused(template, form, problem, **shown)
    return done(go=go, say=say)
