"""Who is signed in."""

from typing import cast

from flask import Flask, Response

from portal.people.models import Person
from portal.people.queries import person_by_id
from portal.web.libs import LoginManager, current_user


class Logins(LoginManager):  # type: ignore[misc] # Flask-Login has no types
    """Sessions only: there is no cookie that remembers a login longer."""

    def _update_remember_cookie(self, response: Response) -> Response:
        # Looking for that cookie would touch the session of every page, public ones too, and add Vary: Cookie.
        return response


login_manager = Logins()


def init_app(app: Flask) -> None:
    # Its own context processor loads the person eagerly and writes into anonymous sessions.
    login_manager.init_app(app, add_context_processor=False)
    login_manager.session_protection = None


def me() -> Person:
    """The person who is signed in; only for pages that need an account."""
    return cast("Person", current_user._get_current_object())


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load(person_id: str) -> Person | None:
    return person_by_id(int(person_id))
