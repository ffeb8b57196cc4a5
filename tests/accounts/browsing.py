"""What tests of accounts do in a browser."""

import re
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from portal import clock
from portal.accounts import factors, queries
from portal.accounts.totp import code_of, counter_at
from portal.audit.models import AuditLine
from portal.db import db
from portal.people.actions import add_person
from portal.people.models import Person
from tests.applications import Client
from tests.conftest import new_client
from tests.pages import is_valid, words

PASSWORD = "lan-hua-kai-le"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
START = datetime(2026, 11, 20, 9, 0, 3, tzinfo=clock.CHINA)
"""When tests of codes begin, early in a half minute."""
LATER = START + timedelta(minutes=5)
"""When she signs in with what was set up then."""


def with_login(name: str, login: str, *, is_volunteer: bool = False) -> Person:
    """A person who signs in with PASSWORD, hashed so lightly that many tests can afford it."""
    person = add_person(name, is_volunteer=is_volunteer, by=None, at=START)
    person.login, person.password_hash = login, _lightly_hashed()
    db.session.commit()
    return person


@cache
def _lightly_hashed() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def gives_password(client: Client, login: str = "xiaoman", password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/login", data={"login": login, "password": password, **more})


def signed_in(client: Client, login: str = "xiaoman", password: str = PASSWORD) -> Client:
    """The client, in which somebody has just given her password."""
    assert gives_password(client, login, password).status_code == 303
    return client


def is_in(client: Client) -> bool:
    return client.get("/me").status_code == 200


def cookie_of(client: Client) -> str:
    cookie = client.get_cookie("session", domain="portal.test")
    assert cookie is not None
    return cookie.value


def with_cookie(app: Flask, cookie: str) -> Client:
    """A browser of a thief's own."""
    client = new_client(app)
    client.set_cookie("session", cookie, domain="portal.test")
    return client


def code_now(steps: int = 0, secret: str = SECRET) -> str:
    """What the telephone shows so many half minutes from now."""
    return code_of(secret, counter_at(clock.now()) + steps)


def with_second_step(person: Person, at: datetime = START) -> list[str]:
    """Turn it on with SECRET; her recovery codes. The code of that half minute is used up."""
    with clock.frozen(at):
        codes = factors.turn_on(person, SECRET, code_now(), at=at)
    db.session.commit()
    return codes


def secret_on(page: TestResponse) -> str:
    """What the set-up page offers for typing."""
    groups = re.search(r'<p class="secret">(.*?)</p>', page.text, re.DOTALL)
    assert groups is not None
    return re.sub(r"<[^>]+>|\s", "", groups[1])


def codes_on(page: TestResponse) -> list[str]:
    """The recovery codes that the page shows."""
    return re.findall(r"<code>([a-z0-9-]+)</code>", page.text)


def without_asking(*columns: str) -> Any:
    """The statement that looks for whoever is signed in, as if it did not ask for these columns."""
    statement = queries._SIGNED_IN.where()
    asked = statement._where_criteria
    statement._where_criteria = tuple(one for one in asked if not any(column in str(one) for column in columns))
    assert len(statement._where_criteria) < len(asked)
    return statement


def lines(action: str) -> int:
    return db.session.scalar(select(func.count()).where(AuditLine.action == action)) or 0


def gives_code(client: Client, code: str) -> int:
    return client.post("/login/code", data={"code": code}).status_code


def gives_paper(client: Client, code: str) -> int:
    return client.post("/login/code", data={"recovery": code}).status_code


def sentence(client: Client, **form: str) -> str:
    answer = client.post("/login/code", data=form)
    assert answer.status_code == 422
    assert is_valid(answer)
    return words(answer)
