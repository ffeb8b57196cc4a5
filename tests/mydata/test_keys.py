"""Keys that seal can be changed: every text is sealed anew, whoever is killed goes on, nothing is lost on the way."""

import os
import signal
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import String, func, select, text, type_coerce

from portal import settings
from portal.cli.keys import keys
from portal.contacts.models import Contact, Kind
from portal.db import Base, db
from portal.guards import GUARDS
from portal.invariants import run_all
from portal.people.models import Person
from portal.privacy import Unreadable, digest_of, opened, sealed
from portal.resealing import count_sealed, reseal, sealed_columns
from portal.sealing import current_prefix, key_ids
from tests.commands import Command
from tests.harm import CHECKS
from tests.mydata.scenes import full_life
from tests.volunteers import MONDAY, Cast

NEW, OTHER = "a new key of at least thirty-two characters", "another key, also thirty-two characters long"


@pytest.fixture
def change(app: Flask) -> Iterator[object]:
    """Give the application other keys; at the end it has its own again."""
    before = app.extensions["portal_settings"]

    def to(*seal_keys: str) -> None:
        app.extensions["portal_settings"] = settings.replace_keys(before, seal_keys)

    yield to
    app.extensions["portal_settings"] = before
