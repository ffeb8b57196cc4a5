"""A volunteer's own standing: pausing, coming back, leaving."""

from flask import Blueprint, Response, url_for

from portal import clock
from portal.accounts.session import enter, me
from portal.db import db
from portal.joining import standing
from portal.joining.forms import LeaveForm
from portal.joining.queries import memberships_of
from portal.problems import DomainError
from portal.profiles.models import LEADS_TO, Status
from portal.profiles.queries import status_of
from portal.web.access import found
from portal.web.libs import _
from portal.web.pages import done, page, refused

bp = Blueprint("standing", __name__, url_prefix="/me/profile")


@bp.post("/pause")
def pause() -> Response:
    return _done(Status.PAUSED, _("暂停好了，这段时间不会安排您。想回来时，在这里点一下就行。"))


@bp.post("/return")
def come_back() -> Response:
    return _done(Status.ACTIVE, _("欢迎回来。"))


def _done(to: Status, say: str) -> Response:
    try:
        (standing.pause if to is Status.PAUSED else standing.come_back)(me(), by=me(), at=clock.now())
    except DomainError as problem:
        db.session.rollback()
        return done(go=url_for("profiles.index"), say=str(problem.sentence))
    return done(go=url_for("profiles.index"), say=say)


@bp.get("/leave")
def leave() -> Response:
    _require_volunteer()
    return page("joining/leave.html", form=LeaveForm(formdata=None), memberships=memberships_of(me().id))


@bp.post("/leave")
def leave_now() -> Response:
    _require_volunteer()
    form, now = LeaveForm(), clock.now()
    if not form.validate():
        return refused("joining/leave.html", form, memberships=memberships_of(me().id))
    try:
        standing.leave(me(), by=me(), at=now)
    except DomainError as problem:
        return refused("joining/leave.html", form, problem, memberships=memberships_of(me().id))
    # What she might has changed, which ended her sign-ins: here she stays in.
    enter(me(), at=clock.now())
    return done(go=url_for("profiles.index"), say=_("您退出了。谢谢您做过的一切；想回来随时可以再申请。"))


def _require_volunteer() -> None:
    """404 for whoever is none, or has left already."""
    status = status_of(me())
    found(status if status is not None and Status.LEFT in LEADS_TO[status] else None)
