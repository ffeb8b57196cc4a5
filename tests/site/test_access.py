"""Who gets in where: each route × each role × whose record, by really asking. A route not in the tables fails."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.applications import Client
from tests.site.access_records import HOUSES, RECORDS, SAME_FOR_ALL
from tests.site.access_table import ROLES, TABLE
from tests.site.records import Examples

LETTERS = {200: "o", 204: "o", 302: "l", 303: "r", 400: "o", 422: "o", 403: "x", 404: "."}
ASKED = [(route, house) for route, columns in RECORDS.items() for house in HOUSES if columns[HOUSES.index(house)]]


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_in_the_table(demo_app: Flask) -> None:
    assert routes(demo_app) == TABLE.keys()


def test_every_route_about_a_record_is_asked_about_others_too(demo_app: Flask) -> None:
    about_records = {route for route in routes(demo_app) if "<" in route} - SAME_FOR_ALL.keys()
    assert about_records == RECORDS.keys()
    assert SAME_FOR_ALL.keys() <= TABLE.keys()


@pytest.mark.parametrize("route", TABLE)
def test_each_role_gets_in_where_the_table_says(
    houses: dict[str, Examples],
    browser_of: Callable[[str], Client],
    put_back: Callable[[], None],
    route: str,
) -> None:
    assert found(browser_of, houses["table"], put_back, route) == TABLE[route]


@pytest.mark.parametrize(("route", "house"), ASKED)
def test_each_role_gets_as_far_with_others_records_as_the_table_says(
    houses: dict[str, Examples],
    browser_of: Callable[[str], Client],
    put_back: Callable[[], None],
    route: str,
    house: str,
) -> None:
    assert found(browser_of, houses[house], put_back, route) == RECORDS[route][HOUSES.index(house)]


def found(browser_of: Callable[[str], Client], examples: Examples, put_back: Callable[[], None], route: str) -> str:
    """A letter a role."""
    method, address = route.split(" ", 1)
    for variable, value in examples.items():
        address = address.replace(variable, value)
    letters = ""
    for role in ROLES:
        answer = browser_of(role).open(address, method=method)
        # No worker beside this application: the answer "not ready" is the answer.
        status = 200 if (route, answer.status_code) == ("GET /readyz", 503) else answer.status_code
        letter = LETTERS.get(status, f"[{role}: {status}]")
        # A form that worked leads to another page: that is being let in.
        letters += letter.replace("r", "o" if method == "POST" else "r")
        if method == "POST" and answer.status_code < 400:
            put_back()
    return letters
