"""Who is signed in."""

from datetime import datetime
from typing import cast

from flask import Flask, Response, request, session

from portal import clock
from portal.accounts.queries import person_signed_in
from portal.accounts.sign_ins import begin, end
from portal.people.models import Person
from portal.web.forms import tidy
from portal.web.libs import LoginManager, current_user, login_user, logout_user


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


def me() -> Person:
    """The person who is signed in; only for pages that need an account."""
    return cast("Person", current_user._get_current_object())


def token() -> str | None:
    """What this browser is known by."""
    return session.get(SIGN_IN)


def enter(person: Person, *, at: datetime) -> None:
    """Sign the person in, in a session that holds nothing of whoever was here before."""
    session.clear()
    session[SIGN_IN] = begin(
        person, address=request.remote_addr or "", browser=tidy(request.user_agent.string) or "", at=at
    )
    login_user(person)
    session.permanent = True


def leave(*, at: datetime) -> None:
    """Sign out."""
    end(me(), token(), at=at)
    logout_user()
    session.clear()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(person_id: str) -> Person | None:
    return person_signed_in(int(person_id), token() or "", at=clock.now())
