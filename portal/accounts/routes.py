from typing import Any

from flask import Blueprint, Response, request, url_for

from portal import clock
from portal.accounts import sign_ins
from portal.accounts.browsers import described
from portal.accounts.forms import LoginForm, PasswordForm
from portal.accounts.models import SignIn
from portal.accounts.queries import sign_in_of, sign_ins_of
from portal.accounts.session import enter, leave, me, token
from portal.audit import record_apart
from portal.db import let_go
from portal.people.models import Person
from portal.people.passwords import hashed, is_right, require_good
from portal.people.queries import person_by_login
from portal.problems import DomainError
from portal.web.access import found, local_path, without_account
from portal.web.libs import _, _l, current_user, ngettext
from portal.web.pages import done, go_to, page, refused
from portal.web.throttle import Guesses

bp = Blueprint("accounts", __name__)

ATTEMPTS_AN_ACCOUNT = 10
ATTEMPTS_AN_ADDRESS = 50


class WrongLogin(DomainError):
    """Unknown name or wrong password: the same sentence for both."""


@bp.get("/login")
@without_account
def login() -> Response:
    if current_user.is_authenticated:
        return go_to(url_for("me.index"))
    return page("accounts/login.html", form=LoginForm(next=request.args.get("next")))


@bp.post("/login")
@without_account
def sign_in() -> Response:
    form = LoginForm()
    if not form.validate():
        return refused("accounts/login.html", form)
    try:
        person = _checked(form.login.data or "", form.password.data or "")
    except DomainError as problem:
        return refused("accounts/login.html", form, problem)
    enter(person, at=clock.now())
    return go_to(local_path(form.next.data, url_for("me.index")))


@bp.post("/logout")
def sign_out() -> Response:
    leave(at=clock.now())
    return go_to(url_for("home.index"))


# ── one's own account ───────────────────────────────────────────────────────────────────────────────
@bp.get("/me/account")
def account() -> Response:
    return page("accounts/account.html", **_account())


@bp.post("/me/account/sign-ins/<int:sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> Response:
    sign_ins.end_one(me(), found(sign_in_of(me(), sign_in_id)), at=clock.now())
    return done(go=url_for(".account"), say=_("那台设备已经退出登录。"))


@bp.post("/me/account/sign-ins/end")
def end_other_sign_ins() -> Response:
    count = sign_ins.end_others(me(), token(), at=clock.now())
    ended = ngettext("%(num)d 台设备已经退出登录。", "%(num)d 台设备已经退出登录。", count)
    return done(go=url_for(".account"), say=ended if count else _("没有别的设备登录着。"))


@bp.get("/me/account/password")
def password() -> Response:
    return page("accounts/password.html", form=PasswordForm(formdata=None))


@bp.post("/me/account/password")
def change_password() -> Response:
    form = PasswordForm()
    if not form.validate():
        return refused("accounts/password.html", form)
    try:
        change = _change(form.old.data or "", form.new.data or "")
        count = sign_ins.set_password(me(), change, token=token(), at=clock.now())
    except DomainError as problem:
        return refused("accounts/password.html", form, problem)
    ended = ngettext("别的 %(num)d 台设备已经退出登录。", "别的 %(num)d 台设备已经退出登录。", count) if count else ""
    return done(go=url_for(".account"), say=_("密码改好了。") + ended)


def _account() -> dict[str, Any]:
    now = clock.now()
    own = sign_ins_of(me(), at=now)
    here = SignIn.digest(token() or "")
    return {
        "sign_ins": [(one, described(one.browser), one.token_digest == here) for one in own],
        "person": me(),
    }


def _change(old: str, new: str) -> sign_ins.PasswordChange:
    """The two passwords hashed, if the old one is right. Raises WrongLogin, TooManyAttempts, DomainError."""
    now, person = clock.now(), me()
    stored, own = person.password_hash, (person.name, person.login, person.volunteer_no)
    guesses = Guesses({f"password:{person.id}": ATTEMPTS_AN_ACCOUNT})
    guesses.check(at=now)
    require_good(new, own=own, field="new")
    # Hashing takes long: nobody waits for this transaction meanwhile.
    let_go()
    if not is_right(stored, old):
        guesses.count(at=now)
        raise WrongLogin(_l("现在的密码不对，请再试一次。"), field="old")
    return sign_ins.PasswordChange(stored, hashed(new))


def _checked(login: str, password: str) -> Person:
    """The person with this login and password. Raises WrongLogin, TooManyAttempts."""
    now = clock.now()
    # By account and address together: a stranger who guesses elsewhere does not lock the person out.
    address = request.remote_addr
    account, anyone = f"login:{login.lower()}@{address}", f"login-from:{address}"
    guesses = Guesses({account: ATTEMPTS_AN_ACCOUNT, anyone: ATTEMPTS_AN_ADDRESS})
    guesses.check(at=now)
    known = person_by_login(login)
    stored = known.password_hash if known and known.is_active else None
    let_go()
    if is_right(stored, password) and (found := person_by_login(login)):
        return found
    guesses.count(at=now)
    record_apart("accounts.login_refused", known, by=None, at=now)
    raise WrongLogin(_l("登录名或密码不对，请再试一次。"), field="password")
