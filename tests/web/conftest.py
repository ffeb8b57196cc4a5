"""An alliance with something on each public page."""

import pytest
from flask import Flask

from portal.web.kept import KeptPages
from tests.giving import Giving
from tests.volunteers import Cast, published


@pytest.fixture
def layer(app: Flask) -> KeptPages:
    found = app.extensions["portal_kept"]
    assert isinstance(found, KeptPages)
    return found


@pytest.fixture
def addresses(giving: Giving, people: Cast) -> list[str]:
    """One of each kind of kept page, with something on it."""
    receipt, activity = giving.gift("王建国", 140_950, public_name="海宁王女士"), published(people)
    giving.spend(30_000)
    pages = ["/", "/funds", "/funds/919", "/funds/919/donations", "/funds/919/spending", "/activities", "/verify"]
    return [*pages, f"/activities/{activity.id}", f"/verify/{receipt.number}"]
