"""Forgotten passwords: asking for a code, bringing it back in the same browser, another password."""

from flask import Blueprint, Response, session, url_for

from portal import clock
from portal.audit import record_apart
from portal.db import db, let_go
from portal.people.passwords import hashed, require_good
from portal.problems import DomainError
from portal.resets import actions
from portal.resets.forms import AskForm, PrintedForm
from portal.resets.models import Reset
from portal.resets.queries import proven, reset_by_nonce
from portal.web.access import without_account
from portal.web.addresses import visitors_network
from portal.web.forms import NewPasswordForm, SentCodeForm
from portal.web.libs import _
from portal.web.pages import done, go_to, page, refused
from portal.web.throttle import Guesses

bp = Blueprint("reset", __name__, url_prefix="/reset")

NONCE = "reset"
"""Where the session keeps what its code belongs to."""

GUESSES_AN_ADDRESS = 30


@bp.get("")
@without_account
def ask() -> Response:
    return page("resets/ask.html", form=AskForm(formdata=None))


@bp.post("")
@without_account
def asked() -> Response:
    form = AskForm()
    if not form.validate():
        return refused("resets/ask.html", form)
    address, who = visitors_network(), form.who.data or ""
    try:
        session[NONCE] = actions.ask(who, nonce=session.get(NONCE), address=address, at=clock.now())
    except DomainError as problem:
        return refused("resets/ask.html", form, problem)
    return go_to(url_for(".code"))


@bp.get("/code")
@without_account
def code() -> Response:
    if reset_by_nonce(session.get(NONCE)) is None:
        return _begin_anew()
    return page("resets/code.html", form=SentCodeForm(formdata=None))


@bp.post("/code")
@without_account
def prove() -> Response:
    form, now = SentCodeForm(), clock.now()
    if not form.validate():
        return refused("resets/code.html", form)
    guesses = _guesses()
    try:
        guesses.check(at=now)
    except DomainError as problem:
        return refused("resets/code.html", form, problem)
    is_right = actions.spend_try(session.get(NONCE), form.code.data or "", at=now)
    # Kept at once: of many guesses sent together each costs a try.
    db.session.commit()
    if not is_right:
        guesses.count(at=now)
        record_apart("resets.reset.refused", None, by=None, at=now)
        return refused("resets/code.html", form, actions.refusal())
    return go_to(url_for(".password"))


@bp.get("/printed")
@without_account
def printed() -> Response:
    return page("resets/printed.html", form=PrintedForm(formdata=None))


@bp.post("/printed")
@without_account
def bring_printed() -> Response:
    form, now = PrintedForm(), clock.now()
    if not form.validate():
        return refused("resets/printed.html", form)
    guesses = _guesses()
    try:
        guesses.check(at=now)
        session[NONCE] = actions.bring_printed(form.who.data or "", form.code.data or "", at=now)
    except actions.CodeRefused as problem:
        guesses.count(at=now)
        record_apart("resets.reset.refused", None, by=None, at=now)
        return refused("resets/printed.html", form, problem)
    except DomainError as problem:
        return refused("resets/printed.html", form, problem)
    return go_to(url_for(".password"))


@bp.get("/password")
@without_account
def password() -> Response:
    reset = proven(session.get(NONCE), at=clock.now())
    if reset is None:
        return _begin_anew()
    return page("resets/password.html", form=NewPasswordForm(formdata=None), person=reset.person)


@bp.post("/password")
@without_account
def set_password() -> Response:
    form, reset = NewPasswordForm(), proven(session.get(NONCE), at=clock.now())
    if reset is None:
        return _begin_anew()
    if not form.validate():
        return refused("resets/password.html", form, person=reset.person)
    try:
        person = actions.reset_password(reset, _hashed(reset, form.new.data or ""), at=clock.now())
    except DomainError as problem:
        return refused("resets/password.html", form, problem, person=reset.person)
    session.pop(NONCE)
    return done(go=url_for("accounts.login"), say=_said(person.login))


def _hashed(reset: Reset, password: str) -> str:
    """Hashed outside of any transaction, for it takes long. Raises DomainError for a poor password."""
    person = reset.person
    assert person is not None
    require_good(password, own=(person.name, person.login, person.volunteer_no), field="new")
    let_go()
    return hashed(password)


def _said(login: str | None) -> str:
    return _("密码改好了，您的设备都已退出。请用「%(login)s」和新密码登录。", login=login)


def _guesses() -> Guesses:
    return Guesses({f"reset-from:{visitors_network()}": GUESSES_AN_ADDRESS})


def _begin_anew() -> Response:
    return done(go=url_for(".ask"), say=_("验证码只在要它的那个浏览器里有效，过期了也要重新要。请从这里开始。"))
