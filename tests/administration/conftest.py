"""An empty portal and its token."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal import clock
from tests.administration.first_day import given_token
from tests.applications import Client
from tests.conftest import new_client
from tests.volunteers import MONDAY


@pytest.fixture
def empty(app: Flask) -> Iterator[Flask]:
    """A portal without people whose processes have just started."""
    app.extensions["portal_first_day"].is_over = False
    yield app
    app.extensions["portal_first_day"].is_over = True


@pytest.fixture
def token(empty: Flask) -> str:
    with clock.frozen(MONDAY):
        return given_token(empty)


@pytest.fixture
def visitor(empty: Flask) -> Client:
    return new_client(empty)
