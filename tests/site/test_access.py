"""Who gets in where: each route × each role, by really asking. A route that is not in the table fails."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from portal.db import db
from portal.people.models import Person
from tests.applications import Client
from tests.site.access_table import ROLES, TABLE

LETTERS = {200: "o", 204: "o", 302: "l", 303: "r", 400: "o", 422: "o", 403: "x", 404: "."}


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_in_the_table(demo_app: Flask) -> None:
    assert routes(demo_app) == TABLE.keys()


@pytest.mark.parametrize("route", TABLE)
def test_each_role_gets_in_where_the_table_says(
    demo_app: Flask, demo_data: Path, examples: dict[str, str], people: dict[str, Person], route: str
) -> None:
    method, address = route.split(" ", 1)
    for variable, value in examples.items():
        address = address.replace(variable, value)
    found = ""
    for role in ROLES:
        client = demo_app.test_client()
        assert isinstance(client, Client)
        answer = (client.sign_in(people[role]) if role in people else client).open(address, method=method)
        # No worker beside this application: the answer "not ready" is the answer.
        status = 200 if (route, answer.status_code) == ("GET /readyz", 503) else answer.status_code
        letter = LETTERS.get(status, f"[{role}: {status}]")
        # A form that worked leads to another page: that is being let in.
        found += letter.replace("r", "o" if method == "POST" else "r")
        if method == "POST" and answer.status_code < 400:
            put_back(demo_app, demo_data)
    assert found == TABLE[route]


def put_back(app: Flask, demo_data: Path) -> None:
    """What a form changed is undone, so that each role finds the same."""
    instance = Path(app.extensions["portal_settings"].instance)
    with app.app_context():
        db.engine.dispose()
    for leftover in instance.glob("portal.db-*"):
        leftover.unlink()
    shutil.copy(demo_data / "portal.db", instance / "portal.db")
