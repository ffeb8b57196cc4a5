from flask import Blueprint, Response, request, session, url_for

from portal import clock
from portal.audit import record, record_apart
from portal.db import let_go
from portal.people.forms import LoginForm
from portal.people.models import Person
from portal.people.passwords import is_right
from portal.people.queries import person_by_login
from portal.people.session import me
from portal.problems import DomainError
from portal.web.access import local_path, without_account
from portal.web.libs import _l, current_user, login_user, logout_user
from portal.web.pages import go_to, page, refused
from portal.web.throttle import Guesses

bp = Blueprint("people", __name__)

ATTEMPTS_AN_ACCOUNT = 10
ATTEMPTS_AN_ADDRESS = 50


class WrongLogin(DomainError):
    """Unknown name or wrong password: the same sentence for both."""


@bp.get("/login")
@without_account
def login() -> Response:
    if current_user.is_authenticated:
        return go_to(url_for("me.index"))
    return page("people/login.html", form=LoginForm(next=request.args.get("next")))


@bp.post("/login")
@without_account
def sign_in() -> Response:
    form = LoginForm()
    if not form.validate():
        return refused("people/login.html", form)
    try:
        person = _checked(form.login.data or "", form.password.data or "")
    except DomainError as problem:
        return refused("people/login.html", form, problem)
    session.clear()
    login_user(person)
    session.permanent = True
    record("people.signed_in", person, by=person, at=clock.now())
    return go_to(local_path(form.next.data, url_for("me.index")))


@bp.post("/logout")
def sign_out() -> Response:
    record("people.signed_out", me(), by=me(), at=clock.now())
    logout_user()
    session.clear()
    return go_to(url_for("home.index"))


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
    record_apart("people.login_refused", known, by=None, at=now)
    raise WrongLogin(_l("登录名或密码不对，请再试一次。"), field="password")
