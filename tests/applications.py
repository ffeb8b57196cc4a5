"""The portal as the tests run it: an application on an engine, and a client that behaves like a browser."""

import os
from collections.abc import Mapping
from contextvars import copy_context
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from types import CodeType
from typing import Any, ClassVar

from flask import Flask, has_app_context
from flask.globals import _cv_app, _cv_request
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from portal import create_app, migrating
from portal.accounts.fresh import PROVED_AT
from portal.accounts.models import SignIn
from portal.accounts.session import SIGN_IN
from portal.actor import Actor
from portal.chance import digest_of_token
from portal.clock import CHINA
from portal.db import db
from portal.log import outside
from portal.settings import Settings
from portal.web.translated import TranslatedEnvironment
from tests.engines import Engine

HOST = "portal.test"
NEVER_OVER = datetime(2099, 1, 1, tzinfo=CHINA)


class Compiled(BytecodeCache):
    """Templates as any application of this process has compiled them, by language."""

    _all: ClassVar[dict[tuple[str | None, str, str], CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._all.get(_version(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._all[_version(bucket)] = bucket.code


def _version(bucket: Bucket) -> tuple[str | None, str, str]:
    assert isinstance(bucket.environment, TranslatedEnvironment)
    return bucket.environment.language, bucket.key, bucket.checksum


def environment(engine: Engine, folder: Path) -> dict[str, str]:
    """The settings of a portal whose files lie in `folder`, as environment variables."""
    engine.outside.add(folder / outside.FILE)
    return {
        "PORTAL_ENV": "development",
        "PORTAL_INSTANCE": str(folder),
        "PORTAL_SECRET_KEY": "secret-key-of-the-tests-0123456789",
        "PORTAL_DATA_KEY": "data-key-of-the-tests-0123456789ab",
        "PORTAL_LOG_KEY": "log-key-of-the-tests-0123456789abc",
        "PORTAL_BASE_URL": f"http://{HOST}",
        "DATABASE_URL": engine.url,
    }


def application(engine: Engine, folder: Path, **more: str) -> Flask:
    """The whole portal on an engine. `more` are further environment variables, in capitals."""
    app = for_tests(create_app(Settings.from_environment(environment(engine, folder) | more)))
    # Many tests look at a portal without people.
    app.extensions["portal_first_day"].is_over = True
    return app


def for_tests(app: Flask) -> Flask:
    """The same, asked by `Client` and asking no CSRF tokens."""
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, SERVER_NAME=None)
    app.test_client_class = Client
    app.jinja_env.bytecode_cache = Compiled()
    return app


def migrate(app: Flask) -> None:
    """Bring the application's database to the newest migration."""
    with app.app_context():
        migrating.upgrade()
        db.engine.dispose()


class Client(FlaskClient):
    """A client whose requests come from the portal's own pages.

    Each request runs in an application context of its own, as in production, even when the test holds one to look
    into the database. What the test has prepared there is committed first, so that the request can see it and finds
    no lock held.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base |= {"HTTP_SEC_FETCH_SITE": "same-origin"}

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()
        return copy_context().run(self._open_apart, *args, **kwargs)

    def _open_apart(self, *args: Any, **kwargs: Any) -> TestResponse:
        _cv_app.set(None)  # type: ignore[arg-type]
        _cv_request.set(None)  # type: ignore[arg-type]
        kwargs.setdefault("base_url", f"http://{HOST}")
        return super().open(*args, **kwargs)

    def sign_in(self, person: Actor, *, fresh: bool = True) -> "Client":
        """From now on this person is signed in, whatever day a test makes of today.

        Unless it shall not be `fresh`, she has just proved who she is, for acts that ask.
        """
        token, person_id = token_urlsafe(), person.id
        if has_app_context():
            db.session.commit()
        copy_context().run(self._keep_sign_in, person_id, token)
        with self.session_transaction(base_url=f"http://{HOST}") as kept:
            kept["_user_id"], kept["_fresh"], kept[SIGN_IN] = str(person_id), True, token
            if fresh:
                kept[PROVED_AT] = NEVER_OVER.timestamp()
        return self

    def _keep_sign_in(self, person_id: int, token: str) -> None:
        _cv_app.set(None)  # type: ignore[arg-type]
        with self.application.app_context():
            db.session.add(
                SignIn(person_id=person_id, token_digest=digest_of_token(token), at=NEVER_OVER, address="", browser="")
            )
            db.session.commit()


def without_portal_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment less what would change a portal that the tests start."""
    return {name: value for name, value in environ.items() if not name.startswith("PORTAL_") and name != "DATABASE_URL"}


def clean_environment() -> dict[str, str]:
    """This process's environment for a portal that the tests start as a process of its own."""
    return without_portal_settings(os.environ)
