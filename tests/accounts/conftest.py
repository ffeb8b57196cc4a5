"""Somebody with a second step, and a browser that has given her password."""

from collections.abc import Iterator

import pytest

from portal import clock
from portal.people.models import Person
from tests.accounts.browsing import LATER, gives_password, with_login, with_second_step
from tests.applications import Client


@pytest.fixture
def somebody(session: object) -> Person:
    return with_login("周小满", "xiaoman")


@pytest.fixture
def papers(somebody: Person) -> list[str]:
    """Her second step is on; these are her recovery codes."""
    return with_second_step(somebody)


@pytest.fixture
def half(client: Client, papers: list[str]) -> Iterator[Client]:
    """A browser in which she has just given the right password."""
    with clock.frozen(LATER):
        assert gives_password(client).headers["Location"] == "/login/code"
        yield client
