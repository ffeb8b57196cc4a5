"""Who is signed in."""

from datetime import datetime
from typing import cast

from flask import Flask, Response, g, request, session, url_for

from portal import clock
from portal.accounts.factors import begin_grace
from portal.accounts.fresh import proved
from portal.accounts.models import Account
from portal.accounts.queries import signed_in
from portal.accounts.required import is_overdue, needs_second_step
from portal.accounts.sign_ins import begin, end
from portal.people.models import Person
from portal.web.access import is_public_page
from portal.web.forms import tidy
from portal.web.libs import LoginManager, current_user, login_user, logout_user
from portal.web.pages import go_to


class Logins(LoginManager):  # type: ignore[misc] # Flask-Login has no types
    """Sessions only: there is no cookie that remembers a login longer."""

    def _update_remember_cookie(self, response: Response) -> Response:
        # Looking for that cookie would touch the session of every page, public ones too, and add Vary: Cookie.
        return response


login_manager = Logins()
SIGN_IN = "sign_in"
"""Where the session keeps its token."""


def init_app(app: Flask) -> None:
    # Its own context processor loads the person eagerly and writes into anonymous sessions.
    login_manager.init_app(app, add_context_processor=False)
    login_manager.session_protection = None
    app.before_request(_lead_to_second_step)


def me() -> Person:
    """The person who is signed in; only for pages that need an account."""
    return cast("Person", current_user._get_current_object())


def my_account() -> Account | None:
    """The row of hers that came with her, if there is one."""
    me()
    account: Account | None = g.get("account")
    return account


def has_second_step() -> bool:
    """Whether whoever is signed in proves herself by codes as well."""
    account = my_account()
    return account is not None and account.since is not None


def token() -> str | None:
    """What this browser is known by."""
    return session.get(SIGN_IN)


def enter(person: Person, *, at: datetime) -> None:
    """Sign the person in, in a session that holds nothing of whoever was here before."""
    if needs_second_step(person):
        begin_grace(person, at=at)
    session.clear()
    session[SIGN_IN] = begin(
        person, address=request.remote_addr or "", browser=tidy(request.user_agent.string) or "", at=at
    )
    proved(at=at)
    login_user(person)
    session.permanent = True


def leave(*, at: datetime) -> None:
    """Sign out."""
    end(me(), token(), at=at)
    logout_user()
    session.clear()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(person_id: str) -> Person | None:
    found = signed_in(int(person_id), token() or "", at=clock.now())
    g.account = found.account if found else None
    g.unread_notices = found.unread if found else None
    return found.person if found else None


OPEN_WITHOUT_SECOND_STEP = frozenset(
    {"factors.set_up", "factors.turn_on", "accounts.confirm", "accounts.prove", "accounts.sign_out"}
)


def _lead_to_second_step() -> Response | None:
    """Whoever must have a second step and let the grace pass gets to the page where it is set up, and nowhere else."""
    if is_public_page() or request.endpoint in OPEN_WITHOUT_SECOND_STEP or not current_user.is_authenticated:
        return None
    overdue = is_overdue(me(), my_account(), at=clock.now())
    return go_to(url_for("factors.set_up")) if overdue else None
