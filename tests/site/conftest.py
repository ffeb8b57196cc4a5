"""The whole portal on demo data, in this process."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.activities.models import Activity
from portal.db import db
from portal.funds.models import Fund
from portal.funds.spending import Spending
from portal.hours.models import Claim
from portal.jobs.models import Job
from portal.lists.models import DonationImport
from portal.log import outside
from portal.notices.tokens import Unsubscribe, token_of
from portal.people.models import Person
from portal.receipts.codes import share_key_of
from portal.receipts.models import Receipt
from portal.settings import Settings
from portal.spending.models import Expense
from portal.web.rate_counters import InMemory
from tests.applications import HOST, Client, for_tests
from tests.engines import Sqlite
from tests.live import settings
from tests.site import records
from tests.site.access_table import ROLES
from tests.site.records import Examples

SESSION = "session"
"""The cookie's name."""


@pytest.fixture(scope="module")
def demo_copy(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("access") / "instance"
    shutil.copytree(demo_data, copy)
    return copy


@pytest.fixture(scope="module")
def demo_app(demo_copy: Path) -> Flask:
    return for_tests(create_app(Settings.from_environment(settings(demo_copy))))


@pytest.fixture(scope="module")
def people(demo_app: Flask) -> dict[str, Person]:
    with demo_app.app_context():
        cast = {role: db.session.scalars(select(Person).where(Person.login == role)).one() for role in ROLES[1:]}
        db.session.expunge_all()
    return cast


@pytest.fixture(scope="module")
def examples(demo_app: Flask) -> Examples:
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
        expense = db.session.scalars(select(Expense).where(Expense.stage == "entered")).one()
        paid = db.session.scalars(select(Spending).join(Fund).where(Fund.slug == "919").limit(1)).one()
        return {
            "<int:expense_id>": str(expense.id),
            "<path:voucher>": paid.voucher_no,
            "<int:activity_id>": str(activity.id),
            "<int:claim_id>": str(claim.id),
            "<int:id>": str(waiting.id),
            "<int:sign_in_id>": str(10**9),
            "<int:contact_id>": str(10**9),
            "<int:badge_id>": str(10**9),
            "<int:roster_id>": str(10**9),
            "<int:row_no>": "2",
            "<int:application_id>": str(10**9),
            "<int:document_id>": str(10**9),
            "<purpose>": "portrait",
            "/volunteers/papers/<public_id>": f"/volunteers/papers/{'0' * 32}",
            "<int:kiosk_id>": str(10**9),
            "<int:membership_id>": str(10**9),
            "<int:invitation_id>": str(10**9),
            "<int:message_id>": str(10**9),
            "<int:request_id>": str(10**9),
            "<int:loan_id>": str(10**9),
            "<any(host, lender):side>": "lender",
            "<int:notice_id>": str(10**9),
            "<wish>": token_of(Unsubscribe(activity.drafted_by_id, "hours.returned")),
            "<int:twin_id>": str(claim.person_id),
            "<int:into_id>": str(activity.drafted_by_id),
            "<int:merge_id>": str(10**9),
            "<int:job_id>": str(db.session.scalars(select(Job.id).limit(1)).one()),
            "<int:change_id>": str(10**9),
            "/summaries/<number>": "/summaries/919-2026-H999999",
            "<key>": share_key_of(receipt),
            "<number>": receipt.number,
            "<rule>": "hours.star_hours",
            "/teams/<slug>": "/teams/walk",
            "/organisations/<slug>": "/organisations/spark",
            "<slug>": "919",
            "<any(csv, json):kind>": "json",
            "<any(beancount, hledger, csv):kind>": "beancount",
            "<path:filename>": "css/portal.css",
            "<level>": "0",
            "<path:place>": "000.p/1",
            "<index>": "0",
            "<name>": "sheet.jpg",
        }


@pytest.fixture(scope="module")
def houses(demo_app: Flask, examples: Examples) -> dict[str, Examples]:
    """The same for each column of the second table, and for the first. Made once; `put_back` leads back to it."""
    with demo_app.app_context():
        cast = {role: db.session.scalars(select(Person).where(Person.login == role)).one() for role in ROLES[1:]}
        made = {
            "table": examples | records.of_team_mate(cast),
            "own": examples | records.own(cast),
            "same": examples | records.of_same_organisation(cast),
            "stranger": examples | records.of_strangers(),
        }
        db.session.commit()
    return made


@pytest.fixture(scope="module")
def browser_of(demo_app: Flask, people: dict[str, Person]) -> Callable[[str], Client]:
    """A new browser of a role, signed in where somebody has it: each role signs in once, and `put_back` keeps that."""
    sessions = {role: _new(demo_app).sign_in(person).get_cookie(SESSION, HOST) for role, person in people.items()}

    def browser(role: str) -> Client:
        # Thousands of questions from one address: what is asked here is who, not how often.
        demo_app.extensions["portal_rates"] = InMemory()
        client = _new(demo_app)
        if session := sessions.get(role):
            client.set_cookie(SESSION, session.value, domain=HOST)
        return client

    return browser


@pytest.fixture(scope="module")
def put_back(demo_app: Flask, houses: dict[str, Examples], browser_of: object) -> Callable[[], None]:
    """Undoes what a form changed, so that each role finds the same."""
    return undoing(demo_app)


def _new(app: Flask) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    return client


def undoing(app: Flask) -> Callable[[], None]:
    """Keeps the database as it is now; calling the result brings it back."""
    folder = Path(app.extensions["portal_settings"].instance)
    database = Sqlite(folder / "portal.db", outside={folder / outside.FILE})
    database.keep()
    return database.restore
