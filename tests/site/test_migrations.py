"""Migrations lead to the models, their guards included, and back to nothing."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect

from portal import migrating
from portal.db import Base, db
from portal.guards import differences, installed
from portal.rooms import tables
from portal.search import is_of_models
from tests.applications import application
from tests.engines import Engine


@pytest.fixture
def fresh(empty_engine: Engine, tmp_path: Path) -> Flask:
    tables()
    return application(empty_engine, tmp_path / "instance")


def test_the_newest_migration_is_what_the_models_say(fresh: Flask) -> None:
    with fresh.app_context():
        migrating.upgrade()
        with db.engine.connect() as connection:
            opts = {"compare_type": True, "include_name": is_of_models}
            context = MigrationContext.configure(connection, opts=opts)
            assert compare_metadata(context, Base.metadata) == []


def test_the_guards_in_the_database_are_what_they_must_be(fresh: Flask) -> None:
    with fresh.app_context():
        migrating.upgrade()
        with db.engine.connect() as connection:
            assert list(differences(connection)) == []
            assert len(installed(connection)) > 20


def test_a_migration_leads_back_to_nothing_and_forth_again(fresh: Flask) -> None:
    with fresh.app_context():
        migrating.upgrade()
        migrating.downgrade("base")
        with db.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["alembic_version"]
            assert installed(connection) == {}
        migrating.upgrade()
        with db.engine.connect() as connection:
            assert list(differences(connection)) == []
