"""Who gets in where: each route × each role, by really asking. A route that is not in the table fails."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.activities.models import Activity
from portal.db import db
from portal.hours.models import Claim
from portal.lists.models import DonationImport
from portal.people.models import Person
from portal.receipts.models import Receipt
from portal.settings import Settings
from tests.applications import Client
from tests.live import settings
from tests.site.access_table import ROLES, TABLE

LETTERS = {200: "o", 204: "o", 302: "l", 303: "r", 400: "o", 422: "o", 403: "x", 404: "."}


@pytest.fixture(scope="module")
def demo_copy(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("access") / "instance"
    shutil.copytree(demo_data, copy)
    return copy


@pytest.fixture(scope="module")
def demo_app(demo_copy: Path) -> Flask:
    app = create_app(Settings.from_environment(settings(demo_copy)))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def people(demo_app: Flask) -> dict[str, Person]:
    with demo_app.app_context():
        cast = {role: db.session.scalars(select(Person).where(Person.login == role)).one() for role in ROLES[1:]}
        db.session.expunge_all()
    return cast


@pytest.fixture(scope="module")
def examples(demo_app: Flask) -> dict[str, str]:
    """What stands for the variable parts of addresses: records of the cast's own organisation and fund."""
    with demo_app.app_context():
        activity = db.session.scalars(
            select(Activity).join(Activity.drafted_by).where(Person.login == "leader", Activity.status == "waiting")
        ).one()
        claim = db.session.scalars(
            select(Claim)
            .where(Claim.status == "waiting", Claim.team_id == activity.team_id, Claim.evidence == "self")
            .limit(1)
        ).one()
        waiting = db.session.scalars(select(DonationImport).where(DonationImport.status == "waiting")).one()
        receipt = db.session.scalars(select(Receipt).limit(1)).one()
        return {
            "<int:activity_id>": str(activity.id),
            "<int:claim_id>": str(claim.id),
            "<int:id>": str(waiting.id),
            "<number>": receipt.number,
            "/teams/<slug>": "/teams/walk",
            "<slug>": "919",
            "<any(csv, json):kind>": "json",
            "<path:filename>": "css/portal.css",
        }


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
        letter = LETTERS.get(answer.status_code, f"[{role}: {answer.status_code}]")
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
