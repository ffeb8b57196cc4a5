from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.post.mailserver import Mailserver, running


@pytest.fixture
def settings_of(app: Flask) -> Iterator[Callable[..., None]]:
    """A function that changes the application's settings for the rest of the test."""
    before = app.extensions["portal_settings"]

    def change(**values: Any) -> None:
        app.extensions["portal_settings"] = replace(app.extensions["portal_settings"], **values)

    yield change
    app.extensions["portal_settings"] = before


@pytest.fixture
def mailserver(settings_of: Callable[..., None]) -> Iterator[Mailserver]:
    """A mail server on this machine, which the portal sends to."""
    with running() as server:
        settings_of(mail_url=f"smtp://127.0.0.1:{server.port}?from=portal@aixin.test")
        yield server
