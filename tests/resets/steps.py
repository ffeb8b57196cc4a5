"""What tests of forgotten passwords do in a browser."""

import pytest

from portal.db import db
from portal.jobs.worker import work
from portal.people.actions import add_person
from portal.people.models import Person
from portal.people.passwords import hashed, is_right
from tests.applications import Client
from tests.contacts.reaching import NOON

PASSWORD = "lan-hua-kai-le"
ANOTHER = "mei-hua-ye-kai"

ONE_ENGINE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""What is wrong with odd input is said before any database is asked."""
HASH = hashed(PASSWORD)


def known(name: str, login: str) -> Person:
    """A volunteer with a login; her password is hashed once for all tests."""
    person = add_person(name, is_volunteer=True, by=None, at=NOON)
    person.login, person.password_hash = login, HASH
    db.session.flush()
    return person


def ask(client: Client, who: str) -> None:
    answer = client.post("/reset", data={"who": who})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reset/code")
    work(once=True)


def prove(client: Client, code: str) -> int:
    return client.post("/reset/code", data={"code": code}).status_code


def choose(client: Client, new: str = ANOTHER) -> int:
    answer = client.post("/reset/password", data={"new": new, "again": new})
    # Away from the page either way: only the log-in page means that it worked.
    return 303 if answer.headers.get("Location") == "/login" else 422


def knows(person: Person, password: str) -> bool:
    db.session.rollback()
    db.session.refresh(person)
    return is_right(person.password_hash, password)


def bring(client: Client, who: str, code: str) -> int:
    return client.post("/reset/printed", data={"who": who, "code": code}).status_code
