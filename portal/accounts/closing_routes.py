"""The page on which somebody closes her own account."""

from typing import Any

from flask import Blueprint, Response, session, url_for

from portal import clock
from portal.accounts.closing import close_account
from portal.accounts.forms import CloseForm
from portal.accounts.fresh import freshly
from portal.accounts.session import me
from portal.people.queries import is_last_administrator, roles_of
from portal.problems import DomainError
from portal.web.libs import _, logout_user
from portal.web.pages import done, page, refused

bp = Blueprint("closing", __name__)


@bp.get("/me/account/close")
@freshly
def ask() -> Response:
    return page("accounts/close.html", form=CloseForm(formdata=None), **_state())


@bp.post("/me/account/close")
@freshly
def close() -> Response:
    form = CloseForm()
    if not form.validate():
        return refused("accounts/close.html", form, **_state())
    try:
        close_account(me(), by=me(), at=clock.now(), reason=_("本人注销"))
    except DomainError as problem:
        return refused("accounts/close.html", form, problem, **_state())
    logout_user()
    session.clear()
    return done(go=url_for("accounts.login"), say=_("账号已经注销。谢谢您为大家做过的一切。"))


def _state() -> dict[str, Any]:
    return {"person": me(), "roles": roles_of(me()), "is_last": is_last_administrator(me().id)}
