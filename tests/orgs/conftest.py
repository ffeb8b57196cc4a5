"""Who keeps the registry."""

import pytest
from flask import Flask

from portal.people.models import ALLIANCE, Person, Role
from tests import factories
from tests.applications import Client
from tests.conftest import new_client
from tests.volunteers import Cast


@pytest.fixture
def worker_person(cast: Cast) -> Person:
    return factories.person("夏立春", grants=[(Role.WORKER, ALLIANCE)])


@pytest.fixture
def staff(app: Flask, worker_person: Person) -> Client:
    """A community worker, signed in."""
    return new_client(app).sign_in(worker_person)


@pytest.fixture
def lead(app: Flask, cast: Cast) -> Client:
    """The administrator of the cast's organisation, signed in."""
    return new_client(app).sign_in(cast.lead)
