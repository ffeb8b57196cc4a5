from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts.session import me
from portal.audit import record_apart, record_look
from portal.exports import begin, signed_csv
from portal.orgs.models import Team
from portal.orgs.queries import team_by_slug
from portal.people.actions import require_reason
from portal.problems import DomainError
from portal.teams import messages, policy, roster
from portal.teams.forms import MessageForm, ReasonForm
from portal.teams.models import Message
from portal.teams.pages import my_team
from portal.web.access import found
from portal.web.exports import csv_file
from portal.web.libs import _, ngettext
from portal.web.once import answered, keep_answer
from portal.web.pages import done, go_to, page, refused
from portal.web.rates import EXPORTS, rated
from portal.web.unit_of_work import apart

bp = Blueprint("messages", __name__, url_prefix="/teams/<slug>")


# ── messages ────────────────────────────────────────────────────────────────────────────────────────
@bp.get("/messages")
def index(slug: str) -> Response:
    return page("teams/messages.html", form=MessageForm(formdata=None), **_messages_page(my_team(slug)))


@bp.post("/messages")
def send(slug: str) -> Response:
    team, form = my_team(slug), MessageForm()
    if not form.validate():
        return refused("teams/messages.html", form, **_messages_page(team))
    sent = {**form.content_sent(), "team": team.id}
    try:
        if first := answered(form.key.data, sent, by=me()):
            return go_to(first)
        message = messages.send(team, form.subject.data or "", form.text.data or "", by=me(), at=clock.now())
    except DomainError as problem:
        return refused("teams/messages.html", form, problem, **_messages_page(team))
    address = url_for(".show", slug=slug, message_id=message.id)
    keep_answer(form.key.data, sent, address, by=me(), at=clock.now())
    return done(go=address, say=_("发出去了。"))


@bp.get("/messages/<int:message_id>")
def show(slug: str, message_id: int) -> Response:
    """For whom it went to, and for those who run the team, who also see whom to call."""
    message = _message(slug, message_id)
    runs, is_mine = policy.can_run(me(), message.team), messages.went_to(message, me())
    found(message if runs or is_mine else None)
    if is_mine:
        apart(partial(messages.opened, message.id, me().id, at=clock.now()))
    return page(
        "teams/message.html",
        message=message,
        team=message.team,
        runs=runs,
        to_call=messages.to_call(message) if runs else [],
    )


# ── the roster ──────────────────────────────────────────────────────────────────────────────────────
@bp.get("/roster")
@rated(EXPORTS)
def sheet(slug: str) -> Response:
    """To be printed: numbers, names, and room for signatures."""
    team = my_team(slug)
    record_apart("teams.roster.printed", team, by=me(), at=clock.now())
    return page("teams/roster.html", form=ReasonForm(formdata=None), **_roster_page(team))


@bp.get("/roster.csv")
@rated(EXPORTS)
def table(slug: str) -> Response:
    team = my_team(slug)
    record_apart("teams.roster.exported", team, by=me(), at=clock.now())
    return csv_file(team.name, [str(one) for one in roster.HEAD], roster.rows_of(roster.lines_of(team)))


@bp.post("/roster")
@rated(EXPORTS)
def sheet_with_mobiles(slug: str) -> Response:
    """The same with whole mobiles: for a reason, which each of them sees at /me/looks."""
    team, form = my_team(slug), ReasonForm()
    if not form.validate():
        return refused("teams/roster.html", form, **_roster_page(team))
    try:
        require_reason(form.reason.data or "")
    except DomainError as problem:
        return refused("teams/roster.html", form, problem, **_roster_page(team))
    lines = roster.with_mobiles(team)
    of = [one.person_id for one in lines]
    record_look("teams.roster.looked_at", team, of, by=me(), at=clock.now(), reason=form.reason.data or "")
    if request.form.get("as") == "csv":
        head = [str(one) for one in (*roster.HEAD, roster.MOBILE)]
        what, at = _("队员名单（%(team)s）", team=team.name), clock.now()
        export = begin(me(), what=what, purpose=form.reason.data or "", count=len(lines), at=at)
        return signed_csv(team.name, head, roster.rows_of(lines, mobiles=True), export)
    return page("teams/roster.html", form=ReasonForm(formdata=None), **_roster_page(team, lines))


# ── what they share ─────────────────────────────────────────────────────────────────────────────────
def _messages_page(team: Team) -> dict[str, Any]:
    return {"team": team, "sent": messages.list_sent(team), "reach": messages.reach_of(team, but=me())}


def _message(slug: str, message_id: int) -> Message:
    """Also for whoever has left the team since, and got it before."""
    return found(messages.message_of(found(team_by_slug(slug)), message_id))


def _roster_page(team: Team, lines: "list[roster.Line] | None" = None) -> dict[str, Any]:
    shown = roster.lines_of(team) if lines is None else lines
    title = ngettext("%(num)d 名队员", "%(num)d 名队员", len(shown))
    return {"team": team, "lines": shown, "title": title, "has_mobiles": lines is not None, "day": clock.today()}
