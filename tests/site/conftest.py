"""The whole portal on demo data, in this process."""

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.activities.models import Activity
from portal.db import db
from portal.hours.models import Claim
from portal.jobs.models import Job
from portal.lists.models import DonationImport
from portal.people.models import Person
from portal.receipts.models import Receipt
from portal.settings import Settings
from tests.applications import Client
from tests.live import settings
from tests.site.access_table import ROLES


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
            "<int:sign_in_id>": str(10**9),
            "<int:job_id>": str(db.session.scalars(select(Job.id).limit(1)).one()),
            "<number>": receipt.number,
            "/teams/<slug>": "/teams/walk",
            "<slug>": "919",
            "<any(csv, json):kind>": "json",
            "<path:filename>": "css/portal.css",
        }
