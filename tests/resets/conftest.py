"""Noon, somebody with a proved mobile, and an administrator."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal import clock
from portal.people.models import ALLIANCE, Person, Role
from tests.contacts.reaching import MOBILE, NOON, contact
from tests.factories import person as somebody
from tests.resets.steps import known


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


@pytest.fixture
def xiaoman(session: object, noon: None) -> Person:
    person = known("周小满", "xiaoman")
    contact(person, MOBILE, at=NOON - timedelta(hours=3))
    return person


@pytest.fixture
def admin(session: object, noon: None) -> Person:
    return somebody("秦长风", grants=[(Role.ADMIN, ALLIANCE)])
